import { readFileSync, writeFileSync } from 'node:fs'
import type { Verdict } from 'express-fapi'
import { ACCOUNTS } from './matrix/accounts.js'
import { AUTHORIZATIONS } from './matrix/authorizations.js'
import { CLIENT_ASSERTIONS } from './matrix/client-assertions.js'
import { CODES } from './matrix/codes.js'
import { explained } from './matrix/explained.js'
import { FAPI1_AUTHORIZATIONS } from './matrix/fapi1-authorizations.js'
import { PROOFS } from './matrix/proofs.js'
import { PUSHES } from './matrix/pushes.js'
import { REFRESH_TOKENS } from './matrix/refresh-tokens.js'
import { REFUSED_BY, REFUSED_OTHERWISE } from './matrix/refused-by.js'
import { REQUEST_OBJECTS } from './matrix/request-objects.js'
import { REQUEST_URIS } from './matrix/request-uris.js'
import { REQUESTS, type Row, SUCCESS } from './matrix/row.js'
import { openServers, type ServerName, type Servers } from './matrix/servers.js'
import { NEGATIVE_MODULES, NOT_HERE } from './matrix/suite-modules.js'

/** Rows where the servers answer differently and both answers are accepted. */
interface Difference {
  readonly bank: string
  readonly 'own-server': string
  readonly reason: string
  /** Titles of rows. */
  readonly rows: readonly string[]
}

/** The title of a row for both clients of FAPI 1.0. */
const byValue = (module: string, sent: string) => ['fapi1-jarm', 'fapi1-hybrid'].map((as) => `${module} | ${as}, by value | ${sent}`)

/** The differences. There are no others: see the last test. */
const DIFFERENCES: readonly Difference[] = [
  {
    bank: 'redirect invalid_request_object',
    'own-server': 'page',
    reason:
      'Outside the object is no redirect_uri. node-oidc-provider goes by the one in an object it could not verify, if it is registered; to the middlewares such an object says nothing.',
    rows: [
      ...byValue('ensure-request-object-signature-algorithm-is-not-none', 'alg=none'),
      ...byValue('ensure-signed-request-object-with-RS256-fails', 'RS256'),
      ...byValue('ensure-request-object-with-invalid-signature-fails', 'another signature'),
      ...byValue('ensure-matching-key-in-authorization-request', 'the key of another client'),
      ...byValue('ensure-matching-key-in-authorization-request', 'the key of another client under the own kid'),
      ...byValue('par-authorization-request-containing-request_uri', 'request_uri inside'),
    ],
  },
  {
    bank: 'redirect invalid_request_object',
    'own-server': 'page',
    reason: 'node-oidc-provider answers at the only address there is; the middlewares answer nowhere but where the object says.',
    rows: [
      ...byValue('ensure-request-object-without-redirect-uri-fails', 'no redirect_uri inside'),
      ...byValue('ensure-request-object-without-redirect-uri-fails', 'redirect_uri outside only'),
    ],
  },
  {
    bank: 'redirect invalid_request',
    'own-server': 'redirect invalid_request_object',
    reason: 'node-oidc-provider misses the parameter in the request by itself; the middlewares find fault with the object.',
    rows: [
      ...byValue('ensure-request-object-without-nonce-fails', 'no nonce inside'),
      ...byValue('ensure-request-object-without-nonce-fails', 'nonce outside only'),
      ...byValue('ensure-request-object-without-scope-fails', 'no scope inside'),
      ...byValue('ensure-request-object-without-scope-fails', 'scope outside only'),
    ],
  },
  {
    bank: '400 invalid_request',
    'own-server': '400 invalid_request_object',
    reason: 'The same, pushed.',
    rows: [
      'ensure-request-object-without-nonce-fails | fapi1-jarm, push | no nonce inside',
      'ensure-request-object-without-scope-fails | fapi1-jarm, push | no scope inside',
    ],
  },
  {
    bank: 'page',
    'own-server': 'redirect invalid_request_object',
    reason:
      'Inside is another client than outside. node-oidc-provider then believes neither; the middlewares answer the client outside, at an address that it has registered.',
    rows: [
      'RFC9101-5-a | fapi1-jarm, by value | another client_id outside than inside',
      'ensure-matching-key-in-authorization-request | fapi1-jarm, by value | the request object of another client, whole',
    ],
  },
  {
    bank: 'redirect request_uri_not_supported',
    'own-server': 'page',
    reason: 'Nobody has seen what is behind that request_uri: the middlewares redirect nobody.',
    rows: ['RFC9101-10.4-a | fapi1-jarm, by value | a request_uri that the client hosts'],
  },
  {
    bank: 'redirect invalid_request_uri',
    'own-server': 'page',
    reason:
      'A used request_uri is forgotten, and its redirect_uri with it. node-oidc-provider answers a client of FAPI 1.0 at its only address.',
    rows: ['par-attempt-reuse-request_uri | fapi1-jarm, pushed | FAPI 1.0: opened after completion'],
  },
  {
    bank: '400 request_uri_not_supported',
    'own-server': '400 invalid_request',
    reason: 'RFC 9126 2.1 forbids the parameter and names no error of its own.',
    rows: [
      'par-authorization-request-containing-request_uri-form-param | fapi2, push | request_uri',
      'par-authorization-request-containing-request_uri-form-param | signing, push | request_uri next to the request object',
    ],
  },
  {
    bank: '400 invalid_request',
    'own-server': '400 unsupported_response_type',
    reason: 'node-oidc-provider knows the response type, and that the client has not registered it, before any rule is asked.',
    rows: [
      'ensure-response-type-code-idtoken-fails / -token-fails | fapi2, push | response_type=code id_token',
      'ensure-response-type-code-idtoken-fails | fapi2, push | no response_type',
    ],
  },
  {
    bank: '400 invalid_request',
    'own-server': '400 invalid_dpop_proof',
    reason: 'Proof and dpop_jkt contradict each other: either may be called the wrong one.',
    rows: ['ensure-mismatched-dpop-jkt-fails | fapi2, push | dpop_jkt of another key than the proof'],
  },
  {
    bank: '404',
    'own-server': '405 invalid_request',
    reason: 'node-oidc-provider routes by method and knows no such address; the middleware has the address to itself.',
    rows: ['GET', 'PUT', 'DELETE'].map((method) => `par-attempt-invalid-http-method | fapi2, push | ${method}`),
  },
]

