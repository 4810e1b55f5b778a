import { memoryStore, type Store } from 'express-fapi'
import { storage, wrapStorage } from 'express-fapi/provider'
import type { Adapter, AdapterPayload } from 'oidc-provider'

/* The adapters for node-oidc-provider: what its contract leaves open is closed here. */

const latency = () => new Promise((resolve) => setTimeout(resolve, 2))

/** An adapter as people copy them: it looks first and writes then, one table per model. */
function naiveAdapters() {
  const tables = new Map<string, Map<string, AdapterPayload>>()
  return class NaiveAdapter implements Adapter {
    readonly #table: Map<string, AdapterPayload>
    constructor(model: string) {
      this.#table = tables.get(model) ?? new Map()
      tables.set(model, this.#table)
    }
    async upsert(id: string, payload: AdapterPayload) {
      await latency()
      this.#table.set(id, payload)
    }
    async find(id: string) {
      await latency()
      return this.#table.get(id)
    }
    findByUid = async () => undefined
    findByUserCode = async () => undefined
    async consume(id: string) {
      await latency()
      const record = this.#table.get(id)
      if (record) this.#table.set(id, { ...record, consumed: 1 })
    }
    async destroy(id: string) {
      this.#table.delete(id)
    }
    async revokeByGrantId(grantId: string) {
      for (const [id, record] of this.#table) if (record.grantId === grantId) this.#table.delete(id)
    }
  }
}

const KINDS = [
  ['storage(store)', () => storage(memoryStore())],
  ['wrapStorage around a class', () => wrapStorage(naiveAdapters(), { store: memoryStore() })],
  [
    'wrapStorage around a factory',
    () => {
      const Naive = naiveAdapters()
      return wrapStorage((model) => new Naive(model), { store: memoryStore() })
    },
  ],
] as const

describe.each(KINDS)('%s', (_kind, make) => {
  const races = [
    ['AuthorizationCode', 'invalid_grant'],
    ['RefreshToken', 'invalid_grant'],
    ['DeviceCode', 'invalid_grant'],
    ['PushedAuthorizationRequest', 'invalid_request_uri'],
    ['SomethingToCome', 'invalid_grant'],
  ] as const

  test.each(races)('50 simultaneous uses of one %s: one succeeds, the others get %s', async (model, error) => {
    const adapter = make()(model)
    await adapter.upsert('id', { jti: 'id', exp: soon() }, 60)
    const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => adapter.consume('id')))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason.error)).toEqual(Array(49).fill(error))
  })

  test('50 simultaneous proofs of one jti: one is remembered', async () => {
    const adapter = make()('ReplayDetection')
    const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => adapter.upsert('id', { jti: 'id' }, 60)))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.error] : []))).toEqual(
      Array(49).fill('invalid_dpop_proof'),
    )
  })

  test('a code used twice takes its grant and tokens along, and stays used', async () => {
    const factory = make()
    const [codes, tokens, grants] = ['AuthorizationCode', 'AccessToken', 'Grant'].map((model) => factory(model)) as [
      Adapter,
      Adapter,
      Adapter,
    ]
    await codes.upsert('code', { jti: 'code', grantId: 'grant', exp: soon() }, 60)
    await tokens.upsert('token', { jti: 'token', grantId: 'grant' }, 60)
    await grants.upsert('grant', { jti: 'grant' }, 60)
    await codes.consume('code')
    expect(await tokens.find('token')).toBeDefined()
    await expect(codes.consume('code')).rejects.toMatchObject({ error: 'invalid_grant' })
    expect([await tokens.find('token'), await grants.find('grant')]).toEqual([undefined, undefined])
    expect(await codes.find('code')).toMatchObject({ consumed: expect.any(Number) })
    await expect(codes.consume('code')).rejects.toMatchObject({ error: 'invalid_grant' })
  })

  test('a used request_uri is still known as used when its minute is over', async () => {
    const adapter = make()('PushedAuthorizationRequest')
    await adapter.upsert('id', { jti: 'id', exp: Date.now() / 1000 - 1 }, -1)
    await adapter.consume('id')
    await expect(adapter.consume('id')).rejects.toMatchObject({ error: 'invalid_request_uri' })
  })
})

describe('a store that does not answer', () => {
  const broken = new Proxy({} as Store, { get: () => () => Promise.reject(new Error('ECONNREFUSED')) })
  const calls: [string, (adapter: Adapter) => Promise<unknown>][] = [
    ['find', (adapter) => Promise.resolve(adapter.find('id'))],
    ['upsert', (adapter) => Promise.resolve(adapter.upsert('id', { jti: 'id' }, 60))],
    ['consume', (adapter) => Promise.resolve(adapter.consume('id'))],
    ['destroy', (adapter) => Promise.resolve(adapter.destroy('id'))],
    ['revokeByGrantId', (adapter) => Promise.resolve(adapter.revokeByGrantId('grant'))],
    ['findByUid', (adapter) => Promise.resolve(adapter.findByUid('uid'))],
  ]

  test.each(calls)('%s is answered with 503 temporarily_unavailable', async (_name, call) => {
    await expect(call(storage(broken)('AuthorizationCode'))).rejects.toMatchObject({ error: 'temporarily_unavailable', statusCode: 503 })
  })

  test('a guard around another adapter refuses too', async () => {
    const adapter = wrapStorage(naiveAdapters(), { store: broken })('ReplayDetection')
    await expect(adapter.upsert('id', { jti: 'id' }, 60)).rejects.toMatchObject({ error: 'temporarily_unavailable', statusCode: 503 })
  })
})

const soon = () => Math.floor(Date.now() / 1000) + 60
