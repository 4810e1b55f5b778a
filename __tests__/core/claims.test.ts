import fc from 'fast-check'
import { comparableUrl, isAhead, isHttpsUrl, isText, isTime } from '../../lib/core/claims.js'
import { HOSTILE } from '../rules/hostile.js'

const IDN = 'https://bücher.example/cb'

describe('a URL with letters beyond ASCII', () => {
  test('is read the same way the ten-thousandth time: URL.canParse of Node 20 is not', () => {
    const answers = new Set<unknown>()
    for (let round = 0; round < 20_000; round += 1) answers.add(isHttpsUrl(IDN)).add(comparableUrl(IDN))
    expect([...answers]).toEqual([true, 'https://xn--bcher-kva.example/cb'])
  })
})

test.each([
  ['https://a.example', true],
  ['HTTPS://a.example/x?y#z', true],
  ['http://a.example', false],
  ['https:/a.example', false],
  ['https://[', false],
  ['https://a.example:port', false],
  [undefined, false],
])('%p is an https URL: %p', (url, is) => {
  expect(isHttpsUrl(url)).toBe(is)
})

describe('comparableUrl', () => {
  test.each([
    ['https://a.example/x?y#z', 'https://a.example/x'],
    ['HTTPS://A.EXAMPLE:443/x', 'https://a.example/x'],
    ['https://a.example', 'https://a.example/'],
    ['https://a.example/%7e%41%2d/%c3%a9', 'https://a.example/~A-/%C3%A9'],
    ['https://a.example/é', 'https://a.example/%C3%A9'],
    ['https://a.example/%2f%3F%23%25', 'https://a.example/%2F%3F%23%25'],
    // Decoded once: what looks encoded after that was meant so.
    ['https://a.example/%2541', 'https://a.example/%2541'],
    ['https://a.example/x/%2e%2E/y', 'https://a.example/y'],
    ['https://a.example/%zz%', 'https://a.example/%zz%'],
  ])('of %s is %s', (url, comparable) => {
    expect(comparableUrl(url)).toBe(comparable)
  })

  test.each([[undefined], [null], [''], ['a.example/x'], ['/x'], ['https://'], ['https://['], [5], [['https://a.example']], [{}]])(
    'of %p is nothing',
    (url) => {
      expect(comparableUrl(url)).toBeUndefined()
    },
  )
})

describe('isAhead', () => {
  test.each([
    [60, false],
    [61, true],
    [60.5, true],
    [0, false],
    [-1, false],
    [undefined, false],
    [null, true],
    ['0', true],
    [[], true],
    [Number.NaN, true],
    [Number.POSITIVE_INFINITY, true],
    [Number.NEGATIVE_INFINITY, true],
  ])('by more than 60, at %p after now: %p', (time, ahead) => {
    for (const now of [0, 1_800_000_000]) expect(isAhead(typeof time === 'number' ? now + time : time, now, 60)).toBe(ahead)
  })
})

test('every test of what strangers send answers yes or no, and throws for nothing', () => {
  for (const value of HOSTILE) {
    for (const is of [isTime, isText, isHttpsUrl]) expect(typeof is(value)).toBe('boolean')
    expect(['string', 'undefined']).toContain(typeof comparableUrl(value))
  }
})

test('a URL that is normal as it is compares as every other does', () => {
  const label = fc.constantFrom('a', 'api', 'x-1', '1', '127', '0x7f', 'xn--a', 'xn--bcher-kva', '-', 'a-')
  const port = fc.constantFrom('', ':1', ':80', ':443', ':4430', ':0443', ':8443', ':65535', ':99999', ':')
  const segment = fc.constantFrom('', 'a', 'A1', '.', '..', '...', '.a', 'a.b', '~x', '%41', 'a%2f', '_-', 'a b', 'ä')
  const urls = fc.tuple(
    fc.array(label, { minLength: 1, maxLength: 4 }),
    port,
    fc.array(segment, { maxLength: 4 }),
    fc.constantFrom('', '/', '?x', '#y'),
  )
  fc.assert(
    fc.property(urls, ([host, at, path, end]) => {
      const text = `https://${host.join('.')}${at}${path.map((one) => `/${one}`).join('')}${end}`
      // A query takes the long way, and is no part of what is compared.
      expect(comparableUrl(text)).toBe(comparableUrl(end === '' || end === '/' ? `${text}?` : text))
    }),
    { numRuns: 5000 },
  )
})
