import { randomUUID } from 'node:crypto'
import express from 'express'
import {
  type Client,
  createPolicy,
  type Ecosystem,
  fapi1Baseline,
  fapi2Security,
  generic,
  memoryStore,
  profiles,
  type RegistrationOptions,
  registration,
} from 'express-fapi'
import { ca, type Listening, listenTo } from '../readers/issuer-servers.js'
import { later } from '../support/clock.js'
import { expectError } from '../support/expectations.js'
import { fromNow } from '../support/jwt.js'
import { mintKey } from '../support/keys.js'
import { honestMetadata, type Metadata } from '../support/registration.js'
import { until } from '../support/until.js'
import { type Answer, openWire } from '../support/wire.js'
import { idOf, openedRegistrations, registered, statementOf } from './opened-registrations.js'
import type { PlainRegistration } from './plain-registration.js'
import { inMap, sentBack, UNLIMITED } from './registration-server.js'

/* What a review found registrations to let through, or to leave behind. */

const KEY = mintKey()
const honest = honestMetadata(KEY, 'fapi2-security')
const open = openedRegistrations()

test('an initial access token is used up by who is told of a client that is there already', async () => {
  const server = await open({ duplicates: 'return-existing' })
  const register = async (token?: string) => server.register({ ...honest, software_statement: await statementOf('same') }, token)
  expect((await register()).status).toBe(201)
  const { token } = await server.registering.initialAccessTokens.issue({ uses: 2 })
  for (const status of [200, 200]) expect((await register(token)).status).toBe(status)
  expectError(await register(token), 401, 'invalid_token')
})

test('whoever comes while the first registration of its software is under way keeps what it has', async () => {
  const held: { goOn?: () => void } = {}
  const clients = { ...inMap(new Map<string, Metadata>()) }
  const slow = {
    ...clients,
    save: (id: string, metadata: Metadata) =>
      new Promise<undefined>((resolve) => {
        held.goOn = () => {
          clients.save(id, metadata)
          resolve(undefined)
        }
      }),
  }
  const server = await open({ duplicates: 'return-existing', clients: slow })
  const statement = () => statementOf('same')
  const first = server.register({ ...honest, software_statement: await statement() })
  await until('the first registration is being kept', () => held.goOn !== undefined)
  const { token } = await server.registering.initialAccessTokens.issue({ uses: 1 })
  const again = async () => server.register({ ...honest, software_statement: await statement() }, token)
  expectError(await again(), 503, 'temporarily_unavailable')
  held.goOn?.()
  expect((await first).status).toBe(201)
  expect((await again()).status).toBe(200)
})

describe('where a policy goes by the scope', () => {
  function choose(client: Client) {
    const { scope }: Metadata = { ...client }
    if (String(scope).includes('accounts')) return fapi2Security
    return String(scope).includes('news') ? fapi1Baseline : undefined
  }

  async function byScope(work: (send: (method: string, metadata: Metadata, registered?: Answer) => Promise<Answer>) => Promise<void>) {
    const registering = registration(createPolicy({ profiles, choose }), {
      ...{ issuer: 'https://bank.example', publicUrl: 'https://bank.example/register' },
      ...{ clients: inMap(new Map()), store: memoryStore(), rateLimits: UNLIMITED },
    })
    const { token } = await registering.initialAccessTokens.issue()
    const [server, wire] = [await listenTo(express().use('/register', registering.endpoint)), openWire(ca)]
    try {
      await work((method, metadata, { json = {} } = {} as Answer) => {
        const headers = { authorization: `Bearer ${json.registration_access_token ?? token}`, 'content-type': 'application/json' }
        const path = json.client_id === undefined ? '' : `/${json.client_id}`
        const body = method === 'GET' ? {} : { body: JSON.stringify(metadata) }
        return wire.send(`https://localhost:${server.port}/register${path}`, { method, headers, ...body })
      })
    } finally {
      await wire.close()
      await server.close()
    }
  }

  test('no update leaves the profile by it', () =>
    byScope(async (send) => {
      const answer = await send('POST', { ...honest, scope: 'openid accounts' })
      expect(answer.status).toBe(201)
      for (const scope of ['openid', 'openid news', undefined]) {
        const refused = await send('PUT', { ...sentBack(answer), scope }, answer)
        expect([scope, refused.status, refused.json.error]).toEqual([scope, 400, 'invalid_client_metadata'])
        expect((await send('GET', {}, answer)).json).toEqual(answer.json)
      }
      const updated = await send('PUT', { ...sentBack(answer), scope: 'openid accounts news' }, answer)
      expect([updated.status, updated.json.scope]).toEqual([200, 'openid accounts news'])
    }))

  test('nobody comes in without one, or with another than it named', () =>
    byScope(async (send) => {
      for (const scope of ['openid', undefined, 'openid news'])
        expectError(await send('POST', { ...honest, scope }), 400, 'invalid_client_metadata')
      expect((await send('POST', { ...honest, scope: 'openid accounts' })).status).toBe(201)
    }))
})

