import { claimAt, nameOfClaim } from '../../lib/registration/claim-at.js'
import type { ClaimPath } from '../../lib/registration/ecosystem.js'

const claims = JSON.parse('{"id":"1","org":{"id":"2","deep":{"er":[3]}},"a.b":4,"list":[{"id":5}],"none":null,"__proto__":{"id":6}}')

test.each<[ClaimPath, unknown]>([
  ['id', '1'],
  [['id'], '1'],
  [['org', 'id'], '2'],
  [['org', 'deep', 'er'], [3]],
  // A dot is a character like any other.
  ['a.b', 4],
  ['org.id', undefined],
  ['none', null],
  [['none', 'id'], undefined],
  [['id', 'length'], undefined],
  [['list', '0', 'id'], undefined],
  [['list', 'length'], undefined],
  ['missing', undefined],
  [['missing', 'id'], undefined],
  // What the sender wrote himself is a claim, what every object has is none.
  [['__proto__', 'id'], 6],
  [['org', '__proto__'], undefined],
  ['constructor', undefined],
  [['org', 'constructor', 'name'], undefined],
  ['toString', undefined],
  ['hasOwnProperty', undefined],
  [[], claims],
])('%j is %j', (path, value) => {
  expect(claimAt(claims, path)).toEqual(value)
})

test('a path is spoken of with dots', () => {
  expect([nameOfClaim('org_id'), nameOfClaim(['org', 'id'])]).toEqual(['org_id', 'org.id'])
})