const MATRIX: readonly Row[] = [
  ...PUSHES,
  ...REQUEST_OBJECTS,
  ...CLIENT_ASSERTIONS,
  ...AUTHORIZATIONS,
  ...FAPI1_AUTHORIZATIONS,
  ...REQUEST_URIS,
  ...CODES,
  ...PROOFS,
  ...REFRESH_TOKENS,
  ...ACCOUNTS,
]
const titleOf = ({ module, as, by, sent }: Row) => `${module} | ${as}, ${by} | ${sent}`

let servers: Servers
beforeAll(async () => {
  const clients = [
    'fapi2',
    'fapi2-second',
    'fapi2-mtls',
    'fapi2-mtls-second',
    'fapi2-jwt-mtls',
    'signing',
    'fapi1-jarm',
    'fapi1-hybrid',
    'fapi1-both',
  ] as const
  servers = await openServers(clients)
})
afterAll(() => servers?.close())

/** What each server said, by row. */
const heard: Readonly<Record<ServerName, Map<string, string>>> = { bank: new Map(), 'own-server': new Map() }
/** What refused the request of a row, where it was refused. */
const refused: Readonly<Record<ServerName, Map<string, Verdict | undefined>>> = { bank: new Map(), 'own-server': new Map() }

describe.each(['bank', 'own-server'] as const)('%s', (name) => {
  const legal = new Map<string, Promise<string>>()

  /** What came of the legal request next to a row; most rows share theirs. */
  function neighbourOf({ as, by, nearest }: Row): Promise<string> {
    if (nearest) return nearest(servers.scene(name))
    const outcome = legal.get(`${by} ${as}`) ?? REQUESTS[by](servers.scene(name), as)
    legal.set(`${by} ${as}`, outcome)
    return outcome
  }

  test.each(MATRIX.map((row) => ({ title: titleOf(row), row })))('$title', async ({ title, row }) => {
    expect(await neighbourOf(row)).toBe(SUCCESS[row.by])
    servers.verdicts(name)
    const outcome = await row.send(servers.scene(name))
    refused[name].set(title, refusalAmong(servers.verdicts(name)))
    heard[name].set(title, outcome)
    expect(row.accepted).toContain(outcome)
  })
})

/** The verdict about the last request that was refused. Where there are two about one, the second says why nobody was redirected. */
function refusalAmong(verdicts: readonly Verdict[]): Verdict | undefined {
  const refusals = verdicts.filter(({ rejection }) => rejection)
  return refusals.find(({ interaction }) => interaction === refusals.at(-1)?.interaction)
}

