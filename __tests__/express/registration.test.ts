import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import express from 'express'
import { fapi1Advanced, fapi2MessageSigning, fapi2Security, type Mode, profiles } from 'express-fapi'
import { expectError } from '../support/expectations.js'
import { mintKey, weakRsaJwk } from '../support/keys.js'
import { honestMetadata, type Metadata } from '../support/registration.js'
import type { Answer } from '../support/wire.js'
import { BOTH_EXPRESSES, type GuardedServer, openGuarded } from './guarded-server.js'

const KEY = mintKey('ES256')
const choose = ({ fapi_profile: name }: Readonly<Record<string, unknown>>) => profiles.find((profile) => profile.name === name)

const honest = {
  fapi2: { ...honestMetadata(KEY, 'fapi2-security'), dpop_bound_access_tokens: true },
  signing: { ...honestMetadata(KEY, 'fapi2-message-signing'), dpop_bound_access_tokens: true },
  fapi1: honestMetadata(KEY, 'fapi1-advanced'),
}

/** A client that is there already. */
const KNOWN = { ...honest.fapi2, client_id: 'known', require_pushed_authorization_requests: true, request_object_signing_alg: 'ES256' }

const open = (createApp: typeof express, mode: Mode = 'enforce') =>
  openGuarded({
    ...{ policy: { profiles: [fapi1Advanced, fapi2Security, fapi2MessageSigning], choose, mode }, createApp, clients: [KNOWN] },
    mount({ app, guard }) {
      app.use('/register', guard.registration())
      // The server's own: it takes what it is given.
      app.all('/register', express.json({ type: () => true }), (req, res) => void res.status(201).json({ client_id: 'new', ...req.body }))
    },
  })

const post = ({ issuer, wire }: GuardedServer, metadata: unknown, method = 'POST'): Promise<Answer> =>
  wire.send(`${issuer}/register`, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(metadata) })

