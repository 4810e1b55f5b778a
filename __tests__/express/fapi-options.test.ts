import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { ConfigurationError, createPolicy, type FapiOptions, fapi, fapi1Advanced, fapi2Security, memoryStore } from 'express-fapi'
import { privateJwkOf, SERVER_KEYS } from './guarded-server.js'

const policy = createPolicy({ profile: fapi2Security })
const KEYS = { keys: SERVER_KEYS.map((key) => privateJwkOf(key)) }
const SOUND: FapiOptions = {
  ...{ issuer: 'https://bank.example', clients: () => undefined, keys: KEYS, store: memoryStore(), certificate: () => undefined },
}
const WEAK = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ format: 'jwk' })
const [PUBLIC] = SERVER_KEYS.map(({ publicJwk }) => publicJwk)

/** What `fapi` throws: the options it names. */
function namedIn(options: object, of: unknown): readonly string[] {
  try {
    fapi(of as typeof policy, { ...SOUND, ...options } as FapiOptions)
    return []
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    for (const { option, allowed } of error.faults)
      expect(error.message).toMatch(new RegExp(`^${option} is .*${allowed.slice(0, 10)}`, 'm'))
    return error.faults.map(({ option }) => option)
  }
}

describe('each fault is named', () => {
  test.each<[string, object]>([
    ['issuer', { issuer: undefined }],
    ['issuer', { issuer: 'http://bank.example' }],
    ['issuer', { issuer: 'bank.example' }],
    ['issuer', { issuer: 'https://bank.example?x=1' }],
    ['issuer', { issuer: 'https://bank.example#x' }],
    ['issuer', { issuer: new URL('https://bank.example') }],
    ['publicUrl', { publicUrl: 'http://bank.example' }],
    ['publicUrl', { publicUrl: 'https://bank.example?x' }],
    ['publicUrl', { publicUrl: '/oauth' }],
    ['mtlsOrigin', { mtlsOrigin: 'http://mtls.bank.example' }],
    ['mtlsOrigin', { mtlsOrigin: 'https://mtls.bank.example/path' }],
    ['mtlsOrigin', { mtlsOrigin: 'mtls.bank.example' }],
    ['clients', { clients: undefined }],
    ['clients', { clients: [{ client_id: 'x' }] }],
    ['store', { store: undefined }],
    ['store', { store: null }],
    ['store', { store: () => undefined }],
    ['certificate', { certificate: undefined }],
    ['certificate', { certificate: 'fromTls' }],
    ['keys', { keys: undefined }],
    ['keys', { keys: null }],
    ['keys', { keys: { keys: [] } }],
    ['keys', { keys: {} }],
    ['keys', { keys: { keys: [PUBLIC] } }],
    ['keys', { keys: { keys: [...KEYS.keys, { kty: 'RSA' }] } }],
    ['keys', { keys: { keys: [...KEYS.keys, null] } }],
    ['keys', { keys: { keys: KEYS.keys.map((key) => ({ ...key, use: 'enc' })) } }],
    ['keys', { keys: { keys: KEYS.keys.map((key) => ({ ...key, alg: 'RS256' })) } }],
    ['nonce', { nonce: 'sometimes' }],
    ['nonce', { nonce: true }],
    ['nonceSecret', { nonce: 'always' }],
    ['idToken', { idToken: { sub: 'alice' } }],
    ['idToken', { idToken: true }],
    ['pkce', { pkce: 'there' }],
    ['requestLifetime', { requestLifetime: 4 }],
    ['requestLifetime', { requestLifetime: 601 }],
    ['requestLifetime', { requestLifetime: Number.NaN }],
    ['requestLifetime', { requestLifetime: -60 }],
    ['endpoints.token', { endpoints: { token: 'token' } }],
    ['endpoints.token', { endpoints: { token: 'http://bank.example/token' } }],
    ['endpoints.introspection', { endpoints: { introspection: 7 } }],
    ['endpoints.jwks', { endpoints: { jwks: '' } }],
  ])('%s: %#', (option, options) => {
    expect(namedIn(options, policy)).toEqual([option])
  })

  test.each([undefined, null, {}, { profile: fapi2Security }])('a policy that is none: %j', (none) => {
    expect(namedIn({}, none)).toEqual(['policy'])
  })

  test('all of them at once', () => {
    expect(namedIn({ issuer: 'x', clients: 1, nonce: 'x', requestLifetime: 0, endpoints: { token: 'x', par: 'y' } }, undefined)).toEqual(
      expect.arrayContaining(['policy', 'issuer', 'clients', 'nonce', 'requestLifetime', 'endpoints.token']),
    )
  })

  test('a server that its profile forbids, with the clause', () => {
    const keys = { keys: [{ ...WEAK, kid: 'weak', use: 'sig' }, ...KEYS.keys] }
    expect(() => fapi(policy, { ...SOUND, keys })).toThrow(/FAPI2-SP-5\.4\.1-2/)
    expect(namedIn({ keys }, policy)).toEqual(['jwks'])
  })
})

describe('what is right is taken', () => {
  test.each<[string, object]>([
    ['the least there can be', {}],
    ['a path in the issuer', { issuer: 'https://bank.example/tenant' }],
    ['another public URL', { publicUrl: 'https://login.bank.example/oauth/' }],
    ['an origin for certificates', { mtlsOrigin: 'https://mtls.bank.example' }],
    ['the same with a slash', { mtlsOrigin: 'https://mtls.bank.example:8443/' }],
    ['one key', { keys: { keys: KEYS.keys.slice(0, 1) } }],
    ['nonces', { nonce: 'always', nonceSecret: new Uint8Array(32) }],
    ['an ID token', { idToken: () => ({ sub: 'alice' }) }],
    ['the shortest and the longest lifetime', { requestLifetime: 5 }],
    ['an hour less', { requestLifetime: 600 }],
    ['endpoints by path and by URL', { endpoints: { token: '/oauth/token', userinfo: 'https://api.bank.example/me' } }],
  ])('%s', (_what, options) => {
    expect(namedIn(options, policy)).toEqual([])
  })

  test('and is not written to', () => {
    const options = Object.freeze({ ...SOUND, endpoints: Object.freeze({ token: '/t' }), keys: Object.freeze(KEYS) })
    const guard = fapi(createPolicy({ profile: fapi1Advanced }), options)
    expect(Object.isFrozen(guard)).toBe(true)
  })
})
