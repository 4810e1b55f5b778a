import { randomUUID } from 'node:crypto'
import { generic, memoryStore, type RegisteredClients, type RegistrationOptions, type Store } from 'express-fapi'
import { describeEach, type Place, postgresDatabases, redisDatabases } from '../stores/databases.js'
import { later } from '../support/clock.js'
import { mintKey } from '../support/keys.js'
import { honestMetadata, type Metadata } from '../support/registration.js'
import type { Answer } from '../support/wire.js'
import { openPlainRegistration, type PlainOptions, type PlainRegistration } from './plain-registration.js'
import { type OpenDirectory, openDirectory, sentBack } from './registration-server.js'
import { mintStatement } from './statements.js'

const KEY = mintKey()
const honest = honestMetadata(KEY, 'fapi2-security')
const times = <T>(count: number, make: (index: number) => T) => Array.from({ length: count }, (_, index) => make(index))
const big = () => memoryStore({ capacity: 1_000_000 })

let directory: OpenDirectory
beforeAll(async () => {
  directory = await openDirectory()
})
afterAll(() => directory?.close())

const open: PlainRegistration[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()))
})
async function opened(options: Omit<PlainOptions, 'directory'>): Promise<PlainRegistration> {
  const one = await openPlainRegistration({ directory, ...options })
  open.push(one)
  return one
}

/** A fresh statement of a software. */
const fresh = (software_id: string) => mintStatement(generic, { claims: { software_id, jti: randomUUID() } })
const freshOnes = (count: number, software: string) => Promise.all(times(count, () => fresh(software)))

/** How often each outcome came: the status, and the error where there is one. */
function outcomes(answers: readonly Answer[]): Record<string, number> {
  const counted: Record<string, number> = {}
  for (const { status, json } of answers) {
    const outcome = json.error === undefined ? String(status) : `${status} ${json.error}`
    counted[outcome] = (counted[outcome] ?? 0) + 1
  }
  return counted
}

async function recordsIn(store: Store): Promise<unknown[]> {
  const found: unknown[] = []
  for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
    const page = await store.list('Registration', { limit: 1000, cursor })
    found.push(...page.items.map(({ client_id }) => client_id))
    cursor = page.cursor
  }
  return found
}

/** Three processes on one database. */
function racesOn(stores: () => Promise<readonly [Store, Store, Store]>): void {
  let all: readonly [Store, Store, Store]
  beforeAll(async () => {
    all = await stores()
  })
  const processes = async (options: Partial<RegistrationOptions>) => {
    const clients = new Map<string, Metadata>()
    const before = new Set(await recordsIn(all[0]))
    const three = await Promise.all(all.map((store) => opened({ store, clients, options })))
    return {
      clients,
      at: (index: number) => three[index % 3] as PlainRegistration,
      /** The records that have come since. */
      records: async () => (await recordsIn(all[0])).filter((id) => !before.has(id)),
    }
  }

  test('of 1,000 registrations with one statement under reject one gets a client, and nothing is left of the others', async () => {
    const { at, clients, records } = await processes({ duplicates: 'reject' })
    const software_statement = await fresh(randomUUID())
    const answers = await Promise.all(times(1_000, (index) => at(index).register({ ...honest, software_statement })))
    expect(outcomes(answers)).toEqual({ 201: 1, '400 invalid_software_statement': 999 })
    const [winner] = answers.filter(({ status }) => status === 201)
    expect([...clients.keys()]).toEqual([winner?.json.client_id])
    expect(await records()).toEqual([winner?.json.client_id])
    expect((await at(1).manage(winner as Answer, 'GET')).status).toBe(200)
  }, 180_000)

  test('of 200 with fresh statements of one software under reject one gets a client', async () => {
    const { at, clients, records } = await processes({ duplicates: 'reject' })
    const statements = await freshOnes(200, randomUUID())
    const answers = await Promise.all(statements.map((software_statement, index) => at(index).register({ ...honest, software_statement })))
    expect(outcomes(answers)).toEqual({ 201: 1, '400 invalid_software_statement': 199 })
    expect(clients.size).toBe(1)
    expect(await records()).toEqual([...clients.keys()])
  }, 120_000)

  test('of 200 with fresh statements of one software, of which there may be five, five get a client', async () => {
    const { at, clients, records } = await processes({ duplicates: 'new', clientsPerSoftware: 5 })
    const statements = await freshOnes(200, randomUUID())
    const answers = await Promise.all(statements.map((software_statement, index) => at(index).register({ ...honest, software_statement })))
    expect(outcomes(answers)).toEqual({ 201: 5, '400 invalid_software_statement': 195 })
    expect(clients.size).toBe(5)
    expect((await records()).sort()).toEqual([...clients.keys()].sort())
  }, 120_000)

  test('of 200 with fresh statements of one software under return-existing all that get a client get the same', async () => {
    const { at, clients, records } = await processes({ duplicates: 'return-existing' })
    const software = randomUUID()
    const statements = await freshOnes(200, software)
    const answers = await Promise.all(statements.map((software_statement, index) => at(index).register({ ...honest, software_statement })))
    const { 201: made, 200: existing = 0, '503 temporarily_unavailable': busy = 0, ...others } = outcomes(answers)
    expect([made, existing + busy, others]).toEqual([1, 199, {}])
    const got = answers.flatMap(({ json }) => json.client_id ?? [])
    expect([...new Set(got)]).toEqual([...clients.keys()])
    expect(await records()).toEqual([...clients.keys()])
    // Whoever only has a statement is told which client it is, and nothing that opens it.
    const again = await at(0).register({ ...honest, software_statement: await fresh(software) })
    expect([again.status, again.json.client_id]).toEqual([200, got[0]])
    expect(again.json).not.toHaveProperty('registration_access_token')
  }, 120_000)

  test('an initial access token of ten uses is good for ten of 100 registrations', async () => {
    const { at, clients, records } = await processes({})
    const { token } = await at(0).registering.initialAccessTokens.issue({ uses: 10 })
    const answers = await Promise.all(times(100, (index) => at(index).register(honest, token)))
    expect(outcomes(answers)).toEqual({ 201: 10, '401 invalid_token': 90 })
    expect(clients.size).toBe(10)
    expect((await records()).sort()).toEqual([...clients.keys()].sort())
  }, 120_000)
}

