import { fromNow, type JwtChange } from './jwt.js'
import { mintKey } from './keys.js'
import type { Party } from './party.js'

/** What the cases below need to know: who sends, and another client of the same bank. */
export interface Scene {
  readonly party: Party
  readonly other: Party
  readonly issuer: string
}

type Case = readonly [name: string, change: (scene: Scene) => JwtChange]

const p384 = mintKey('ES384')
const rsa = mintKey('PS256')

/** RO-FAULT: request objects that neither generation takes. */
export const BROKEN_OBJECTS: readonly Case[] = [
  ['alg=none', () => ({ alg: 'none' })],
  ['alg=none in capitals', () => ({ alg: 'none', header: { alg: 'NONE' } })],
  ['RS256', () => ({ key: rsa, alg: 'RS256' })],
  ['HS256 with the public key as secret', () => ({ alg: 'HS256' })],
  ['ES384', () => ({ key: p384 })],
  ['another signature', () => ({ signature: 'broken' })],
  ['the key of another client', ({ other }) => ({ key: other.tpp.key })],
  ['the key of another client under the own kid', ({ party, other }) => ({ key: other.tpp.key, header: { kid: party.tpp.key.kid } })],
  ['a jku header and a key of nobody', () => ({ key: rsa, header: { jku: 'https://attacker.example', jwk: rsa.publicJwk } })],
  ['no exp', () => ({ claims: { exp: undefined } })],
  ['exp as text', () => ({ claims: { exp: String(fromNow(300)) } })],
  ['exp 5 minutes ago', () => ({ claims: { nbf: fromNow(-900), exp: fromNow(-300) } })],
  ['exp 61 minutes after nbf', () => ({ claims: { nbf: fromNow(0), exp: fromNow(3660) } })],
  ['exp 70 minutes after nbf', () => ({ claims: { nbf: fromNow(-600), exp: fromNow(3600) } })],
  ['exp before nbf', () => ({ claims: { nbf: fromNow(5), exp: fromNow(2) } })],
  ['no nbf', () => ({ claims: { nbf: undefined } })],
  ['nbf as text', () => ({ claims: { nbf: String(fromNow(0)) } })],
  ['nbf 70 minutes ago', () => ({ claims: { nbf: fromNow(-4200), exp: fromNow(-30) } })],
  ['nbf 61 minutes ago, exp within the skew', () => ({ claims: { nbf: fromNow(-3605), exp: fromNow(-5) } })],
  ['nbf 62 seconds ahead', () => ({ claims: { nbf: fromNow(62) } })],
  ['iat 62 seconds ahead', () => ({ claims: { iat: fromNow(62) } })],
  ['no aud', () => ({ claims: { aud: undefined } })],
  ['aud of another server', () => ({ claims: { aud: 'https://other.example' } })],
  ['aud is the PAR endpoint', ({ party }) => ({ claims: { aud: party.endpoint('pushed_authorization_request_endpoint') } })],
  ['aud is the issuer with a slash', ({ issuer }) => ({ claims: { aud: `${issuer}/` } })],
  ['aud is a list of others', ({ party }) => ({ claims: { aud: ['https://other.example', party.endpoint('token_endpoint')] } })],
  ['iss of another client', ({ other }) => ({ claims: { iss: other.tpp.id } })],
  ['client_id of another client', ({ other }) => ({ claims: { client_id: other.tpp.id } })],
  ['request_uri inside', () => ({ claims: { request_uri: 'urn:ietf:params:oauth:request_uri:x' } })],
  ['request inside', ({ party }) => ({ claims: { request: party.tpp.id } })],
  ['typ=at+jwt', () => ({ header: { typ: 'at+jwt' } })],
  ['typ=client-authentication+jwt', () => ({ header: { typ: 'client-authentication+jwt' } })],
  ['sub of the client, as in a client assertion', ({ party }) => ({ claims: { sub: party.tpp.id } })],
]

/** Request objects that differ from the usual one and still have to be taken. */
export const SOUND_OBJECTS: readonly Case[] = [
  ['aud is [issuer]', ({ issuer }) => ({ claims: { aud: [issuer] } })],
  ['aud is [issuer, other]', ({ issuer }) => ({ claims: { aud: [issuer, 'https://other.example'] } })],
  ['nbf 8 seconds ahead', () => ({ claims: { nbf: fromNow(8) } })],
  ['nbf 59 minutes ago', () => ({ claims: { nbf: fromNow(-3540), exp: fromNow(30) } })],
  ['exp 60 minutes after nbf', () => ({ claims: { nbf: fromNow(-5), exp: fromNow(3595) } })],
  ['typ=JWT', () => ({ header: { typ: 'JWT' } })],
  ['no typ', () => ({ header: { typ: undefined } })],
  ['no kid', () => ({ header: { kid: undefined } })],
  ['claims nobody knows', () => ({ claims: { more: { of: 'this' } } })],
]

/** Compact values that are no JWS at all. */
export const NO_OBJECTS = ['x', 'a.b.c', 'e30.e30.e30', '{}', '....', '😀.😀.😀', 'x'.repeat(8000)]
