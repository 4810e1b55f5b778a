import { inspect } from 'node:util'
import { memoryStore, type Store } from '../../lib/index.js'
import type { InitialAccessOptions } from '../../lib/registration/initial-access-options.js'
import { type InitialAccessTokens, initialAccessTokens } from '../../lib/registration/initial-access-tokens.js'
import { RegistrationError } from '../../lib/registration/registration-error.js'
import { describeEach, type Place, postgresDatabases, redisDatabases } from '../stores/databases.js'
import { later } from '../support/clock.js'

const now = () => Date.now() / 1000
const faultOf = async (work: Promise<unknown>): Promise<RegistrationError> => {
  const fault = await work.then(
    () => undefined,
    (cause: unknown) => cause,
  )
  expect(fault).toBeInstanceOf(RegistrationError)
  return fault as RegistrationError
}

let store: Store
let tokens: InitialAccessTokens
beforeEach(() => {
  store = memoryStore()
  tokens = initialAccessTokens(store, { profiles: ['fapi2-security'] })
})

test('a token is shown once, and holds', async () => {
  const { token, record } = await tokens.issue({
    ...{ label: 'Acme', issuedBy: 'ada', profile: 'fapi2-security', uses: 3, expiresIn: 60, software_id: 's' },
    metadata: { client_name: 'Acme', scope: 'openid' },
  })
  const [id, secret] = token.split('.') as [string, string]
  expect(Buffer.from(secret, 'base64url')).toHaveLength(32)
  expect(record).toEqual({
    ...{ id, label: 'Acme', issued_by: 'ada', profile: 'fapi2-security', uses: 3, software_id: 's' },
    ...{ metadata: { client_name: 'Acme', scope: 'openid' }, issued_at: Math.floor(now()), expires_at: Math.floor(now()) + 60 },
  })
  expect(await tokens.check(token, now())).toEqual(record)
  expect(await tokens.find(id)).toEqual(record)
  expect(inspect([await store.find('InitialAccess', id), await tokens.list(), record], { depth: null })).not.toContain(secret)
})

test('without options it is good for ever and for any number', async () => {
  const { token, record } = await tokens.issue()
  expect(Object.keys(record).sort()).toEqual(['id', 'issued_at'])
  await later(1e9, async () => expect(await tokens.check(token, now())).toEqual(record))
  for (let use = 0; use < 5; use++) await tokens.takeUse(record, `c${use}`)
  await tokens.keepUse(record, 'c0')
  await tokens.freeUse(record, 'c1')
})

describe('what does not hold is answered alike, and the operator is told why', () => {
  const other = (text: string) => (text.startsWith('A') ? `B${text.slice(1)}` : `A${text.slice(1)}`)
  test.each<[what: string, detail: RegExp, sent: (token: string) => string | Promise<string>]>([
    ['an unknown id', /no such token/, (token) => other(token)],
    ['a wrong secret', /the secret of \S+ is wrong/, (token) => token.replace(/\.(.*)/, (_all, secret) => `.${other(secret)}`)],
    ['the secret of another', /the secret of/, async (token) => `${token.split('.')[0]}.${(await tokens.issue()).token.split('.')[1]}`],
    ['nothing', /no such token/, () => ''],
    ['no secret', /no such token/, (token) => `${token.split('.')[0]}.`],
    [
      'the digest',
      /the secret of/,
      async (token) => {
        const [id = ''] = token.split('.')
        return `${id}.${(await store.find('InitialAccess', id))?.secret_digest}`
      },
    ],
    ['a NUL', /no such token/, (token) => `${token}\0`],
    ['a line behind it', /no such token/, (token) => `${token}\n`],
    ['a megabyte', /no such token/, () => 'x'.repeat(1_000_000)],
    [
      'a token revoked',
      /was revoked/,
      async (token) => {
        expect(await tokens.revoke(String(token.split('.')[0]))).toBe(true)
        return token
      },
    ],
  ])('%s', async (_what, detail, sent) => {
    const { token, record } = await tokens.issue()
    expect(await tokens.check(token, now())).toEqual(record)
    const fault = await faultOf(tokens.check(await sent(token), now()))
    expect([fault.error, fault.message]).toEqual(['invalid_token', 'the initial access token does not hold'])
    expect(fault.detail).toMatch(detail)
  })

  test('an expired token, to the second', async () => {
    const { token } = await tokens.issue({ expiresIn: 60 })
    await later(59, async () => expect(await tokens.check(token, Math.floor(now()))).toBeDefined())
    await later(61, async () => {
      const fault = await faultOf(tokens.check(token, now()))
      expect([fault.error, fault.message]).toEqual(['invalid_token', 'the initial access token does not hold'])
      expect(fault.detail).toMatch(/has expired/)
    })
  })

  test('a time that is none', async () => {
    const { token } = await tokens.issue({ expiresIn: 60 })
    expect((await faultOf(tokens.check(token, Number.NaN))).detail).toMatch(/has expired/)
  })

  test('a store that does not answer is not the token’s fault', async () => {
    const { token } = await tokens.issue()
    const broken = initialAccessTokens({ ...store, find: () => Promise.reject(new Error('gone')) })
    await expect(broken.check(token, now())).rejects.toThrow('gone')
  })
})

