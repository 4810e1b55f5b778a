import { authorizationParams, STATE } from './authorization-request.js'
import type { AuthorizationResponse } from './authorization-response.js'
import type { Landing } from './browser.js'
import type { Party } from './party.js'
import type { Answer } from './wire.js'

/** RFC 6749 §5.2: what `error_description` may hold. */
const DESCRIPTION = /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/

/** An OAuth error as JSON: nothing else in it, nothing cached, nothing a client could choke on. */
export function expectError(answer: Answer, status: number, error: string): void {
  const { json } = answer
  // The provider names the scopes that were refused.
  const { error_description: why = 'none', scope: _, ...rest } = json
  expect({ status: answer.status, ...rest, why }).toEqual({ status, error, why: expect.stringMatching(DESCRIPTION) })
  expect(String(answer.headers['content-type'])).toMatch(/^application\/json/)
  expect(String(answer.headers['cache-control'])).toContain('no-store')
}

/** TOKEN(x) and PAR-400(x): a fault of the request. */
export const expectBadRequest = (answer: Answer, error: string) => expectError(answer, 400, error)

/** CLIENT-AUTH. */
export const expectUnauthenticated = (answer: Answer) => expectError(answer, 401, 'invalid_client')

/** A pushed request was taken (RFC 9126 §2.2). */
export function expectPushed(answer: Answer): void {
  expect({ status: answer.status, error: answer.json.error_description }).toEqual({ status: 201, error: undefined })
  expect(answer.json.request_uri).toMatch(/^urn:ietf:params:oauth:request_uri:.{22,}$/)
  expect(answer.json.expires_in).toBeGreaterThanOrEqual(5)
  expect(answer.json.expires_in).toBeLessThan(600)
  expect(String(answer.headers['cache-control'])).toContain('no-store')
}

/** Tokens were issued (RFC 6749 §5.1). */
export function expectTokens(answer: Answer, type?: 'DPoP' | 'Bearer'): void {
  expect({ status: answer.status, error: answer.json.error_description }).toEqual({ status: 200, error: undefined })
  expect(answer.json).toMatchObject({
    access_token: expect.any(String),
    token_type: type ?? expect.any(String),
    expires_in: expect.any(Number),
  })
  expect(String(answer.headers['content-type'])).toMatch(/^application\/json/)
  expect(String(answer.headers['cache-control'])).toContain('no-store')
}

interface Told {
  /** The `state` to come back; `null` when there must be none. */
  readonly state?: string | null | 'either'
  readonly jarm?: boolean | 'either'
}

/** AUTHZ(x): the client is told, at its own redirect URI, with `state` and `iss`, and under JARM inside the JWT. */
export async function expectToldClient(
  party: Party,
  landing: Landing,
  error: string,
  { state = STATE, jarm = authorizationParams(party.tpp).response_mode === 'jwt' }: Told = {},
): Promise<AuthorizationResponse> {
  const response = await party.respond(landing)
  expect(response.params).toMatchObject({ error, iss: expect.any(String), ...(state !== null && state !== 'either' && { state }) })
  if (state === null) expect(response.params).not.toHaveProperty('state')
  expect(response.params.code).toBeUndefined()
  expect(response.params.id_token).toBeUndefined()
  expect(String(response.params.error_description ?? 'none')).toMatch(DESCRIPTION)
  if (jarm === true) expect(Object.keys(response.bare)).toEqual(['response'])
  if (jarm === false) expect(Object.keys(response.bare)).not.toContain('response')
  expect([302, 303]).toContain(landing.answer.status)
  return response
}

/** A request that must not get through, by value: the client is told, or the user is. Nobody gets a code. */
export async function expectTurnedAway(party: Party, landing: Landing, errors: readonly string[], told?: Told): Promise<void> {
  if (!landing.location) return expectPage(landing)
  const { params } = await party.respond(landing)
  expect(errors).toContain(params.error)
  await expectToldClient(party, landing, String(params.error), told)
}

/** PAGE: the user is told, nobody is redirected anywhere. */
export function expectPage({ location, answer }: Landing, text: RegExp = /./): void {
  expect(location?.href).toBeUndefined()
  expect({ status: answer.status, type: answer.headers['content-type'] }).toEqual({
    status: 400,
    type: expect.stringMatching(/^text\/html/),
  })
  expect(answer.text).toMatch(text)
  expect(answer.text).not.toMatch(/<form/)
}

/** A code arrived, and what goes with it; `state` is `null` when there must be none. */
export async function expectCode(party: Party, landing: Landing, state: string | null = STATE): Promise<string> {
  const { params, bare } = await party.respond(landing)
  expect(params).toEqual(expect.not.objectContaining({ error: expect.anything() }))
  expect(params).toMatchObject({ code: expect.any(String), ...(params.id_token === undefined && { iss: expect.any(String) }) })
  expect(params.state ?? null).toBe(state)
  if (bare.response !== undefined) expect(Object.keys(bare)).toEqual(['response'])
  return String(params.code)
}
