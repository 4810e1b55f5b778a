import { sarifReport } from '../../../lib/audit/reports/sarif.js'
import { empty, HOSTILE, hostile, realistic } from './sample-reports.js'

interface Message {
  readonly text: string
}

interface Result {
  readonly ruleId: string
  readonly ruleIndex: number
  readonly kind: string
  readonly level: string
  readonly message: Message
  readonly locations: readonly {
    readonly physicalLocation: { readonly artifactLocation: { readonly uri: string }; readonly region: { readonly startLine: number } }
    readonly logicalLocations: readonly { readonly name: string; readonly fullyQualifiedName: string }[]
  }[]
  readonly partialFingerprints: Readonly<Record<string, string>>
}

interface Log {
  readonly $schema: string
  readonly version: string
  readonly runs: readonly {
    readonly tool: {
      readonly driver: {
        readonly name: string
        readonly rules: readonly {
          readonly id: string
          readonly helpUri?: string
          readonly shortDescription: Message
          readonly help: Message
        }[]
      }
    }
    readonly automationDetails: { readonly id: string }
    readonly invocations: readonly {
      readonly executionSuccessful: boolean
      readonly startTimeUtc?: string
      readonly toolExecutionNotifications: readonly {
        readonly level: string
        readonly message: Message
        readonly associatedRule?: { readonly id: string }
      }[]
    }[]
    readonly results: readonly Result[]
  }[]
}

function read(report: typeof realistic) {
  const log = JSON.parse(sarifReport(report)) as Log
  const [run] = log.runs
  if (!run) throw new Error('no run')
  return { log, run, rules: run.tool.driver.rules, invocation: run.invocations[0] }
}

/* What the schema of SARIF 2.1.0 requires, and what GitHub code scanning does beyond it. */
describe.each([
  ['realistic', realistic],
  ['empty', empty],
  ['hostile', hostile],
])('the %s report', (_name, report) => {
  const { log, run, rules, invocation } = read(report)

  test('is a log of one run of one tool', () => {
    expect(log).toMatchObject({ version: '2.1.0', $schema: expect.stringMatching(/^https:.*sarif/) })
    expect(log.runs).toHaveLength(1)
    expect(run.tool.driver.name).toBe('express-fapi')
    expect(invocation?.executionSuccessful).toBe(true)
  })

  test('has each rule once, with its texts and only true links', () => {
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length)
    for (const { helpUri, shortDescription, help } of rules) {
      expect([shortDescription.text, help.text]).toEqual([expect.any(String), expect.any(String)])
      if (helpUri !== undefined) expect(helpUri).toMatch(/^https:\/\/[!-~]+$/)
    }
  })

  test('has results with what is required of them', () => {
    for (const { ruleId, ruleIndex, kind, level, message, locations, partialFingerprints } of run.results) {
      expect(rules[ruleIndex]?.id).toBe(ruleId)
      // §3.27.10: of a result that is no failure, there is no level.
      expect(kind).toBe('fail')
      expect(['error', 'warning']).toContain(level)
      expect(message.text).not.toContain('](')
      expect(locations).toHaveLength(1)
      // A relative reference: RFC 3986 §4.2 allows no colon in its first segment.
      expect(locations[0]?.physicalLocation.artifactLocation.uri).toMatch(/^[\w.!~*'()%-]+(\/[\w.!~*'()%-]*)*$/)
      expect(locations[0]?.physicalLocation.region.startLine).toBe(1)
      expect(Object.values(partialFingerprints)).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)])
    }
    const prints = run.results.map(({ partialFingerprints }) => Object.values(partialFingerprints)[0])
    expect(new Set(prints).size).toBe(prints.length)
  })
})

test('what failed is an error, what is warned of a warning, and what passed raises no alert', () => {
  const { run, rules } = read(realistic)
  expect(run.results.map(({ ruleId, level }) => [ruleId, level])).toEqual([
    ['pkce-s256', 'error'],
    ['tls-cipher-suites', 'warning'],
    ['assertion-once', 'error'],
  ])
  expect(rules).toHaveLength(16)
  expect(rules.find(({ id }) => id === 'pkce-s256')).toMatchObject({
    helpUri: 'https://openid.net/specs/fapi-security-profile-2_0-final.html',
    shortDescription: { text: 'The server offers PKCE by the method S256, and no other.' },
  })
  expect(run.results[0]).toMatchObject({
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: 'bank.example/.well-known/openid-configuration' } },
        logicalLocations: [{ name: 'Metadata and keys', fullyQualifiedName: 'discovery/pkce-s256/plain' }],
      },
    ],
  })
})

test('what could not be judged is a note of the run', () => {
  const { invocation } = read(realistic)
  expect(invocation?.startTimeUtc).toBe('2026-11-23T00:00:00Z')
  expect(invocation?.toolExecutionNotifications).toHaveLength(5)
  expect(invocation?.toolExecutionNotifications.every(({ level }) => level === 'note')).toBe(true)
  expect(invocation?.toolExecutionNotifications.at(-1)).toMatchObject({
    message: { text: 'Not judged: A DPoP proof is taken once: There was no client to try it with.' },
    associatedRule: { id: 'dpop-once' },
  })
})

test.each([
  ['https://bank.example', 'bank.example/.well-known/openid-configuration'],
  ['https://bank.example:8443/tenant/', 'bank.example%3A8443/tenant/.well-known/openid-configuration'],
])('of %s the place is %s', (issuer, place) => {
  const { run } = read({ ...realistic, issuer })
  expect(run.results[0]?.locations[0]?.physicalLocation.artifactLocation.uri).toBe(place)
})

test('the same finding has the same fingerprint later, and another for another server', () => {
  const printOf = (report: typeof realistic) => read(report).run.results[0]?.partialFingerprints
  expect(printOf({ ...realistic, startedAt: 0, took: 1 })).toEqual(printOf(realistic))
  expect(printOf({ ...realistic, issuer: 'https://other.example' })).not.toEqual(printOf(realistic))
})

test('two cases of one rule are two results of it', () => {
  const [, failed] = realistic.findings
  if (!failed) throw new Error('no finding')
  const { run, rules } = read({ ...realistic, findings: [failed, { ...failed, id: 'pkce-s256/none' }] })
  expect(rules.map(({ id }) => id)).toEqual(['pkce-s256'])
  expect(run.results.map(({ ruleIndex }) => ruleIndex)).toEqual([0, 0])
})

test('a hostile report says nothing in characters that hide', () => {
  expect(HOSTILE.join('')).toMatch(/[\u202e\0]/)
  expect(sarifReport(hostile).replaceAll('\n', '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u)
})
