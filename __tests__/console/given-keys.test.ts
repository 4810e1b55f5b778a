import { generateKeyPairSync, type KeyObject, webcrypto } from 'node:crypto'
import { calculateJwkThumbprint, type JWK } from 'jose'
import { GivenError } from '../../lib/console/given-error.js'
import { readGivenKeys } from '../../lib/console/given-keys.js'
import type { Jwk } from '../../lib/core/facts.js'
import { thumbprint } from '../../lib/readers/certificate.js'
import { keyFaults } from '../../lib/registration/key-faults.js'
import { issued, selfSigned } from '../readers/identity.js'
import { named, x509 } from '../readers/named-certificate.js'
import { workTime } from '../support/work-time.js'

const NOW = Date.now() / 1000
const pairs = {
  rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  short: generateKeyPairSync('rsa', { modulusLength: 1024 }),
  pss: generateKeyPairSync('rsa-pss', { modulusLength: 2048 }),
  p256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  p384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  p224: generateKeyPairSync('ec', { namedCurve: 'secp224r1' }),
  k256: generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
  ed: generateKeyPairSync('ed25519'),
  x: generateKeyPairSync('x25519'),
}
const pem = (key: KeyObject, type: 'spki' | 'pkcs1' = 'spki') =>
  key.export({ type, format: 'pem' } as { type: 'spki'; format: 'pem' }).toString()
const der = (key: KeyObject) => key.export({ type: 'spki', format: 'der' })
const jwk = (name: keyof typeof pairs): Jwk => ({ ...pairs[name].publicKey.export({ format: 'jwk' }) })
const secretJwk = (name: keyof typeof pairs): Jwk => ({ ...pairs[name].privateKey.export({ format: 'jwk' }) })
const json = (...keys: readonly unknown[]) => JSON.stringify({ keys })
const read = (text: string) => readGivenKeys(text, NOW)

describe('keys may be given as', () => {
  test.each([
    ['a JWK Set', json(jwk('p256'), jwk('rsa')), 2],
    ['a JWK', JSON.stringify(jwk('p256')), 1],
    ['a list of JWKs', JSON.stringify([jwk('p256'), jwk('ed')]), 2],
    ['JSON with a mark in front and white space around', `\uFEFF\n ${json(jwk('ed'))} \n`, 1],
    ['a public key in PEM', pem(pairs.p256.publicKey), 1],
    ['an RSA public key in its older form', pem(pairs.rsa.publicKey, 'pkcs1'), 1],
    ['public keys in PEM with text between them', `one:\n${pem(pairs.p256.publicKey)}\ntwo:\n${pem(pairs.ed.publicKey)}`, 2],
  ])('%s', async (_form, text, count) => {
    const { jwks, found } = read(text)
    expect(jwks.keys).toHaveLength(count)
    for (const [index, key] of jwks.keys.entries()) {
      const expected = await calculateJwkThumbprint({ ...key } as JWK)
      expect(key.kid).toBe(expected)
      expect(found[index]).toMatchObject({ kid: expected, thumbprint: expected, kty: key.kty, warnings: [] })
    }
    expect(keyFaults('jwks', jwks.keys)).toEqual([])
  })
})

describe('what a key is for is told where there is no choice:', () => {
  test.each([
    ['RSA signs in many ways', { ...jwk('rsa') }, { kty: 'RSA', bits: 2048 }, undefined, undefined],
    ['P-256 may sign or agree', { ...jwk('p256') }, { kty: 'EC', crv: 'P-256' }, undefined, undefined],
    ['P-256 that signs does so with ES256', { ...jwk('p256'), use: 'sig' }, { crv: 'P-256' }, 'sig', 'ES256'],
    ['P-384 that signs does so with ES384', { ...jwk('p384'), use: 'sig' }, { crv: 'P-384' }, 'sig', 'ES384'],
    ['Ed25519 signs', { ...jwk('ed') }, { kty: 'OKP', crv: 'Ed25519' }, 'sig', undefined],
    ['X25519 does not', { ...jwk('x') }, { kty: 'OKP', crv: 'X25519' }, 'enc', undefined],
    ['what is given stays', { ...jwk('p256'), kid: 'mine', use: 'enc', alg: 'ECDH-ES' }, { kid: 'mine' }, 'enc', 'ECDH-ES'],
  ])('%s', (_what, given, found, use, alg) => {
    const result = read(json(given))
    expect(result.found[0]).toMatchObject(found)
    expect([result.found[0]?.use, result.found[0]?.alg]).toEqual([use, alg])
    expect([result.jwks.keys[0]?.use, result.jwks.keys[0]?.alg]).toEqual([use, alg])
  })
})

