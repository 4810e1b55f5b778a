import { Writable } from 'node:stream'
import { jest } from '@jest/globals'
import { pino } from 'pino'
import { ConfigurationError } from '../../lib/core/errors.js'
import { createPolicy } from '../../lib/core/policy.js'
import { type EventLogger, type FapiEvent, type LogEventsOptions, logEvents } from '../../lib/telemetry/log-events.js'
import { brokenRule, profileOf } from '../core/support.js'
import { INTERACTION, MOMENTS, nameless, policyFor, refusal, rightPar, unchallengedPar, waiver } from './moments.js'
import { SECRETS, secretRefusal } from './secrets.js'

const warnings: string[] = []
jest.spyOn(process, 'emitWarning').mockImplementation((warning) => void warnings.push(String(warning)))
beforeEach(() => warnings.splice(0))

/** pino, and the lines it wrote. */
function pinoAt(level: string) {
  const lines: Record<string, unknown>[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)))
      done()
    },
  })
  return { logger: pino({ level, base: null, timestamp: false }, stream), lines }
}

/** A logger without levels of its own, as `console` is. */
function plainLogger() {
  const told: (readonly [level: string, event: FapiEvent, message: string])[] = []
  const at = (level: string) => (event: FapiEvent, message: string) => void told.push([level, event, message])
  return { logger: { debug: at('debug'), info: at('info'), warn: at('warn') }, told }
}

const LEVEL = { passed: 20, waived: 30, reported: 30, refused: 40 }

test.each(MOMENTS)('%s is one event of pino', (_what, more, act, { stage, mode, outcome, rule, error }) => {
  const { logger, lines } = pinoAt('debug')
  act(policyFor(logEvents(logger), more))
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatchObject({
    ...{ level: LEVEL[outcome as keyof typeof LEVEL], event: 'fapi.verdict', interaction: INTERACTION, client: 'app' },
    ...{ stage, mode, outcome, profile: 'fapi2-security', ...(rule !== undefined && { rule, error }) },
    msg: outcome === 'passed' ? `passed at ${stage}` : `${outcome} at ${stage}: ${rule === 'server' ? error : rule}`,
  })
})

test('a refusal says the clauses, what was wrong, and what to do', () => {
  const { logger, lines } = pinoAt('info')
  policyFor(logEvents(logger)).decide('par', unchallengedPar)
  expect(lines).toEqual([
    {
      ...{
        level: 40,
        event: 'fapi.verdict',
        interaction: INTERACTION,
        stage: 'par',
        profile: 'fapi2-security',
        client: 'app',
        mode: 'enforce',
      },
      ...{ outcome: 'refused', rule: 'pkce-s256', error: 'invalid_request', description: 'code_challenge_method must be S256' },
      clauses: [expect.stringMatching(/^FAPI2-SP-/)],
      mend: expect.stringMatching(/S256/),
      msg: 'refused at par: pkce-s256',
    },
  ])
})

test('what is waived says why, and what else was broken is named', () => {
  const { logger, told } = plainLogger()
  policyFor(logEvents(logger), { waivers: waiver }).decide('par', unchallengedPar)
  const profile = profileOf('p', { '1': [brokenRule('a'), brokenRule('b'), brokenRule('c')] })
  createPolicy({ profile, record: logEvents(logger, { profiles: [profile] }) }).decide('par', rightPar)
  expect(told).toMatchObject([
    ['info', { waived: 'OPS-142' }, 'waived at par: pkce-s256'],
    ['warn', { rule: 'a', also: ['b', 'c'] }, 'refused at par: a and 2 more'],
  ])
})

test('what to do is looked up in profiles of your own', () => {
  const { logger, told } = plainLogger()
  const profile = profileOf('p', { '1': [brokenRule('a', { mend: 'Do it right.' })] })
  createPolicy({ profile, record: logEvents(logger, { profiles: [profile] }) }).decide('par', rightPar)
  expect(told).toMatchObject([['warn', { mend: 'Do it right.' }, 'refused at par: a']])
})