describe('uses', () => {
  test('are counted, given back, and used up', async () => {
    const { record } = await tokens.issue({ uses: 2 })
    await tokens.takeUse(record, 'a')
    await tokens.takeUse(record, 'b')
    const fault = await faultOf(tokens.takeUse(record, 'c'))
    expect([fault.error, fault.message]).toEqual(['invalid_token', 'the initial access token does not hold'])
    expect(fault.detail).toMatch(/used up/)
    await tokens.freeUse(record, 'b')
    await tokens.takeUse(record, 'c')
    await tokens.keepUse(record, 'c')
    await tokens.keepUse(record, 'a')
    await later(10_000, async () => expect((await faultOf(tokens.takeUse(record, 'd'))).detail).toMatch(/used up/))
  })

  test('of who died are free in two minutes, and then not the dead one’s any more', async () => {
    const { record } = await tokens.issue({ uses: 1 })
    await tokens.takeUse(record, 'a')
    await later(119, async () => expect((await faultOf(tokens.takeUse(record, 'b'))).detail).toMatch(/used up/))
    await later(121, async () => tokens.takeUse(record, 'b'))
    expect((await faultOf(tokens.keepUse(record, 'a'))).error).toBe('temporarily_unavailable')
    await tokens.freeUse(record, 'a')
    await tokens.keepUse(record, 'b')
  })

  test('that were kept can still be given back when the rest comes to nothing', async () => {
    const { record } = await tokens.issue({ uses: 1 })
    await tokens.takeUse(record, 'a')
    await tokens.keepUse(record, 'a')
    await tokens.freeUse(record, 'a')
    await tokens.takeUse(record, 'b')
  })

  test('that nobody took cannot be kept', async () => {
    const { record } = await tokens.issue({ uses: 1 })
    expect((await faultOf(tokens.keepUse(record, 'a'))).error).toBe('temporarily_unavailable')
    await tokens.freeUse(record, 'a')
    await tokens.takeUse(record, 'b')
  })
})

describe('what is listed', () => {
  test('is everything, page by page, and found by its label', async () => {
    for (let index = 0; index < 7; index++) await tokens.issue({ label: `bank ${index}` })
    const first = await tokens.list({ limit: 5 })
    const second = await tokens.list({ limit: 5, cursor: first.cursor })
    expect([first.items.length, second.items.length, second.cursor]).toEqual([5, 2, undefined])
    expect((await tokens.list({ search: 'BANK 3' })).items.map(({ label }) => label)).toEqual(['bank 3'])
  })

  test('is not found by a digest', async () => {
    const { record } = await tokens.issue()
    const { secret_digest } = (await store.find('InitialAccess', record.id)) ?? {}
    expect((await tokens.list({ search: String(secret_digest) })).items).toEqual([])
    expect((await tokens.list({ search: record.id })).items).toEqual([record])
  })

  test('stays for thirty days after it has ended', async () => {
    const [expired, revoked] = [await tokens.issue({ expiresIn: 60 }), await tokens.issue()]
    expect(await tokens.revoke(revoked.record.id)).toBe(true)
    expect(await tokens.revoke(revoked.record.id)).toBe(false)
    expect(await tokens.revoke('nothing')).toBe(false)
    await later(29 * 86_400, async () => expect((await tokens.list()).items).toHaveLength(2))
    await later(31 * 86_400, async () => expect((await tokens.list()).items).toEqual([]))
    expect((await tokens.find(revoked.record.id))?.revoked_at).toBe(Math.floor(now()))
    expect((await tokens.find(expired.record.id))?.revoked_at).toBeUndefined()
  })
})

