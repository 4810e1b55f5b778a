import { generic, memoryStore, type Store } from 'express-fapi'
import { openDataFolder } from '../../examples/bank/data-folder.js'
import { RESOURCE_SERVER } from '../../examples/bank/seeds.js'
import { later } from '../support/clock.js'
import { expectError, expectTokens } from '../support/expectations.js'
import { mintKey, type SigningKey } from '../support/keys.js'
import { honestMetadata, meet, read, register } from '../support/registration.js'
import { openTestBank, type TestBank } from '../support/test-bank.js'
import type { Tpp } from '../support/tpp.js'
import type { Answer } from '../support/wire.js'
import { idOf, openedRegistrations, registered } from './opened-registrations.js'
import type { PlainOptions } from './plain-registration.js'
import { sentBack } from './registration-server.js'
import { mintStatement } from './statements.js'

/* What a review found to outlive its suspension or its end, or to end too early. */

const KEY = mintKey()
const honest = honestMetadata(KEY, 'fapi2-security')

/** A store of which calls can be made to fail, once. */
interface FailingStore {
  readonly store: Store
  /** How many calls have been made to fail. */
  readonly failed: () => number
  failOnce(method: string, model?: string): void
}

function failingStore(): FailingStore {
  const inner = memoryStore({ capacity: 100_000 })
  let next: readonly [method: string, model: string | undefined] | undefined
  let failed = 0
  const methods = Object.entries(inner).map(([name, method]: [string, (...rest: unknown[]) => Promise<unknown>]) => [
    name,
    async (...rest: unknown[]) => {
      if (next?.[0] === name && (next[1] === undefined || next[1] === rest[0])) {
        next = undefined
        failed += 1
        throw new Error('the store is away')
      }
      return method(...rest)
    },
  ])
  return {
    store: { ...inner, ...Object.fromEntries(methods) },
    failed: () => failed,
    failOnce: (method, model) => {
      next = [method, model]
    },
  }
}

describe('a client', () => {
  const open = openedRegistrations()
  async function opened(options?: PlainOptions['options'], wrap?: PlainOptions['wrap']) {
    const failing = failingStore()
    return { ...(await open(options, { store: failing.store, ...(wrap && { wrap }) })), ...failing }
  }

  test('whose suspension was cut short is suspended where it is managed', async () => {
    const server = await opened()
    const [answer, other] = [await registered(server, honest), await registered(server, honest)]
    server.failOnce('upsert', 'Registration')
    await expect(server.registering.suspend(idOf(answer), 'fraud')).rejects.toThrow('away')
    const manage = async (of: Answer) => [
      await server.manage(of, 'GET'),
      await server.manage(of, 'PUT', { ...sentBack(of), client_name: 'free again' }),
    ]
    await later(61, async () => {
      for (const refused of await manage(answer)) expectError(refused, 403, 'access_denied')
      expect(server.clients.get(idOf(answer))).toMatchObject({ client_status: 'suspended', client_name: honest.client_name })
      for (const { status } of await manage(other)) expect(status).toBe(200)
      // Done again it is whole, and can be ended.
      expect(await server.registering.suspend(idOf(answer), 'fraud')).toBe(true)
      expect(await server.registering.find(idOf(answer))).toMatchObject({ suspended: { reason: 'fraud' } })
      expect(await server.registering.resume(idOf(answer))).toBe(true)
      for (const { status } of await manage(answer)) expect(status).toBe(200)
    })
  })

  test('that is suspended stays, however long it has not been used', async () => {
    const server = await opened({ unusedFor: 60 })
    const [kept, unused] = [await registered(server, honest), await registered(server, honest)]
    await server.registering.suspend(idOf(kept), 'x')
    await later(61, async () => {
      expect(await server.registering.maintain()).toMatchObject({ removed: [idOf(unused)], failed: [] })
      expect([...server.clients.keys()]).toEqual([idOf(kept)])
      expect(await server.registering.find(idOf(kept))).toMatchObject({ suspended: { reason: 'x' } })
      expect(await server.registering.find(idOf(unused))).toBeUndefined()
    })
  })

  test('that is being changed keeps nobody from looking after the others', async () => {
    let [reached, isHeld] = [() => {}, false]
    const server = await opened({ unusedFor: 60 }, (kept) => ({
      ...kept,
      save(clientId, metadata) {
        if (!isHeld) return kept.save(clientId, metadata)
        reached()
        return new Promise<never>(() => {})
      },
    }))
    const [held, others] = [await registered(server, honest), [await registered(server, honest), await registered(server, honest)]]
    await later(61, async () => {
      isHeld = true
      const arrived = new Promise<void>((resolve) => {
        reached = resolve
      })
      void server.manage(held, 'PUT', sentBack(held)).catch(() => undefined)
      await arrived
      const { removed, failed } = await server.registering.maintain()
      expect([[...removed].sort(), failed]).toEqual([others.map(idOf).sort(), [idOf(held)]])
    })
    // Whoever changed it is gone: it is looked after with the next.
    await later(122, async () => expect(await server.registering.maintain()).toMatchObject({ removed: [idOf(held)], failed: [] }))
  })

  const CUT = ['GET', 'PUT', 'DELETE'].flatMap((next) => [
    ['free its place', next, 'upsert', 'Place'] as const,
    ['forget it', next, 'destroy', 'Registration'] as const,
  ])
  test.each(CUT)('whose removal failed to %s is ended by the next %s, and its software is free', async (_what, method, call, model) => {
    const server = await opened({ duplicates: 'reject' })
    const metadata = { ...honest, software_statement: await mintStatement(generic) }
    const answer = await registered(server, metadata)
    server.failOnce(call, model)
    expect((await server.manage(answer, 'DELETE')).status).toBe(503)
    expect([server.failed(), await server.registering.find(idOf(answer))]).toEqual([1, expect.anything()])
    await later(61, async () => {
      expectError(await server.manage(answer, method, method === 'PUT' ? sentBack(answer) : undefined), 401, 'invalid_token')
      expect([await server.registering.find(idOf(answer)), server.clients.size]).toEqual([undefined, 0])
      await registered(server, metadata)
      expectError(await server.register(metadata), 400, 'invalid_software_statement')
    })
  })
})

