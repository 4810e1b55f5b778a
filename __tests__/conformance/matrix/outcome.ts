import { STATE } from '../../support/authorization-request.js'
import type { Landing } from '../../support/browser.js'
import { expectPage } from '../../support/expectations.js'
import type { Party } from '../../support/party.js'
import type { Answer } from '../../support/wire.js'

/** RFC 6749 §5.2: what `error_description` may hold. */
const DESCRIPTION = /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/
/** Errors of a request whose `state` nobody may be able to read. */
const STATELESS = ['invalid_request_object', 'invalid_request_uri']

/** What the PAR or the token endpoint said: `201`, `400 invalid_request`. An error has the form of TOKEN(x): JSON, not cached, and 401 with nothing but `invalid_client`. */
export function said({ status, json, headers }: Answer): string {
  if (json.error === undefined) return String(status)
  expect(String(headers['content-type'])).toMatch(/^application\/json/)
  if (status === 400 || status === 401) expect(String(headers['cache-control'])).toContain('no-store')
  expect(String(json.error_description ?? 'none')).toMatch(DESCRIPTION)
  return `${status} ${json.error}`
}

/** What the API said. A refusal has the form of RS-401(x), and no account in it. */
export function saidByApi({ status, json, headers }: Answer): string {
  if (status === 200) return Array.isArray(json.accounts) ? '200' : '200 without accounts'
  expect(json).not.toHaveProperty('accounts')
  if (status === 401) {
    const challenges = [headers['www-authenticate'] ?? []].flat().join(', ')
    expect(challenges).toMatch(/^(Bearer|DPoP)\b/)
    if (json.error !== undefined) expect(challenges).toContain(`error="${json.error}"`)
  }
  return json.error === undefined ? String(status) : `${status} ${json.error}`
}

/** Where the user ended: `page`, `redirect access_denied`, `code` (with the client's `state`), `code without state`. A redirect has the form of AUTHZ(x), to the client's own address. */
export async function arrived(
  party: Party,
  landing: Landing,
  { state }: { readonly state: string | undefined } = { state: STATE },
): Promise<string> {
  if (!landing.location) {
    expectPage(landing)
    return 'page'
  }
  const { params, bare } = await party.respond(landing)
  if (bare.response !== undefined) expect(Object.keys(bare)).toEqual(['response'])
  if (params.error === undefined) {
    expect(params).toMatchObject({ code: expect.any(String) })
    if (params.state !== state) return 'code with another state'
    return state === undefined ? 'code without state' : 'code'
  }
  expect(params).not.toHaveProperty('code')
  expect(params).not.toHaveProperty('id_token')
  expect(params).toMatchObject({ iss: expect.any(String) })
  expect(String(params.error_description ?? 'none')).toMatch(DESCRIPTION)
  if (params.state !== state) expect(STATELESS).toContain(params.error)
  return `redirect ${params.error}`
}
