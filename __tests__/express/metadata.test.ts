import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import express from 'express'
import {
  createPolicy,
  type FapiOptions,
  fapi,
  fapi1Advanced,
  fapi1Baseline,
  fapi2MessageSigning,
  fapi2Security,
  memoryStore,
  type PolicyOptions,
  type Profile,
} from 'express-fapi'
import request from 'supertest'
import { startOwnServer } from '../../examples/own-server/start.js'
import { mintKey } from '../support/keys.js'
import { openWire } from '../support/wire.js'
import { privateJwkOf, SERVER_KEYS } from './guarded-server.js'

const ISSUER = 'https://bank.example'
const PS256 = SERVER_KEYS.filter(({ alg }) => alg === 'PS256')
const ES256 = SERVER_KEYS.filter(({ alg }) => alg === 'ES256')
const ED25519 = [mintKey('EdDSA')]
const jwks = (keys: typeof SERVER_KEYS) => ({ keys: keys.map((key) => privateJwkOf(key)) })

const guardOf = (policy: PolicyOptions, options: Partial<FapiOptions> = {}) =>
  fapi(createPolicy(policy), {
    ...{ issuer: ISSUER, clients: () => undefined, keys: jwks(SERVER_KEYS), store: memoryStore(), certificate: () => undefined },
    ...options,
  })

async function documentOf(policy: PolicyOptions, options?: Partial<FapiOptions>) {
  const { status, headers, body } = await request(express().get('/', guardOf(policy, options).metadata())).get('/')
  expect([status, headers['content-type']]).toEqual([200, 'application/json; charset=utf-8'])
  const document: Readonly<Record<string, unknown>> = body
  return document
}

const only = (profile: Profile): PolicyOptions => ({ profile })
const union: PolicyOptions = { profiles: [fapi1Advanced, fapi2MessageSigning], choose: () => undefined }

test('every endpoint of the example is where the document says it is', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'own-server-'))
  const server = await startOwnServer({ port: 0, mtlsPort: 0, dataDir, quiet: true, fapi: true })
  const wire = openWire(server.caCertificate)
  const { json } = await wire.send(`${server.issuer}/.well-known/openid-configuration`)
  const { mtls_endpoint_aliases: aliases, ...document }: Readonly<Record<string, unknown>> = json
  const named = [...Object.entries(document), ...Object.entries({ ...(aliases as object) })]
  const urls = named.filter(([name]) => /_endpoint$|^jwks_uri$/.test(name)).map(([, url]) => String(url))
  expect(urls).toEqual(expect.arrayContaining([server.endpoints.authorization, server.endpoints.token, server.endpoints.par]))
  const answers = await Promise.all(urls.map(async (url) => [url, (await wire.send(url)).status] as const))
  await wire.close()
  await server.close()
  rmSync(dataDir, { recursive: true, force: true })
  expect(answers.filter(([, status]) => status === 404 || status >= 500)).toEqual([])
  expect(aliases).toMatchObject({
    token_endpoint: `${server.mtlsOrigin}/token`,
    pushed_authorization_request_endpoint: `${server.mtlsOrigin}/par`,
  })
  expect(document.issuer).toBe(server.issuer)
})

describe('endpoints', () => {
  test('are those of RFC 6749 and RFC 9126 where none are given, under the public URL', async () => {
    const document = await documentOf(union, { publicUrl: 'https://login.bank.example/oauth/' })
    const urls = Object.fromEntries(Object.entries(document).filter(([name]) => /_endpoint$|_uri$|^issuer$/.test(name)))
    expect(urls).toEqual({
      issuer: ISSUER,
      authorization_endpoint: 'https://login.bank.example/oauth/authorize',
      token_endpoint: 'https://login.bank.example/oauth/token',
      pushed_authorization_request_endpoint: 'https://login.bank.example/oauth/par',
      jwks_uri: 'https://login.bank.example/oauth/jwks',
    })
    expect(document).not.toHaveProperty('mtls_endpoint_aliases')
    expect(document).not.toHaveProperty('introspection_signing_alg_values_supported')
  })

  test('that are given are published, and those that take certificates have an alias', async () => {
    const endpoints = { token: '/t', introspection: '/i', revocation: '/r', registration: '/reg', userinfo: 'https://api.bank.example/me' }
    const document = await documentOf(union, { endpoints, mtlsOrigin: 'https://mtls.bank.example' })
    expect(document).toMatchObject({
      ...{ token_endpoint: `${ISSUER}/t`, introspection_endpoint: `${ISSUER}/i`, revocation_endpoint: `${ISSUER}/r` },
      ...{ registration_endpoint: `${ISSUER}/reg`, userinfo_endpoint: 'https://api.bank.example/me' },
      introspection_signing_alg_values_supported: ['PS256', 'ES256'],
    })
    expect(document.mtls_endpoint_aliases).toEqual({
      token_endpoint: 'https://mtls.bank.example/t',
      pushed_authorization_request_endpoint: 'https://mtls.bank.example/par',
      introspection_endpoint: 'https://mtls.bank.example/i',
      revocation_endpoint: 'https://mtls.bank.example/r',
      userinfo_endpoint: 'https://mtls.bank.example/me',
    })
  })
})