describe('while the keys of a client are read', () => {
  /** Publishes the client's keys, once it is let. */
  let slow: Listening
  let gate = { asked: () => {}, opened: Promise.resolve() }
  beforeAll(async () => {
    slow = await listenTo(async (_req, res) => {
      gate.asked()
      await gate.opened
      res.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [KEY.publicJwk] }))
    })
  })
  afterAll(() => slow?.close())
  const opened = (options: Partial<RegistrationOptions> = {}) =>
    open({ ...options, outbound: { allowPrivateHosts: [`localhost:${slow.port}`] } })

  /** A registration that has come as far as the keys of its client, and does not go on until it is let. */
  async function reading(server: PlainRegistration, metadata: Metadata, token?: string) {
    let letGo = () => {}
    const opens = new Promise<void>((resolve) => {
      letGo = resolve
    })
    const arrived = new Promise<void>((resolve) => {
      gate = { asked: resolve, opened: opens }
    })
    const { jwks: _, ...rest } = honest
    const answer = server.register({ ...rest, jwks_uri: `https://localhost:${slow.port}/${randomUUID()}`, ...metadata }, token)
    await arrived
    return {
      goOn() {
        letGo()
        return answer
      },
    }
  }

  const once: Ecosystem = { ...generic, statement: { ...generic.statement, once: true } }
  test.each([
    [120, 400, 'invalid_software_statement'],
    [10, 201, undefined],
  ])('%d seconds pass, and its statement is good for 60: %d', async (seconds, status, error) => {
    const server = await opened({ ecosystem: once })
    const software_statement = await statementOf('slow', { exp: fromNow(60) })
    const { goOn } = await reading(server, { software_statement })
    const { status: got, json } = await later(seconds, goOn)
    expect([got, json.error, server.clients.size]).toEqual([status, error, status === 201 ? 1 : 0])
  })

  test.each([true, false])('its initial access token is revoked: %s', async (isRevoked) => {
    const server = await opened()
    const { token, record } = await server.registering.initialAccessTokens.issue()
    const { goOn } = await reading(server, {}, token)
    if (isRevoked) await server.registering.initialAccessTokens.revoke(record.id)
    const { status, json } = await goOn()
    expect([status, json.error]).toEqual(isRevoked ? [401, 'invalid_token'] : [201, undefined])
    expect(server.clients.size).toBe(isRevoked ? 0 : 1)
  })

  test.each([true, false])('another client of its software is suspended: %s', async (isSuspended) => {
    const server = await opened()
    const first = await registered(server, { ...honest, software_statement: await statementOf('suspended') })
    const { goOn } = await reading(server, { software_statement: await statementOf('suspended') })
    if (isSuspended) await server.registering.suspend(idOf(first), 'x')
    const { status, json } = await goOn()
    expect([status, json.error]).toEqual(isSuspended ? [400, 'unapproved_software_statement'] : [201, undefined])
    expect(server.clients.size).toBe(isSuspended ? 1 : 2)
  })
})
