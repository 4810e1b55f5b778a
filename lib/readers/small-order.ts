import type { KeyObject } from 'node:crypto'

/** The points of Ed25519 of order 1, 2, 4 and 8, without the sign of x, in every spelling: for these, one signature fits any message. */
const POINTS: ReadonlySet<string> = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
])

/** Whether a key is a point of small order, which verifies what nobody has signed (RFC 8032 §5.1.7 does not look). */
export function isSmallOrder(key: KeyObject): boolean {
  if (key.asymmetricKeyType !== 'ed25519') return false
  const point = Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url')
  const last = point.length - 1
  if (last >= 0) point[last] = (point[last] ?? 0) & 0x7f
  return POINTS.has(point.toString('hex'))
}
