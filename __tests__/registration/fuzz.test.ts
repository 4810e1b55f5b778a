import { fapi1Advanced, fapi2MessageSigning, fapi2Security, generic, type Profile, profileNamed, type Store } from 'express-fapi'
import fc from 'fast-check'
import { judge } from '../../lib/core/judge.js'
import { clientFacts } from '../../lib/readers/client-metadata.js'
import { metadataFaults } from '../../lib/registration/metadata-faults.js'
import { describeEach, type Place, postgresDatabases, redisDatabases } from '../stores/databases.js'
import { honestMetadata, type Metadata, read, register } from '../support/registration.js'
import { openTestBank } from '../support/test-bank.js'
import type { Answer } from '../support/wire.js'
import { change, FIELD_NAMES, type FuzzedStatement, KEY, signingOf, statement } from './fuzzed-metadata.js'
import { inStore, openRegistrationServer, sentBack } from './registration-server.js'
import { mintStatement } from './statements.js'

const PROFILES = [fapi1Advanced, fapi2Security, fapi2MessageSigning]
/** Enough that each field is seen in each of its ways, over the profiles and servers; our choice. */
const RUNS = 250

interface Fuzzed {
  /** Whether it takes software statements at all. */
  readonly takesStatements: boolean
  register(metadata: Metadata): Promise<Answer>
  manage(registered: Answer, method: string, metadata?: Metadata): Promise<Answer>
  /** What the server goes by. */
  stored(clientId: string): Promise<Metadata | undefined>
  close(): Promise<void>
}

async function theBank(): Promise<Fuzzed> {
  const bank = await openTestBank([])
  return {
    takesStatements: false,
    register: (metadata) => register(bank, metadata),
    manage(registered, method, metadata) {
      if (metadata === undefined && method === 'GET') return read(bank, registered)
      const headers = { authorization: `Bearer ${registered.json.registration_access_token}`, 'content-type': 'application/json' }
      return bank.wire.send(String(registered.json.registration_client_uri), { method, headers, body: JSON.stringify(metadata) })
    },
    async stored(clientId) {
      const client = await bank.provider.Client.find(clientId)
      return client && Object.fromEntries(Object.entries(client.metadata()).filter(([, value]) => value !== undefined))
    },
    close: () => bank.close(),
  }
}

async function anOwnServer(): Promise<Fuzzed> {
  const server = await openRegistrationServer({ options: () => ({ clientsPerSoftware: 10_000 }) })
  return {
    ...server,
    takesStatements: true,
    register: (metadata) => server.register(metadata),
    stored: async (clientId) => server.clients.find(clientId),
  }
}

const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']

/** What must hold of every client that there is, judged once more. */
function expectCompliant(stored: Metadata | undefined, profile: Profile): void {
  if (!stored) throw new Error('the client is not stored')
  const client = clientFacts(stored)
  expect(stored.fapi_profile).toBe(profile.name)
  expect(metadataFaults(stored)).toEqual([])
  expect(judge(profile, 'registration', { client })).toEqual([])
  for (const key of client.jwks?.keys ?? []) {
    expect(key.kty).not.toBe('oct')
    expect(PRIVATE.filter((member) => Object.hasOwn(key, member))).toEqual([])
  }
  const isNative = profile.generation === '2.0' && client.application_type === 'native'
  for (const uri of client.redirect_uris) {
    const { protocol, hostname } = new URL(uri)
    if (protocol === 'http:') expect([isNative, ['127.0.0.1', '[::1]'].includes(hostname)]).toEqual([true, true])
    expect(protocol).not.toBe('javascript:')
  }
  expect(stored).not.toHaveProperty('client_status')
  expect(Object.keys(stored)).not.toContain('__proto__')
}

function expectRefused({ status, json }: Answer): void {
  expect([status, json.error]).toEqual([
    400,
    expect.stringMatching(/^(?:invalid_client_metadata|invalid_redirect_uri|invalid_software_statement|unapproved_software_statement)$/),
  ])
  expect(json.error_description).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]{1,2000}$/)
  expect(json).not.toHaveProperty('client_id')
}

/** All but what differs from answer to answer. */
const metadataOf = ({ json: { metadata_set_by_server: _, ...metadata } }: Answer) => metadata

async function compactOf(fuzzed: FuzzedStatement): Promise<string> {
  const compact = await mintStatement(generic, { claims: fuzzed.claims, ...signingOf(fuzzed) })
  return compact.slice(0, Math.floor(compact.length * fuzzed.cut))
}

const SERVERS = [
  ['the bank', theBank],
  ['a server of one’s own', anOwnServer],
] as const

