import { randomBytes } from 'node:crypto'
import { jest } from '@jest/globals'
import fc from 'fast-check'
import { ConfigurationError, keyRing, memoryStore, type Store } from '../../lib/index.js'
import { RegistrationError } from '../../lib/registration/registration-error.js'
import {
  type RegistrationSettings,
  registrationSettings,
  type SettingsValues,
  StaleRevisionError,
} from '../../lib/registration/registration-settings.js'
import { describeEach, type Place, postgresDatabases, redisDatabases } from '../stores/databases.js'
import { later } from '../support/clock.js'

const PROFILES = ['fapi1-advanced', 'fapi2-security']
const DIRECTORY = { issuer: 'directory', jwks_uri: 'https://directory.example/jwks' }
const make = (store: Store, defaults: Partial<SettingsValues> = {}, profiles = PROFILES) =>
  registrationSettings(store, { defaults, profiles })
const faultOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (cause: unknown) => cause,
  )
const refusalOf = async (work: Promise<unknown>, error = 'invalid_request'): Promise<string> => {
  const fault = await faultOf(work)
  expect(fault).toBeInstanceOf(RegistrationError)
  expect((fault as RegistrationError).error).toBe(error)
  return (fault as RegistrationError).message
}

let store: Store
let settings: RegistrationSettings
beforeEach(() => {
  store = memoryStore()
  settings = make(store)
})

test('what nobody has set is strict', async () => {
  expect(await settings.current()).toEqual({
    revision: 0,
    settings: {
      ...{ authentication_required: true, software_statement_required: false, software_statement_issuers: [] },
      ...{ enforce_fapi: true, fapi_profile: undefined, fapi_profiles: PROFILES },
    },
  })
})

test('a change is partial, and null is the default again', async () => {
  const other = make(store, { fapi_profile: 'fapi2-security' })
  await other.change({ fapi_profile: 'fapi1-advanced', enforce_fapi: false }, 'ada')
  expect(await other.read()).toMatchObject({ fapi_profile: 'fapi1-advanced', enforce_fapi: false, authentication_required: true })
  expect(await other.change({ fapi_profile: null }, 'ada')).toMatchObject({
    revision: 2,
    settings: { fapi_profile: 'fapi2-security', enforce_fapi: false },
  })
  await other.change({ enforce_fapi: null }, 'ada')
  expect(await other.read()).toMatchObject({ enforce_fapi: true })
})

test('what changes nothing is no change', async () => {
  await settings.change({ enforce_fapi: false }, 'ada')
  expect((await settings.change({ enforce_fapi: false }, 'bob')).revision).toBe(1)
  expect((await settings.change({}, 'bob')).revision).toBe(1)
  expect((await settings.change({ fapi_profile: null }, 'bob')).revision).toBe(1)
  expect((await settings.history()).items.map(({ by }) => by)).toEqual(['ada'])
})

describe('rules of several settings', () => {
  const statement = { software_statement_required: true, software_statement_issuers: [DIRECTORY] }
  test.each<[what: string, refused: object, names: RegExp, taken: object]>([
    [
      'anonymous only with a statement',
      { authentication_required: false },
      /software_statement_required/,
      { authentication_required: false, ...statement },
    ],
    ['a statement only with an issuer', { software_statement_required: true }, /software_statement_issuers/, statement],
    ['FAPI only with a profile', { fapi_profiles: [] }, /fapi1-advanced, fapi2-security/, { fapi_profiles: [], enforce_fapi: false }],
    [
      'the profile among those one may name',
      { fapi_profiles: ['fapi1-advanced'], fapi_profile: 'fapi2-security' },
      /fapi_profile must be one of fapi_profiles, which are fapi1-advanced: the supported profiles are fapi1-advanced, fapi2-security/,
      { fapi_profiles: ['fapi1-advanced'], fapi_profile: 'fapi1-advanced' },
    ],
  ])('%s', async (_what, refused, names, taken) => {
    expect(await refusalOf(settings.change({ ...refused }, 'ada'))).toMatch(names)
    expect((await settings.current()).revision).toBe(0)
    expect(await settings.change({ ...taken }, 'ada')).toMatchObject({ revision: 1, settings: taken })
  })

  test('hold step by step as well', async () => {
    await settings.change({ authentication_required: false, ...statement }, 'ada')
    for (const weaker of [{ software_statement_required: false }, { software_statement_issuers: [] }, { software_statement_issuers: null }])
      await refusalOf(settings.change(weaker, 'ada'))
    await settings.change({ authentication_required: true }, 'ada')
    await settings.change({ software_statement_required: false }, 'ada')
    await settings.change({ software_statement_issuers: [] }, 'ada')
  })
})

