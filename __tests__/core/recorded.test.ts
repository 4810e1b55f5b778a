import { randomBytes, randomUUID } from 'node:crypto'
import { jest } from '@jest/globals'
import { createPolicy } from '../../lib/core/policy.js'
import type { Verdict } from '../../lib/core/verdict.js'
import { fapi1Advanced, fapi2Security } from '../../lib/profiles/index.js'
import { clientFacts } from '../../lib/readers/client-metadata.js'
import { weakRsaJwk } from '../support/keys.js'

/* What is recorded stays, and is read by many: what somebody sent by mistake must not be in it. */

const warnings: string[] = []
jest.spyOn(process, 'emitWarning').mockImplementation((warning) => void warnings.push(String(warning)))
beforeEach(() => warnings.splice(0))

const secret = randomBytes(32).toString('base64url')
const jwt = `${Buffer.from('{"alg":"PS256"}').toString('base64url')}.${Buffer.from('{"sub":"somebody"}').toString('base64url')}.c2ln`
const REDACTED = /\[redacted, \d+ characters\]/

function recording(profile = fapi2Security) {
  const verdicts: Verdict[] = []
  return { verdicts, policy: createPolicy({ profile, record: (verdict) => void verdicts.push(verdict) }) }
}

const refused = { stage: 'registration', client: undefined, wire: undefined, error: 'invalid_client_metadata' } as const

describe('of a refusal that the server made', () => {
  test.each([
    ['a token', secret],
    ['a JWT', jwt],
    ['a UUID', randomUUID()],
  ])('%s is not recorded, whether in the description or in the detail', (_what, sent) => {
    const { policy, verdicts } = recording()
    policy.note({ ...refused, description: `${sent} in post_logout_redirect_uris must be a URL`, detail: `got ${sent}` })
    expect(JSON.stringify(verdicts)).not.toContain(sent)
    expect(verdicts[0]?.rejection?.description).toMatch(REDACTED)
    expect(verdicts[0]?.rejection?.description).toMatch(/ in post_logout_redirect_uris must be a URL$/)
    expect(verdicts[0]?.rejection?.detail).toMatch(REDACTED)
  })

  test('what is no secret is recorded as it was said: the client by its id too', () => {
    const { policy, verdicts } = recording()
    const client = clientFacts({ client_id: randomUUID() })
    const description = `redirect_uri must be registered for ${client.client_id}`
    policy.note({ ...refused, stage: 'par', client, description, detail: 'redirect_uri is https://tpp.example/cb' })
    expect(verdicts[0]?.rejection).toMatchObject({ description, detail: 'redirect_uri is https://tpp.example/cb' })
  })
})

describe('of what a client registers', () => {
  const legal = { client_id: 'app', token_endpoint_auth_method: 'private_key_jwt', redirect_uris: ['https://tpp.example/cb'] }
  const descriptionsOf = (verdict: Verdict | undefined) => (verdict?.violations ?? []).map(({ description }) => description).join('\n')
  function said(metadata: object, profile = fapi2Security) {
    const { policy, verdicts } = recording(profile)
    const answered = policy.decide('registration', { client: clientFacts({ ...legal, ...metadata }) })
    const [recorded] = verdicts
    expect(recorded).toMatchObject({ rejection: { rule: answered?.rejection?.rule } })
    expect(recorded?.violations).toContain(recorded?.rejection)
    return { recorded: descriptionsOf(recorded), answered: descriptionsOf(answered) }
  }

  test.each([
    ['the authentication method', (value: string) => ({ token_endpoint_auth_method: value })],
    ['a response type', (value: string) => ({ response_types: [value] })],
    ['a redirect URI', (value: string) => ({ redirect_uris: [value] })],
    ['a curve', (value: string) => ({ jwks: { keys: [{ kty: 'EC', crv: value, x: 'AQ', y: 'AQ' }] } })],
  ])('%s is not recorded where it looks like a secret; whoever sent it is told', (_what, metadata) => {
    for (const profile of [fapi2Security, fapi1Advanced])
      for (const sent of [secret, jwt]) {
        const { recorded, answered } = said(metadata(sent), profile)
        expect(recorded).toMatch(REDACTED)
        expect(recorded).not.toContain(sent.slice(0, 16))
        expect(answered).toContain(sent)
      }
    expect(said(metadata('something-else')).recorded).toContain('something-else')
  })

  test('the name of a key is told by its ends where it is long', () => {
    const named = (kid: string) => said({ jwks: { keys: [{ ...weakRsaJwk(), kid }] } })
    for (const kid of [secret, randomUUID(), jwt]) {
      const { recorded, answered } = named(kid)
      expect(recorded).toContain(`the key ${kid.slice(0, 6)}...${kid.slice(-4)} (${kid.length} characters)`)
      expect(answered).toBe(recorded)
    }
    expect(named('weak').recorded).toContain('the key weak is')
  })
})

test('of an error while deciding, only the warning says more, and nothing secret', () => {
  const policy = createPolicy({
    profiles: [fapi2Security],
    choose() {
      throw new Error(`nobody has access_token=${secret}`)
    },
  })
  policy.decide('registration', { client: clientFacts({ client_id: 'app' }) })
  expect(warnings).toEqual([expect.stringMatching(/nobody has access_token=\[redacted, 43 characters\]$/)])
})
