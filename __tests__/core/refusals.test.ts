import { rulesOf } from '../../lib/core/profile.js'
import { refusals } from '../../lib/core/refusals/index.js'
import { refusalBehind, refusalWorded, wordings } from '../../lib/core/refusals/wordings.js'
import { profiles } from '../../lib/profiles/index.js'

const FAPI_CLAUSES = new Set(profiles.flatMap(({ clauses, unchecked, beyond }) => [clauses, unchecked, beyond].flatMap(Object.keys)))

describe.each(refusals.map((refusal) => [refusal.id, refusal] as const))('%s', (id, { summary, mend, clauses }) => {
  test('says what holds and what to do', () => {
    expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)+$/)
    expect(summary).toMatch(/^[A-Za-z][^\n]*\.$/)
    expect(summary.length).toBeLessThanOrEqual(140)
    expect(mend).toMatch(/^[A-Z].*\.$/)
    expect(mend.length).toBeLessThanOrEqual(300)
  })

  test('stands in clauses that there are, each once', () => {
    expect(new Set(clauses).size).toBe(clauses.length)
    expect(clauses.filter((clause) => !FAPI_CLAUSES.has(clause) && !/^RFC\d{4,5}-\d+(\.\d+)*$/.test(clause))).toEqual([])
  })

  test('is the name of nothing else', () => {
    expect(refusals.filter((one) => one.id === id)).toHaveLength(1)
    expect(profiles.flatMap(rulesOf).filter(([, rule]) => rule.id === id)).toEqual([])
  })
})

describe('what we say ourselves', () => {
  test.each([
    ['invalid_token', 'an initial access token is needed', 'initial-access-token'],
    ['invalid_token', 'the initial access token does not hold', 'initial-access-token'],
    ['invalid_token', 'the registration access token of this client is needed', 'registration-access-token'],
    ['invalid_token', 'the token does not hold for this client', 'registration-access-token'],
    ['invalid_token', 'the Authorization header must be Bearer and a token', 'access-token-in-header'],
    ['invalid_token', 'the client certificate is not the one of this software', 'client-certificate'],
    ['invalid_token', 'the access token is bound to another client certificate', 'access-token-binding'],
    ['invalid_token', 'the access token has expired', 'access-token-expired'],
    ['insufficient_scope', 'the access token must have the scope clients', 'scope-granted'],
    ['access_denied', 'this client is suspended: fraud', 'client-not-suspended'],
    ['access_denied', 'the user did not allow access', 'user-consent'],
    ['stale_revision', 'somebody has changed the client meanwhile', 'registration-current'],
    ['invalid_software_statement', 'software_statement is required', 'software-statement'],
    ['unapproved_software_statement', 'a client of this software is suspended, and it gets no other', 'software-approved'],
    ['invalid_redirect_uri', 'redirect_uris must be https URLs', 'redirect-uris-registrable'],
    ['invalid_client_metadata', 'jwks and jwks_uri must not be given together', 'client-keys'],
    ['temporarily_unavailable', 'the registration cannot be judged right now, try again', 'server-available'],
    ['server_error', 'what', 'server-sound'],
  ])('%s: %s', (error, text, id) => {
    expect(refusalBehind(error, text)?.id).toBe(id)
  })
})

test('words are looked for as far as sentences go: who makes them longer only makes work', () => {
  const says = (length: number) => refusalBehind('invalid_request', `${'nonce '.repeat(length)}suspended`)?.id
  expect([says(100), says(20_000)]).toEqual(['client-not-suspended', 'request-sound'])
})

describe('what servers say', () => {
  test('has a name each time', () => {
    const ids = refusals.map(({ id }) => id)
    expect(Object.values(wordings).flatMap((of) => of.map(([, id]) => id).filter((id) => !ids.includes(id)))).toEqual([])
  })

  test.each(Object.entries(wordings))('with %s is what the error alone says when no words fit', (error, known) => {
    expect(known.filter(([words]) => words === undefined)).toHaveLength(1)
    expect(known.at(-1)?.[0]).toBeUndefined()
    expect(refusalBehind(error, '')).toBeDefined()
    expect(refusalBehind(error, '')).toBe(refusalWorded(error, '', 'always'))
  })

  test.each([['an_error_of_the_future'], ['__proto__'], ['constructor'], [undefined], [5]])('with %p is nothing we know', (error) => {
    expect(refusalBehind(error, 'expired')).toBeUndefined()
  })
})