describe.each(BOTH_EXPRESSES)('registration on %s', (_name, createApp) => {
  let server: GuardedServer
  beforeAll(async () => {
    server = await open(createApp)
  })
  afterAll(() => server.close())

  const ALGORITHMS = {
    id_token_signed_response_alg: 'PS256',
    authorization_signed_response_alg: 'PS256',
    introspection_signed_response_alg: 'PS256',
  }
  test.each<[string, Metadata, Metadata]>([
    ['FAPI 2.0', honest.fapi2, { ...ALGORITHMS, require_pushed_authorization_requests: true }],
    [
      'Message Signing',
      honest.signing,
      { ...ALGORITHMS, require_pushed_authorization_requests: true, require_signed_request_object: true, response_modes: ['jwt'] },
    ],
    [
      'FAPI 1.0 Advanced',
      honest.fapi1,
      { ...ALGORITHMS, require_signed_request_object: true, tls_client_certificate_bound_access_tokens: true },
    ],
  ])('a client of %s gets what its profile sets where it says nothing', async (_profile, metadata, filled) => {
    const { status, json } = await post(server, metadata)
    expect([status, json]).toEqual([201, { client_id: 'new', ...metadata, ...filled }])
  })

  test('what a client says itself stays', async () => {
    const { status, json } = await post(server, { ...honest.fapi2, id_token_signed_response_alg: 'ES256', client_name: 'Zoë’s 😀' })
    expect([status, json]).toMatchObject([201, { id_token_signed_response_alg: 'ES256', client_name: 'Zoë’s 😀' }])
  })

  test('a client that is to be outside all profiles is the server’s business', async () => {
    const metadata = { redirect_uris: ['http://shop.example/cb'], token_endpoint_auth_method: 'client_secret_basic' }
    expect(await post(server, metadata)).toMatchObject({ status: 201, json: { client_id: 'new', ...metadata } })
  })

  const subject = { token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_subject_dn: 'CN=a' }
  test.each<[string, Metadata, string?]>([
    ['a public client', { token_endpoint_auth_method: 'none' }],
    ['client_secret_basic', { token_endpoint_auth_method: 'client_secret_basic' }],
    ['client_secret_jwt', { token_endpoint_auth_method: 'client_secret_jwt' }],
    ['a method nobody knows', { token_endpoint_auth_method: 'x' }],
    ['no binding', { dpop_bound_access_tokens: false }],
    ['no binding in another type', { dpop_bound_access_tokens: 'true' }],
    ['two bindings', { tls_client_certificate_bound_access_tokens: true }],
    ['no pushing', { require_pushed_authorization_requests: false }],
    ['code id_token', { response_types: ['code id_token'] }],
    ['token among others', { response_types: ['code', 'token'] }],
    ['RS256 for ID tokens', { id_token_signed_response_alg: 'RS256' }],
    ['none for ID tokens', { id_token_signed_response_alg: 'none' }],
    ['HS256 for assertions', { token_endpoint_auth_signing_alg: 'HS256' }],
    ['ES384 for request objects', { request_object_signing_alg: 'ES384' }],
    ['PS512 for JARM', { authorization_signed_response_alg: 'PS512' }],
    ['an algorithm that is a list', { introspection_signed_response_alg: ['PS256'] }],
    ['RSA1_5 for request objects', { request_object_encryption_alg: 'RSA1_5' }],
    ['RSA1_5 for ID tokens', { id_token_encrypted_response_alg: 'RSA1_5' }],
    ['a short RSA key', { jwks: { keys: [weakRsaJwk()] } }],
    ['a short curve', { jwks: { keys: [KEY.publicJwk, { ...KEY.publicJwk, crv: 'P-192' }] } }],
    ['a key set over http', { jwks: undefined, jwks_uri: 'http://tpp.example/jwks' }],
    ['two certificate subjects', { ...subject, tls_client_auth_san_dns: 'a.example' }],
    ['no certificate subject', { ...subject, tls_client_auth_subject_dn: undefined }],
    ['a certificate subject nobody can read', { ...subject, tls_client_auth_subject_dn: 'not a name' }],
    ['an http redirect URI', { redirect_uris: ['http://tpp.example/cb'] }, 'invalid_redirect_uri'],
    ['one http redirect URI among others', { redirect_uris: ['https://tpp.example/cb', 'http://tpp.example/cb'] }, 'invalid_redirect_uri'],
    ['a redirect URI that is no text', { redirect_uris: [{}] }, 'invalid_redirect_uri'],
  ])('%s is refused for FAPI 2.0', async (_what, change, error = 'invalid_client_metadata') => {
    expectError(await post(server, { ...honest.fapi2, ...change }), 400, error)
    expectError(await post(server, { ...KNOWN, ...change }, 'PUT'), 400, error)
  })

  test.each<[string, Metadata, string?]>([
    ['no binding to a certificate', { tls_client_certificate_bound_access_tokens: false }],
    ['no signed requests', { require_signed_request_object: false }],
    ['client_secret_jwt', { token_endpoint_auth_method: 'client_secret_jwt' }],
    ['EdDSA', { id_token_signed_response_alg: 'EdDSA' }],
    ['id_token alone', { response_types: ['id_token'] }],
    ['a loopback address', { application_type: 'native', redirect_uris: ['http://127.0.0.1/cb'] }, 'invalid_redirect_uri'],
  ])('%s is refused for FAPI 1.0 Advanced', async (_what, change, error = 'invalid_client_metadata') => {
    expectError(await post(server, { ...honest.fapi1, ...change }), 400, error)
  })

  test.each<[string, Metadata, Metadata]>([
    ['code id_token is taken for FAPI 1.0', honest.fapi1, { response_types: ['code id_token', 'code'] }],
    ['a certificate subject is taken', honest.fapi2, subject],
    ['EdDSA is taken for FAPI 2.0', honest.fapi2, { request_object_signing_alg: 'EdDSA' }],
    ['RSA-OAEP-256 is taken', honest.fapi2, { request_object_encryption_alg: 'RSA-OAEP-256' }],
    [
      'the loopback address of a native application is taken for FAPI 2.0',
      honest.fapi2,
      { application_type: 'native', redirect_uris: ['http://127.0.0.1/cb'] },
    ],
    [
      'a certificate in place of DPoP is taken',
      honest.fapi2,
      { dpop_bound_access_tokens: false, tls_client_certificate_bound_access_tokens: true },
    ],
  ])('%s', async (_what, metadata, change) => {
    expect(await post(server, { ...metadata, ...change })).toMatchObject({ status: 201, json: change })
  })

  test('an update is judged like a registration, and filled in like one', async () => {
    const { require_pushed_authorization_requests: _filledIn, ...metadata } = KNOWN
    const { status, json } = await post(server, { ...metadata, client_name: 'another' }, 'PUT')
    expect([status, json]).toEqual([201, { ...KNOWN, client_name: 'another', ...ALGORITHMS }])
  })

  test.each<[string, Metadata]>([
    ['the signing of requests', { request_object_signing_alg: undefined }],
    ['the profile', { fapi_profile: 'none' }],
    ['the profile for another', { fapi_profile: 'fapi1-advanced', tls_client_certificate_bound_access_tokens: true }],
  ])('an update does not take back %s', async (_what, change) => {
    expectError(await post(server, { ...KNOWN, ...change }, 'PUT'), 400, 'invalid_client_metadata')
  })

  test('an update is of a client that is there', async () => {
    for (const client_id of [undefined, 'nobody', '', ['known']])
      expectError(await post(server, { ...KNOWN, client_id }, 'PUT'), 400, 'invalid_client_metadata')
  })

  test('there is no way around by another method', async () => {
    for (const method of ['PATCH', 'REPORT'])
      expect(await post(server, { ...honest.fapi2, token_endpoint_auth_method: 'none' }, method)).toMatchObject({ status: 405 })
  })

  test.each([
    ['a list', '[]'],
    ['null', 'null'],
    ['a text', '"x"'],
    ['half an object', '{"redirect_uris":['],
    ['too much', JSON.stringify({ ...honest.fapi2, client_name: 'x'.repeat(70_000) })],
  ])('%s is no metadata', async (_what, body) => {
    const headers = { 'content-type': 'application/json' }
    expectError(await server.wire.send(`${server.issuer}/register`, { method: 'POST', headers, body }), 400, 'invalid_client_metadata')
  })

  test('a form is no metadata', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const answer = await server.wire.send(`${server.issuer}/register`, { method: 'POST', headers, body: 'fapi_profile=fapi2-security' })
    expectError(answer, 400, 'invalid_client_metadata')
  })

  test('what is refused is recorded with its clause', async () => {
    const from = server.verdicts.length
    await post(server, { ...honest.fapi2, token_endpoint_auth_method: 'none' })
    expect(server.verdicts.slice(from)).toEqual([
      expect.objectContaining({
        ...{ stage: 'registration', profile: 'fapi2-security', mode: 'enforce' },
        rejection: expect.objectContaining({ rule: 'confidential-clients', clauses: ['FAPI2-SP-5.3.2.1-3'] }),
      }),
    ])
  })
})

test('in report mode metadata goes on as it came, and what is wrong with it is recorded', async () => {
  const server = await open(express, 'report')
  const metadata = { ...honest.fapi2, token_endpoint_auth_method: 'none', dpop_bound_access_tokens: false }
  const { status, json } = await post(server, metadata)
  await server.close()
  expect([status, json]).toEqual([201, { client_id: 'new', ...metadata }])
  const judged = server.verdicts.filter(({ stage }) => stage === 'registration')
  expect(judged.map(({ mode, rejection, violations }) => [mode, rejection, violations.map(({ rule }) => rule)])).toEqual([
    ['report', undefined, ['confidential-clients', 'sender-constrained-clients']],
  ])
})
