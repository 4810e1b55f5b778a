import { metrics as globalMetrics } from '@opentelemetry/api'
import type { Client } from '../../lib/core/facts.js'
import { createPolicy } from '../../lib/core/policy.js'
import { OTHER_CLIENT } from '../../lib/telemetry/client-names.js'
import { METRICS } from '../../lib/telemetry/metrics.js'
import { telemetry } from '../../lib/telemetry/telemetry.js'
import { brokenRule, clientNamed, profileOf } from '../core/support.js'
import { type Collected, collecting, type Series } from './collected.js'
import { MOMENTS, policyFor, refusal, rightPar, unchallengedPar } from './moments.js'

let collected: Collected
beforeEach(() => {
  collected = collecting()
})
afterEach(() => collected.close())

const sum = (series: readonly Series[]) => series.reduce((total, [, value]) => total + value, 0)
const clientsIn = (series: readonly Series[]) => [...new Set(series.map(([attributes]) => attributes['fapi.client']))]
const brokenTwice = profileOf('p', { '1': [brokenRule('a'), brokenRule('b', { error: 'invalid_client' })], '2': [brokenRule('a')] })
const fromClient = (client: Client) => ({ ...rightPar, client })

test.each(MOMENTS)('%s counts once, with all that is known of it', async (_what, more, act, { stage, mode, outcome, rule }) => {
  act(policyFor(telemetry(collected.providers), more))
  const common = { 'fapi.stage': stage, 'fapi.profile': 'fapi2-security', 'fapi.mode': mode, 'fapi.client': 'app', 'fapi.outcome': outcome }
  const attributes = { ...common, ...(rule !== undefined && { 'fapi.rule': rule }) }
  expect(await collected.series('fapi.verdict')).toEqual([[attributes, 1]])
  expect(await collected.series('fapi.violation')).toEqual(rule === undefined ? [] : [[attributes, 1]])
})

test('verdicts add up to moments, and violations to broken rules, each once in a verdict', async () => {
  const policy = createPolicy({ profile: brokenTwice, record: telemetry(collected.providers) })
  for (let times = 0; times < 5; times++) policy.decide('par', rightPar)
  expect(await collected.series('fapi.verdict')).toMatchObject([[{ 'fapi.rule': 'b', 'fapi.outcome': 'refused' }, 5]])
  expect(await collected.series('fapi.violation')).toMatchObject([
    [{ 'fapi.rule': 'a', 'fapi.outcome': 'refused' }, 5],
    [{ 'fapi.rule': 'b', 'fapi.outcome': 'refused' }, 5],
  ])
})

test('in report mode the rule is the one that would have been answered', async () => {
  createPolicy({ profile: brokenTwice, mode: 'report', record: telemetry(collected.providers) }).decide('par', rightPar)
  expect(await collected.series('fapi.verdict')).toMatchObject([[{ 'fapi.rule': 'b', 'fapi.outcome': 'reported' }, 1]])
})

test('what is waived counts as waived, also where another rule refuses', async () => {
  const waivers = { b: { reason: 'OPS-1' } }
  createPolicy({ profile: brokenTwice, waivers, record: telemetry(collected.providers) }).decide('par', rightPar)
  expect(await collected.series('fapi.verdict')).toMatchObject([[{ 'fapi.rule': 'a', 'fapi.outcome': 'refused' }, 1]])
  expect(await collected.series('fapi.violation')).toMatchObject([
    [{ 'fapi.rule': 'a', 'fapi.outcome': 'refused' }, 1],
    [{ 'fapi.rule': 'b', 'fapi.outcome': 'waived' }, 1],
  ])
})

test('judging is measured in seconds, and what was not judged is not', async () => {
  const policy = policyFor((verdict, { took, registered }) =>
    telemetry(collected.providers)(verdict, { registered, took: took === undefined ? undefined : 0.000_25 }),
  )
  policy.decide('par', rightPar)
  policy.note(refusal)
  const [duration] = (await collected.metrics()).filter(({ descriptor }) => descriptor.name === 'fapi.judge.duration')
  expect(duration).toMatchObject({
    descriptor: METRICS.duration,
    dataPoints: [{ attributes: { 'fapi.stage': 'par', 'fapi.profile': 'fapi2-security' }, value: { count: 1, sum: 0.000_25 } }],
  })
  expect(duration?.dataPoints).toHaveLength(1)
  const [point] = duration?.dataPoints ?? []
  expect(typeof point?.value === 'object' && 'buckets' in point.value && point.value.buckets).toMatchObject({
    boundaries: [0.000_005, 0.000_01, 0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1],
    counts: [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0],
  })
})

