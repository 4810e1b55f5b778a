import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import express from 'express'
import { fapi2Security } from 'express-fapi'
import type { Answer } from '../support/wire.js'
import { type GuardedServer, openGuarded } from './guarded-server.js'

/* No bound token turns into a bearer token because somebody forgot what it is bound to, or never knew. */

const JKT = { jkt: expect.stringMatching(/^[\w-]{43}$/) }

describe('an access token', () => {
  let server: GuardedServer
  /** What the server underneath says of every token. */
  let said: Record<string, unknown>
  let standingOf: (token: string) => Promise<{ readonly claims: object } | undefined>
  let status = 200
  beforeAll(async () => {
    server = await openGuarded({
      options: { endpoints: { introspection: '/introspect' } },
      policy: { profile: fapi2Security },
      roles: { dpop: { profile: 'fapi2-security', auth: 'private_key_jwt', bound: 'dpop' } },
      mount({ app, guard }) {
        app.use('/par', guard.pushAuthorizationRequest())
        app.use('/authorize', guard.authorizationRequest(), guard.authorizationResponse(), (req, res) => {
          res.redirect(`${req.query.redirect_uri}?code=${req.query.state}`)
        })
        app.use('/token', guard.tokenRequest(), (req, res) => {
          res.status(status).json({ access_token: `token of ${req.body.code}`, token_type: 'Bearer', expires_in: 300 })
        })
        app.use(
          '/introspect',
          guard.introspection(),
          express.urlencoded({ extended: false }),
          (_req, res) => void res.status(status).json(said),
        )
        standingOf = guard.accessTokens(() => said)
      },
    })
  })
  afterAll(() => server.close())
  beforeEach(() => {
    status = 200
    said = { active: true, sub: 'alice' }
  })

  async function redeem(code: string): Promise<Answer> {
    const client = server.as('dpop')
    await server.wire.send(await client.address({ params: { state: code } }))
    return client.redeem(code)
  }
  const introspected = async (token: string) => (await server.as('dpop').call('introspection_endpoint', { token }, { proof: 'none' })).json

  test.each([200, 201])('is bound when it is given out, and where it is looked up, with status %d', async (code) => {
    status = code
    const name = `code ${code}`
    expect(await redeem(name)).toMatchObject({ status: code, json: { token_type: 'DPoP' } })
    expect(await introspected(`token of ${name}`)).toEqual({ active: true, sub: 'alice', cnf: JKT, token_type: 'DPoP' })
    expect(await standingOf(`token of ${name}`)).toMatchObject({ claims: { cnf: JKT }, client: { client_id: 'dpop' } })
  })

  test('that was taken back is worth nothing, even where the server names no client', async () => {
    await redeem('twice')
    expect(await introspected('token of twice')).toMatchObject({ active: true })
    expect(await server.as('dpop').redeem('twice')).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
    expect(await introspected('token of twice')).toEqual({ active: false })
    expect(await standingOf('token of twice')).toBeUndefined()
  })

  test.each([
    ['of a client that is held', { client_id: 'dpop' }],
    ['of nobody', {}],
    ['of a client that is gone', { client_id: 'gone' }],
    ['of a list of clients', { client_id: ['dpop'] }],
  ])('of which nothing is known here, %s, is worth nothing', async (_whose, claims) => {
    said = { active: true, ...claims }
    expect(await introspected('unknown')).toEqual({ active: false })
    expect(await standingOf('unknown')).toBeUndefined()
  })

  test('that the server itself bound stays bound so', async () => {
    said = { active: true, client_id: 'dpop', cnf: { 'x5t#S256': 'a certificate' } }
    expect(await introspected('of before')).toEqual(said)
    expect(await standingOf('of before')).toMatchObject({ claims: { cnf: { 'x5t#S256': 'a certificate' } } })
  })
})
