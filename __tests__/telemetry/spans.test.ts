import { context, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { AlwaysOffSampler, BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { createPolicy } from '../../lib/core/policy.js'
import { telemetry } from '../../lib/telemetry/telemetry.js'
import { brokenRule, profileOf } from '../core/support.js'
import { type Collected, collecting } from './collected.js'
import { INTERACTION, MOMENTS, policyFor, rightPar, unchallengedPar } from './moments.js'

let collected: Collected
const manager = new AsyncLocalStorageContextManager()
beforeAll(() => void context.setGlobalContextManager(manager.enable()))
afterAll(() => {
  manager.disable()
  context.disable()
})
beforeEach(() => {
  collected = collecting()
})
afterEach(() => collected.close())

test.each(MOMENTS)('%s leaves one span, with all that is known of it', (_what, more, act, { stage, mode, outcome, rule, error }) => {
  act(policyFor(telemetry(collected.providers), more))
  const [span, ...others] = collected.spans()
  expect(others).toEqual([])
  expect(span?.name).toBe(`fapi.judge ${stage}`)
  expect(span?.attributes).toEqual({
    ...{ 'fapi.stage': stage, 'fapi.mode': mode, 'fapi.outcome': outcome },
    ...{ 'fapi.profile': 'fapi2-security', 'fapi.client': 'app', 'fapi.interaction_id': INTERACTION },
    ...(rule !== undefined && { 'fapi.rule': rule }),
    ...(outcome === 'refused' && { 'error.type': error }),
  })
  expect(
    span?.events.map(({ name, attributes }) => [name, attributes?.['fapi.rule'], attributes?.['fapi.outcome'], attributes?.['error.type']]),
  ).toEqual(rule === undefined ? [] : [['fapi.violation', rule, outcome, error]])
  expect(span?.status).toEqual(
    outcome === 'refused' ? { code: SpanStatusCode.ERROR, message: `${error}: ${rule}` } : { code: SpanStatusCode.UNSET },
  )
})

test('an event names the clauses, and there is one for each violation', () => {
  const a = brokenRule('a')
  const profile = profileOf('p', { '1': [a], '2': [a, brokenRule('b')] })
  createPolicy({ profile, record: telemetry(collected.providers) }).decide('par', rightPar)
  expect(collected.spans()[0]?.events.map(({ attributes }) => attributes)).toMatchObject([
    { 'fapi.rule': 'a', 'fapi.clauses': ['1', '2'] },
    { 'fapi.rule': 'b', 'fapi.clauses': ['2'] },
  ])
})

test('a span is a child of the one that is active, and ends with it', async () => {
  const policy = policyFor(telemetry(collected.providers))
  const tracer = collected.providers.tracerProvider.getTracer('server')
  await tracer.startActiveSpan('POST /par', async (request) => {
    await new Promise(setImmediate)
    policy.decide('par', rightPar)
    request.end()
  })
  policy.decide('par', rightPar)
  const [inside, request, outside] = collected.spans()
  expect(inside?.parentSpanContext?.spanId).toBe(request?.spanContext().spanId)
  expect(inside?.spanContext().traceId).toBe(request?.spanContext().traceId)
  expect(outside?.parentSpanContext).toBeUndefined()
})

test('a span is as long as judging took; what was not judged has no length', () => {
  for (const given of [0.25, undefined])
    policyFor((verdict, judging) => telemetry(collected.providers)(verdict, { ...judging, took: given })).decide('par', rightPar)
  const lengths = collected.spans().map(({ duration: [seconds, nanoseconds] }) => seconds + nanoseconds / 1e9)
  expect(lengths[0]).toBeCloseTo(0.25, 5)
  expect(lengths[1]).toBe(0)
})

test.each(['', 'an id', `${INTERACTION} `, 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.', 'x'.repeat(20_000)])(
  'an interaction id that is no UUID is left out: %#',
  (id) => {
    const policy = policyFor(telemetry(collected.providers))
    policy.decide('par', { ...rightPar, wire: { ...rightPar.wire, headers: { 'x-fapi-interaction-id': id } } })
    expect(collected.spans()[0]?.attributes).not.toHaveProperty('fapi.interaction_id')
  },
)

test('without a provider the global one traces, although it was set later', () => {
  const policy = policyFor(telemetry())
  trace.setGlobalTracerProvider(collected.providers.tracerProvider)
  try {
    policy.decide('par', unchallengedPar)
  } finally {
    trace.disable()
  }
  expect(collected.spans()).toHaveLength(1)
})

test('what is not sampled is not exported, and still counted', async () => {
  const exporter = new InMemorySpanExporter()
  const tracerProvider = new BasicTracerProvider({ sampler: new AlwaysOffSampler(), spanProcessors: [new SimpleSpanProcessor(exporter)] })
  policyFor(telemetry({ ...collected.providers, tracerProvider })).decide('par', unchallengedPar)
  expect(exporter.getFinishedSpans()).toEqual([])
  expect(await collected.series('fapi.verdict')).toHaveLength(1)
})
