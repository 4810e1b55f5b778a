import { readJwt } from '../../lib/readers/jwt.js'

const part = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const jws = (header: unknown, claims: unknown, signature = 'c2lnbmF0dXJl') => `${part(header)}.${part(claims)}.${signature}`

const HEADER = { alg: 'PS256', typ: 'JWT' }
const HUGE = 'x'.repeat(1_000_000)

describe('readJwt takes apart', () => {
  test.each([
    ['a JWS', jws(HEADER, { sub: 'app' }), { header: HEADER, claims: { sub: 'app' } }],
    [
      'one without a signature, which it does not look at',
      jws({ alg: 'none' }, { a: 1 }, ''),
      { header: { alg: 'none' }, claims: { a: 1 } },
    ],
    ['one with a wrong signature', jws(HEADER, {}, 'AAAA'), { header: HEADER, claims: {} }],
    [
      'unicode',
      jws({ alg: 'ES256', kid: 'clé 🔑' }, { sub: 'Zoë 😀' }),
      { header: { alg: 'ES256', kid: 'clé 🔑' }, claims: { sub: 'Zoë 😀' } },
    ],
    ['a megabyte', jws(HEADER, { long: HUGE }), { header: HEADER, claims: { long: HUGE } }],
    [
      'claims of every type',
      jws(HEADER, { a: null, b: [1], c: { d: true }, exp: 'soon' }),
      { header: HEADER, claims: { a: null, b: [1], c: { d: true }, exp: 'soon' } },
    ],
    ['a header without alg', jws({ typ: 'JWT' }, {}), { header: { typ: 'JWT' }, claims: {} }],
  ])('%s', (_what, compact, jwt) => {
    expect(readJwt(compact)).toEqual(jwt)
  })

  test('a claim named __proto__ as a claim', () => {
    const jwt = readJwt(jws(HEADER, '{"__proto__":{"admin":true},"constructor":1}'))
    expect(Object.keys(jwt?.claims ?? {})).toEqual(['__proto__', 'constructor'])
    expect(Object.getPrototypeOf(jwt?.claims)).not.toHaveProperty('admin')
  })
})

describe('readJwt reads as nothing', () => {
  const nothing: readonly (readonly [what: string, value: unknown])[] = [
    ...[undefined, null, 5, true, {}, [], [jws(HEADER, {})], Buffer.from(jws(HEADER, {}))].map((value) => [typeof value, value] as const),
    ['the empty string', ''],
    ['dots', '..'],
    ['a word', 'garbage'],
    ['a JWE: five parts', `${part({ alg: 'RSA-OAEP', enc: 'A256GCM' })}.a2V5.aXY.dGV4dA.dGFn`],
    ['four parts', `${jws(HEADER, {})}.AAAA`],
    ['two parts', `${part(HEADER)}.${part({})}`],
    ['parts that are no base64url', '%%%.%%%.%%%'],
    ['parts that are no JSON', `${part('not json')}.${part('not json')}.AAAA`],
    ['a header that is no object', jws('"text"', {})],
    ['a header that is a list', jws([], {})],
    ['claims that are no object', jws(HEADER, '5')],
    ['claims that are null', jws(HEADER, 'null')],
    ['claims that are a list', jws(HEADER, '[1]')],
    ['claims that are no UTF-8', `${part(HEADER)}.${Buffer.from([0x7b, 0xff, 0x7d]).toString('base64url')}.AAAA`],
    ['a megabyte of nothing', HUGE],
    ['a megabyte of dots', '.'.repeat(1_000_000)],
    ['full-width dots', jws(HEADER, {}).replaceAll('.', '．')],
  ]

  test.each(nothing)('%s', (_what, value) => {
    expect(readJwt(value)).toBeUndefined()
  })
})