describe('many at once, in memory', () => {
  const store = big()
  racesOn(async () => [store, store, store])
})
const onDatabase = (place: () => Place) => racesOn(async () => [await place().store(), await place().store(), await place().store()])
describe('many at once', () => {
  describeEach(postgresDatabases, onDatabase)
  describeEach(redisDatabases, onDatabase)
})

/** A store whose every call goes by way of `through`. */
const around = (store: Store, through: (call: () => Promise<unknown>) => Promise<unknown>): Store => ({
  ...store,
  ...Object.fromEntries(
    Object.entries(store).map(([name, method]: [string, (...rest: unknown[]) => Promise<unknown>]) => [
      name,
      (...rest: unknown[]) => through(() => method(...rest)),
    ]),
  ),
})

const forever = () => new Promise<never>(() => {})

describe('a process that dies in the middle', () => {
  const withSave = (save: (kept: RegisteredClients, clientId: string, metadata: Metadata) => unknown) => (kept: RegisteredClients) => ({
    ...kept,
    save: (clientId: string, metadata: Metadata) => save(kept, clientId, metadata) as undefined,
  })
  const deaths: readonly (readonly [string, NonNullable<PlainOptions['wrap']>])[] = [
    ['before the client is kept', withSave(forever)],
    [
      'when the client has been kept',
      withSave((kept, clientId, metadata) => {
        kept.save(clientId, metadata)
        return forever()
      }),
    ],
  ]
  test.each(deaths)('%s leaves the place and the use of the token free after its minute', async (_when, wrap) => {
    const [store, clients] = [big(), new Map<string, Metadata>()]
    const [dying, living] = [
      await opened({ store, clients, wrap, options: { duplicates: 'reject' } }),
      await opened({ store, clients, options: { duplicates: 'reject' } }),
    ]
    const { token } = await living.registering.initialAccessTokens.issue({ uses: 2 })
    const register = async (at: PlainRegistration) => at.register({ ...honest, software_statement: await fresh('dying') }, token)
    const dead = new Promise<void>((resolve) => {
      const seen = setInterval(async () => {
        if ((await recordsIn(store)).length === 0) return
        clearInterval(seen)
        resolve()
      }, 20)
    })
    void register(dying).catch(() => undefined)
    await dead
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(outcomes([await register(living)])).toEqual({ '400 invalid_software_statement': 1 })
    await later(121, async () => {
      expect(await recordsIn(store)).toEqual([])
      const answer = await register(living)
      expect(answer.status).toBe(201)
      expect(await recordsIn(store)).toEqual([answer.json.client_id])
      expect((await living.manage(answer, 'GET')).status).toBe(200)
      expect(outcomes([await register(living)])).toMatchObject({ '400 invalid_software_statement': 1 })
    })
  })

  test('at whatever call of the store: the software has one client in the end, that who registered it can manage', async () => {
    let died = 0
    for (let at = 1; at < 80; at++) {
      const [store, clients] = [big(), new Map<string, Metadata>()]
      const living = await opened({ store, clients, options: { duplicates: 'reject' } })
      let [calls, isArmed] = [0, false]
      let onDeath = () => {}
      const dead = new Promise<boolean>((resolve) => {
        onDeath = () => resolve(true)
      })
      const dyingStore = around(store, (call) => {
        if (!isArmed || ++calls < at) return call()
        onDeath()
        return forever()
      })
      const dying = await opened({ store: dyingStore, clients, options: { duplicates: 'reject' } })
      const [first, second, third] = [await fresh('dying'), await fresh('dying'), await fresh('dying')]
      isArmed = true
      const got = dying.register({ ...honest, software_statement: first }).then(
        () => false,
        () => true,
      )
      const isDead = await Promise.race([dead, got])
      if (!isDead) break
      died++
      const soon = await living.register({ ...honest, software_statement: second })
      expect([201, 400]).toContain(soon.status)
      await later(61, async () => {
        const answer = soon.status === 201 ? soon : await living.register({ ...honest, software_statement: third })
        expect([at, answer.status, answer.json.error_description]).toEqual([at, 201, undefined])
        expect(await recordsIn(store)).toEqual([answer.json.client_id])
        expect((await living.manage(answer, 'GET')).status).toBe(200)
      })
    }
    expect(died).toBeGreaterThan(10)
  }, 60_000)

  test('a place for clients that fails leaves nothing behind, at once', async () => {
    const [store, clients] = [big(), new Map<string, Metadata>()]
    let fails = true
    const wrap = withSave((kept, clientId, metadata) => {
      kept.save(clientId, metadata)
      if (fails) throw new Error('the disk is full')
      return undefined
    })
    const server = await opened({ store, clients, wrap, options: { duplicates: 'reject' } })
    const { token } = await server.registering.initialAccessTokens.issue({ uses: 1 })
    const software_statement = await fresh('full')
    const failed = await server.register({ ...honest, software_statement }, token)
    expect([failed.status, failed.headers['retry-after'], failed.json.error]).toEqual([503, '5', 'temporarily_unavailable'])
    expect(failed.text).not.toContain('disk')
    expect([clients.size, await recordsIn(store)]).toEqual([0, []])
    fails = false
    expect((await server.register({ ...honest, software_statement }, token)).status).toBe(201)
    expect(clients.size).toBe(1)
  })
})

