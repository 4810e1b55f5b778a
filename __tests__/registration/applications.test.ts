import { generic, memoryStore, type RegisteredClients, type Registration, type Store } from 'express-fapi'
import '../support/clock.js'
import { mintKey } from '../support/keys.js'
import { honestMetadata, type Metadata } from '../support/registration.js'
import { openPlainRegistration, type PlainRegistration } from './plain-registration.js'
import { type OpenDirectory, openDirectory } from './registration-server.js'
import { mintStatement, refusal, SOFTWARE } from './statements.js'

/* What the operator does with clients: judged like registrations, without their tokens. */

let directory: OpenDirectory
let store: Store
let clients: Map<string, Metadata>
let opened: PlainRegistration
let registering: Registration
/** What stops the next save. */
let failing: Error | undefined

const honest = honestMetadata(mintKey(), 'fapi2-security')
const without = (metadata: Metadata, ...names: string[]) =>
  Object.fromEntries(Object.entries(metadata).filter(([name]) => !names.includes(name)))

const failingNow = (kept: RegisteredClients): RegisteredClients => ({
  ...kept,
  list: async ({ limit = 50 } = {}) => ({ items: [...clients.values()].slice(0, limit), cursor: undefined }),
  save(clientId, metadata) {
    if (failing) throw failing
    return kept.save(clientId, metadata)
  },
})

beforeAll(async () => {
  directory = await openDirectory()
})
afterAll(() => directory.close())

beforeEach(async () => {
  failing = undefined
  clients = new Map()
  store = memoryStore()
  opened = await openPlainRegistration({ directory, store, clients, wrap: failingNow })
  registering = opened.registering
})
afterEach(() => opened.close())

describe('create', () => {
  test('registers what complies, with the defaults of its profile, and nobody needs a token for it', async () => {
    const { metadata, record } = await registering.applications.create(honest)
    expect(metadata).toMatchObject({
      client_name: 'a client that registers',
      dpop_bound_access_tokens: true,
      require_pushed_authorization_requests: true,
    })
    expect(record).toMatchObject({ settled: true, revision: 0 })
    expect(clients.get(String(metadata.client_id))).toMatchObject({ fapi_profile: 'fapi2-security' })
    expect(await registering.applications.find(String(metadata.client_id))).toEqual({ metadata, record })
  })

  test.each([
    ['a method the profile does not know', { token_endpoint_auth_method: 'client_secret_basic' }, 'token_endpoint_auth_method'],
    ['a redirect URI over http', { redirect_uris: ['http://tpp.example/cb'] }, 'redirect'],
    ['a profile that is none', { fapi_profile: 'fapi9' }, 'fapi_profile'],
    ['a value of another kind', { redirect_uris: 'https://tpp.example/cb' }, 'redirect_uris'],
  ])('refuses %s, and nothing is left of it', async (_what, change, named) => {
    const error = await refusal(registering.applications.create({ ...honest, ...change }))
    expect(error.message).toContain(named)
    expect(clients.size).toBe(0)
    expect((await store.list('Registration')).items).toEqual([])
  })

  test('what the server alone says of a client is not taken from anybody', async () => {
    const { metadata } = await registering.applications.create({
      ...honest,
      client_id: 'chosen',
      client_status: 'suspended',
      client_secret: 'chosen',
    })
    expect(metadata.client_id).not.toBe('chosen')
    expect(metadata).not.toHaveProperty('client_status')
    expect(metadata).not.toHaveProperty('client_secret')
  })

  test('a store that fails in the middle leaves nothing', async () => {
    failing = new Error('the disk is full')
    await expect(registering.applications.create(honest)).rejects.toBe(failing)
    expect((await store.list('Registration')).items).toEqual([])
    failing = undefined
    await registering.applications.create(honest)
  })

  test('the token it got is known to nobody: it is managed by its operator', async () => {
    const { metadata } = await registering.applications.create(honest)
    const { status } = await opened.manage(
      { status: 201, headers: {}, text: '', json: { ...metadata, registration_access_token: 'guess' } },
      'GET',
    )
    expect(status).toBe(401)
  })
})