test('every row has a title of its own', () => {
  expect(new Set(MATRIX.map(titleOf)).size).toBe(MATRIX.length)
})

test('every difference that is listed is one of a row', () => {
  const titles = MATRIX.map(titleOf)
  expect(DIFFERENCES.flatMap(({ rows }) => rows).filter((title) => !titles.includes(title))).toEqual([])
})

test('the servers differ in the rows that are listed, and in no others', () => {
  const { bank, 'own-server': own } = heard
  const both = MATRIX.map(titleOf).filter((title) => bank.has(title) && own.has(title))
  const listed = new Map(DIFFERENCES.flatMap(({ rows, ...difference }) => rows.map((title) => [title, difference] as const)))
  const said = (title: string) => ({ title, bank: bank.get(title), 'own-server': own.get(title) })
  const expected = (title: string) => {
    const difference = listed.get(title)
    return { title, bank: difference?.bank ?? bank.get(title), 'own-server': difference?.['own-server'] ?? bank.get(title) }
  }
  expect(both.map(said)).toEqual(both.map(expected))
})

describe('what refuses a row', () => {
  const rowsOf = (name: ServerName) => [
    ...Object.entries(REFUSED_BY).flatMap(([id, rows]) => rows.map((title) => [title, id] as const)),
    ...REFUSED_OTHERWISE.flatMap(({ rows, [name]: id }) => rows.flatMap((title) => (id === undefined ? [] : [[title, id] as const]))),
  ]

  test.each(['bank', 'own-server'] as const)('has one name each time, at the %s', (name) => {
    const expected = new Map(rowsOf(name))
    const said = [...refused[name]].map(([title, verdict]) => [title, verdict?.rejection?.rule])
    expect(said).toEqual(said.map(([title]) => [title, expected.get(String(title))]))
  })

  test('is said of rows that there are, once for each', () => {
    const titles = MATRIX.map(titleOf)
    for (const name of ['bank', 'own-server'] as const) {
      const listed = rowsOf(name).map(([title]) => title)
      expect(listed.filter((title) => !titles.includes(title))).toEqual([])
      expect(new Set(listed).size).toBe(listed.length)
    }
  })

  test('is said of every row that nobody accepts', () => {
    const listed = new Set((['bank', 'own-server'] as const).flatMap((name) => rowsOf(name).map(([title]) => title)))
    const negative = MATRIX.filter(({ accepted }) => accepted.every((answer) => /^(?:[45]\d\d|redirect|page)\b/.test(answer)))
    expect(negative.length).toBeGreaterThan(200)
    expect(negative.map(titleOf).filter((title) => !listed.has(title))).toEqual([])
  })

  test.each(Object.entries(NEGATIVE_MODULES))('is said of the module %s', (_module, modules) => {
    const listed = rowsOf('bank')
      .concat(rowsOf('own-server'))
      .map(([title]) => title)
    expect(modules.filter((module) => !listed.some((title) => title.startsWith(`${module} | `)))).toEqual([])
  })

  test('is not said of modules that are not here', () => {
    const modules = new Set(MATRIX.map(({ module }) => module))
    expect(Object.keys(NOT_HERE).filter((module) => modules.has(module))).toEqual([])
  })

  test('is explained: explanations.md has it word by word (UPDATE_EXPLANATIONS=1 writes it anew)', () => {
    const all = (['bank', 'own-server'] as const).flatMap((server) =>
      [...refused[server]].flatMap(([title, verdict]) =>
        verdict ? [{ title, server, answer: String(heard[server].get(title)), verdict }] : [],
      ),
    )
    const first = new Map(all.toReversed().map((one) => [one.verdict.rejection?.rule, one] as const))
    const texts = all.filter((one) => first.get(one.verdict.rejection?.rule) === one).map(explained)
    const text = [HEADING, ...texts].join('\n')
    if (process.env.UPDATE_EXPLANATIONS) writeFileSync(EXPLANATIONS, text)
    expect(texts.length).toBeGreaterThanOrEqual(30)
    expect(text).toBe(readFileSync(EXPLANATIONS, 'utf8'))
  })
})

const EXPLANATIONS = new URL('explanations.md', import.meta.url)
const HEADING = `# What refuses a request, explained

Each refusal of the conformance matrix once, as the journal of the server explains it to an operator or a developer.
The test both-servers.test.ts makes these texts from real requests, and compares; with UPDATE_EXPLANATIONS=1 it writes them.
`
