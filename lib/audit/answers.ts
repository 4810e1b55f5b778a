import { isText, urlOf } from '../core/claims.js'
import { reasonOf } from '../core/errors.js'
import { redacted } from '../core/redacted.js'
import { jsonPart } from '../readers/jws.js'
import { outgoingOf } from './attempt.js'
import { followed } from './browsing.js'
import { namedClauses } from './clauses.js'
import type { Answer } from './exchange.js'
import type { Area, Finding } from './finding.js'
import { legalRequest, legalTokenRequest } from './legal.js'
import { withParams } from './probes/request-changes.js'
import type { Scene } from './scene.js'
import { answerTo } from './sending.js'

/** What must be true of an answer to a request that breaks nothing. */
interface AnswerCheck {
  readonly id: string
  readonly summary: string
  readonly mend: string
  readonly clauses: readonly string[]
  /** The generation whose documents ask for it; both where there is none. */
  readonly generation?: '1.0' | '2.0'
  readonly advises?: true
  /** What is wrong, or nothing. */
  readonly check: (answer: Answer, scene: Scene) => string | undefined
}

interface Step {
  readonly area: Area
  /** Asks the server; `undefined` where this client cannot. */
  readonly ask: (scene: Scene) => Promise<Answer | undefined>
  readonly checks: readonly AnswerCheck[]
}

/** What a server sent, as far as it is worth reading. */
const told = (value: unknown) => (JSON.stringify(value) ?? 'not there').slice(0, 200)
const isUncached = ({ headers }: Answer) => /no-store/i.test(headers['cache-control'] ?? '')
const isJson = ({ headers }: Answer) => /^application\/json\b/i.test(headers['content-type'] ?? '')

/** The parameters of a redirect: in the query, the fragment, or a response JWT (JARM). */
function answeredWith({ headers }: Answer): Readonly<Record<string, unknown>> {
  const url = urlOf(headers.location)
  const params = url ? [...url.searchParams, ...new URLSearchParams(url.hash.slice(1))] : []
  const said: Readonly<Record<string, unknown>> = Object.fromEntries(params)
  return isText(said.response) ? { ...jsonPart(said.response.split('.')[1] ?? '') } : said
}

/** A redirect to a page of the server is no authorization response, even if it names an error. */
const isAtClient = ({ headers }: Answer, { party }: Scene) => {
  const [to, back] = [urlOf(headers.location), urlOf(party?.client.redirect_uris[0])]
  return to !== undefined && to.origin === back?.origin && to.pathname === back.pathname
}

/** Whether something was pushed is judged elsewhere: here it is how the answer looks. */
const pushedAnswer = (answer: Answer) => (isText(answer.json?.request_uri) ? answer : undefined)

