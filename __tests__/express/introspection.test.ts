import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { fapi2MessageSigning, profileNamed } from 'express-fapi'
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { openAnyBrowser } from '../support/any-browser.js'
import { expectUnauthenticated } from '../support/expectations.js'
import type { Role } from '../support/tpp.js'
import { formOf } from '../support/wire.js'
import { BOTH_EXPRESSES, type GuardedServer, openGuarded } from './guarded-server.js'

const JARM = { response_modes: ['jwt'], require_signed_request_object: true }
const roleOf = (alg: string): Role => ({
  ...{ profile: 'fapi2-message-signing', auth: 'private_key_jwt', bound: 'dpop' },
  metadata: { ...JARM, introspection_signed_response_alg: alg },
})
const ROLES: Readonly<Record<string, Role>> = { es: roleOf('ES256'), ps: roleOf('PS256') }
const SIGNED = 'application/token-introspection+jwt'
const choose = ({ fapi_profile }: Readonly<Record<string, unknown>>) => profileNamed(String(fapi_profile))

describe.each(BOTH_EXPRESSES)('introspection on %s', (_name, createApp) => {
  let server: GuardedServer
  beforeAll(async () => {
    server = await openGuarded({
      ...{ policy: { profiles: [fapi2MessageSigning], choose }, roles: ROLES, createApp },
      options: { endpoints: { introspection: '/introspect' } },
      mount({ app, guard, plainServer }) {
        app.use('/par', guard.pushAuthorizationRequest())
        app.use('/authorize', guard.authorizationRequest(), guard.authorizationResponse())
        app.use('/token', guard.tokenRequest())
        app.use('/introspect', guard.introspection())
        plainServer()
      },
    })
  })
  afterAll(() => server.close())

  const tokenOf = async (name: string) => {
    const { access_token } = await server.as(name).tokens({ browser: openAnyBrowser(server.wire, server.issuer) })
    return String(access_token)
  }
  const ask = (name: string, token: string, accept: string | undefined, change = {}) =>
    server.as(name).call('introspection_endpoint', { token }, { proof: 'none', ...change, headers: { accept } })
  const verified = (jwt: string, audience: string) =>
    jwtVerify(jwt, createLocalJWKSet(server.jwks as JSONWebKeySet), { issuer: server.issuer, audience, typ: 'token-introspection+jwt' })

  test.each([
    ['es', 'ES256'],
    ['ps', 'PS256'],
  ])('%s gets an answer signed with %s where it asks for one (RFC 9701)', async (name, alg) => {
    const answer = await ask(name, await tokenOf(name), SIGNED)
    expect([answer.status, answer.headers['content-type'], answer.headers['cache-control']]).toEqual([
      ...[200, expect.stringMatching(/^application\/token-introspection\+jwt\b/), 'no-store'],
    ])
    const { payload, protectedHeader } = await verified(answer.text, name)
    expect(protectedHeader.alg).toBe(alg)
    expect(Object.keys(payload).sort()).toEqual(['aud', 'iat', 'iss', 'token_introspection'])
    expect(payload.token_introspection).toMatchObject({
      ...{ active: true, client_id: name, scope: 'openid accounts', token_type: 'DPoP' },
      cnf: { jkt: expect.stringMatching(/^[\w-]{43}$/) },
    })
  })

  test.each([
    ['asks for that', 'application/json'],
    ['takes everything', '*/*'],
    ['does not say', undefined],
    ['would rather have that', `${SIGNED};q=0.5, application/json`],
    ['refuses the other', `${SIGNED};q=0, application/json`],
  ])('JSON where it %s, with what the token is bound to', async (_what, accept) => {
    const answer = await ask('es', await tokenOf('es'), accept)
    expect(answer.headers['content-type']).toMatch(/^application\/json/)
    expect(answer.json).toMatchObject({ active: true, client_id: 'es', token_type: 'DPoP', cnf: { jkt: expect.any(String) } })
  })

  test.each([
    ['an unknown token', () => 'x'],
    ["another client's token", () => tokenOf('ps')],
  ])('of %s nothing is told, signed or not', async (_what, tokenTo) => {
    const token = await tokenTo()
    const answer = await ask('es', token, SIGNED)
    expect((await verified(answer.text, 'es')).payload.token_introspection).toEqual({ active: false })
    expect((await ask('es', token, 'application/json')).json).toEqual({ active: false })
  })

  test.each([
    ['no assertion', { assertion: 'none' }],
    ['a broken assertion', { assertion: { signature: 'broken' } }],
    ["an assertion of another's", { assertion: { claims: { sub: 'ps', iss: 'ps' } } }],
  ] as const)('who comes with %s is told nothing', async (_what, change) => {
    const token = await tokenOf('es')
    for (const accept of [SIGNED, 'application/json']) expectUnauthenticated(await ask('es', token, accept, change))
  })

  test('who names nobody is told nothing, and an assertion counts once', async () => {
    const token = await tokenOf('es')
    const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: SIGNED }
    const send = (form: Readonly<Record<string, string>>) =>
      server.wire.send(`${server.issuer}/introspect`, { method: 'POST', headers, body: formOf({ token, ...form }) })
    expectUnauthenticated(await send({}))
    expectUnauthenticated(await send({ client_id: 'nobody' }))
    const compact = await server.as('es').assertion()
    expect(await ask('es', token, SIGNED, { assertion: { compact } })).toMatchObject({ status: 200 })
    expectUnauthenticated(await ask('es', token, SIGNED, { assertion: { compact } }))
  })
})
