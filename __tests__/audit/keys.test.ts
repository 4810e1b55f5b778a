// What @peculiar/x509 is built on wants this loaded first.
import 'reflect-metadata'
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import * as x509 from '@peculiar/x509'
import { CompactEncrypt, CompactSign, calculateJwkThumbprint, compactDecrypt, compactVerify, importJWK, type JWK } from 'jose'
import { profileNamed } from '../../lib/profiles/index.js'
import { readinessOf } from '../../lib/readiness/readiness.js'
import { type CommandDesk, openCommandDesk } from './command-desk.js'

let desk: CommandDesk
beforeEach(() => {
  desk = openCommandDesk()
})
afterEach(() => desk.close())

const out = (name = 'made') => join(desk.folder, name)
const keysOf = (name: string, folder = out()): JWK[] => JSON.parse(readFileSync(join(folder, name), 'utf8')).keys
const ALGORITHMS = ['PS256', 'ES256', 'EdDSA', 'Ed25519']

test.each(ALGORITHMS)('a key for %s signs, its public half verifies and holds nothing private', async (alg) => {
  const { code } = await desk.command('keys', '--alg', alg, '--out', out())
  const [[secret], [open]] = [keysOf('private.jwks.json'), keysOf('public.jwks.json')]
  expect(code).toBe(0)
  expect(open).toMatchObject({ alg, use: 'sig', kid: await calculateJwkThumbprint(open as JWK) })
  expect(secret).toMatchObject({ ...open, d: expect.any(String) })
  for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi']) expect(open).not.toHaveProperty(member)
  const signed = await new CompactSign(Buffer.from('x')).setProtectedHeader({ alg }).sign(await importJWK(secret as JWK, alg))
  expect((await compactVerify(signed, await importJWK(open as JWK, alg))).protectedHeader.alg).toBe(alg)
})

test.each(['RSA-OAEP-256', 'ECDH-ES'])('a key for %s decrypts what is encrypted to its public half', async (alg) => {
  await desk.command('keys', '--use', 'enc', '--alg', alg, '--out', out())
  const [[secret], [open]] = [keysOf('private.jwks.json'), keysOf('public.jwks.json')]
  expect(open).toMatchObject({ alg, use: 'enc' })
  const sealed = await new CompactEncrypt(Buffer.from('x'))
    .setProtectedHeader({ alg, enc: 'A256GCM' })
    .encrypt(await importJWK(open as JWK, alg))
  expect(Buffer.from((await compactDecrypt(sealed, await importJWK(secret as JWK, alg))).plaintext).toString()).toBe('x')
})

test('only their owner may read what is private, and nothing of it is said', async () => {
  const { said, told } = await desk.command('keys', '--alg', 'PS256', '--alg', 'ES256', '--certificate', 'CN=tpp', '--out', out())
  const mode = (name: string) => statSync(join(out(), name)).mode & 0o777
  expect(readdirSync(out()).sort()).toEqual(['certificate.key', 'certificate.pem', 'private.jwks.json', 'public.jwks.json'])
  expect([mode('private.jwks.json'), mode('certificate.key')]).toEqual([0o600, 0o600])
  for (const { d = 'missing' } of keysOf('private.jwks.json')) expect(said + told).not.toContain(d)
  const [, line = 'missing'] = readFileSync(join(out(), 'certificate.key'), 'utf8').split('\n')
  expect(said + told).not.toContain(line)
  for (const { kid = 'missing' } of keysOf('private.jwks.json')) expect(said).toContain(kid)
  expect(said).toContain(join(out(), 'public.jwks.json'))
  expect(said).toContain('self_signed_tls_client_auth')
})

test.each(['private.jwks.json', 'public.jwks.json', 'certificate.pem', 'certificate.key'])(
  '%s is not overwritten, and nothing else is written',
  async (name) => {
    await desk.command('keys', '--out', out())
    const there = desk.file(name, 'mine')
    const { code, told } = await desk.command('keys', '--certificate', 'CN=tpp', '--out', desk.folder)
    expect(code).toBe(2)
    expect(told).toBe(`${there} is there already, and keys are never overwritten: give another folder with --out`)
    expect(readFileSync(there, 'utf8')).toBe('mine')
    expect(readdirSync(desk.folder).sort()).toEqual(['made', name].sort())
  },
)

test('of ten commands at once in one folder one writes all its files', async () => {
  const ended = await Promise.all(Array.from({ length: 10 }, () => desk.command('keys', '--alg', 'ES256', '--out', out())))
  expect(ended.filter(({ code }) => code === 0)).toHaveLength(1)
  expect(keysOf('private.jwks.json')[0]).toMatchObject(keysOf('public.jwks.json')[0] ?? { none: true })
  expect(readdirSync(out()).sort()).toEqual(['private.jwks.json', 'public.jwks.json'])
})

