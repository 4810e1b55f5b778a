import { type Client, createPolicy, fapi1Advanced, fapi2MessageSigning, fapi2Security } from 'express-fapi'
import { expectBadRequest, expectError, expectPushed, expectTokens, expectUnauthenticated } from '../support/expectations.js'
import { mintKey } from '../support/keys.js'
import { type OwnServer, openOwnServer } from '../support/own-server.js'
import { honestMetadata } from '../support/registration.js'
import type { Role } from '../support/tpp.js'

/*
 * A server that says nothing about algorithms, methods and response types leaves all of them on, because clients outside the
 * profiles may need them. Then only the rules stand between a FAPI client and what its profile forbids.
 */

const PROFILES = [fapi1Advanced, fapi2Security, fapi2MessageSigning]
const CLIENT_CREDENTIALS = { grant_types: ['client_credentials', 'authorization_code', 'refresh_token'] }
const SIGNED = { require_signed_request_object: true, response_modes: ['jwt'] }

const roles = (alg: string): Record<string, Role> => ({
  [`fapi1-${alg}`]: {
    profile: 'fapi1-advanced',
    alg,
    auth: 'private_key_jwt',
    bound: 'certificate',
    metadata: { ...CLIENT_CREDENTIALS, ...SIGNED },
  },
  [`fapi2-${alg}`]: { profile: 'fapi2-security', alg, auth: 'private_key_jwt', bound: 'dpop', proofAlg: alg, metadata: CLIENT_CREDENTIALS },
  [`signing-${alg}`]: {
    profile: 'fapi2-message-signing',
    alg,
    auth: 'private_key_jwt',
    bound: 'dpop',
    metadata: { ...CLIENT_CREDENTIALS, ...SIGNED },
  },
  [`plain-${alg}`]: { profile: 'none', alg, auth: 'private_key_jwt', metadata: CLIENT_CREDENTIALS },
})

let server: OwnServer
beforeAll(async () => {
  const choose = ({ fapi_profile }: Client) => PROFILES.find(({ name }) => name === fapi_profile)
  server = await openOwnServer({
    policy: createPolicy({ profiles: PROFILES, choose }),
    configuration: {
      extraClientMetadata: { properties: ['fapi_profile'] },
      features: { clientCredentials: { enabled: true }, registration: { enabled: true } },
    },
    clients: { ...roles('PS256'), ...roles('ES256'), ...roles('EdDSA') },
  })
})
afterAll(() => server?.close())

const grant = { grant_type: 'client_credentials' }

test('discovery has what clients outside the profiles may need', async () => {
  const { json } = await server.as('plain-PS256').send(`${server.issuer}/.well-known/openid-configuration`)
  expect(json.token_endpoint_auth_signing_alg_values_supported).toEqual(expect.arrayContaining(['RS256', 'PS256', 'ES256', 'EdDSA']))
  expect(json.token_endpoint_auth_methods_supported).toEqual(expect.arrayContaining(['client_secret_basic', 'none', 'private_key_jwt']))
})

describe('client assertions', () => {
  test('FAPI1-ADV-8.6-2 FAPI2-SP-5.4.1-1.2 RS256: 401 invalid_client for FAPI clients, accepted from others', async () => {
    const assertion = { alg: 'RS256' }
    for (const name of ['fapi1-PS256', 'fapi2-PS256', 'signing-PS256']) {
      expectUnauthenticated(await server.as(name).push({ assertion }))
      expectUnauthenticated(await server.as(name).token(grant, { assertion }))
    }
    expectPushed(await server.as('plain-PS256').push({ assertion }))
  })

  test('FAPI1-ADV-8.6-1 EdDSA: 401 invalid_client in FAPI 1.0, accepted in FAPI 2.0', async () => {
    expectUnauthenticated(await server.as('fapi1-EdDSA').push())
    for (const name of ['fapi2-EdDSA', 'signing-EdDSA', 'plain-EdDSA']) expectPushed(await server.as(name).push())
  })

  test.each(['PS256', 'ES256'])('%s: accepted from everybody', async (alg) => {
    for (const kind of ['fapi1', 'fapi2', 'signing', 'plain']) expectPushed(await server.as(`${kind}-${alg}`).push())
  })
})

describe('request objects', () => {
  test('FAPI1-ADV-8.6-2 FAPI2-SP-5.4.1-1.2 RS256: 400 invalid_request_object for FAPI clients, accepted from others', async () => {
    const object = { alg: 'RS256' }
    for (const name of ['fapi1-PS256', 'signing-PS256']) expectBadRequest(await server.as(name).push({ object }), 'invalid_request_object')
    const plain = server.as('plain-PS256')
    expectPushed(await plain.push({ object }))
    const fapi2 = server.as('fapi2-PS256')
    expectBadRequest(await fapi2.push({ object }), 'invalid_request_object')
    expectPushed(await fapi2.push({ object: {} }))
  })
})

