import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import express, { type Express } from 'express'
import { fapi1Advanced, fapi2MessageSigning, fapi2Security, profileNamed, protect, requireScope } from 'express-fapi'
import { openDataFolder } from '../../examples/bank/data-folder.js'
import { loadAuthority } from '../../examples/bank/identities.js'
import { listAccounts } from '../../examples/own-server/accounts.js'
import type { Client } from '../../examples/own-server/clients.js'
import { startOwnServer } from '../../examples/own-server/start.js'
import { openAnyBrowser } from '../support/any-browser.js'
import { STATE } from '../support/authorization-request.js'
import { expectBadRequest, expectPushed } from '../support/expectations.js'
import { type Party, party } from '../support/party.js'
import { makeTpp, type Role } from '../support/tpp.js'
import { openWire, type Wire } from '../support/wire.js'
import { BOTH_EXPRESSES, openGuarded, type Surroundings } from './guarded-server.js'

const ROLES: Readonly<Record<string, Role>> = {
  fapi2: { profile: 'fapi2-security', auth: 'private_key_jwt', bound: 'dpop' },
  mtls: { profile: 'fapi2-security', auth: 'tls_client_auth', bound: 'certificate' },
  jarm: {
    profile: 'fapi1-advanced',
    auth: 'private_key_jwt',
    bound: 'certificate',
    metadata: { response_modes: ['jwt'], require_signed_request_object: true, authorization_signed_response_alg: 'ES256' },
  },
}
/** One for all, because the keys in it take a moment. */
const dataDir = mkdtempSync(join(tmpdir(), 'own-server-'))
afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

const PROFILES = [fapi1Advanced, fapi2Security, fapi2MessageSigning]
const choose = ({ fapi_profile }: { readonly [name: string]: unknown }) => profileNamed(String(fapi_profile))

/** A server, and the clients it knows. */
interface Scene {
  readonly issuer: string
  readonly wire: Wire
  as(name: string): Party
  close(): Promise<void>
}

/** The example as it is, on another Express or behind what stands in front. */
async function example(createApp: () => Express): Promise<Scene> {
  const authority = await loadAuthority(openDataFolder(dataDir))
  const tpps = await Promise.all(Object.entries(ROLES).map(([name, role]) => makeTpp(name, role, authority)))
  const clients = tpps.map(({ metadata }) => metadata as unknown as Client)
  const server = await startOwnServer({ port: 0, mtlsPort: 0, dataDir, quiet: true, fapi: true, clients, createApp })
  const wire = openWire(server.caCertificate)
  const { json: metadata } = await wire.send(`${server.issuer}/.well-known/openid-configuration`)
  const { json: jwks } = await wire.send(String(metadata.jwks_uri))
  const parties = new Map(tpps.map((tpp) => [tpp.id, party({ issuer: server.issuer, metadata, jwks, wire }, tpp)]))
  return {
    ...{ issuer: server.issuer, wire },
    as: (name) => parties.get(name) as Party,
    async close() {
      await wire.close()
      await server.close()
    },
  }
}

/** The same server, its middlewares mounted by method and path. */
const byMethod = (createApp: () => Express): Promise<Scene> =>
  openGuarded({ policy: { profiles: PROFILES, choose }, roles: ROLES, createApp, mount: mountByMethod })

function mountByMethod({ app, guard, policy, issuer, model, users, subjects, store, certificate, plainServer }: Surroundings): void {
  app.post('/par', guard.pushAuthorizationRequest())
  app.get('/authorize', guard.authorizationRequest(), guard.authorizationResponse())
  app.post('/authorize', guard.authorizationRequest(), guard.authorizationResponse())
  app.post('/token', guard.tokenRequest())
  const issuers = { issuer, audience: issuer, tokens: guard.accessTokens(model.findToken) }
  const guarded = protect(policy, { issuers, publicUrl: issuer, certificate, store })
  app.get('/accounts', guarded, requireScope('accounts'), listAccounts({ users, subjects }))
  app.use(guard.fapiErrors())
  plainServer()
}

const behindParsers = (createApp: () => Express) => () =>
  createApp()
    .use(express.json())
    .use(express.urlencoded({ extended: true }))

const SCENES = BOTH_EXPRESSES.flatMap(([name, createApp]): [string, () => Promise<Scene>][] => [
  [`${name}, as the example mounts it`, () => example(createApp)],
  [`${name}, body parsers in front of everything`, () => example(behindParsers(createApp))],
  [`${name}, mounted by method and path`, () => byMethod(createApp)],
  [`${name}, mounted by method and path behind body parsers`, () => byMethod(behindParsers(createApp))],
])

