import { randomUUID } from 'node:crypto'
import { jsonPart } from '../../readers/jws.js'
import { seconds, strangeKey, withClaims, withHeader } from '../probes/request-changes.js'
import { strangeCertificate } from '../probes/strange-certificate.js'
import { type Draft, publicPart } from '../signing.js'
import type { HeldToken } from './access-token.js'
import type { ApiCall } from './api-call.js'

/** A legal request to an API with one thing changed. */
export interface ApiProbe {
  /** Unique in the area; with the refusal before it, the id of the finding. */
  readonly name: string
  readonly title: string
  /** `undefined` where the case does not arise for this token. */
  readonly change: (legal: ApiCall, token: HeldToken) => ApiCall | undefined
  /** The named refusal behind it; without one the request is to be accepted. */
  readonly refusal?: string
  /** Where that it is accepted stands. */
  readonly clauses?: readonly string[]
  readonly generation?: '1.0' | '2.0'
  /** That a SHOULD alone asks for it. */
  readonly advises?: boolean
  readonly repeated?: 'again' | 'at once'
}

type Change = ApiProbe['change']

const refused = (name: string, title: string, refusal: string, change: Change, more: Partial<ApiProbe> = {}): ApiProbe => ({
  ...{ name, title, refusal, change },
  ...more,
})

/** The case does not arise for tokens without a proof. */
const proof = (name: string, title: string, refusal: string, change: (proof: Draft) => Draft): ApiProbe =>
  refused(name, title, refusal, (legal) => legal.proof && { ...legal, proof: change(legal.proof) })

const proofClaims = (name: string, title: string, refusal: string, claims: () => Readonly<Record<string, unknown>>) =>
  proof(name, title, refusal, (draft) => withClaims(draft, claims()))

const withToken = (legal: ApiCall, value: string): ApiCall => ({ ...legal, authorization: `${schemeOf(legal)} ${value}` })
const schemeOf = ({ authorization = '' }: ApiCall) => authorization.split(' ')[0] ?? ''

function inQuery(legal: ApiCall, { value }: HeldToken): ApiCall {
  const url = new URL(legal.url)
  url.searchParams.set('access_token', value)
  return { ...legal, url, authorization: undefined }
}

/** With another character in the middle of its last part: the last character of base64url may say nothing. */
function tampered({ value }: HeldToken): string {
  const at = Math.floor((value.lastIndexOf('.') + 1 + value.length) / 2)
  return value.slice(0, at) + (value[at] === 'A' ? 'B' : 'A') + value.slice(at + 1)
}

/** The claims of another under the old signature. */
function withOtherClaims({ value }: HeldToken): string {
  const [header = '', payload = '', signature = ''] = value.split('.')
  return [header, encoded({ ...jsonPart(payload), jti: randomUUID(), sub: 'somebody-else' }), signature].join('.')
}

function unsigned({ value }: HeldToken): string {
  const [header = '', payload = ''] = value.split('.')
  return `${encoded({ ...jsonPart(header), alg: 'none' })}.${payload}.`
}

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A proof that holds, by another key than that of the token. */
function byOtherKey(draft: Draft): Draft {
  const key = strangeKey('ES256')
  return { ...withHeader(draft, { alg: 'ES256', jwk: publicPart(key) }), key }
}

const mixedCase = (scheme: string) => scheme.slice(0, 1).toLowerCase() + scheme.slice(1).toUpperCase()