describe('at the bank', () => {
  const failing = failingStore()
  let bank: TestBank
  let api: ReturnType<TestBank['meet']>
  beforeAll(async () => {
    bank = await openTestBank(['fapi2'], failing.store)
    const privateJwk = openDataFolder(bank.dataDir).readJson(`clients/${RESOURCE_SERVER}/private.jwk.json`) as SigningKey['privateJwk']
    const key = { ...KEY, privateJwk, kid: String(privateJwk.kid), alg: String(privateJwk.alg) }
    const metadata = { client_id: RESOURCE_SERVER, token_endpoint_auth_method: 'private_key_jwt' }
    api = bank.meet({ ...{ id: RESOURCE_SERVER, metadata, redirectUri: '', key }, proofKey: undefined, certificate: undefined } as Tpp)
  })
  afterAll(() => bank?.close())

  const GRANTS = ['authorization_code', 'refresh_token', 'client_credentials']
  async function client() {
    const answer = await register(bank, { ...honest, scope: 'openid accounts', grant_types: GRANTS })
    expect(answer.json.error_description).toBeUndefined()
    const party = meet(bank, answer, KEY)
    const own = await party.token({ grant_type: 'client_credentials', scope: 'accounts' })
    expectTokens(own)
    const tokens = await party.tokens()
    return { answer, party, tokens, all: [tokens.access_token, own.json.access_token] }
  }
  const manage = (method: string, { json }: Answer) =>
    bank.wire.send(String(json.registration_client_uri), { method, headers: { authorization: `Bearer ${json.registration_access_token}` } })
  const active = async (token: unknown) => {
    const { status, json } = await api.call('introspection_endpoint', { token: String(token) })
    return [status, json]
  }

  test.each<[string, (id: string) => Promise<unknown>]>([
    ['suspended', (id) => bank.registration.suspend(id, 'x')],
    ['removed', (id) => bank.registration.remove(id)],
  ])('no token of a client that is %s is active to an API that asks', async (_how, end) => {
    const [{ answer, all }, other] = [await client(), await client()]
    for (const token of all) expect(await active(token)).toEqual([200, expect.objectContaining({ active: true, client_id: idOf(answer) })])
    await end(idOf(answer))
    for (const token of all) expect(await active(token)).toEqual([200, { active: false }])
    for (const token of other.all) expect(await active(token)).toEqual([200, expect.objectContaining({ active: true })])
    if (!(await bank.registration.resume(idOf(answer)))) return
    for (const token of all) expect(await active(token)).toEqual([200, expect.objectContaining({ active: true })])
  })

  const grantsOf = async (id: string) => (await failing.store.list('Grant', { search: id, limit: 100 })).items

  test.each([
    ['list', 'Grant'],
    ['revokeGrant', undefined],
    ['destroy', 'Grant'],
    ['destroy', 'Client'],
    ['destroy', 'Registration'],
  ])('a removal during which %s %s fails is ended by the next: client, grants and record', async (method, model) => {
    const { answer, party, tokens } = await client()
    const [id, before] = [idOf(answer), failing.failed()]
    expect(await grantsOf(id)).not.toEqual([])
    failing.failOnce(method, model)
    expect((await manage('DELETE', answer)).status).toBe(503)
    expect(failing.failed()).toBe(before + 1)
    expect(await bank.registration.find(id)).toBeDefined()
    await later(61, async () => {
      const isThere = (await read(bank, answer)).status === 200
      expect((await manage('DELETE', answer)).status).toBe(isThere ? 204 : 401)
      expectError(await read(bank, answer), 401, 'invalid_token')
      expect(await bank.registration.find(id)).toBeUndefined()
      expect(await failing.store.find('Client', id)).toBeUndefined()
      expect(await grantsOf(id)).toEqual([])
      expect(await active(tokens.access_token)).toEqual([200, { active: false }])
      expect((await party.refresh(String(tokens.refresh_token))).status).toBe(401)
    })
  })
})