describe('a certificate', () => {
  test('signs itself, is a client’s, has the name and key, and is registered by x5c', async () => {
    const { code } = await desk.command(
      'keys',
      '--alg',
      'ES256',
      '--certificate',
      'CN=bänk\\, söhne,OU=a+UID=7,C=GB',
      '--days',
      '30',
      '--out',
      out(),
    )
    expect(code).toBe(0)
    const pem = readFileSync(join(out(), 'certificate.pem'), 'utf8')
    const certificate = new X509Certificate(pem)
    const parsed = new x509.X509Certificate(pem)
    expect(certificate.checkPrivateKey(createPrivateKey(readFileSync(join(out(), 'certificate.key'), 'utf8')))).toBe(true)
    expect(await parsed.isSelfSigned()).toBe(true)
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2'])
    expect(parsed.subjectName.getField('CN')).toEqual(['bänk, söhne'])
    expect(parsed.subjectName.getField('C')).toEqual(['GB'])
    expect(certificate.subject.split('\n')[0]).toBe('C=GB')
    const days = (Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)) / 86_400_000
    expect(days).toBeCloseTo(30, 1)
    const [, registered] = keysOf('public.jwks.json')
    expect(registered?.x5c).toEqual([certificate.raw.toString('base64')])
    expect(createPublicKey({ key: registered as JWK, format: 'jwk' }).equals(certificate.publicKey)).toBe(true)
  })

  test.each([
    ['fapi2-security', { token_endpoint_auth_method: 'private_key_jwt', dpop_bound_access_tokens: true }],
    ['fapi2-security', { token_endpoint_auth_method: 'self_signed_tls_client_auth', tls_client_certificate_bound_access_tokens: true }],
    ['fapi1-advanced', { token_endpoint_auth_method: 'self_signed_tls_client_auth', tls_client_certificate_bound_access_tokens: true }],
  ])('and keys are all that a client of %s with %j needs', async (profile, metadata) => {
    await desk.command('keys', '--alg', 'PS256', '--certificate', 'CN=tpp', '--out', out())
    const client = {
      ...{ client_id: 'tpp', redirect_uris: ['https://tpp.example/cb'], jwks: { keys: keysOf('public.jwks.json') }, ...metadata },
      ...(profile === 'fapi1-advanced'
        ? { require_signed_request_object: true, request_object_signing_alg: 'PS256', response_types: ['code'] }
        : { require_pushed_authorization_requests: true }),
      id_token_signed_response_alg: 'PS256',
    }
    expect(readinessOf(client, profileNamed(profile), ['PS256']).breaks).toEqual([])
    expect(readinessOf({ ...client, jwks: { keys: [] } }, profileNamed(profile), ['PS256']).ready).toBe(false)
  })
})

test.each([
  [['--alg', 'RS256'], '--alg is RS256: did you mean PS256? There are PS256, ES256, EdDSA, Ed25519, RSA-OAEP-256, ECDH-ES'],
  [['--alg', 'toString'], '--alg is toString: give one of PS256,'],
  [['--alg', 'PS256', '--use', 'enc'], '--alg PS256 is not for --use enc: give RSA-OAEP-256, ECDH-ES, or leave --use out'],
  [['--use', 'both'], '--use is both: give sig for signatures or enc for encryption'],
  [['--alg', 'ES256', '--alg', 'ES256'], '--alg ES256 is given twice'],
  [['--alg', 'ES256', '--alg', 'PS256', '--kid', 'a'], '--kid names one key, and there are several --alg'],
  [['--kid', 'a b'], '--kid must be 1 to 200 visible ASCII characters without spaces'],
  [['--certificate', 'tpp'], '--certificate is tpp: tpp is no attribute type that is known by name'],
  [['--certificate', 'CN=a', '--days', '0'], '--days is 0: give a whole number from 1 to 3650'],
  [['--days', '3'], '--days is for a certificate'],
])('%j is refused', async (flags, message) => {
  const { code, told, said } = await desk.command('keys', ...flags, '--out', out())
  expect([code, said]).toEqual([2, ''])
  expect(told).toContain(message)
  expect(readdirSync(desk.folder)).toEqual([])
})

test('a kid is taken as it is given', async () => {
  await desk.command('keys', '--kid', 'my-key.1', '--out', out())
  expect(keysOf('private.jwks.json')[0]?.kid).toBe('my-key.1')
})

test('a folder that cannot be made is named', async () => {
  const path = desk.file('file', 'x')
  const { code, told } = await desk.command('keys', '--out', join(path, 'inside'))
  expect(code).toBe(2)
  expect(told).toContain('where nothing can be written (ENOTDIR): give a folder of your own')
})