describe('what makes no sense is named and changes nothing', () => {
  const issuer = (jwks_uri: unknown) => ({ software_statement_issuers: [{ issuer: 'd', jwks_uri }] })
  test.each<[names: RegExp, patch: unknown]>([
    [/authentication_required must be true or false/, { authentication_required: 'false' }],
    [/authentication_required must be true or false/, { authentication_required: 0 }],
    [/authentication_required must have a value/, { authentication_required: undefined }],
    [/software_statement_required/, { software_statement_required: [] }],
    [/enforce_fapi/, { enforce_fapi: {} }],
    [/fapi_profile .*supported profiles, which are fapi1-advanced, fapi2-security/, { fapi_profile: 'FAPI3' }],
    [/fapi_profile/, { fapi_profile: ['fapi2-security'] }],
    [/fapi_profiles/, { fapi_profiles: 'fapi2-security' }],
    [/fapi_profiles/, { fapi_profiles: ['fapi2-security', 'fapi3'] }],
    [/fapi_profiles/, { fapi_profiles: ['fapi2-security', 'fapi2-security'] }],
    [/software_statement_issuers/, { software_statement_issuers: 'https://directory.example/jwks' }],
    [/software_statement_issuers/, { software_statement_issuers: {} }],
    [/software_statement_issuers/, { software_statement_issuers: [null] }],
    [/software_statement_issuers/, { software_statement_issuers: ['x'] }],
    [/software_statement_issuers/, { software_statement_issuers: [{ ...DIRECTORY, more: 1 }] }],
    [/software_statement_issuers/, { software_statement_issuers: [{ ...DIRECTORY, issuer: '' }] }],
    [/each issuer once/, { software_statement_issuers: [DIRECTORY, DIRECTORY] }],
    [/at most 20/, { software_statement_issuers: Array.from({ length: 21 }, (_, at) => ({ ...DIRECTORY, issuer: `d${at}` })) }],
    [/jwks_uri must be an https URL/, issuer('http://directory.example/jwks')],
    [/jwks_uri must be an https URL/, issuer(undefined)],
    [/jwks_uri must be an https URL/, issuer('')],
    [/jwks_uri must have no credentials/, issuer('https://user:pw@directory.example/jwks')],
    [/jwks_uri must not be at the private address/, issuer('https://10.0.0.1/jwks')],
    [/jwks_uri must not be at/, issuer('https://169.254.169.254/jwks')],
    [/jwks_uri must be shorter/, issuer(`https://directory.example/${'x'.repeat(1000)}`)],
    [/authenticationRequired must be one of authentication_required/, { authenticationRequired: true }],
    [/nothing must be one of/, { nothing: null }],
    [/__proto__ must be one of/, JSON.parse('{"__proto__":{"enforce_fapi":false}}')],
    [/constructor must be one of/, { constructor: 1 }],
    [/must be an object/, null],
    [/must be an object/, [{ enforce_fapi: false }]],
    [/must be an object/, 'enforce_fapi'],
  ])('%s', async (names, patch) => {
    expect(await refusalOf(settings.change(patch as Readonly<Record<string, unknown>>, 'ada'))).toMatch(names)
    // Not even with something right beside it.
    if (typeof patch === 'object' && !Array.isArray(patch) && patch)
      await refusalOf(settings.change({ ...patch, fapi_profiles: ['fapi1-advanced'], ...patch }, 'ada'))
    expect(await settings.current()).toMatchObject({ revision: 0, settings: { fapi_profiles: PROFILES } })
  })

  test('all of it at once', async () => {
    const message = await refusalOf(settings.change({ enforce_fapi: 1, fapi_profile: 2, more: 3 }, 'ada'))
    expect(message).toMatch(/enforce_fapi.*fapi_profile.*more/)
  })

  test.each([[''], [undefined], ['x'.repeat(201)]])('nobody changes anything: %j', async (by) => {
    expect(await refusalOf(settings.change({ enforce_fapi: false }, by as string))).toMatch(/who/)
  })

  test('what is right beside it is taken', async () => {
    const taken = { software_statement_issuers: [DIRECTORY, { issuer: 'OpenBanking Ltd', jwks_uri: 'https://ob.example/keys?x=1' }] }
    expect(await settings.change(taken, 'ада 🔑')).toMatchObject({ settings: taken })
  })
})

