import assert from 'node:assert/strict'
import type { Verdict } from '../core/verdict.js'
import type { Store, StoredRecord } from './store.js'

/** One thing every store must do; `run` rejects when it does not. */
export interface Clause {
  readonly name: string
  run(store: Store): Promise<void>
}

const soon = () => Date.now() / 1000 + 60
const past = () => Date.now() / 1000 - 1
let count = 0
/** A name no other clause uses, so that all can run on one store. */
const fresh = (what: string) => `${what}-${process.pid}-${Date.now().toString(36)}-${++count}`
const simultaneously = <T>(work: () => Promise<T>, times = 50) => Promise.all(Array.from({ length: times }, work))
const winners = (results: readonly boolean[]) => results.filter(Boolean).length
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** The models of node-oidc-provider 9, and one it does not have yet. */
const MODELS = [
  ...['AccessToken', 'AuthorizationCode', 'BackchannelAuthenticationRequest', 'Client', 'ClientCredentials', 'DeviceCode', 'Grant'],
  ...['InitialAccessToken', 'Interaction', 'PushedAuthorizationRequest', 'PreAuthorizedCode', 'RefreshToken', 'RegistrationAccessToken'],
  ...['ReplayDetection', 'Session', 'SomethingToCome'],
]

/** What every store must do. Run it against yours with any test runner: `for (const { name, run } of storeContract) test(name, () => run(store))`. */
export const storeContract: readonly Clause[] = [
  ...MODELS.map((model) => ({
    name: `${model}: what is written is found, and gone when it is destroyed`,
    async run(store: Store) {
      const id = fresh(model)
      const record = { jti: id, kind: model, iat: 1, nested: { list: [1, 'two', null, { deep: true }] } }
      await store.upsert(model, id, record, soon())
      assert.deepEqual(await store.find(model, id), record)
      assert.equal(await store.find(model, `${id}x`), undefined)
      assert.equal(await store.find(`${model}x`, id), undefined)
      await store.destroy(model, id)
      assert.equal(await store.find(model, id), undefined)
    },
  })),
  {
    name: 'a record is replaced whole',
    async run(store) {
      const id = fresh('session')
      await store.upsert('Session', id, { a: 1, b: 2 }, soon())
      await store.upsert('Session', id, { a: 3 }, soon())
      assert.deepEqual(await store.find('Session', id), { a: 3 })
    },
  },
  {
    name: 'records come back as written: unicode, and half a megabyte',
    async run(store) {
      const id = fresh('clé-鍵-🔑')
      const record: StoredRecord = { name: 'Zoë “𝒳” \u2028\\"\u0007', long: 'ü'.repeat(250_000) }
      await store.upsert('Interaction', id, record, soon())
      assert.deepEqual(await store.find('Interaction', id), record)
    },
  },
  {
    name: 'a record without an expiry stays, one that has expired is not found',
    async run(store) {
      const [stays, expired] = [fresh('client'), fresh('token')]
      await store.upsert('Client', stays, { client_id: stays }, undefined)
      await store.upsert('AccessToken', expired, { jti: expired }, past())
      assert.deepEqual(await store.find('Client', stays), { client_id: stays })
      assert.equal(await store.find('AccessToken', expired), undefined)
      await store.destroy('Client', stays)
    },
  },
  {
    name: 'a record expires when its time comes, and then nobody can consume it',
    async run(store) {
      const id = fresh('code')
      await store.upsert('AuthorizationCode', id, { jti: id }, Date.now() / 1000 + 1)
      assert.notEqual(await store.find('AuthorizationCode', id), undefined)
      await pause(1_200)
      assert.equal(await store.find('AuthorizationCode', id), undefined)
      assert.equal(await store.consume('AuthorizationCode', id), false)
    },
  },
  {
    name: 'a session is found by its uid, a device code by its user code',
    async run(store) {
      const [id, by] = [fresh('id'), fresh('by')]
      await store.upsert('Session', id, { jti: id, uid: by }, soon())
      await store.upsert('DeviceCode', id, { jti: id, userCode: by }, soon())
      assert.deepEqual(await store.findByUid('Session', by), { jti: id, uid: by })
      assert.deepEqual(await store.findByUserCode('DeviceCode', by), { jti: id, userCode: by })
      assert.equal(await store.findByUid('Session', `${by}x`), undefined)
      await store.destroy('Session', id)
      assert.equal(await store.findByUid('Session', by), undefined)
    },
  },
  {
    name: 'a session that gets a new id is found by its uid under the new one',
    async run(store) {
      const [old, id, uid] = [fresh('old'), fresh('new'), fresh('uid')]
      await store.upsert('Session', old, { jti: old, uid }, soon())
      await store.destroy('Session', old)
      await store.upsert('Session', id, { jti: id, uid }, soon())
      assert.deepEqual(await store.findByUid('Session', uid), { jti: id, uid })
    },
  },
  {
    name: 'consume has one winner among simultaneous calls, and keeps the expiry',
    async run(store) {
      const id = fresh('code')
      await store.upsert('AuthorizationCode', id, { jti: id }, Date.now() / 1000 + 2)
      assert.equal(winners(await simultaneously(() => store.consume('AuthorizationCode', id))), 1)
      assert.equal(await store.consume('AuthorizationCode', id), false)
      assert.equal(typeof (await store.find('AuthorizationCode', id))?.consumed, 'number')
      await pause(2_200)
      assert.equal(await store.find('AuthorizationCode', id), undefined)
    },
  },
  {
    name: 'what has been consumed stays so when it is written again',
    async run(store) {
      const id = fresh('request')
      await store.upsert('PushedAuthorizationRequest', id, { jti: id }, soon())
      await store.consume('PushedAuthorizationRequest', id)
      await simultaneously(() => store.upsert('PushedAuthorizationRequest', id, { jti: id }, soon()))
      assert.equal(await store.consume('PushedAuthorizationRequest', id), false)
      assert.equal(typeof (await store.find('PushedAuthorizationRequest', id))?.consumed, 'number')
    },
  },
  {
    name: 'nobody can consume what is not there',
    run: async (store) => assert.equal(await store.consume('RefreshToken', fresh('nothing')), false),
  },
  {
    name: 'simultaneous writes leave one of them whole',
    async run(store) {
      const id = fresh('session')
      let writer = 0
      await simultaneously(() => {
        const value = String(++writer).repeat(1000)
        return store.upsert('Session', id, { a: value, b: value }, soon())
      })
      const { a, b } = (await store.find('Session', id)) ?? {}
      assert.equal(typeof a, 'string')
      assert.equal(a, b)
    },
  },
  {
    name: 'a revoked grant takes its tokens with it, and nothing else',
    async run(store) {
      const [grantId, other] = [fresh('grant'), fresh('other')]
      const ids = Array.from({ length: 5 }, () => fresh('token'))
      const models = ['AccessToken', 'RefreshToken', 'AuthorizationCode']
      for (const model of models) for (const id of ids) await store.upsert(model, id, { jti: id, grantId }, soon())
      await store.upsert('AccessToken', other, { jti: other, grantId: other }, soon())
      await store.upsert('Interaction', other, { jti: other, grantId }, soon())
      await store.revokeGrant(grantId, models)
      for (const model of models) for (const id of ids) assert.equal(await store.find(model, id), undefined)
      assert.notEqual(await store.find('AccessToken', other), undefined)
      assert.notEqual(await store.find('Interaction', other), undefined)
      await store.revokeGrant(grantId, models)
    },
  },
  {
    name: 'once is true the first time and false after',
    async run(store) {
      const key = fresh('once')
      assert.equal(await store.once(key, soon()), true)
      assert.equal(await store.once(key, soon()), false)
    },
  },
  {
    name: 'once has one winner among simultaneous calls',
    async run(store) {
      const key = fresh('once')
      assert.equal(winners(await simultaneously(() => store.once(key, soon()))), 1)
    },
  },
  {
    name: 'once tells keys apart: long ones, unicode, and those that differ in case or by a space',
    async run(store) {
      const key = fresh('ключ-🔑')
      const keys = [key, key.toUpperCase(), `${key} `, `${key}\0`, 'x'.repeat(5_000) + key, '']
      for (const one of keys) await store.once(one, past())
      assert.deepEqual(
        await Promise.all(keys.map((one) => store.once(one, Date.now() / 1000 + 2))),
        keys.map(() => true),
      )
    },
  },
  {
    name: 'once forgets a key whose time has come, and not before; then again one call wins',
    async run(store) {
      const key = fresh('once')
      assert.equal(await store.once(key, Date.now() / 1000 + 1.5), true)
      await pause(700)
      assert.equal(await store.once(key, soon()), false)
      await pause(1_000)
      assert.equal(winners(await simultaneously(() => store.once(key, soon()))), 1)
    },
  },
  {
    name: 'clients are listed page by page, each once, and found by what they say',
    async run(store) {
      const tag = fresh('list')
      const ids = Array.from({ length: 25 }, (_, index) => `${tag}-${String(index).padStart(2, '0')}`)
      for (const id of ids) await store.upsert('Client', id, { client_id: id, client_name: `Bank ${id.slice(-2)} of ${tag}` }, undefined)
      const listed: unknown[] = []
      let cursor: string | undefined
      do {
        const page = await store.list('Client', { limit: 10, cursor, search: tag.toUpperCase() })
        assert.ok(page.items.length <= 10)
        listed.push(...page.items.map(({ client_id }) => client_id))
        cursor = page.cursor
      } while (cursor !== undefined)
      assert.deepEqual(listed, ids)
      assert.deepEqual(
        (await store.list('Client', { search: `bank 07 of ${tag}` })).items.map(({ client_id }) => client_id),
        [`${tag}-07`],
      )
      for (const id of ids) await store.destroy('Client', id)
      assert.deepEqual(await store.list('Client', { search: tag }), { items: [], cursor: undefined })
    },
  },
  {
    name: 'a search finds values as they are now, whatever the case and as they stand, and no names and no secrets',
    async run(store) {
      const id = fresh('said')
      const ids = async (search: string) => (await store.list('Client', { search })).items.map(({ client_id }) => client_id)
      const says = (client_name: string) =>
        store.upsert('Client', id, { client_id: id, client_name, contacts: ['ÉTÉ@bank.example'], client_secret: `hidden ${id}` }, undefined)
      await says(`50%_\\" 'of' ${id} ΑΣ\0鍵`)
      for (const part of [`%_\\" 'OF' ${id}`, `50%_\\"`, `${id} ας\0`, '鍵', 'Été@BANK']) assert.ok((await ids(part)).includes(id), part)
      for (const part of [`5_%_\\" 'of' ${id}`, `${id}%`, `hidden ${id}`, `client_name ${id}`]) assert.deepEqual(await ids(part), [])
      await says(`other ${id}`)
      assert.deepEqual(await ids(`'of' ${id}`), [])
      assert.deepEqual(await ids(`OTHER ${id}`), [id])
      await store.destroy('Client', id)
      assert.deepEqual(await ids(`other ${id}`), [])
    },
  },
  {
    name: 'a listing goes on after any text, in the order of the bytes of ASCII ids',
    async run(store) {
      const tag = fresh('Audit')
      const ends = ['', ' 01', ' 02-x', '%20a 01', '-', '0', 'A 01', 'a', 'a 01', '~']
      const ids = ends.map((end) => `${tag}${end}`)
      for (const id of [...ids].reverse()) await store.upsert('Audit', id, { id }, soon())
      const after = async (cursor: string, limit = 1000) =>
        (await store.list('Audit', { cursor, limit })).items.map(({ id }) => String(id)).filter((id) => id.startsWith(tag))
      assert.deepEqual(await after(tag.slice(0, -1)), ids)
      assert.deepEqual(await after(`${tag} `), ids.slice(1))
      assert.deepEqual(await after(`${tag} `, 2), ids.slice(1, 3))
      assert.deepEqual(await after(`${tag} 01`), ids.slice(2))
      assert.deepEqual(await after(`${tag}A`), ids.slice(6))
      assert.deepEqual(await after(`${tag}B`), ids.slice(7))
      assert.deepEqual(await after(`${tag}~~`), [])
      for (const id of ids) await store.destroy('Audit', id)
    },
  },
  {
    name: 'records found by a secret cannot be listed',
    run: async (store) => assert.rejects(() => store.list('AccessToken'), TypeError),
  },
  {
    name: 'verdicts are found by interaction, client, rule, outcome and time, newest first and page by page',
    async run(store) {
      const client = fresh('client')
      const verdicts = Array.from({ length: 12 }, (_, index) => verdict(client, 1_000_000 + index, index % 3 === 0))
      for (const one of verdicts) await store.append(one)
      const times = async (query: Parameters<Store['search']>[0]) =>
        (await store.search({ client, ...query })).items.map(({ at }) => at - 1_000_000)
      assert.deepEqual(await times({}), [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0])
      assert.deepEqual(await times({ outcome: 'refused' }), [9, 6, 3, 0])
      assert.deepEqual(await times({ outcome: 'passed', from: 1_000_005, until: 1_000_008 }), [8, 7, 5])
      assert.deepEqual(await times({ rule: 'pkce-s256', limit: 2 }), [9, 6])
      assert.deepEqual(await times({ rule: 'no-such-rule' }), [])
      assert.deepEqual(await times({ interaction: `${client}-4` }), [4])
      const first = await store.search({ client, limit: 5 })
      const second = await store.search({ client, limit: 100, cursor: first.cursor })
      assert.deepEqual(asJson([...first.items, ...second.items]), asJson([...verdicts].reverse()))
      assert.equal(second.cursor, undefined)
    },
  },
  {
    name: 'verdicts are found by any text in them, as it stands and whatever the case, and not by what their parts are called',
    async run(store) {
      const client = fresh('client')
      const texts = [`50%_\\" 'of' ΑΣ`, 'Zoë 鍵🔑', 'NUL \0 there']
      for (const [index, description] of texts.entries()) await store.append(verdict(client, 1_000_000 + index, true, description))
      const times = async (search: string) => (await store.search({ client, search })).items.map(({ at }) => at - 1_000_000)
      for (const [search, expected] of [
        [`%_\\" 'OF' ας`, [0]],
        ['5_%', []],
        ['ZOË 鍵🔑', [1]],
        ['nul \0 T', [2]],
        ['%', [0]],
        ['PKCE-s256', [2, 1, 0]],
        ['violations', []],
        ['', [2, 1, 0]],
      ] as const)
        assert.deepEqual(await times(search), expected, search)
    },
  },
  {
    name: 'verdicts are counted by outcome, time and rule',
    async run(store) {
      const client = fresh('client')
      const nothing = { total: { refused: 0, broken: 0, passed: 0 }, buckets: [], rules: [] }
      assert.deepEqual(await store.tally({ client }, 10), nothing)
      for (let index = 0; index < 25; index++) await store.append(verdict(client, 1_000_005.5 + index, index % 5 === 0))
      const twice = verdict(client, 1_000_100, true)
      await store.append({ ...twice, violations: [...twice.violations, ...twice.violations, violationOf('a-rule')], rejection: undefined })
      const rules = [
        { rule: 'pkce-s256', refused: 5, broken: 1 },
        { rule: 'a-rule', refused: 0, broken: 1 },
      ]
      const buckets = [
        { from: 1_000_000, refused: 1, broken: 0, passed: 4 },
        { from: 1_000_010, refused: 2, broken: 0, passed: 8 },
        { from: 1_000_020, refused: 2, broken: 0, passed: 8 },
        { from: 1_000_100, refused: 0, broken: 1, passed: 0 },
      ]
      assert.deepEqual(await store.tally({ client }, 10), { total: { refused: 5, broken: 1, passed: 20 }, buckets, rules })
      assert.deepEqual(await store.tally({ client, from: 1_000_010, until: 1_000_019.5, outcome: 'refused' }, 1000), {
        total: { refused: 2, broken: 0, passed: 0 },
        buckets: [{ from: 1_000_000, refused: 2, broken: 0, passed: 0 }],
        rules: [{ rule: 'pkce-s256', refused: 2, broken: 0 }],
      })
      const broken = await store.tally({ client, rule: 'a-rule' }, 10)
      assert.deepEqual(broken.total, { refused: 0, broken: 1, passed: 0 })
      assert.deepEqual(await store.tally({ client, outcome: 'broken' }, 10), broken)
      assert.deepEqual(await store.tally({ client, search: 'A-RULE' }, 10), broken)
      assert.deepEqual(await store.tally({ client, search: 'no such thing' }, 10), nothing)
      assert.deepEqual((await store.tally({ interaction: `${client}-5.5` }, 10)).total, { refused: 1, broken: 0, passed: 0 })
    },
  },
  {
    name: 'verdicts are not counted in buckets that are none',
    async run(store) {
      for (const bucket of [0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])
        await assert.rejects(() => store.tally({}, bucket), TypeError)
    },
  },
  {
    name: 'what has no time to be forgotten at is not remembered',
    async run(store) {
      for (const never of [Number.NaN, Number.POSITIVE_INFINITY]) await assert.rejects(() => store.once(fresh('once'), never), TypeError)
    },
  },
  {
    name: 'purging drops what has expired and nothing else',
    async run(store) {
      const [gone, kept] = [fresh('gone'), fresh('kept')]
      await store.upsert('AccessToken', gone, { jti: gone }, past())
      await store.upsert('AccessToken', kept, { jti: kept }, soon())
      await store.once(kept, soon())
      assert.ok((await store.purge()) >= 0)
      assert.notEqual(await store.find('AccessToken', kept), undefined)
      assert.equal(await store.once(kept, soon()), false)
    },
  },
]

const violationOf = (rule: string, description = 'code_challenge is required') =>
  ({ rule, clauses: ['FAPI2-SP-5.3.2.2-5'], error: 'invalid_request', description }) as const

const verdict = (client: string, at: number, refused: boolean, description?: string): Verdict => {
  const violation = violationOf('pkce-s256', description)
  return {
    ...{ at, client, stage: 'par', profile: 'fapi2-security', interaction: `${client}-${at - 1_000_000}`, mode: 'enforce', by: 'rules' },
    violations: refused ? [violation] : [],
    rejection: refused ? violation : undefined,
  }
}