test('only what makes a key and says its purpose is kept', () => {
  const { jwks } = read(
    json({ ...jwk('p256'), kid: 'k', key_ops: ['verify'], x5u: 'http://10.0.0.1/', client_name: '<script>', __proto__: { a: 1 } }),
  )
  expect(Object.keys(jwks.keys[0] ?? {}).sort()).toEqual(['crv', 'key_ops', 'kid', 'kty', 'x', 'y'])
})

test('one key that is given several times is one', () => {
  expect(read(json(jwk('p256'), jwk('p256'))).jwks.keys).toHaveLength(1)
  expect(read(pem(pairs.ed.publicKey) + pem(pairs.ed.publicKey)).jwks.keys).toHaveLength(1)
  expect(read(json({ ...jwk('p256'), kid: 'a' }, { ...jwk('p256'), kid: 'b' })).jwks.keys).toHaveLength(2)
})

describe('weak keys are told, and left to the rules:', () => {
  test.each([
    ['a short RSA key', json(jwk('short')), /^the key is an RSA key of 1024 bits/],
    ['a curve that FAPI does not know', json({ ...jwk('p256'), crv: 'brainpoolP256r1' }), /^the key is on the curve brainpoolP256r1/],
    [
      'a point with which anybody can sign',
      json({ kty: 'OKP', crv: 'Ed25519', x: Buffer.alloc(32).toString('base64url') }),
      /anybody can sign/,
    ],
    ['a key that is strong', json(jwk('rsa')), /^$/],
    ['a curve that is strong', json(jwk('k256')), /^$/],
  ])('%s', (_what, text, expected) => {
    const { jwks, found } = read(text)
    expect(found[0]?.warnings.join()).toMatch(expected)
    expect(keyFaults('jwks', jwks.keys).length > 0).toBe(expected.source !== '^$')
  })
})

describe('certificates', () => {
  test('stand in x5c of their key, as self_signed_tls_client_auth reads it', async () => {
    const [one, two] = [await selfSigned('CN=one'), await selfSigned('CN=two', 'RSA 2048')]
    const { jwks, found } = read(`${one.certificate}\n${two.certificate}`)
    expect(jwks.keys.map(({ x5c }) => x5c)).toEqual([one, two].map(({ certificate }) => [certificate.raw.toString('base64')]))
    expect(found.map(({ certificate }) => [certificate?.subject_dn, certificate?.thumbprint])).toEqual([
      ['CN=one', thumbprint(one.certificate)],
      ['CN=two', thumbprint(two.certificate)],
    ])
    expect(keyFaults('jwks', jwks.keys)).toEqual([])
    // And so they can be given again.
    expect(read(JSON.stringify(jwks)).jwks).toEqual(jwks)
  })

  test('may be the base64 of DER alone', async () => {
    const { certificate } = await selfSigned('CN=one')
    const base64 = certificate.raw.toString('base64')
    expect(read(base64.replaceAll(/.{64}/g, '$&\n')).jwks.keys.map(({ x5c }) => x5c)).toEqual([[base64]])
  })

  test('that issued another stand behind it: their keys are not the client’s', async () => {
    const root = await selfSigned('CN=Root')
    const authority = await issued(root, 'CN=Authority', true)
    const client = await issued(authority, 'CN=client')
    const { jwks, found } = read([root, client, authority].map(({ certificate }) => certificate.toString()).join(''))
    expect(jwks.keys).toHaveLength(1)
    expect(jwks.keys[0]?.x5c).toEqual([client, authority, root].map(({ certificate }) => certificate.raw.toString('base64')))
    expect(found[0]).toMatchObject({ certificate: { subject_dn: 'CN=client' }, issuers: ['CN=Authority', 'CN=Root'] })
  })

  test('that only have the name of an issuer do not stand behind it', async () => {
    const [root, impostor] = [await selfSigned('CN=Root'), await selfSigned('CN=Root')]
    const client = await issued(root, 'CN=client')
    expect(read(`${client.certificate}${impostor.certificate}`).found.map(({ issuers }) => issuers)).toEqual([undefined, undefined])
  })

  test('given twice, or with their key beside them, are one', async () => {
    const { certificate } = await selfSigned('CN=one')
    const { jwks } = read(`${certificate}${pem(certificate.publicKey)}${certificate}`)
    expect(jwks.keys.map(({ x5c }) => x5c)).toEqual([[certificate.raw.toString('base64')]])
  })

  test('of one key have a kid each', async () => {
    const [old, renewed] = [await named('CN=one'), await named('CN=one')]
    const { jwks, found } = read(`${old}${renewed}`)
    expect(found.map(({ certificate }) => certificate?.thumbprint)).toEqual([thumbprint(old), thumbprint(renewed)])
    expect(jwks.keys.map(({ kid }) => kid)).toEqual([found[0]?.thumbprint, thumbprint(renewed)])
    expect(found.map(({ issuers }) => issuers)).toEqual([undefined, undefined])
    expect(keyFaults('jwks', jwks.keys)).toEqual([])
  })
})

