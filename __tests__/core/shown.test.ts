import { listed, shown } from '../../lib/core/shown.js'

test('of a long list only what is listed is asked for its name: strangers may ask often', () => {
  const asked: number[] = []
  const text = listed(
    Array.from({ length: 1000 }, (_, number) => number),
    'none',
    (number) => {
      asked.push(number)
      return `key ${number}`
    },
  )
  expect(text).toBe('key 0, key 1, key 2, key 3, key 4 and 995 more')
  expect(asked).toHaveLength(5)
})

test.each<readonly [value: unknown, text: string | RegExp]>([
  [[[['a']], 'b'], 'a list, b'],
  ['one\r\ntwo\u2028three\u202efour\0', 'one??two?three?four?'],
  ['\ud83d', '?'],
  ['x '.repeat(100_000), /^.{120}… \(200000 characters\)$/],
  [{ toString: () => 'eyJ' }, 'something that is no text'],
  [Number.NaN, 'NaN'],
])('%j is shown on one line, as %s', (value, text) => {
  expect(shown(value)).toEqual(typeof text === 'string' ? text : expect.stringMatching(text))
})