describe('defaults', () => {
  test.each<[option: string, defaults: object]>([
    ['settings.authentication_required', { authentication_required: false }],
    ['settings.software_statement_issuers', { software_statement_required: true }],
    ['settings.fapi_profile', { fapi_profile: 'fapi3' }],
    ['settings.other', { other: 1 }],
  ])('that break a rule stop everything: %s', (option, defaults) => {
    let fault: unknown
    try {
      make(store, defaults)
    } catch (cause) {
      fault = cause
    }
    expect(fault).toBeInstanceOf(ConfigurationError)
    expect(String(fault)).toContain(option)
  })

  test.each([[null], ['fapi2-security'], [[1]]])('profiles that are none stop everything: %j', (profiles) => {
    expect(() => make(store, {}, profiles as never)).toThrow(ConfigurationError)
  })

  test('that change later count for whatever nobody has set', async () => {
    await settings.change({ fapi_profile: 'fapi1-advanced' }, 'ada')
    expect(await make(store, { enforce_fapi: false }).read()).toMatchObject({ enforce_fapi: false, fapi_profile: 'fapi1-advanced' })
  })

  test('that do not go with what is stored refuse, until it is mended', async () => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    await settings.change({ fapi_profile: 'fapi1-advanced' }, 'ada')
    const fewer = make(store, {}, ['fapi2-security'])
    await refusalOf(fewer.read(), 'temporarily_unavailable')
    expect(warned.mock.calls.map(([, options]) => (options as { code?: string }).code)).toEqual(['FAPI_REGISTRATION_SETTINGS'])
    await fewer.change({ fapi_profile: null }, 'ada')
    expect(await fewer.read()).toMatchObject({ fapi_profiles: ['fapi2-security'] })
    warned.mockRestore()
  })

  test('and what is read belong to nobody', async () => {
    const defaults = { fapi_profiles: ['fapi2-security'] }
    const own = make(store, defaults)
    defaults.fapi_profiles.push('fapi1-advanced')
    const read = await own.read()
    expect(read.fapi_profiles).toEqual(['fapi2-security'])
    expect(() => (read.fapi_profiles as string[]).push('x')).toThrow(TypeError)
  })
})