describe('change', () => {
  test('replaces the metadata whole, and counts', async () => {
    const { metadata, record } = await registering.applications.create({ ...honest, contacts: ['a@tpp.example'] })
    const id = String(metadata.client_id)
    const changed = await registering.applications.change(id, { ...honest, client_name: 'another name' }, record?.revision ?? -1)
    expect(changed?.metadata).toMatchObject({ client_id: id, client_name: 'another name' })
    expect(changed?.metadata).not.toHaveProperty('contacts')
    expect(changed?.record?.revision).toBe(1)
  })

  test('of two who change the same the second is told, and nothing of his is kept', async () => {
    const { metadata } = await registering.applications.create(honest)
    const id = String(metadata.client_id)
    const both = await Promise.allSettled(
      ['one', 'two'].map((client_name) => registering.applications.change(id, { ...honest, client_name }, 0)),
    )
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { error: 'stale_revision' } })
    const won = both.findIndex(({ status }) => status === 'fulfilled')
    expect(clients.get(id)?.client_name).toBe(['one', 'two'][won])
    expect(await refusal(registering.applications.change(id, honest, 0))).toMatchObject({ error: 'stale_revision' })
    expect((await registering.applications.change(id, honest, 1))?.metadata.client_name).toBe(honest.client_name)
  })

  test('leads a client to another profile, which an update of its own does not', async () => {
    const { json } = await opened.register(honest)
    const id = String(json.client_id)
    const moved = {
      ...without(json, 'registration_access_token', 'registration_client_uri', 'client_id_issued_at', 'metadata_set_by_server'),
      fapi_profile: 'fapi2-message-signing',
      require_signed_request_object: true,
    }
    expect((await opened.manage({ status: 201, headers: {}, text: '', json }, 'PUT', { ...moved, client_id: id })).status).toBe(400)
    const { record } = { ...(await registering.applications.find(id)) }
    const changed = await registering.applications.change(
      id,
      { ...moved, response_modes: ['jwt'], authorization_signed_response_alg: 'PS256', introspection_signed_response_alg: 'PS256' },
      record?.revision ?? -1,
    )
    expect(changed?.metadata.fapi_profile).toBe('fapi2-message-signing')
  })

  test('a client that breaks its profile stays as it was', async () => {
    const { metadata } = await registering.applications.create(honest)
    const id = String(metadata.client_id)
    const before = clients.get(id)
    expect((await refusal(registering.applications.change(id, { ...honest, response_types: ['code id_token'] }, 0))).message).toContain(
      'response_types',
    )
    expect(clients.get(id)).toEqual(before)
    expect((await registering.applications.find(id))?.record?.revision).toBe(0)
  })

  test('one that is suspended stays so', async () => {
    const { metadata } = await registering.applications.create(honest)
    const id = String(metadata.client_id)
    await registering.suspend(id, 'under review')
    const { record } = { ...(await registering.applications.find(id)) }
    await registering.applications.change(id, { ...honest, client_name: 'another name', client_status: 'active' }, record?.revision ?? -1)
    expect(clients.get(id)).toMatchObject({ client_name: 'another name', client_status: 'suspended' })
  })

  test('a client that the server got to know in another way has a record from its first change on', async () => {
    clients.set('by-hand', { ...honest, client_id: 'by-hand', dpop_bound_access_tokens: true, require_pushed_authorization_requests: true })
    expect(await registering.applications.find('by-hand')).toMatchObject({ record: undefined })
    await registering.applications.change('by-hand', { ...honest, client_name: 'known now' }, 0)
    expect(await registering.applications.find('by-hand')).toMatchObject({
      metadata: { client_name: 'known now' },
      record: { revision: 1, settled: true },
    })
    expect(await registering.suspend('by-hand', 'because')).toBe(true)
  })

  test('a store that fails gives the client back to who comes next', async () => {
    const { metadata } = await registering.applications.create(honest)
    const id = String(metadata.client_id)
    failing = new Error('the disk is full')
    await expect(registering.applications.change(id, honest, 0)).rejects.toBe(failing)
    failing = undefined
    const { record } = { ...(await registering.applications.find(id)) }
    expect(
      (await registering.applications.change(id, { ...honest, client_name: 'at last' }, record?.revision ?? -1))?.metadata.client_name,
    ).toBe('at last')
  })

  test('there is none to change', async () => {
    expect(await registering.applications.change('nobody', honest, 0)).toBeUndefined()
  })
})