describe('algorithms that the server signs with are those there are keys for', () => {
  test.each([
    ['PS256 alone', PS256, ['PS256']],
    ['ES256 alone', ES256, ['ES256']],
    ['Ed25519 alone', ED25519, ['EdDSA']],
    ['all of them', [...ES256, ...ED25519, ...PS256], ['PS256', 'ES256', 'EdDSA']],
  ])('%s', async (_what, keys, expected) => {
    const document = await documentOf(only(fapi2MessageSigning), { keys: jwks(keys), endpoints: { introspection: '/introspect' } })
    for (const name of ['id_token', 'authorization', 'introspection'])
      expect([name, document[`${name}_signing_alg_values_supported`]]).toEqual([name, expected])
    // What others sign with has nothing to do with it.
    for (const name of ['token_endpoint_auth', 'request_object', 'dpop'])
      expect([name, document[`${name}_signing_alg_values_supported`]]).toEqual([name, ['PS256', 'ES256', 'EdDSA', 'Ed25519']])
  })

  test('the key set has the same keys and nothing private', async () => {
    const app = express().get('/', guardOf(union, { keys: jwks([...ES256, ...PS256]) }).jwks())
    const { body, headers } = await request(app)
      .get('/')
      .buffer(true)
      .parse((res, done) => {
        let text = ''
        res.on('data', (chunk: Buffer) => (text += chunk))
        res.on('end', () => done(null, JSON.parse(text)))
      })
    expect(headers['content-type']).toBe('application/jwk-set+json; charset=utf-8')
    expect(body.keys.map(({ kid, alg }: Record<string, string>) => [kid, alg])).toEqual(
      [...ES256, ...PS256].map(({ kid, alg }) => [kid, alg]),
    )
    for (const key of body.keys) expect(Object.keys(key).filter((name) => ['d', 'p', 'q', 'dp', 'dq', 'qi'].includes(name))).toEqual([])
  })
})

const claims = async () => ({ sub: 'alice' })

test.each<[string, PolicyOptions, Partial<FapiOptions>, unknown]>([
  ['FAPI 1.0 without idToken', only(fapi1Advanced), {}, ['code']],
  ['FAPI 1.0 with idToken', only(fapi1Advanced), { idToken: claims }, ['code', 'code id_token']],
  ['both without idToken', union, {}, ['code']],
  ['both with idToken', union, { idToken: claims }, ['code', 'code id_token']],
  ['FAPI 2.0 with idToken', only(fapi2Security), { idToken: claims }, ['code']],
])('response types of %s', async (_what, policy, options, expected) => {
  expect((await documentOf(policy, options)).response_types_supported).toEqual(expected)
})

const METHODS = ['private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth']

test.each<[string, PolicyOptions, Readonly<Record<string, unknown>>]>([
  [
    'FAPI 2.0',
    only(fapi2Security),
    { token_endpoint_auth_methods_supported: METHODS, require_pushed_authorization_requests: true, require_signed_request_object: false },
  ],
  ['Message Signing', only(fapi2MessageSigning), { require_pushed_authorization_requests: true, require_signed_request_object: true }],
  [
    'FAPI 1.0 Advanced',
    only(fapi1Advanced),
    {
      token_endpoint_auth_methods_supported: METHODS,
      dpop_signing_alg_values_supported: undefined,
      require_pushed_authorization_requests: false,
      require_signed_request_object: true,
    },
  ],
  [
    'FAPI 1.0 Baseline',
    only(fapi1Baseline),
    {
      token_endpoint_auth_methods_supported: expect.arrayContaining(['client_secret_jwt', ...METHODS]),
      require_signed_request_object: false,
    },
  ],
  [
    'FAPI 2.0 in report mode',
    { profile: fapi2Security, mode: 'report' },
    { require_pushed_authorization_requests: false, require_signed_request_object: false },
  ],
  [
    'a choice',
    union,
    { token_endpoint_auth_methods_supported: METHODS, require_pushed_authorization_requests: false, require_signed_request_object: false },
  ],
])('what %s demands of everybody is said, and no more', async (_what, policy, expected) => {
  const document = await documentOf(policy)
  const said = Object.fromEntries(Object.keys(expected).map((name) => [name, document[name]]))
  expect(said).toEqual(expected)
  expect(document).toMatchObject({
    ...{ issuer: ISSUER, code_challenge_methods_supported: ['S256'], authorization_response_iss_parameter_supported: true },
    ...{ tls_client_certificate_bound_access_tokens: true, request_parameter_supported: true, request_uri_parameter_supported: false },
  })
})

test('what else the team says is in it, and contradicts nothing', async () => {
  const metadata = {
    scopes_supported: ['openid'],
    issuer: 'https://evil.example',
    token_endpoint: '/x',
    code_challenge_methods_supported: ['plain'],
  }
  expect(await documentOf(union, { metadata })).toMatchObject({
    ...{ scopes_supported: ['openid'], issuer: ISSUER, token_endpoint: `${ISSUER}/token`, code_challenge_methods_supported: ['S256'] },
  })
  expect(metadata.issuer).toBe('https://evil.example')
})
