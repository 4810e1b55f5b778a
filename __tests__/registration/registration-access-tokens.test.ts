import { matches, newToken, presented, rotated, type TokenDigests } from '../../lib/registration/registration-access-tokens.js'

interface Kept extends TokenDigests {
  readonly client_id: string
}
const made = (): { readonly token: string; readonly record: Kept } => {
  const { token, digest } = newToken()
  return { token, record: { client_id: 'c', ...digest } }
}

test('a token has 256 bits, is another each time, and is not kept', () => {
  const { token, record } = made()
  expect(Buffer.from(token, 'base64url')).toHaveLength(32)
  expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/)
  expect(new Set(Array.from({ length: 100 }, () => newToken().token)).size).toBe(100)
  expect(JSON.stringify(record)).not.toContain(token)
})

test('a token holds for its record alone', () => {
  const [one, other] = [made(), made()]
  expect(matches(one.record, one.token)).toBe(true)
  expect(matches(one.record, other.token)).toBe(false)
})

test.each([
  ['nothing', () => ''],
  ['part of it', (token: string) => token.slice(0, -1)],
  ['more than it', (token: string) => `${token}A`],
  ['its digest', (_token: string, { token_digest }: Kept) => token_digest],
  ['a megabyte', () => 'x'.repeat(1_000_000)],
  ['a NUL behind it', (token: string) => `${token}\0`],
  ['another case', (token: string) => token.toUpperCase()],
])('%s does not hold', (_what, sent) => {
  const { token, record } = made()
  expect(presented(record, sent(token, record))).toBeUndefined()
  expect(presented(record, token)).toEqual({ record, changed: false })
})

test('a rotated token leaves the one before good until the new one is used', () => {
  const { token: old, record } = made()
  const { token, record: after } = rotated(record)
  expect(after.client_id).toBe('c')
  expect(presented(after, old)).toEqual({ record: after, changed: false })
  const used = presented(after, token)
  expect(used?.changed).toBe(true)
  expect(matches(used?.record as Kept, old)).toBe(false)
  expect(presented(used?.record as Kept, token)).toEqual({ record: used?.record, changed: false })
  // Whoever spreads it over what was stored ends the old one as well.
  expect(matches({ ...after, ...used?.record }, old)).toBe(false)
})

test('of answers that are lost one after the other none locks the client out', () => {
  const { token: old, record } = made()
  const lost = rotated(record)
  const again = rotated(lost.record)
  expect(matches(again.record, old)).toBe(true)
  expect(matches(again.record, again.token)).toBe(true)
  expect(matches(again.record, lost.token)).toBe(false)
})

test('a token used twice before the next is one before for once only', () => {
  const first = made()
  const second = rotated(first.record)
  const used = presented(second.record, second.token)?.record as Kept
  const third = rotated(used)
  expect([first.token, second.token, third.token].map((token) => matches(third.record, token))).toEqual([false, true, true])
})

test('a new token in place of a lost one ends both', () => {
  const first = made()
  const second = rotated(first.record)
  const recovered = { ...second.record, ...newToken().digest }
  expect([first.token, second.token].map((token) => matches(recovered, token))).toEqual([false, false])
})

test('records are left as they are', () => {
  const { token, record } = made()
  const frozen = Object.freeze(rotated(record).record)
  expect(() => [presented(frozen, token), rotated(frozen)]).not.toThrow()
})