const RSA = '"kty":"RSA","e":"AQAB"'

describe('what is no public key is refused with what it is and what would be right:', () => {
  test.each<[string, string, 'unreadable' | 'secret', RegExp]>([
    ['nothing', '', 'unreadable', /nothing was given.*a JWK Set, a JWK, public keys in PEM/],
    ['words', 'please', 'unreadable', /no key was found/],
    ['more than is read', 'x'.repeat(200_001), 'unreadable', /200001 characters, at most 200000/],
    ['a private JWK', JSON.stringify(secretJwk('p256')), 'secret', /^key 1 is a private key.*must stay with the client.*known now/],
    ['a private key among others', json(jwk('ed'), secretJwk('rsa')), 'secret', /^key 2 is a private key/],
    ['a private member that says nothing', '{"kty":"EC","crv":"P-256","d":null}', 'secret', /private key/],
    ['a private key behind something wrong', json({ kty: 'none' }, secretJwk('ed')), 'secret', /^key 2 is a private key/],
    [
      'a private key in PEM',
      pairs.p256.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      'secret',
      /must stay with the client/,
    ],
    ['an encrypted one', '-----BEGIN ENCRYPTED PRIVATE KEY-----\nMII', 'secret', /must stay with the client/],
    ['one of OpenSSH', '-----BEGIN OPENSSH PRIVATE KEY-----\nb3', 'secret', /must stay with the client/],
    ['a private key in PEM after a bracket', `{ ${pairs.ed.privateKey.export({ type: 'pkcs8', format: 'pem' })}`, 'secret', /must stay/],
    ['a private key in metadata', JSON.stringify({ jwks: { keys: [secretJwk('p256')] } }), 'secret', /the text holds a private key/],
    ['a private key in a set without a list', JSON.stringify({ keys: secretJwk('p256') }), 'secret', /private key/],
    ['a private key that was cut off', JSON.stringify(secretJwk('p256')).slice(0, -1), 'secret', /cut off or damaged, holds a private key/],
    ['a time that is none', json({ ...jwk('ed'), iat: 'today' }), 'unreadable', /iat of key 1 should be a time/],
    ['a curve in a list', json({ ...jwk('ed'), crv: ['Ed25519'] }), 'unreadable', /crv of key 1/],
    ...(['rsa', 'p256', 'ed'] as const).map((name): [string, string, 'secret', RegExp] => [
      `the base64 of a private key (${name})`,
      pairs[name].privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
      'secret',
      /must stay with the client/,
    ]),
    ['the base64 of a public key', der(pairs.rsa.publicKey).toString('base64'), 'unreadable', /no X\.509 certificate/],
    ['a symmetric key', '{"kty":"oct","k":"c2VjcmV0LXNlY3JldA"}', 'secret', /symmetric.*known now.*public half/],
    ['JSON that is none', '{"keys": [', 'unreadable', /begins as JSON and is none/],
    ['a set without a list', '{"keys": {}}', 'unreadable', /keys is no list/],
    ['an empty set', '{"keys": []}', 'unreadable', /the list of keys is empty/],
    ['a set of something else', '{"keys": [7]}', 'unreadable', /key 1 is no JWK/],
    ['an object of something else', '{"client_id": "a"}', 'unreadable', /key 1 has no kty that is known/],
    ['a kty of every object', '{"kty": "constructor"}', 'unreadable', /no kty that is known/],
    ['a curve that is no name', json({ ...jwk('ed'), crv: '<script>' }), 'unreadable', /crv of key 1/],
    ['a key without a member', `{${RSA}}`, 'unreadable', /it should have the members/],
    ['a key with an empty member', `{${RSA},"n":""}`, 'unreadable', /it should have the members/],
    ['a point that is not on its curve', json({ ...jwk('p256'), y: jwk('p256').x }), 'unreadable', /do not fit together/],
    ['a kid that is no text', json({ ...jwk('ed'), kid: 7 }), 'unreadable', /kid of key 1/],
    ['a kid that is endless', json({ ...jwk('ed'), kid: 'k'.repeat(513) }), 'unreadable', /at most 512/],
    ['key_ops that are no list', json({ ...jwk('ed'), key_ops: 'verify' }), 'unreadable', /key_ops of key 1/],
    ['x5c that is no list', json({ ...jwk('ed'), x5c: 'MII' }), 'unreadable', /x5c of key 1 should be a list/],
    ['x5c that is no certificate', json({ ...jwk('ed'), x5c: ['MIIA'] }), 'unreadable', /a certificate in x5c of key 1 cannot be taken/],
    ['51 keys', json(...Array.from({ length: 51 }, () => jwk('ed'))), 'unreadable', /51 keys were given, at most 50/],
    ['51 keys in PEM', pem(pairs.ed.publicKey).repeat(51), 'unreadable', /51 keys were given/],
    [
      'a request for a certificate',
      '-----BEGIN CERTIFICATE REQUEST-----\nAA==\n-----END CERTIFICATE REQUEST-----',
      'unreadable',
      /only asks/,
    ],
    ['a damaged public key', pem(pairs.p256.publicKey).replace('MFk', 'MFA'), 'unreadable', /public key 1 cannot be read/],
    [
      'a damaged certificate',
      '-----BEGIN CERTIFICATE-----\nMIIA\n-----END CERTIFICATE-----',
      'unreadable',
      /certificate 1 cannot be taken/,
    ],
    ['a key for PSS alone', pem(pairs.pss.publicKey), 'unreadable', /\(rsa-pss\) cannot be written as a JWK/],
    ['a curve that no JWK has', pem(pairs.p224.publicKey), 'unreadable', /\(secp224r1\) cannot be written as a JWK/],
    ['a key of SSH', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5', 'unreadable', /ssh-keygen/],
    ['an address', 'https://client.example/jwks', 'unreadable', /jwks_uri/],
    ['a JWT', 'eyJhbGciOiJub25lIn0.e30.', 'unreadable', /a JWT was given/],
  ])('%s', (_what, text, kind, expected) => {
    const error = caught(() => read(text))
    expect(error.message).toMatch(expected)
    expect(error.kind).toBe(kind)
    expect(error.code).toBe('ERR_FAPI_GIVEN')
    for (const member of ['d', 'x', 'n', 'k'])
      for (const name of ['p256', 'rsa', 'ed'] as const) expect(error.message).not.toContain(secretJwk(name)[member] ?? '\0')
  })

  test('certificates that issued each other', async () => {
    const [one, other] = [await selfSigned('CN=one'), await selfSigned('CN=other')]
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
    const cross = async (issuer: typeof one, subject: typeof one) =>
      x509.X509CertificateGenerator.create({
        ...{ subject: subject.certificate.subject, issuer: issuer.certificate.subject, signingAlgorithm: algorithm },
        publicKey: await webcrypto.subtle.importKey('spki', der(subject.certificate.publicKey), algorithm, true, ['verify']),
        signingKey: await webcrypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(issuer.key), algorithm, false, ['sign']),
      })
    const text = [await cross(one, other), await cross(other, one)].map((made) => made.toString('pem')).join('\n')
    expect(caught(() => read(text)).message).toMatch(/issued each other/)
  })

  test('x5c of another key', async () => {
    const { certificate } = await selfSigned('CN=one')
    const text = json({ ...jwk('p256'), x5c: [certificate.raw.toString('base64')] })
    expect(caught(() => read(text)).message).toMatch(/^the first certificate in x5c of key 1 is of another key/)
  })
})

test('text that begins a block again and again is read in no time', async () => {
  const [took] = await workTime(() => {
    expect(caught(() => read('-----BEGIN CERTIFICATE-----'.repeat(7_000))).message).toMatch(/without its END/)
    expect(caught(() => read(`${'-----BEGIN '.repeat(18_000)}`)).kind).toBe('unreadable')
    expect(caught(() => read('['.repeat(200_000))).kind).toBe('unreadable')
  })
  expect(took).toBeLessThan(2_000)
})

function caught(work: () => unknown): GivenError {
  try {
    work()
  } catch (error) {
    if (error instanceof GivenError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
