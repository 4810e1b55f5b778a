import { explainedClauses } from '../clauses.js'
import type { Answer } from '../exchange.js'
import type { Finding } from '../finding.js'
import type { Scene } from '../scene.js'
import { INTERACTION_ID } from './api-call.js'

/** Answers of an API: to one request with an interaction id, and to one without. */
export interface Heard {
  readonly sentId: string
  readonly withId: Answer
  readonly withoutId: Answer
}

interface Manner {
  readonly id: string
  readonly summary: string
  readonly mend: string
  readonly clauses: readonly string[]
  readonly generation?: '1.0'
  readonly advises?: true
  /** What is wrong, or nothing; `unknown` where these answers cannot show it. */
  readonly check: (heard: Heard) => string | 'unknown' | undefined
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const idIn = ({ headers }: Answer) => [headers[INTERACTION_ID]].flat()[0]
/** Seconds by which the clock of an API may be off before conformance tests complain. */
const CLOCK = 300

const MANNERS: readonly Manner[] = [
  {
    id: 'interaction-id-echoed',
    summary: 'The API returns the x-fapi-interaction-id of the request.',
    mend: 'Copy x-fapi-interaction-id from the request to every answer, refusals included.',
    clauses: ['FAPI1-BASE-6.2.1-11'],
    generation: '1.0',
    check({ withId, sentId }) {
      const id = idIn(withId)
      if (id === undefined) return 'the answer has no x-fapi-interaction-id'
      return id.toLowerCase() === sentId.toLowerCase() ? undefined : 'the answer has another x-fapi-interaction-id than the request'
    },
  },
  {
    id: 'interaction-id-made',
    summary: 'The API makes an x-fapi-interaction-id where the request has none.',
    mend: 'Put a fresh UUID (RFC 4122) into x-fapi-interaction-id of the answer where the request has none.',
    clauses: ['FAPI1-BASE-6.2.1-11'],
    generation: '1.0',
    check({ withoutId }) {
      const id = idIn(withoutId)
      if (id === undefined) return 'the answer has no x-fapi-interaction-id'
      return UUID.test(id) ? undefined : 'x-fapi-interaction-id of the answer is no UUID'
    },
  },
  {
    id: 'server-date',
    summary: 'The API sends the time in the Date header, and its clock is right.',
    mend: 'Send Date with every answer (RFC 9110 section 6.6.1), and keep the clock right with NTP.',
    clauses: ['FAPI1-BASE-6.2.1-10'],
    generation: '1.0',
    check({ withId: { headers } }) {
      const at = Date.parse(headers.date ?? '') / 1000
      if (Number.isNaN(at)) return 'the answer has no Date that can be read'
      const off = Math.round(Math.abs(at - Date.now() / 1000))
      return off <= CLOCK ? undefined : `the clock is ${off} seconds off`
    },
  },
  {
    id: 'json-in-utf-8',
    summary: 'The API answers with application/json, in UTF-8.',
    mend: 'Send Content-Type: application/json, without charset or with charset=utf-8, where the answer is JSON.',
    clauses: ['FAPI1-BASE-6.2.1-8', 'FAPI1-BASE-6.2.1-9'],
    generation: '1.0',
    check({ withId: { status, headers, text, json } }) {
      // A page that explains a refusal may be of any type.
      if (text.trim() === '' || (status >= 300 && !json)) return 'unknown'
      const type = headers['content-type'] ?? 'nothing'
      return /^application\/json *(?:; *charset="?utf-8"? *)?$/i.test(type) ? undefined : `Content-Type is ${type.slice(0, 100)}`
    },
  },
  {
    id: 'api-answers-uncached',
    summary: 'Answers of the API must not be cached.',
    mend: 'Send Cache-Control: no-store with answers that show what only the holder of a token may see.',
    clauses: ['RFC9111-5.2.2.5'],
    advises: true,
    check: ({ withId: { headers } }) => (/no-store/i.test(headers['cache-control'] ?? '') ? undefined : 'Cache-Control is not no-store'),
  },
]

/** How an API answers, apart from what. */
export function mannersOf({ profile }: Scene, heard: Heard): readonly Finding[] {
  const evidence = [...new Set([heard.withId.line, heard.withoutId.line])]
  return MANNERS.flatMap(({ id, summary, mend, clauses, generation, advises, check }): Finding[] => {
    if (generation !== undefined && generation !== profile.generation) return []
    const wrong = check(heard)
    const shared = {
      area: 'resource',
      id,
      rule: id,
      title: summary,
      clauses: explainedClauses(clauses, profile),
      expected: summary,
    } as const
    if (wrong === 'unknown')
      return [
        {
          ...shared,
          status: 'unjudged',
          got: `The API answered with ${heard.withId.status} and no JSON, which does not show it.`,
          mend: undefined,
          evidence,
        },
      ]
    if (wrong === undefined) return [{ ...shared, status: 'passed', got: 'As it should be.', mend: undefined, evidence }]
    return [{ ...shared, status: advises ? 'warned' : 'failed', got: `${wrong.charAt(0).toUpperCase()}${wrong.slice(1)}.`, mend, evidence }]
  })
}