test('every instrument has its name, unit and description', async () => {
  policyFor(telemetry(collected.providers)).decide('par', unchallengedPar)
  const found = (await collected.metrics()).map(({ descriptor: { name, unit, description } }) => ({ name, unit, description }))
  expect(found).toEqual(Object.values(METRICS))
})

test('without a provider the global one counts, although it was set later', async () => {
  const policy = policyFor(telemetry())
  policy.decide('par', rightPar)
  globalMetrics.setGlobalMeterProvider(collected.providers.meterProvider)
  try {
    policy.decide('par', unchallengedPar)
  } finally {
    globalMetrics.disable()
  }
  expect(await collected.series('fapi.verdict')).toMatchObject([[{ 'fapi.outcome': 'refused' }, 1]])
})

describe('clients', () => {
  const wanting = (client: Client) => ({ client: { ...client, token_endpoint_auth_method: 'none' } })

  test('that only ask to be registered make no series, however many there are; who is registered has a name', async () => {
    const policy = policyFor(telemetry(collected.providers))
    for (let index = 0; index < 3000; index++) {
      policy.decide('registration', wanting(clientNamed(`newcomer-${index}`)))
      policy.note({ ...refusal, stage: 'registration', client: clientNamed(`newcomer-${index}`) })
    }
    const current = clientNamed('known')
    policy.decide('registration', { ...wanting(current), current })
    const series = await collected.series('fapi.verdict')
    expect(clientsIn(series)).toEqual([undefined, 'known'])
    expect(series).toHaveLength(3)
    expect(sum(series)).toBe(6001)
  })

  test('that nobody knows have no name', async () => {
    policyFor(telemetry(collected.providers)).note({ ...refusal, client: undefined, description: 'no client named garbage-1' })
    expect(clientsIn(await collected.series('fapi.verdict'))).toEqual([undefined])
  })

  test('beyond the number that is wanted are counted together, and the first keep their names', async () => {
    const policy = policyFor(telemetry({ ...collected.providers, clients: 2 }))
    for (const id of ['a', 'b', 'c', 'd', 'a', 'c']) policy.decide('par', fromClient(clientNamed(id)))
    const series = await collected.series('fapi.verdict')
    expect(series.map(([attributes, value]) => [attributes['fapi.client'], value])).toEqual([
      ['a', 2],
      ['b', 1],
      [OTHER_CLIENT, 3],
    ])
  })

  test.each([
    [0, 'app', OTHER_CLIENT],
    [1, 'app', 'app'],
    [1, 'a'.repeat(256), 'a'.repeat(256)],
    [1, `https://app.example/${'a'.repeat(256)}`, OTHER_CLIENT],
    [1, 'ключ\u0000"\n', 'ключ\u0000"\n'],
  ])('of %s wanted: %j is %j', async (clients, id, expected) => {
    policyFor(telemetry({ ...collected.providers, clients })).decide('par', fromClient(clientNamed(id)))
    expect(clientsIn(await collected.series('fapi.verdict'))).toEqual([expected])
  })

  test('are no attribute of the time it took: each would have all buckets', async () => {
    const policy = policyFor(telemetry(collected.providers))
    for (const id of ['a', 'b', 'c']) policy.decide('par', fromClient(clientNamed(id)))
    expect(await collected.series('fapi.judge.duration')).toHaveLength(1)
  })
})

test('every other attribute has as many values as there are stages, modes, outcomes, profiles and rules: nothing a request says is one', async () => {
  const policy = policyFor(telemetry(collected.providers))
  for (let index = 0; index < 300; index++) {
    const garbage = `garbage-${index}`
    policy.decide('par', {
      ...unchallengedPar,
      params: {
        ...unchallengedPar.params,
        state: garbage,
        scope: garbage,
        redirect_uri: `https://${garbage}.example`,
        response_type: garbage,
      },
      wire: { ...rightPar.wire, headers: { 'x-fapi-interaction-id': garbage } },
    })
    policy.note({ ...refusal, client: undefined, error: garbage, description: garbage, detail: garbage })
  }
  expect(JSON.stringify([await collected.series('fapi.verdict'), await collected.series('fapi.violation')])).not.toContain('garbage')
  expect(await collected.series('fapi.verdict')).toHaveLength(2)
})
