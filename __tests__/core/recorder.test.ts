import { jest } from '@jest/globals'
import { ConfigurationError } from '../../lib/core/errors.js'
import { createPolicy, type Policy } from '../../lib/core/policy.js'
import type { PolicyOptions } from '../../lib/core/policy-options.js'
import type { Judging, Recorder } from '../../lib/core/recorder.js'
import type { Verdict } from '../../lib/core/verdict.js'
import { legalFacts } from '../rules/facts.js'
import { brokenRule, profileOf } from './support.js'

const { token, registration } = legalFacts
const profile = profileOf('p', { '1': [brokenRule('a')] })
const refusal = { client: undefined, wire: undefined, error: 'invalid_grant', description: 'no' } as const

function assertNever(): never {
  throw new TypeError('not to be read')
}

/** A recorder, and what it was told. */
function recorder() {
  const told: (readonly [Verdict, Judging])[] = []
  return { told, record: (...all: readonly [Verdict, Judging]) => void told.push(all) }
}

test('each of several recorders is told of every verdict, in their order and whatever becomes of the others', async () => {
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
  const [first, last] = [recorder(), recorder()]
  const failing: readonly Recorder[] = [
    () => {
      throw new Error('the disk is full')
    },
    () => Promise.reject(new Error('the network is down')),
  ]
  const policy = createPolicy({ profile, record: [first.record, ...failing, last.record] })
  const verdict = policy.decide('token', token)
  policy.note({ ...refusal, stage: 'token' })
  await new Promise(setImmediate)
  for (const { told } of [first, last]) expect(told).toEqual([[verdict, expect.anything()], expect.anything()])
  expect(warn.mock.calls.map(([warning]) => warning)).toEqual(
    expect.arrayContaining([expect.stringContaining('the disk is full'), expect.stringContaining('the network is down')]),
  )
  expect(warn).toHaveBeenCalledTimes(4)
  warn.mockRestore()
})

test.each<readonly [what: string, cause: unknown]>([
  ['whose text is none', Object.assign(new Error(), { message: Symbol('no text') })],
  ['that cannot be read', new Proxy(new Error('no'), { get: () => assertNever() })],
  ['that is nothing', undefined],
])('a recorder that fails with an error %s changes nothing', async (_what, cause) => {
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
  const { told, record } = recorder()
  const failing: readonly Recorder[] = [
    () => {
      throw cause
    },
    () => Promise.reject(cause),
  ]
  const policy = createPolicy({ profile, record: [...failing, record] })
  expect(policy.decide('token', token)?.rejection?.rule).toBe('a')
  await new Promise(setImmediate)
  expect(told).toHaveLength(1)
  expect(warn).toHaveBeenCalledTimes(2)
  warn.mockRestore()
})

test('what a recorder writes to what it is told, nobody else reads', () => {
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
  const { told, record } = recorder()
  const writing: readonly Recorder[] = [
    (verdict) => Object.assign(verdict, { rejection: undefined }),
    (verdict) => Object.assign(verdict.violations[0] ?? {}, { rule: 'other' }),
    (_verdict, judging) => Object.assign(judging, { registered: false, took: 7 }),
  ]
  const policy = createPolicy({ profile, record: [...writing, record] })
  expect(policy.decide('token', token)?.rejection?.rule).toBe('a')
  policy.note({ ...refusal, stage: 'token' })
  expect(told).toMatchObject([
    [{ rejection: { rule: 'a' } }, { registered: true }],
    [{ rejection: { error: 'invalid_grant' } }, { registered: true, took: undefined }],
  ])
  expect(told[0]?.[1].took).toBeLessThan(7)
  warn.mockRestore()
})

test('a list is read once: what is added to it later is not told', () => {
  const { told, record } = recorder()
  const list: Recorder[] = []
  const policy = createPolicy({ profile, record: list })
  list.push(record)
  policy.decide('token', token)
  expect(told).toEqual([])
})

describe('a recorder is told', () => {
  test('how long judging took, in seconds, and nothing where nobody judged', () => {
    const { told, record } = recorder()
    const policy = createPolicy({ profile, record })
    const clock = jest.spyOn(performance, 'now').mockReturnValueOnce(1000).mockReturnValueOnce(1250)
    policy.decide('token', token)
    policy.note({ ...refusal, stage: 'token' })
    expect(told.map(([, { took }]) => took)).toEqual([0.25, undefined])
    expect(clock).toHaveBeenCalledTimes(2)
    clock.mockRestore()
  })

  test.each<readonly [what: string, act: (policy: Policy) => unknown, registered: boolean]>([
    ['a request', (policy) => policy.decide('token', token), true],
    ['a client that registers', (policy) => policy.decide('registration', registration), false],
    [
      'a client that registers, the current one being undefined',
      (policy) => policy.decide('registration', { ...registration, current: undefined }),
      false,
    ],
    [
      'a client that changes its registration',
      (policy) => policy.decide('registration', { ...registration, current: registration.client }),
      true,
    ],
    ['a refused registration', (policy) => policy.note({ ...refusal, stage: 'registration' }), false],
    ['a refused token request', (policy) => policy.note({ ...refusal, stage: 'token' }), true],
  ])('of %s whether the client is registered', (_what, act, registered) => {
    const { told, record } = recorder()
    act(createPolicy({ profile, record }))
    expect(told).toMatchObject([[{}, { registered }]])
  })
})

test('where nobody records nobody measures', () => {
  const clock = jest.spyOn(performance, 'now')
  createPolicy({ profile }).decide('token', token)
  createPolicy({ profile, record: [] }).decide('token', token)
  expect(clock).not.toHaveBeenCalled()
  clock.mockRestore()
})

test.each([['stdout'], [[() => {}, 'stdout']], [null], [{}]])('record: %j is refused', (record) => {
  const create = () => createPolicy({ profile, record } as unknown as PolicyOptions)
  expect(create).toThrow(ConfigurationError)
  expect(create).toThrow(expect.objectContaining({ faults: [expect.objectContaining({ option: 'record' })] }))
})