describe('a secret', () => {
  const secretive = {
    ...honest,
    fapi_profile: 'fapi1-baseline',
    token_endpoint_auth_method: 'client_secret_jwt',
    token_endpoint_auth_signing_alg: 'HS256',
  }

  test('is another one after it was renewed, and a change keeps it', async () => {
    const { metadata } = await registering.applications.create(secretive)
    const id = String(metadata.client_id)
    expect(metadata.client_secret).toMatch(/^[\w-]{43}$/)
    const renewed = await registering.applications.renewSecret(id, 0)
    expect(renewed?.metadata.client_secret).toMatch(/^[\w-]{43}$/)
    expect(renewed?.metadata.client_secret).not.toBe(metadata.client_secret)
    const changed = await registering.applications.change(id, { ...secretive, client_name: 'another name' }, 1)
    expect(changed?.metadata.client_secret).toBe(renewed?.metadata.client_secret)
  })

  test('there is none to renew where the client has none, or somebody was faster', async () => {
    const { metadata } = await registering.applications.create(honest)
    expect((await refusal(registering.applications.renewSecret(String(metadata.client_id), 0))).message).toContain('no secret')
    const { metadata: other } = await registering.applications.create(secretive)
    const id = String(other.client_id)
    const both = await Promise.allSettled([registering.applications.renewSecret(id, 0), registering.applications.renewSecret(id, 0)])
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(await registering.applications.renewSecret('nobody', 0)).toBeUndefined()
  })
})

test('a client that the server got to know in another way can be suspended and removed once it was adopted', async () => {
  clients.set('by-hand', { ...honest, client_id: 'by-hand' })
  expect(await registering.suspend('by-hand', 'because')).toBe(false)
  expect(await registering.applications.adopt('by-hand')).toBe(true)
  expect(await registering.suspend('by-hand', 'because')).toBe(true)
  expect(await registering.applications.adopt('by-hand')).toBe(true)
  expect((await registering.find('by-hand'))?.suspended?.reason).toBe('because')
  expect(await registering.remove('by-hand')).toBe(true)
  expect(await registering.applications.adopt('by-hand')).toBe(false)
})

describe('consider', () => {
  test('says what would come of a draft, and keeps nothing', async () => {
    const { metadata, faults, set, verdict } = await registering.applications.consider({ metadata: without(honest, 'fapi_profile') })
    expect(faults).toEqual([])
    expect(metadata).toMatchObject({ fapi_profile: 'fapi2-security', dpop_bound_access_tokens: true })
    expect(set).toMatchObject({ fapi_profile: 'server', dpop_bound_access_tokens: 'profile' })
    expect(verdict).toMatchObject({ profile: 'fapi2-security', violations: [] })
    expect(clients.size).toBe(0)
    expect((await store.list('Registration')).items).toEqual([])
  })

  test('names all that is wrong', async () => {
    const { faults, verdict } = await registering.applications.consider({
      metadata: { ...honest, token_endpoint_auth_method: 'client_secret_basic', redirect_uris: ['http://tpp.example/cb'] },
    })
    expect(faults.map(({ description }) => description).join()).toMatch(
      /token_endpoint_auth_method.*redirect|redirect.*token_endpoint_auth_method/s,
    )
    expect(verdict?.rejection).toBeDefined()
  })

  test('a client that there is not cannot be considered', async () => {
    expect((await refusal(registering.applications.consider({ metadata: honest, clientId: 'nobody' }))).message).toContain('no such client')
  })

  test('a statement is verified, and can be used afterwards', async () => {
    const statement = await mintStatement(generic)
    const draft = { metadata: without(honest, 'redirect_uris'), statement }
    const { metadata, statement: claims, faults } = await registering.applications.consider(draft)
    expect(faults).toEqual([])
    expect(claims).toMatchObject({ software_id: SOFTWARE })
    expect(metadata).toHaveProperty('redirect_uris')
    expect((await opened.register({ ...draft.metadata, software_statement: statement })).status).toBe(201)
  })

  test('a statement that nobody signed is refused', async () => {
    expect(await refusal(registering.applications.consider({ metadata: {}, statement: 'a.b.c' }))).toMatchObject({
      error: 'invalid_software_statement',
    })
  })
})