describe('reading', () => {
  test('asks the store every five seconds, and once for all who ask', async () => {
    let asked = 0
    const own = make({
      ...store,
      find(...rest) {
        asked++
        return store.find(...rest)
      },
    })
    await Promise.all(Array.from({ length: 100 }, () => own.read()))
    await own.read()
    expect(asked).toBe(1)
    await settings.change({ enforce_fapi: false }, 'ada')
    await later(4, async () => expect((await own.read()).enforce_fapi).toBe(true))
    await later(5, async () => expect((await own.read()).enforce_fapi).toBe(false))
    expect(asked).toBe(2)
    // A clock that was set back does not make it last.
    await later(-100, async () => void (await own.read()))
    expect(asked).toBe(3)
  })

  test('sees a change of one’s own at once', async () => {
    await settings.read()
    await settings.change({ enforce_fapi: false }, 'ada')
    expect((await settings.read()).enforce_fapi).toBe(false)
  })

  test('of what was asked before a change does not bring it back', async () => {
    await settings.change({ fapi_profile: 'fapi1-advanced' }, 'ada')
    let go = () => {}
    const gate = new Promise<void>((resolve) => {
      go = resolve
    })
    let slow = true
    const own = make({
      ...store,
      async find(...rest) {
        const found = await store.find(...rest)
        if (slow) {
          slow = false
          await gate
        }
        return found
      },
    })
    const early = own.read()
    await own.change({ enforce_fapi: false }, 'ada')
    go()
    expect((await early).enforce_fapi).toBe(true)
    expect((await own.read()).enforce_fapi).toBe(false)
  })

  test('in the moment of the first change ever finds the change', async () => {
    let isFirst = true
    const own = make({
      ...store,
      async find(...rest) {
        const found = await store.find(...rest)
        if (isFirst) {
          isFirst = false
          await settings.change({ enforce_fapi: false }, 'ada')
        }
        return found
      },
    })
    expect((await own.read()).enforce_fapi).toBe(false)
  })

  test('by processes whose clocks differ is no fault', async () => {
    for (const seconds of [10, 0, -10]) await later(seconds, async () => expect((await make(store).read()).enforce_fapi).toBe(true))
    await settings.change({ enforce_fapi: false }, 'ada')
    for (const seconds of [10, 0, -10]) await later(seconds, async () => expect((await make(store).read()).enforce_fapi).toBe(false))
  })

  test('refuses when the store does not answer, and does not remember that', async () => {
    let isGone = true
    const own = make({ ...store, find: (...rest) => (isGone ? Promise.reject(new Error('gone')) : store.find(...rest)) })
    for (const work of [() => own.read(), () => own.current(), () => own.history(), () => own.change({ enforce_fapi: false }, 'ada')])
      await refusalOf(work(), 'temporarily_unavailable')
    isGone = false
    expect((await own.read()).enforce_fapi).toBe(true)
  })

  test.each([
    ['no settings', { a: 1 }],
    ['overrides that are none', { revision: 1, overrides: [], history: [] }],
    ['a history that is none', { revision: 1, overrides: {}, history: {} }],
    ['no revision', { overrides: {}, history: [] }],
    ['an unknown setting', { revision: 1, overrides: { other: 1 }, history: [] }],
    ['a setting of another kind', { revision: 1, overrides: { enforce_fapi: 'no' }, history: [] }],
    ['settings that break a rule', { revision: 1, overrides: { authentication_required: false }, history: [] }],
  ])('refuses what was tampered with: %s', async (_what, record) => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    await store.upsert('RegistrationSettings', 'settings', record, undefined)
    await refusalOf(settings.read(), 'temporarily_unavailable')
    warned.mockRestore()
  })
})

describe('revisions', () => {
  test('that are stale are refused with what is current', async () => {
    await settings.change({ enforce_fapi: false }, 'ada', 0)
    const fault = await faultOf(settings.change({ enforce_fapi: true }, 'bob', 0))
    expect(fault).toBeInstanceOf(StaleRevisionError)
    expect((fault as StaleRevisionError).current).toMatchObject({ revision: 1, settings: { enforce_fapi: false } })
    await settings.change({ enforce_fapi: true }, 'bob', 1)
  })

  test.each([[1.5], [Number.NaN], ['0'], [null]])('that are none are refused: %j', async (revision) => {
    expect(await refusalOf(settings.change({ enforce_fapi: false }, 'ada', revision as number))).toMatch(/revision/)
  })
})

test('whoever dies while changing settings holds others up for fifteen seconds, however often they try', async () => {
  const dying = make({
    ...store,
    upsert: (model, id, record, expiresAt) =>
      id === 'settings' ? Promise.reject(new Error('died')) : store.upsert(model, id, record, expiresAt),
  })
  expect(String(await faultOf(dying.change({ enforce_fapi: false }, 'ada')))).toContain('died')
  expect((await settings.current()).revision).toBe(0)
  await refusalOf(settings.change({ enforce_fapi: false }, 'bob'), 'temporarily_unavailable')
  await later(14, async () => void (await refusalOf(settings.change({ enforce_fapi: false }, 'bob'), 'temporarily_unavailable')))
  await later(16, async () => expect((await settings.change({ enforce_fapi: false }, 'bob')).revision).toBe(1))
})