describe.each(SERVERS)('%s', (_name, open) => {
  let server: Fuzzed
  beforeAll(async () => {
    server = await open()
  })
  afterAll(() => server?.close())

  test.each(PROFILES.map((profile) => [profile.name, profile] as const))(
    '%s: whatever is sent, nothing breaks, and no client is stored that does not comply',
    async (name, profile) => {
      const honest = honestMetadata(KEY, name)
      const counted = { registered: 0, updated: 0, refused: 0 }
      const check = async (first: Metadata, second: Metadata, fuzzed: FuzzedStatement | undefined) => {
        const isSent = fuzzed && (server.takesStatements || fuzzed.signing !== 'honest')
        const software_statement = isSent ? await compactOf(fuzzed) : undefined
        const posted = await server.register({ ...honest, ...first, ...(software_statement !== undefined && { software_statement }) })
        if (posted.status !== 201) {
          counted.refused++
          return expectRefused(posted)
        }
        counted.registered++
        const id = String(posted.json.client_id)
        const settled = profileNamed(String(posted.json.fapi_profile)) ?? profile
        expectCompliant(await server.stored(id), settled)
        expect((await server.manage(posted, 'GET')).json).toEqual(posted.json)

        // What it was told, it may send back, and nothing changes by that.
        const put = await server.manage(posted, 'PUT', sentBack(posted))
        expect({ status: put.status, error: put.json.error_description }).toEqual({ status: 200, error: undefined })
        expect(metadataOf(put)).toEqual(metadataOf(posted))
        expect((await server.manage(posted, 'GET')).json).toEqual(put.json)

        const updated = await server.manage(posted, 'PUT', { ...sentBack(posted), ...second })
        if (updated.status === 200) counted.updated++
        else expectRefused(updated)
        expectCompliant(await server.stored(id), settled)
        expect((await server.manage(posted, 'GET')).json).toEqual(updated.status === 200 ? updated.json : put.json)
      }
      await fc.assert(fc.asyncProperty(change, change, statement, check), { numRuns: RUNS })
      // Otherwise nothing has been shown.
      expect(Math.min(counted.registered, counted.updated, counted.refused)).toBeGreaterThan(RUNS / 25)
    },
    600_000,
  )

  // JSON has objects of which no text can be made.
  test.each([[{ toString: 'x' }], [[{ toString: 'x' }]], [{ keys: [{ kty: { toString: 'x' } }] }]])(
    '%j in any field is no reason to break',
    async (value) => {
      const broken: string[] = []
      for (const { name } of PROFILES) {
        for (const field of FIELD_NAMES) {
          const { status } = await server.register({ ...honestMetadata(KEY, name), [field]: value })
          if (status !== 201 && status !== 400) broken.push(`${name} ${field}: ${status}`)
        }
      }
      expect(broken).toEqual([])
    },
    60_000,
  )

  test('bodies that are any JSON at all are refused', async () => {
    const body = fc.oneof(fc.jsonValue(), fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()))
    const check = async (value: unknown) => expectRefused(await server.register(value as Metadata))
    await fc.assert(fc.asyncProperty(body, check), { numRuns: RUNS })
  }, 120_000)
})

/** What databases and encodings stumble over, in fields that anybody may send. */
const HOSTILE: readonly (readonly [string, Metadata])[] = [
  ['NUL in a text', { client_name: 'a\u0000b' }],
  ['half of a surrogate pair', { client_name: '\ud800', contacts: ['\udfff'] }],
  ['NUL in a name', { 'a\u0000b': 'x' }],
  ['half of a surrogate pair in a name', { '\ud800': 'x' }],
  ['a name of many letters', { ['x'.repeat(50_000)]: 'x' }],
  ['numbers at the edge', { a: 1e308, b: -0, c: 5e-324, d: 2 ** 53 + 2, e: 1e21 }],
  ['what looks like JSON, SQL and a key of Redis', { client_name: `{"a":1}'; DROP TABLE records;--\r\n*1\r\n$4\r\nPING` }],
  ['every control character', { client_name: Array.from({ length: 160 }, (_, code) => String.fromCharCode(code)).join('') }],
  ['a name that is a list of digits', { 0: 'a', 1: 'b', length: 2 }],
  ['twenty levels', { x: JSON.parse(`${'['.repeat(18)}1${']'.repeat(18)}`) }],
]

function keepsWhatIsHostile(open: () => Promise<Store>): void {
  let server: Awaited<ReturnType<typeof openRegistrationServer>>
  beforeAll(async () => {
    server = await openRegistrationServer({ store: await open(), clients: inStore })
  })
  afterAll(() => server?.close())

  test.each(HOSTILE)('%s is kept as it came, or refused', async (_what, metadata) => {
    const posted = await server.register({ ...honestMetadata(KEY, 'fapi2-security'), ...metadata })
    if (posted.status !== 201) return expectRefused(posted)
    // What no specification knows is left out (RFC 7591 §2).
    for (const [field, value] of Object.entries(metadata))
      if (Object.hasOwn(posted.json, field)) expect([field, posted.json[field]]).toEqual([field, value])
    if (metadata.client_name !== undefined) expect(posted.json.client_name).toBe(metadata.client_name)
    expect((await server.manage(posted)).json).toEqual(posted.json)
    expect((await server.manage(posted, 'DELETE')).status).toBe(204)
  })
}

describe('what is hostile to databases', () => {
  const onDatabase = (place: () => Place) => keepsWhatIsHostile(() => place().store())
  describeEach(postgresDatabases, onDatabase)
  describeEach(redisDatabases, onDatabase)
})
