import { jest } from '@jest/globals'
import type { MeterProvider, TracerProvider } from '@opentelemetry/api'
import { ConfigurationError } from '../../lib/core/errors.js'
import * as subpath from '../../lib/telemetry/index.js'
import { type TelemetryOptions, telemetry } from '../../lib/telemetry/telemetry.js'
import { type Collected, collecting } from './collected.js'
import { policyFor, refusal, rightPar, unchallengedPar } from './moments.js'
import { SECRETS, secretRefusal } from './secrets.js'

const warnings: string[] = []
jest.spyOn(process, 'emitWarning').mockImplementation((...[warning, options]: readonly unknown[]) => {
  warnings.push(`${typeof options === 'object' && options !== null && 'code' in options ? options.code : ''}: ${warning}`)
})

let collected: Collected
beforeEach(() => {
  warnings.splice(0)
  collected = collecting()
})
afterEach(() => collected.close())

/** Something whose every function fails, from the call with that number on. */
const failing = (): never => {
  throw new Error('no exporter takes access_token=q8mZ3kV0T7xW2pLrB5nYcA')
}
const meterOf = (made: object): MeterProvider => ({ getMeter: () => ({ createCounter: () => made, createHistogram: () => made }) }) as never
const tracerOf = (span: object): TracerProvider => ({ getTracer: () => ({ startSpan: () => span }) }) as never
const span = { isRecording: () => true, addEvent() {}, setStatus() {}, end() {} }

describe('a failure', () => {
  const broken: readonly (readonly [what: string, options: TelemetryOptions, which: string])[] = [
    ['to get a meter', { meterProvider: { getMeter: failing } }, 'counting verdicts'],
    ['to make a counter', { meterProvider: { getMeter: () => ({ createCounter: failing }) as never } }, 'counting verdicts'],
    ['to count', { meterProvider: meterOf({ add: failing, record: failing }) }, 'counting verdicts'],
    ['to measure', { meterProvider: meterOf({ add() {}, record: failing }) }, 'counting verdicts'],
    ['to start a span', { tracerProvider: { getTracer: () => ({ startSpan: failing }) as never } }, 'tracing verdicts'],
    ['to tell an event', { tracerProvider: tracerOf({ ...span, addEvent: failing }) }, 'tracing verdicts'],
    ['to end a span', { tracerProvider: tracerOf({ ...span, end: failing }) }, 'tracing verdicts'],
  ]

  test.each(broken)('%s changes no answer and is warned of once', async (_what, options, which) => {
    const policy = policyFor(telemetry({ ...collected.providers, ...options }))
    for (let times = 0; times < 3; times++) {
      expect(policy.decide('par', unchallengedPar)?.rejection?.rule).toBe('pkce-s256')
      expect(policy.decide('par', rightPar)).toMatchObject({ rejection: undefined })
      policy.note(refusal)
    }
    await new Promise(setImmediate)
    expect(warnings).toEqual([expect.stringMatching(new RegExp(`^FAPI_TELEMETRY: ${which} failed.*said once`))])
    expect(warnings[0]).not.toContain('q8mZ3kV0')
  })

  test('of the one leaves the other at work', async () => {
    policyFor(telemetry({ ...collected.providers, tracerProvider: tracerOf({ end: failing }) })).decide('par', rightPar)
    expect(await collected.series('fapi.verdict')).toHaveLength(1)
    policyFor(telemetry({ ...collected.providers, meterProvider: meterOf({ add: failing }) })).decide('par', rightPar)
    expect(collected.spans()).toHaveLength(1)
  })

  test('to get a tracer is told at once: nothing has been asked for yet', () => {
    expect(() => telemetry({ tracerProvider: { getTracer: failing } })).toThrow('no exporter')
  })
})

test('no credential, code or personal claim gets into a span or a metric, wherever it stood', async () => {
  const policy = policyFor(telemetry(collected.providers))
  for (const secret of SECRETS) {
    policy.note(secretRefusal(secret))
    policy.decide('par', {
      ...unchallengedPar,
      params: { ...unchallengedPar.params, code_challenge: secret, login_hint: secret, request: secret },
    })
    policy.decide('par', {
      ...unchallengedPar,
      wire: { ...rightPar.wire, headers: { authorization: secret, 'x-fapi-interaction-id': secret } },
    })
  }
  const spans = collected.spans().map(({ name, attributes, events, status }) => ({ name, attributes, events, status }))
  expect(spans).toHaveLength(3 * SECRETS.length)
  const told = JSON.stringify([spans, await collected.metrics()])
  for (const secret of SECRETS) expect(told).not.toContain(secret)
})

test.each<readonly [options: unknown, ...wrong: string[]]>([
  [{ tracerProvider: {} }, 'tracerProvider'],
  [{ tracerProvider: null }, 'tracerProvider'],
  [{ meterProvider: 'global' }, 'meterProvider'],
  [{ clients: -1 }, 'clients'],
  [{ clients: 1.5 }, 'clients'],
  [{ clients: '10' }, 'clients'],
  [{ clients: Number.POSITIVE_INFINITY }, 'clients'],
  [{ tracerProvider: 1, meterProvider: 1, clients: Number.NaN }, 'tracerProvider', 'meterProvider', 'clients'],
])('%j is refused', (options, ...wrong) => {
  const create = () => telemetry(options as TelemetryOptions)
  expect(create).toThrow(ConfigurationError)
  expect(create).toThrow(expect.objectContaining({ faults: wrong.map((option) => expect.objectContaining({ option })) }))
})

test.each([undefined, {}, { clients: 0 }, { tracerProvider: undefined, meterProvider: undefined, clients: undefined }])(
  '%j is taken',
  (options) => {
    expect(telemetry(options as TelemetryOptions)).toBeInstanceOf(Function)
  },
)

test('the subpath has it', () => {
  expect(Object.keys(subpath)).toEqual(['telemetry'])
})