const STEPS: readonly Step[] = [
  {
    area: 'par',
    ask: async (scene) => {
      const legal = legalRequest(scene)
      return legal?.endpoint === 'par' ? pushedAnswer((await answerTo(scene, legal)).answer) : undefined
    },
    checks: [
      {
        id: 'par-answer',
        summary: 'A push is answered with 201, JSON, request_uri and a positive expires_in, and is not to be cached.',
        mend: 'Answer with status 201, content-type application/json, cache-control no-store, and { "request_uri", "expires_in" } in the body.',
        clauses: ['RFC9126-2.2'],
        check: (answer) => {
          const { expires_in: lifetime } = answer.json ?? {}
          if (answer.status !== 201) return `the status is ${answer.status}`
          if (!isJson(answer)) return 'the content-type is not application/json'
          return Number.isInteger(lifetime) && Number(lifetime) >= 5 ? undefined : `expires_in is ${told(lifetime)}`
        },
      },
      {
        id: 'par-answer-uncached',
        summary: 'The answer to a push must not be cached.',
        mend: 'Send cache-control: no-store with it.',
        clauses: ['RFC9126-2.2'],
        advises: true,
        check: (answer) =>
          /no-(?:store|cache)/i.test(answer.headers['cache-control'] ?? '') ? undefined : 'cache-control has neither no-store nor no-cache',
      },
      {
        id: 'request-uri-lifetime',
        summary: 'A request_uri lives less than 600 seconds.',
        mend: 'Let request_uri expire after a minute or so: expires_in must be below 600.',
        clauses: ['FAPI2-SP-5.3.2.2-12'],
        generation: '2.0',
        check: ({ json }) => (Number(json?.expires_in) < 600 ? undefined : `expires_in is ${told(json?.expires_in)}`),
      },
      {
        id: 'request-uri-unguessable',
        summary: 'A request_uri cannot be guessed.',
        mend: 'Make request_uri of at least 128 random bits.',
        clauses: ['RFC9126-2.2', 'FAPI2-SP-5.4.1-4'],
        check: ({ json }) => (String(json?.request_uri).replace(/^.*:/s, '').length >= 20 ? undefined : 'it has less than 20 characters'),
      },
    ],
  },
  {
    area: 'authorization',
    ask: (scene) => browse(scene, {}),
    checks: [
      {
        id: 'no-cors-at-authorization',
        summary: 'The authorization endpoint allows no cross-origin requests.',
        mend: 'Send no Access-Control-Allow-Origin from the authorization endpoint.',
        clauses: ['FAPI2-SP-5.2.3-3'],
        generation: '2.0',
        check: ({ headers }) =>
          headers['access-control-allow-origin'] === undefined ? undefined : 'there is an Access-Control-Allow-Origin header',
      },
      {
        id: 'redirects-keep-no-body',
        summary: 'Browsers are redirected with 303 or 302, never with 307 or 308.',
        mend: 'Redirect with status 303: with 307 and 308 a browser sends its form, password included, to the next place as well.',
        clauses: ['FAPI2-SP-5.3.2.2-10', 'RFC9700-4.12'],
        // Nobody has sent a password yet.
        advises: true,
        check: ({ status }) => ([307, 308].includes(status) ? `the status is ${status}` : undefined),
      },
    ],
  },
  {
    area: 'authorization',
    ask: async (scene) => {
      const answer = await browse(scene, { prompt: 'none' })
      return answer && isAtClient(answer, scene) && isText(answeredWith(answer).error) ? answer : undefined
    },
    checks: [
      {
        id: 'response-issuer',
        summary: 'Authorization responses, errors included, carry iss, and it is the issuer.',
        mend: 'Put iss with the issuer identifier into every authorization response, also into errors; under JARM it is a claim of the JWT.',
        clauses: ['FAPI2-SP-5.3.2.2-7', 'RFC9207-2'],
        generation: '2.0',
        check: (answer, { issuer }) => (answeredWith(answer).iss === issuer ? undefined : `iss is ${told(answeredWith(answer).iss)}`),
      },
      {
        id: 'response-state',
        summary: 'Authorization responses, errors included, carry the state of the request unchanged.',
        mend: 'Return state as it came, whatever its length.',
        clauses: ['RFC6749-4.1.2.1'],
        check: (answer) => (answeredWith(answer).state === STATE ? undefined : 'state is missing or was changed'),
      },
    ],
  },
  {
    area: 'token',
    ask: async (scene) => {
      const legal = legalTokenRequest(scene)
      const answer = legal && (await answerTo(scene, legal)).answer
      return answer && isText(answer.json?.access_token) ? answer : undefined
    },
    checks: [
      {
        id: 'token-answer',
        summary: 'A token is answered as JSON that must not be cached, with its type.',
        mend: 'Answer with content-type application/json and cache-control: no-store, and token_type in the body.',
        clauses: ['RFC6749-5.1', 'FAPI1-BASE-5.2.2-14'],
        check: (answer) => {
          if (!isJson(answer)) return 'the content-type is not application/json'
          if (!isUncached(answer)) return 'cache-control is not no-store'
          return isText(answer.json?.token_type) ? undefined : 'there is no token_type'
        },
      },
      {
        id: 'token-bound',
        summary: 'A token that was asked for with a DPoP proof is of the type DPoP.',
        mend: 'Bind the token to the key of the proof, and answer with token_type DPoP.',
        clauses: ['RFC9449-5', 'FAPI2-SP-5.3.2.1-4'],
        generation: '2.0',
        check: ({ json }, scene) =>
          legalTokenRequest(scene)?.proof === undefined || String(json?.token_type).toLowerCase() === 'dpop'
            ? undefined
            : `token_type is ${told(json?.token_type)}`,
      },
      {
        id: 'token-unguessable',
        summary: 'An access token cannot be guessed.',
        mend: 'Make opaque tokens of at least 128 random bits.',
        clauses: ['FAPI1-BASE-5.2.2-16', 'FAPI2-SP-5.4.1-4'],
        check: ({ json }) => (String(json?.access_token).length >= 22 ? undefined : 'it has less than 22 characters'),
      },
    ],
  },
]

/** Something to recognise. */
const STATE = 'audit-state-0123456789-0123456789'

async function browse(scene: Scene, params: Readonly<Record<string, string>>): Promise<Answer | undefined> {
  const legal = legalRequest(scene)
  const visit = legal && (await followed(withParams(legal, { state: STATE, ...params }), scene))
  return visit && scene.send({ ...outgoingOf(scene, visit), headers: { origin: 'https://attacker.example', accept: 'text/html' } })
}

/** The areas whose answers are judged. */
export const answeredAreas: readonly Area[] = STEPS.map(({ area }) => area)

/** Judges the answers to requests that break nothing in one area, as far as they come without a user. */
export async function answerFindings(scene: Scene, area: Area): Promise<readonly Finding[]> {
  if (!scene.party) return []
  const findings: Finding[] = []
  for (const step of STEPS) if (step.area === area) findings.push(...(await stepFindings(scene, step)))
  return findings
}

async function stepFindings(scene: Scene, { area, ask, checks }: Step): Promise<readonly Finding[]> {
  let answer: Answer | undefined
  try {
    answer = await ask(scene)
  } catch (cause) {
    return wanted(scene, checks).map((check) =>
      finding(scene, area, check, 'unjudged', `There was no answer to judge: ${redacted(reasonOf(cause))}`, []),
    )
  }
  if (!answer) return []
  const { line } = answer
  return wanted(scene, checks).map((check) => {
    const wrong = check.check(answer, scene)
    if (wrong === undefined) return finding(scene, area, check, 'passed', 'As it should be.', [line])
    return finding(scene, area, check, check.advises ? 'warned' : 'failed', redacted(`${wrong}.`), [line])
  })
}

const wanted = ({ profile }: Scene, checks: readonly AnswerCheck[]) =>
  checks.filter(({ generation }) => generation === undefined || generation === profile.generation)

const finding = (
  { profile }: Scene,
  area: Area,
  { id, summary, mend, clauses }: AnswerCheck,
  status: Finding['status'],
  got: string,
  evidence: readonly string[],
): Finding => ({
  ...{ area, id, status, got, evidence, rule: id, title: summary, expected: summary },
  clauses: namedClauses({ id, summary, mend, clauses }, profile),
  mend: status === 'passed' ? undefined : mend,
})