describe('tokens', () => {
  test('FAPI1-ADV-8.2 FAPI2-SP-5.3.2.1-4 nobody but a client outside the profiles gets one that is bound to nothing', async () => {
    expectTokens(await server.as('plain-PS256').token(grant), 'Bearer')
    expectBadRequest(await server.as('fapi2-PS256').token(grant, { proof: 'none' }), 'invalid_grant')
    expectBadRequest(await server.as('fapi1-PS256').token(grant, { certificate: 'none' }), 'invalid_grant')
    expectTokens(await server.as('fapi2-PS256').token(grant), 'DPoP')
    expectTokens(await server.as('fapi1-PS256').token(grant), 'Bearer')
  })

  test('FAPI1-ADV-5.2.2-6 a client of FAPI 1.0 with certificate and proof: refused, there is one kind of binding', async () => {
    expectBadRequest(await server.as('fapi1-PS256').token(grant, { proof: {} }), 'invalid_grant')
  })

  test('FAPI2-SP-5.3.2.1-2 grant_type=password: 400 unsupported_grant_type', async () => {
    for (const name of ['fapi1-PS256', 'fapi2-PS256'])
      expectBadRequest(await server.as(name).token({ grant_type: 'password' }), 'unsupported_grant_type')
  })
})

describe('authorization requests', () => {
  test.each(['id_token', 'none', 'code id_token'])(
    'FAPI2-SP-5.3.2.2-1 response_type=%s: 400 for clients of FAPI 2.0',
    async (response_type) => {
      for (const name of ['fapi2-PS256', 'signing-PS256']) {
        const answer = await server.as(name).push({ params: { response_type } })
        expectError(answer, 400, expect.stringMatching(/^(unsupported_response_type|invalid_request)$/))
      }
    },
  )

  test('FAPI2-SP-5.3.2.2-3 FAPI2-SP-5.3.2.2-5 FAPI2-SP-5.3.2.2-6 what others may leave out', async () => {
    const pkce = { code_challenge: undefined, code_challenge_method: undefined }
    for (const params of [pkce, { redirect_uri: undefined }]) {
      expectBadRequest(await server.as('fapi2-PS256').push({ params }), 'invalid_request')
      expectPushed(await server.as('plain-PS256').push({ params }))
    }
  })
})

describe('registrations', () => {
  const register = (metadata: Readonly<Record<string, unknown>>) =>
    server.as('plain-PS256').send(`${server.issuer}/reg`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(metadata),
    })
  const key = mintKey('PS256')
  const secret = { token_endpoint_auth_method: 'client_secret_basic', jwks: undefined }

  const wishes: [string, Record<string, unknown>][] = [
    ['client_secret_basic', secret],
    ['a public client', { ...secret, token_endpoint_auth_method: 'none' }],
    ['RS256 ID tokens', { id_token_signed_response_alg: 'RS256' }],
    ['RS256 assertions', { token_endpoint_auth_signing_alg: 'RS256' }],
    ['HS256 assertions', { token_endpoint_auth_method: 'client_secret_jwt', token_endpoint_auth_signing_alg: 'HS256' }],
    ['RS256 request objects', { request_object_signing_alg: 'RS256' }],
    ['an http redirect URI', { redirect_uris: ['http://tpp.example/cb'] }],
    ['response_types id_token', { response_types: ['id_token'], grant_types: ['implicit'] }],
  ]
  test.each(wishes)('%s: refused for FAPI clients, accepted for others', async (_, metadata) => {
    for (const { name } of PROFILES) {
      const answer = await register({ ...honestMetadata(key, name), ...metadata })
      expectError(answer, 400, expect.stringMatching(/^invalid_(client_metadata|redirect_uri)$/))
    }
    const other = { ...honestMetadata(key, 'none'), ...metadata }
    expect(await register(other)).toMatchObject({ status: 201 })
  })

  test('JARM-3-a who says nothing gets PS256 in FAPI, not the RS256 of the base documents', async () => {
    for (const { name } of PROFILES) {
      const { status, json } = await register(honestMetadata(key, name))
      expect({ status, json }).toMatchObject({ status: 201, json: { id_token_signed_response_alg: 'PS256' } })
      if ('authorization_signed_response_alg' in json) expect(json.authorization_signed_response_alg).toBe('PS256')
    }
    expect((await register(honestMetadata(key, 'none'))).json).toMatchObject({ id_token_signed_response_alg: 'RS256' })
  })
})
