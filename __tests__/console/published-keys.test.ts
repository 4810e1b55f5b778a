import { generateKeyPairSync } from 'node:crypto'
import { jest } from '@jest/globals'
import { calculateJwkThumbprint, type JWK } from 'jose'
import { type KeySources, publishedKeys } from '../../lib/console/published-keys.js'
import type { Jwk } from '../../lib/core/facts.js'
import { thumbprint } from '../../lib/readers/certificate.js'
import { memoryStore } from '../../lib/stores/memory.js'
import type { Store } from '../../lib/stores/store.js'
import { fromNow, issued, selfSigned } from '../readers/identity.js'

const NOW = 1_800_000_000
const DAY = 86_400
beforeAll(() => void jest.spyOn(process, 'emitWarning').mockImplementation(() => {}))

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const short = generateKeyPairSync('rsa', { modulusLength: 1024 })
const publicJwk: Jwk = { ...pair.publicKey.export({ format: 'jwk' }) }
const rsaJwk: Jwk = { ...rsa.publicKey.export({ format: 'jwk' }) }

const look = (keys: readonly Jwk[], now = NOW, store: Store = memoryStore()) => publishedKeys({ jwks: () => ({ keys }) }, store, now)
const told = (notes: readonly { level: string; text: string }[]) => notes.map(({ level, text }) => `${level}: ${text}`).join('; ')

test('keys are shown with what they are', async () => {
  const { keys, certificates, notes } = await look([
    { ...publicJwk, kid: 'a', alg: 'ES256', use: 'sig' },
    { ...rsaJwk, kid: 'b' },
  ])
  expect(keys).toMatchObject([
    { kid: 'a', kty: 'EC', alg: 'ES256', use: 'sig', crv: 'P-256', bits: undefined, notes: [] },
    { kid: 'b', kty: 'RSA', alg: undefined, use: undefined, crv: undefined, bits: 2048, notes: [] },
  ])
  expect(keys[0]?.thumbprint).toBe(await calculateJwkThumbprint({ ...publicJwk } as JWK))
  expect([certificates, notes]).toEqual([[], []])
})

test('nothing is shown where nothing is given', async () => {
  expect(await publishedKeys({}, memoryStore(), NOW)).toEqual({ keys: [], certificates: [], notes: [] })
})

describe('the age of a key', () => {
  test.each([
    ['is what it says itself', { iat: NOW - 10 * DAY }, NOW - 10 * DAY, 'key', 10],
    ['is what it says by nbf', { nbf: NOW - 3 * DAY }, NOW - 3 * DAY, 'key', 3],
    ['is since it was seen, where it says nothing', {}, NOW, 'seen', 0],
    ['is not what it says of the future', { iat: NOW * 1000 }, NOW, 'seen', 0],
    ['is not what it says in words', { iat: 'yesterday' }, NOW, 'seen', 0],
  ])('%s', async (_what, members, since, since_is, age_days) => {
    expect((await look([{ ...publicJwk, ...members }])).keys[0]).toMatchObject({ since, since_is, age_days })
  })

  test('counts from when it was seen first, whatever it is named meanwhile', async () => {
    const store = memoryStore()
    await look([{ ...publicJwk, kid: 'old name' }], NOW, store)
    const { keys } = await look([{ ...publicJwk, kid: 'new name' }, rsaJwk], NOW + 5.5 * DAY, store)
    expect(keys.map(({ since, age_days }) => [since, age_days])).toEqual([
      [NOW, 5],
      [NOW + 5.5 * DAY, 0],
    ])
  })

  test('is remembered once', async () => {
    const store = memoryStore()
    const upsert = jest.fn(store.upsert)
    for (let times = 0; times < 3; times++) await look([publicJwk], NOW + times, { ...store, upsert })
    expect(upsert).toHaveBeenCalledTimes(1)
    expect(upsert).toHaveBeenCalledWith('SeenKey', await calculateJwkThumbprint({ ...publicJwk } as JWK), { at: NOW }, undefined)
  })

  test.each(['find', 'upsert'] as const)('is not known when the store fails to %s', async (method) => {
    const store: Store = { ...memoryStore(), [method]: () => Promise.reject(new Error('gone')) }
    expect((await look([publicJwk], NOW, store)).keys[0]).toMatchObject({
      since: undefined,
      since_is: undefined,
      age_days: undefined,
      notes: [],
    })
  })

  test('of more than a year is told', async () => {
    expect(told((await look([{ ...publicJwk, iat: NOW - 365.9 * DAY }])).keys[0]?.notes ?? [])).toBe('')
    expect(told((await look([{ ...publicJwk, iat: NOW - 366 * DAY }])).keys[0]?.notes ?? [])).toMatch(/^note: it is in use for 366 days/)
  })
})