describe('a client that is removed', () => {
  test('behind the back of the registration frees its software', async () => {
    const [store, clients] = [big(), new Map<string, Metadata>()]
    const server = await opened({ store, clients, options: { duplicates: 'reject' } })
    const software_statement = await fresh('removed')
    for (let round = 0; round < 3; round++) {
      const { status, json } = await server.register({ ...honest, software_statement })
      expect([round, status]).toEqual([round, 201])
      expect((await server.register({ ...honest, software_statement })).status).toBe(400)
      clients.delete(String(json.client_id))
    }
    const answers = await Promise.all(times(50, () => server.register({ ...honest, software_statement })))
    expect(outcomes(answers)[201]).toBe(1)
    expect(clients.size).toBe(1)
  })

  test('while it is updated is gone in the end, and its software is free, whatever comes first', async () => {
    const seen = { updated: 0, refused: 0 }
    for (let round = 0; round < 40; round++) {
      const [inner, clients] = [big(), new Map<string, Metadata>()]
      const pause = async () => {
        for (let ticks = Math.floor(Math.random() * 8); ticks > 0; ticks--) await new Promise(setImmediate)
      }
      const store = around(inner, async (call) => {
        await pause()
        return call()
      })
      const wrap = (kept: RegisteredClients): RegisteredClients => ({
        find: async (clientId) => pause().then(() => kept.find(clientId)),
        save: async (clientId, metadata) => pause().then(() => kept.save(clientId, metadata)),
        remove: async (clientId) => pause().then(() => kept.remove(clientId)),
      })
      const server = await opened({ store, clients, wrap, options: { duplicates: 'reject', rotate: round % 2 === 0 } })
      const software_statement = await fresh('racing')
      const answer = await server.register({ ...honest, software_statement })
      expect(answer.status).toBe(201)
      const update = () => server.manage(answer, 'PUT', { ...sentBack(answer), client_name: 'late' })
      const [deleted, ...updates] = await Promise.all([server.manage(answer, 'DELETE'), update(), update(), server.manage(answer, 'GET')])
      expect([round, deleted?.status === 204 || deleted?.status === 503]).toEqual([round, true])
      for (const { status } of updates) expect([200, 401, 503]).toContain(status)
      seen[updates[0]?.status === 200 ? 'updated' : 'refused']++
      if (deleted?.status === 503) expect((await server.manage(answer, 'DELETE')).status).toBe(204)
      expect([round, [...clients.keys()]]).toEqual([round, []])
      expect((await server.manage(answer, 'GET')).status).toBe(401)
      expect([round, await recordsIn(inner)]).toEqual([round, []])
      expect((await server.register({ ...honest, software_statement })).status).toBe(201)
    }
    expect(Math.min(seen.updated, seen.refused)).toBeGreaterThan(0)
  }, 60_000)
})

