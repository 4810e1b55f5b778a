import { randomBytes } from 'node:crypto'
import type { Refusal } from '../../lib/core/policy.js'
import { refusal } from './moments.js'

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** What must not be told, made anew: a JWT, a token, a code verifier, a secret, a key in hex. */
export const SECRETS: readonly string[] = [
  `${part({ alg: 'PS256' })}.${part({ sub: 'alice', email: 'alice@example.org' })}.${randomBytes(64).toString('base64url')}`,
  randomBytes(32).toString('base64url'),
  randomBytes(43).toString('base64url'),
  randomBytes(24).toString('base64url'),
  randomBytes(32).toString('hex'),
]

/** A refusal that repeats a secret wherever there is room for it. */
export const secretRefusal = (secret: string): Refusal => ({
  ...refusal,
  description: `the token ${secret} is not known`,
  detail: `access_token=${secret}; Authorization: DPoP ${secret}; {"client_secret":"${secret}"}`,
  wire: { ...refusal.wire, headers: { authorization: `DPoP ${secret}`, 'x-fapi-interaction-id': secret } },
})