describe('levels', () => {
  const allOf = (record: ReturnType<typeof logEvents>) => {
    for (const [, more, act] of MOMENTS) act(policyFor(record, more))
  }
  const outcomes = MOMENTS.map(([, , , { outcome }]) => outcome)
  const above = { debug: outcomes, info: outcomes.filter((one) => one !== 'passed'), warn: outcomes.filter((one) => one === 'refused') }

  test.each<readonly [logger: string, options: LogEventsOptions, expected: readonly unknown[]]>([
    ['trace', {}, above.debug],
    ['debug', {}, above.debug],
    ['info', {}, above.info],
    ['warn', {}, above.warn],
    ['silent', {}, []],
    ['debug', { level: 'warn' }, above.warn],
    ['warn', { level: 'debug' }, above.warn],
  ])('pino at %s, with %j', (level, options, expected) => {
    const { logger, lines } = pinoAt(level)
    allOf(logEvents(logger, options))
    expect(lines.map(({ outcome }) => outcome)).toEqual(expected)
  })

  test.each<readonly [options: LogEventsOptions, expected: readonly unknown[]]>([
    [{}, above.info],
    [{ level: 'debug' }, above.debug],
    [{ level: 'info' }, above.info],
    [{ level: 'warn' }, above.warn],
  ])('a logger that has none, with %j', (options, expected) => {
    const { logger, told } = plainLogger()
    allOf(logEvents(logger, options))
    expect(told.map(([, { outcome }]) => outcome)).toEqual(expected)
  })

  test('console is such a logger', () => {
    const info = jest.spyOn(console, 'info').mockImplementation(() => {})
    const record = logEvents(console)
    policyFor(record).decide('par', rightPar)
    policyFor(record, { mode: 'report' }).decide('par', unchallengedPar)
    expect(info.mock.calls).toEqual([[expect.objectContaining({ outcome: 'reported' }), 'reported at par: pkce-s256']])
    info.mockRestore()
  })
})

test('no credential, code or personal claim is logged, wherever it stood', () => {
  const { logger, lines } = pinoAt('debug')
  const policy = policyFor(logEvents(logger))
  for (const secret of SECRETS) {
    policy.note(secretRefusal(secret))
    policy.decide('par', { ...unchallengedPar, params: { ...unchallengedPar.params, login_hint: secret, request: secret } })
  }
  const told = JSON.stringify(lines)
  expect(lines).toHaveLength(2 * SECRETS.length)
  expect(told).toContain('[redacted, ')
  for (const secret of SECRETS) expect(told).not.toContain(secret)
  expect(told).not.toContain('alice')
})

test('a client id and an interaction id are no credentials, however they look', () => {
  const { logger, told } = plainLogger()
  const client = { ...refusal.client, client_id: 'q8mZ3kV0T7xW2pLrB5nYcAq8mZ3kV0T7xW2p' }
  const detail = `the code was given to ${client.client_id} in ${INTERACTION}`
  policyFor(logEvents(logger)).note({ ...refusal, client, detail })
  expect(told).toMatchObject([['warn', { client: client.client_id, detail }, 'refused at token: code-unused']])
})

test('the message starts no line of its own and colours nothing', () => {
  const { logger, told } = plainLogger()
  policyFor(logEvents(logger)).note({ ...refusal, ...nameless, error: 'bad\n\u001b[31mred\u0000' })
  expect(told[0]?.[2]).toBe('refused at token: bad??[31mred?')
})

describe('a logger that fails', () => {
  test.each<readonly [what: string, fail: () => unknown]>([
    [
      'by throwing',
      () => {
        throw new Error('the disk is full')
      },
    ],
    ['by rejecting', () => Promise.reject(new Error('the disk is full'))],
  ])('%s changes no answer and is warned of once', async (_what, fail) => {
    const policy = policyFor(logEvents({ debug: fail, info: fail, warn: fail }, { level: 'debug' }))
    for (let times = 0; times < 3; times++) {
      expect(policy.decide('par', unchallengedPar)?.rejection?.rule).toBe('pkce-s256')
      expect(policy.decide('par', rightPar)).toMatchObject({ rejection: undefined })
      policy.note(refusal)
    }
    await new Promise(setImmediate)
    expect(warnings).toEqual([expect.stringMatching(/^logging verdicts failed.*the disk is full/)])
  })
})

test.each<readonly [logger: unknown, options: unknown, ...wrong: string[]]>([
  [undefined, {}, 'logger'],
  [null, {}, 'logger'],
  [{ info() {}, warn() {} }, {}, 'logger'],
  ['console', {}, 'logger'],
  [console, { level: 'error' }, 'level'],
  [console, { level: 20 }, 'level'],
  [console, { profiles: 'all' }, 'profiles'],
  [{}, { level: '', profiles: {} }, 'logger', 'level', 'profiles'],
])('%p with %j is refused', (logger, options, ...wrong) => {
  const create = () => logEvents(logger as EventLogger, options as LogEventsOptions)
  expect(create).toThrow(ConfigurationError)
  expect(create).toThrow(expect.objectContaining({ faults: wrong.map((option) => expect.objectContaining({ option })) }))
})