describe.each(SCENES)('%s', (_name, open) => {
  let scene: Scene
  beforeAll(async () => {
    scene = await open()
  })
  afterAll(() => scene.close())
  const browser = () => openAnyBrowser(scene.wire, scene.issuer)

  test.each([
    ['FAPI 2.0 with private_key_jwt and DPoP', 'fapi2', 'DPoP', ['code', 'iss', 'state']],
    ['FAPI 2.0 with a certificate', 'mtls', 'Bearer', ['code', 'iss', 'state']],
    ['FAPI 1.0 Advanced by value with JARM', 'jarm', 'Bearer', ['response']],
  ])('%s, from the request to the API', async (_what, name, type, told) => {
    const client = scene.as(name)
    const landing = await client.authorize({ browser: browser() })
    const { params, bare } = await client.respond(landing)
    expect(Object.keys(bare).sort()).toEqual(told)
    expect(params).toMatchObject({ code: expect.any(String), state: STATE, iss: scene.issuer })
    expect(landing.redirects).toEqual([303, 303, 303])

    const issued = await client.redeem(String(params.code))
    expect(issued).toMatchObject({
      status: 200,
      json: { token_type: type, id_token: expect.any(String), refresh_token: expect.any(String) },
    })
    expect(await client.accounts(issued.json.access_token)).toMatchObject({ status: 200 })
    const refreshed = await client.refresh(String(issued.json.refresh_token))
    expect(refreshed).toMatchObject({ status: 200, json: { token_type: type } })
    expect(await client.accounts(refreshed.json.access_token)).toMatchObject({ status: 200 })
  })

  test.each([
    ['fapi2', ['error', 'error_description', 'iss', 'state']],
    ['jarm', ['response']],
  ])('%s is told of a denied consent', async (name, told) => {
    const client = scene.as(name)
    const { params, bare } = await client.respond(await client.authorize({ browser: browser(), user: { decision: 'deny' } }))
    expect(Object.keys(bare).sort()).toEqual(told)
    expect(params).toMatchObject({ error: 'access_denied', state: STATE, iss: scene.issuer })
  })

  test.each([
    ['no proof', { proof: 'none' } as const, 'invalid_grant'],
    ['another verifier', { params: { code_verifier: 'x'.repeat(43) } }, 'invalid_grant'],
    ['another redirect_uri', { params: { redirect_uri: 'https://tpp.example/other' } }, 'invalid_grant'],
    ['a broken assertion', { assertion: { signature: 'broken' } } as const, 'invalid_client'],
  ])('a code with %s is not redeemed, and is not used up', async (_what, change, error) => {
    const client = scene.as('fapi2')
    const code = await client.code({ browser: browser() })
    expect((await client.redeem(code, change)).json).toMatchObject({ error })
    expect(await client.redeem(code)).toMatchObject({ status: 200 })
    expect((await client.redeem(code)).json).toMatchObject({ error: 'invalid_grant' })
  })

  test('a token without its proof opens nothing', async () => {
    const client = scene.as('fapi2')
    const { access_token } = await client.tokens({ browser: browser() })
    expect(await client.accounts(access_token, { proof: 'none' })).toMatchObject({ status: 401 })
    const headers = { authorization: `Bearer ${access_token}` }
    expect(await client.accounts(access_token, { proof: 'none', headers })).toMatchObject({ status: 401 })
  })

  test('of two who redeem a code at once one succeeds at most, and its token is taken back', async () => {
    const client = scene.as('fapi2')
    const code = await client.code({ browser: browser() })
    const answers = await Promise.all([client.redeem(code), client.redeem(code), client.redeem(code)])
    expect(answers.map(({ status }) => status).filter((status) => status !== 400 && status !== 200)).toEqual([])
    const issued = answers.filter(({ status }) => status === 200)
    expect(issued.length).toBeLessThanOrEqual(1)
    for (const { json } of issued) expect(await client.accounts(json.access_token)).toMatchObject({ status: 401 })
  })

  test('of two who follow a request at once one gets a code', async () => {
    const address = await scene.as('fapi2').address()
    const landings = await Promise.all([browser().journey(address), browser().journey(address)])
    expect(landings.filter(({ location }) => location?.searchParams.has('code'))).toHaveLength(1)
  })

  test('an answer goes nowhere but to a redirect URI that is registered', async () => {
    expectBadRequest(await scene.as('fapi2').push({ params: { redirect_uri: 'https://tpp.example/other' } }), 'invalid_request')
    expectPushed(await scene.as('fapi2').push())
  })

  test('a client authenticates in one way', async () => {
    const client = scene.as('fapi2')
    const code = await client.code({ browser: browser() })
    const headers = { authorization: `Basic ${btoa('fapi2:x')}` }
    expect((await client.redeem(code, { headers })).json).not.toHaveProperty('access_token')
    expect(await client.redeem(code)).toMatchObject({ status: 200 })
  })
})