/** How an API is to take tokens, and what it must not take. */
export const apiProbes: readonly ApiProbe[] = [
  {
    name: 'api-scheme-case',
    title: 'The scheme of the Authorization header in other letters',
    clauses: ['FAPI1-BASE-6.2.1-2', 'FAPI2-SP-5.3.4-1', 'RFC9110-11.1'],
    change: (legal, { scheme, value }) => ({ ...legal, authorization: `${mixedCase(scheme)} ${value}` }),
  },
  ...['203.0.113.7', '2001:db8::1893:25c8:1946'].map(
    (address, index): ApiProbe => ({
      name: `api-customer-ipv${index === 0 ? 4 : 6}`,
      title: `x-fapi-customer-ip-address with an IPv${index === 0 ? 4 : 6} address`,
      clauses: ['FAPI1-BASE-6.2.1-13'],
      generation: '1.0',
      change: (legal) => ({ ...legal, headers: { ...legal.headers, 'x-fapi-customer-ip-address': address } }),
    }),
  ),

  refused('api-query', 'A token that holds, in the query in place of the header', 'access-token-in-header', inQuery),
  refused('api-tampered', 'A token with another character in its signature', 'access-token-signature', (legal, token) =>
    token.isJwt ? withToken(legal, tampered(token)) : undefined,
  ),
  refused('api-other-claims', 'A token whose claims were changed after it was signed', 'access-token-signature', (legal, token) =>
    token.isJwt ? withToken(legal, withOtherClaims(token)) : undefined,
  ),
  refused('api-alg-none', 'A token without signature (alg none)', 'access-token-signature', (legal, token) =>
    token.isJwt ? withToken(legal, unsigned(token)) : undefined,
  ),
  refused('api-tampered', 'A token with another character in it', 'access-token-known', (legal, token) =>
    token.isJwt ? undefined : withToken(legal, tampered(token)),
  ),

  refused('api-no-proof', 'A token that is bound to a key, without proof', 'dpop-proof-given', (legal) =>
    legal.proof ? { ...legal, proof: undefined } : undefined,
  ),
  refused('api-bearer', 'A token that is bound to a key, as Bearer without proof', 'access-token-binding', (legal, { value }) =>
    legal.proof ? { ...legal, authorization: `Bearer ${value}`, proof: undefined } : undefined,
  ),
  refused(
    'api-bearer-proof',
    'A token that is bound to a key, as Bearer with a proof that holds',
    'access-token-binding',
    (legal, { value }) => (legal.proof ? { ...legal, authorization: `Bearer ${value}` } : undefined),
  ),
  proof('api-other-key', 'A proof by another key than that of the token', 'access-token-binding', byOtherKey),
  proof('api-signature', 'A proof that shows the key of the token and is signed by another', 'dpop-signature', (draft) => ({
    ...draft,
    key: strangeKey(String(draft.header.alg)),
  })),
  proof('api-alg-none', 'A proof without signature (alg none)', 'dpop-signature', (draft) => ({
    ...withHeader(draft, { alg: 'none' }),
    forged: 'none',
  })),
  proof('api-typ', 'A proof that is typed JWT', 'dpop-proof-readable', (draft) => withHeader(draft, { typ: 'JWT' })),
  proofClaims('api-jti-none', 'A proof without jti', 'dpop-proof-readable', () => ({ jti: undefined })),
  proofClaims('api-htm', 'A proof for another method', 'dpop-method', () => ({ htm: 'POST' })),
  proofClaims('api-htu', 'A proof for another URL', 'dpop-url', () => ({ htu: 'https://other-api.example/accounts' })),
  proofClaims('api-ath', 'A proof for another access token', 'dpop-token-hash', () => ({
    ath: 'fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo',
  })),
  proofClaims('api-ath-none', 'A proof for no access token', 'dpop-token-hash', () => ({ ath: undefined })),
  proofClaims('api-iat-none', 'A proof without iat', 'dpop-time', () => ({ iat: undefined })),
  proofClaims('api-iat-hour', 'A proof made an hour ago', 'dpop-time', () => ({ iat: seconds() - 3600 })),
  proofClaims('api-iat-ahead', 'A proof made an hour in the future', 'dpop-time', () => ({ iat: seconds() + 3600 })),
  refused('api-again', 'The same request twice, with the same proof', 'dpop-once', (legal) => legal.proof && legal, {
    ...{ repeated: 'again', advises: true },
  }),
  refused('api-at-once', 'The same request eight times at once, with the same proof', 'dpop-once', (legal) => legal.proof && legal, {
    ...{ repeated: 'at once', advises: true },
  }),

  refused('api-no-certificate', 'A token that is bound to a certificate, without one', 'access-token-binding', (legal, { cnf }) =>
    cnf?.['x5t#S256'] === undefined || !legal.certificate ? undefined : { ...legal, certificate: undefined },
  ),
  refused('api-other-certificate', 'A token that is bound to a certificate, with another', 'access-token-binding', (legal, { cnf }) =>
    cnf?.['x5t#S256'] === undefined || !legal.certificate ? undefined : { ...legal, certificate: strangeCertificate(legal.certificate) },
  ),
]