describe('of a key is told that', () => {
  const secret: Jwk = { ...pair.privateKey.export({ format: 'jwk' }) }
  test.each<[string, readonly Jwk[], RegExp]>([
    ['it is private', [{ ...secret, kid: 'a' }], /^alarm: a private key is published/],
    ['it is symmetric', [{ kty: 'oct', k: 'c2VjcmV0LXNlY3JldA', kid: 'a' }], /^alarm: a symmetric key is published[^;]*$/],
    ['it is weak', [{ ...short.publicKey.export({ format: 'jwk' }) }], /^warning: the key is an RSA key of 1024 bits/],
    ['anybody can sign with it', [{ kty: 'OKP', crv: 'Ed25519', x: Buffer.alloc(32).toString('base64url') }], /^alarm: .*anybody can sign/],
    ['it is no key', [{ kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' }], /^warning: this is no valid public key/],
    ['it is no object', [7 as unknown as Jwk], /^warning: this is no valid public key/],
    ['its kty is one of every object', [{ kty: 'constructor' }], /^warning: this is no valid public key/],
    [
      'another has its kid',
      [
        { ...publicJwk, kid: 'a' },
        { ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }), kid: 'a' },
      ],
      /^warning: another key has the same kid/,
    ],
    ['it has no kid among several', [publicJwk, rsaJwk], /^warning: it has no kid/],
    [
      'nothing, when another has its kid and another type',
      [
        { ...publicJwk, kid: 'a' },
        { ...rsaJwk, kid: 'a' },
      ],
      /^$/,
    ],
    ['nothing, when it is alone', [publicJwk], /^$/],
    ['nothing, when it agrees on keys', [{ ...generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' }) }], /^$/],
  ])('%s', async (_what, keys, expected) => {
    const result = await look(keys)
    expect(told(result.keys[0]?.notes ?? [])).toMatch(expected)
    expect(JSON.stringify(result)).not.toContain(secret.d)
    expect(JSON.stringify(result)).not.toContain('c2VjcmV0')
  })

  test('there are too many', async () => {
    const { keys, notes } = await look(Array.from({ length: 101 }, (_, index) => ({ ...publicJwk, kid: String(index) })))
    expect(keys).toHaveLength(100)
    expect(told(notes)).toBe('warning: the key set has 101 keys, only 100 are shown')
  })
})

describe('what cannot be had is told, and the rest is shown:', () => {
  const keys = [{ ...publicJwk, kid: 'a' }]
  test.each<[string, KeySources, string, number]>([
    ['keys that fail', { jwks: () => Promise.reject(new Error('no connection')) }, 'alarm: the key set cannot be read: no connection', 0],
    ['keys that are no list', { jwks: () => ({ keys: {} as never }) }, 'alarm: the key set cannot be read: there is no list', 0],
    [
      'certificates that fail',
      {
        jwks: async () => ({ keys }),
        certificates: () => {
          throw new Error('no file')
        },
      },
      'alarm: the certificates cannot be read: no file',
      1,
    ],
  ])('%s', async (_what, sources, expected, shown) => {
    const result = await publishedKeys(sources, memoryStore(), NOW)
    expect(told(result.notes)).toBe(expected)
    expect(result.keys).toHaveLength(shown)
  })
})

describe('a certificate', () => {
  const now = Date.now() / 1000
  const watch = async (pem: string, at = now) => {
    const { certificates } = await publishedKeys({ certificates: () => [{ name: 'tls', pem }] }, memoryStore(), at)
    return certificates[0]
  }

  test.each([
    ['that lasts longer than 30 days is fine', 30.5, /^$/, 30],
    ['that ends within 30 days is told', 29.5, /^warning: the certificate expires in 29 days/, 29],
    ['that is over is told loudly', -0.5, /^alarm: the certificate has expired/, -1],
  ])('%s', async (_what, days, expected, left) => {
    const { certificate } = await selfSigned('CN=bank.example', 'P-256', {
      notBefore: fromNow(-DAY * 9e4),
      notAfter: fromNow(days * DAY * 1000),
    })
    const found = await watch(certificate.toString())
    expect(found).toMatchObject({
      name: 'tls',
      subject_dn: 'CN=bank.example',
      issuer_dn: 'CN=bank.example',
      thumbprint: thumbprint(certificate),
    })
    expect(found?.expires_in_days).toBe(left)
    expect(told(found?.notes ?? [])).toMatch(expected)
  })

  test('of a server is looked at for its dates alone, in front of its issuers and behind its key', async () => {
    const root = await selfSigned('CN=Root', 'P-256', { notAfter: fromNow(1000) })
    const server = await issued(root, 'CN=bank.example')
    const found = await watch(`${server.key}\n${server.certificate}\n${root.certificate}`, now - 1800)
    expect(found).toMatchObject({ subject_dn: 'CN=bank.example', issuer_dn: 'CN=Root' })
    expect(told(found?.notes ?? [])).toMatch(/^warning: the certificate expires within a day[^;]*$/)
    expect(told((await watch(server.certificate.toString(), now - 7200))?.notes ?? [])).toMatch(
      /^alarm: the certificate is not valid before/,
    )
  })

  test.each([
    ['that cannot be read', 'nonsense', /^alarm: it cannot be read: .*neither PEM/],
    ['that was cut off', '-----BEGIN CERTIFICATE-----\nMII', /^alarm: it cannot be read: .*without its END/],
    ['that is not there', undefined as unknown as string, /^alarm: it cannot be read: nothing was given/],
  ])('%s is told', async (_what, pem, expected) => {
    const found = await watch(pem)
    expect(found?.name).toBe('tls')
    expect(told(found?.notes ?? [])).toMatch(expected)
  })
})
