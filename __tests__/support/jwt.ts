import { createHmac } from 'node:crypto'
import { CompactSign, importJWK } from 'jose'
import type { SigningKey } from './keys.js'

export type Members = Readonly<Record<string, unknown>>

/** How a JWT differs from the one an honest client makes. A header member or claim that is `undefined` is left out. */
export interface JwtChange {
  readonly header?: Members
  readonly claims?: Members
  readonly key?: SigningKey
  /** `none` leaves the signature out; an HMAC is keyed with the public key, as in algorithm confusion. */
  readonly alg?: string
  readonly signature?: 'broken'
}

export interface JwtDraft {
  readonly header: Members
  readonly claims: Members
  readonly key: SigningKey
}

/** Signs a JWT as drafted, changes applied. */
export async function signJwt(draft: JwtDraft, change: JwtChange = {}): Promise<string> {
  const key = change.key ?? draft.key
  const alg = change.alg ?? key.alg
  const header = { ...draft.header, alg, ...(change.key && { kid: key.kid }), ...change.header }
  const compact = await sign(alg, key, header, { ...draft.claims, ...change.claims })
  return change.signature === 'broken' ? broken(compact) : compact
}

async function sign(alg: string, { privateJwk, publicJwk }: SigningKey, header: { alg: string }, claims: Members): Promise<string> {
  const input = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  if (alg === 'none') return `${input}.`
  if (alg.startsWith('HS')) return `${input}.${createHmac('sha256', JSON.stringify(publicJwk)).update(input).digest('base64url')}`
  const key = await importJWK({ ...privateJwk }, alg)
  const jws = new CompactSign(Buffer.from(JSON.stringify(claims))).setProtectedHeader(JSON.parse(JSON.stringify(header)))
  return jws.sign(key, { crit: { 'urn:example:critical': true } })
}

/** The same JWT with another first octet in its signature. */
function broken(compact: string): string {
  const [header, claims, signature = ''] = compact.split('.')
  return `${header}.${claims}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`
}

/** Seconds from now, as JWTs have them. */
export const fromNow = (seconds: number) => Math.floor(Date.now() / 1000) + seconds