describe('rate limits', () => {
  const limited = (rateLimits: RegistrationOptions['rateLimits']) =>
    opened({ store: big(), clients: new Map(), options: { ...(rateLimits && { rateLimits }) } })
  const expectTooMany = ({ status, headers, json }: Answer) => {
    expect([status, json.error, headers['cache-control']]).toEqual([429, 'temporarily_unavailable', 'no-store'])
    expect(Number(headers['retry-after'])).toBeGreaterThan(0)
    expect(Number(headers['retry-after'])).toBeLessThanOrEqual(60)
  }
  const tokenAt = async ({ registering }: PlainRegistration) => (await registering.initialAccessTokens.issue()).token

  test('a caller that comes too often waits, and others go on', async () => {
    const server = await limited({ perCaller: { limit: 10, seconds: 60 }, total: { limit: 50, seconds: 60 } })
    const [one, other] = [await tokenAt(server), await tokenAt(server)]
    const answers = await Promise.all(times(100, () => server.register(honest, one)))
    expect(outcomes(answers)).toEqual({ 201: 10, '429 temporarily_unavailable': 90 })
    for (const answer of answers) if (answer.status === 429) expectTooMany(answer)
    expect((await server.register(honest, other)).status).toBe(201)
    await later(61, async () => expect((await server.register(honest, one)).status).toBe(201))
  })

  test('who makes tokens up is one and the same caller, and so is who manages clients', async () => {
    const server = await limited({ perCaller: { limit: 10, seconds: 60 }, total: { limit: 1000, seconds: 60 } })
    const answers = await Promise.all(
      times(30, () => server.register(honest, `${'A'.repeat(22)}.${randomUUID()}${randomUUID().slice(0, 7)}`)),
    )
    expect(outcomes(answers)).toEqual({ '401 invalid_token': 10, '429 temporarily_unavailable': 20 })
    const { json } = await server.register(honest)
    expect(json.client_id).toBeDefined()
    expectTooMany(await server.manage({ json } as Answer, 'GET'))
  })

  test('all together come no oftener than the limit', async () => {
    const server = await limited({ perCaller: { limit: 1000, seconds: 60 }, total: { limit: 20, seconds: 60 } })
    const tokens = await Promise.all(times(10, () => tokenAt(server)))
    const answers = await Promise.all(times(50, (index) => server.register(honest, tokens[index % 10])))
    expect(outcomes(answers)).toEqual({ 201: 20, '429 temporarily_unavailable': 30 })
    for (const answer of answers) if (answer.status === 429) expectTooMany(answer)
    await later(61, async () => expect((await server.register(honest)).status).toBe(201))
  })

  test.each(['per-caller', 'total'])('when the store of the limit %s fails nobody registers: 503', async (failing) => {
    const [store, clients] = [big(), new Map<string, Metadata>()]
    let fails = true
    const counting = (name: string) => ({
      increment: async () => {
        if (fails && name === failing) throw new Error('the counter is away')
        return { totalHits: 1, resetTime: new Date(Date.now() + 1000) }
      },
      decrement: async () => undefined,
      resetKey: async () => undefined,
    })
    const server = await opened({ store, clients, options: { rateLimits: { store: counting } } })
    const answer = await server.register(honest)
    expect([answer.status, answer.headers['retry-after'], answer.json.error]).toEqual([503, '5', 'temporarily_unavailable'])
    expect([clients.size, await recordsIn(store)]).toEqual([0, []])
    expect(answer.text).not.toContain('counter')
    fails = false
    expect((await server.register(honest)).status).toBe(201)
  })
})