describe('options that make no sense are named, all of them', () => {
  const cyclic: Record<string, unknown> = {}
  cyclic.self = cyclic
  test.each<[named: string, options: unknown]>([
    ['uses', { uses: 0 }],
    ['uses', { uses: 1.5 }],
    ['uses', { uses: 10_001 }],
    ['uses', { uses: '3' }],
    ['expires_in', { expiresIn: -1 }],
    ['expires_in', { expiresIn: Number.NaN }],
    ['expires_in', { expiresIn: 1e12 }],
    ['label', { label: 7 }],
    ['label', { label: 'x'.repeat(201) }],
    ['profile', { profile: 'fapi3' }],
    ['profile', { profile: '' }],
    ['software_id', { software_id: {} }],
    ['metadata', { metadata: [] }],
    ['metadata', { metadata: 'x' }],
    ['metadata', { metadata: null }],
    ['metadata', { metadata: { note: 'x'.repeat(20_000) } }],
    ['metadata must be JSON', { metadata: cyclic }],
    ['client_secret', { metadata: { client_secret: 'x' } }],
    ['software_statement', { metadata: { software_statement: 'x' } }],
    ['__proto__', { metadata: JSON.parse('{"__proto__":1}') }],
    ['there is no admin', { admin: true }],
    ['must be an object', null],
    ['must be an object', []],
  ])('%s: %j', async (named, options) => {
    const fault = await faultOf(tokens.issue(options as InitialAccessOptions))
    expect(fault.error).toBe('invalid_request')
    expect(fault.message).toContain(named)
    expect((await tokens.list()).items).toEqual([])
  })

  test('at once', async () => {
    const { message } = await faultOf(tokens.issue({ uses: 0, expiresIn: 0, label: '' }))
    expect(message).toMatch(/label.*uses.*expires_in/)
  })

  test.each<[options: InitialAccessOptions]>([
    [{ uses: 1 }],
    [{ uses: 10_000 }],
    [{ expiresIn: 1 }],
    [{ label: 'ключ 🔑' }],
    [{ profile: 'fapi2-security' }],
    [{ metadata: { 'client_name#de': 'Bank', scope: 'openid', extra: { deep: [1] } } }],
    [{ metadata: {} }],
  ])('and those that do are taken: %j', async (options) => {
    const { token, record } = await tokens.issue(options)
    expect(await tokens.check(token, now())).toEqual(record)
  })
})

function keepsThem(place: () => Place): void {
  test('a token of three uses is good for three among sixty, in several processes', async () => {
    const processes = await Promise.all(Array.from({ length: 3 }, async () => initialAccessTokens(await place().store())))
    const { token } = await (processes[0] as InitialAccessTokens).issue({ uses: 3 })
    const used = await Promise.allSettled(
      Array.from({ length: 60 }, async (_, index) => {
        const own = processes[index % 3] as InitialAccessTokens
        const record = await own.check(token, now())
        await own.takeUse(record, `h${index}`)
        await own.keepUse(record, `h${index}`)
      }),
    )
    expect(used.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
    const [id = '', secret = ''] = token.split('.')
    const dump = await place().dump()
    expect(dump).toContain(id)
    expect(dump).not.toContain(secret)
  })
}
describeEach(postgresDatabases, keepsThem)
describeEach(redisDatabases, keepsThem)