test('whoever stalls for so long that its turn is forgotten changes nothing that was changed meanwhile', async () => {
  let isFirst = true
  const slow = make({
    ...store,
    async find(model, id) {
      if (id === 'revision 1' && isFirst) {
        isFirst = false
        await later(-20, async () => {
          await settings.change({ fapi_profile: 'fapi1-advanced' }, 'ada')
          await settings.change({ fapi_profile: 'fapi2-security' }, 'ada')
        })
      }
      return store.find(model, id)
    },
  })
  await later(20, async () => {
    expect(await slow.change({ enforce_fapi: false }, 'bob')).toMatchObject({ revision: 3, settings: { fapi_profile: 'fapi2-security' } })
    expect((await settings.history()).items.map(({ by }) => by)).toEqual(['bob', 'ada', 'ada'])
  })
})

test('whatever is sent, what is stored breaks no rule', async () => {
  const issuers = fc.constantFrom([], [DIRECTORY], [{ issuer: 'x', jwks_uri: 'http://x.example' }], null)
  const anything = fc.oneof(fc.boolean(), fc.constant(null), fc.jsonValue())
  const patches = fc.record(
    {
      ...{ authentication_required: anything, software_statement_required: anything, enforce_fapi: anything },
      software_statement_issuers: fc.oneof(issuers, fc.jsonValue()),
      fapi_profile: fc.constantFrom(...PROFILES, 'fapi3', null, 7),
      fapi_profiles: fc.oneof(fc.subarray([...PROFILES]), fc.constant(null)),
    },
    { requiredKeys: [] },
  )
  let made = 0
  await fc.assert(
    fc.asyncProperty(fc.array(patches, { maxLength: 6 }), async (all) => {
      for (const patch of all) {
        const fault = await faultOf(settings.change(patch, 'ada').then(() => made++))
        if (fault) expect((fault as RegistrationError).error).toBe('invalid_request')
        const now = await settings.read()
        expect(now.authentication_required || now.software_statement_required).toBe(true)
        expect(!now.software_statement_required || now.software_statement_issuers.length > 0).toBe(true)
        expect(!now.enforce_fapi || now.fapi_profiles.length > 0).toBe(true)
        expect(now.fapi_profile === undefined || now.fapi_profiles.includes(now.fapi_profile)).toBe(true)
        expect(now.software_statement_issuers.every(({ jwks_uri }) => jwks_uri.startsWith('https://'))).toBe(true)
      }
    }),
    { numRuns: 200 },
  )
  expect(made).toBeGreaterThan(20)
})

describe('the history', () => {
  test('says who changed what, newest first', async () => {
    await settings.change({ enforce_fapi: false, fapi_profile: 'fapi1-advanced' }, 'ada')
    await settings.change({ fapi_profile: null }, 'bob')
    expect(await settings.history()).toEqual({
      items: [
        {
          revision: 2,
          at: Math.floor(Date.now() / 1000),
          by: 'bob',
          before: { fapi_profile: 'fapi1-advanced' },
          after: { fapi_profile: null },
        },
        {
          ...{ revision: 1, at: Math.floor(Date.now() / 1000), by: 'ada' },
          before: { enforce_fapi: true, fapi_profile: null },
          after: { enforce_fapi: false, fapi_profile: 'fapi1-advanced' },
        },
      ],
      cursor: undefined,
    })
  })

  test('is the last hundred changes, page by page, and can be searched', async () => {
    for (let index = 0; index < 103; index++) await settings.change({ enforce_fapi: index % 2 === 1 }, `admin-${index}`)
    const first = await settings.history({ limit: 60 })
    const second = await settings.history({ limit: 60, cursor: first.cursor })
    expect([first.items.length, second.items.length, second.cursor]).toEqual([60, 40, undefined])
    expect([...first.items, ...second.items].map(({ revision }) => revision)).toEqual(Array.from({ length: 100 }, (_, at) => 103 - at))
    expect((await settings.history({ search: 'ADMIN-77' })).items.map(({ by }) => by)).toEqual(['admin-77'])
    await expect(settings.history({ limit: 0 })).rejects.toThrow(TypeError)
  })
})

function changesAcrossProcesses(open: (encryption?: Parameters<typeof memoryStore>[0]) => Promise<Store>): void {
  let processes: readonly RegistrationSettings[]
  beforeAll(async () => {
    processes = await Promise.all(Array.from({ length: 4 }, async () => make(await open())))
  })
  const own = (index: number) => processes[index % 4] as RegistrationSettings

  test('of changes of one revision one is made', async () => {
    for (let round = 0; round < 5; round++) {
      const { revision } = await own(0).current()
      const made = await Promise.allSettled(
        Array.from({ length: 12 }, (_, index) => own(index).change({ fapi_profiles: [PROFILES[round % 2] ?? ''] }, `a${index}`, revision)),
      )
      const winners = made.flatMap((one) => (one.status === 'fulfilled' ? [one.value.revision] : []))
      // Who sees its change made already by somebody else has nothing left to change.
      expect(new Set(winners)).toEqual(new Set([revision + 1]))
      expect(winners).toHaveLength(1)
      expect(made.filter((one) => one.status === 'rejected' && !(one.reason instanceof StaleRevisionError))).toEqual([])
    }
  })

  test('changes that only together break a rule are not both made', async () => {
    for (let round = 0; round < 5; round++) {
      const { revision } = await own(0).change(
        { authentication_required: true, software_statement_required: true, software_statement_issuers: [DIRECTORY] },
        `setup${round}`,
      )
      const made = await Promise.allSettled([
        own(1).change({ authentication_required: false }, 'ada'),
        own(2).change({ software_statement_required: false }, 'bob'),
      ])
      expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      const after = await own(3).current()
      expect(after.revision).toBe(revision + 1)
      expect(after.settings.authentication_required || after.settings.software_statement_required).toBe(true)
    }
  })

  test('of simultaneous changes none is lost that was said to be made', async () => {
    const before = (await own(0).current()).revision
    const made = await Promise.allSettled(
      Array.from({ length: 8 }, (_, index) =>
        own(index).change({ software_statement_issuers: [{ ...DIRECTORY, issuer: `d${index}` }] }, `by${index}`),
      ),
    )
    const said = made.flatMap((one, index) => (one.status === 'fulfilled' ? [`by${index}`] : []))
    expect(said.length).toBeGreaterThan(0)
    const { items } = await own(0).history()
    const since = items.filter(({ revision }) => revision > before)
    expect(since.map(({ by }) => by).sort()).toEqual(said.sort())
    expect((await own(1).current()).settings.software_statement_issuers).toEqual(since[0]?.after.software_statement_issuers)
  })
}

describe('across processes, in memory', () => {
  const shared = memoryStore()
  changesAcrossProcesses(async () => shared)
})

const onDatabase = (place: () => Place) => {
  changesAcrossProcesses(() => place().store())

  test('settings that cannot be decrypted any more refuse, and do not fall back', async () => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const key = () => keyRing([{ id: `k${randomBytes(3).toString('hex')}`, secret: randomBytes(32) }])
    await make(await place().store()).change({ enforce_fapi: null }, 'somebody')
    await make(await place().store()).change({ fapi_profile: 'fapi1-advanced' }, 'ada')
    await place().damage('RegistrationSettings', 'payload')
    await refusalOf(make(await place().store({ encryption: key() })).read(), 'temporarily_unavailable')
    await refusalOf(make(await place().store()).change({ enforce_fapi: false }, 'ada'), 'temporarily_unavailable')
    warned.mockRestore()
  })
}
describeEach(postgresDatabases, onDatabase)
describeEach(redisDatabases, onDatabase)
