import { createCipheriv, createPublicKey, generateKeyPairSync, publicEncrypt, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { fapi1Advanced, fapi2MessageSigning, profileNamed } from 'express-fapi'
import { CompactEncrypt, importJWK, type JWK } from 'jose'
import { STATE } from '../support/authorization-request.js'
import { expectBadRequest, expectPushed } from '../support/expectations.js'
import type { Party } from '../support/party.js'
import type { Role } from '../support/tpp.js'
import { type GuardedServer, openGuarded, privateJwkOf, SERVER_KEYS } from './guarded-server.js'

const encryptionKey = (kty: 'RSA' | 'EC', more: JWK = {}): JWK => {
  const { privateKey } =
    kty === 'RSA' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { ...(privateKey.export({ format: 'jwk' }) as JWK), use: 'enc', ...more }
}
const RSA = encryptionKey('RSA', { kid: 'enc-rsa' })
const EC = encryptionKey('EC', { kid: 'enc-ec' })
const WRAPPED = encryptionKey('EC', { kid: 'enc-wrapped', alg: 'ECDH-ES+A256KW' })

const SIGNED = { require_signed_request_object: true }
const JARM = { ...SIGNED, response_modes: ['jwt'], authorization_signed_response_alg: 'ES256' }
const ROLES: Readonly<Record<string, Role>> = {
  fapi2: { profile: 'fapi2-message-signing', auth: 'private_key_jwt', bound: 'dpop', metadata: JARM },
  fapi1: { profile: 'fapi1-advanced', auth: 'private_key_jwt', bound: 'certificate', metadata: JARM },
  encrypts: {
    ...{ profile: 'fapi2-message-signing', auth: 'private_key_jwt', bound: 'dpop' },
    metadata: { ...JARM, request_object_encryption_alg: 'RSA-OAEP-256', request_object_encryption_enc: 'A256GCM' },
  },
}
const choose = ({ fapi_profile }: { readonly [name: string]: unknown }) => profileNamed(String(fapi_profile))

const open = (encryption: readonly JWK[]) =>
  openGuarded({
    ...{ policy: { profiles: [fapi1Advanced, fapi2MessageSigning], choose }, roles: ROLES },
    options: { keys: { keys: [...SERVER_KEYS.map((key) => privateJwkOf(key)), ...encryption] } },
    mount({ app, guard }) {
      app.use('/par', guard.pushAuthorizationRequest())
      app.use('/authorize', guard.authorizationRequest(), guard.authorizationResponse(), (req, res) => {
        res.redirect(`${req.query.redirect_uri}?code=x&state=${req.query.state}`)
      })
    },
  })

interface Encryption {
  readonly alg: string
  readonly enc?: string
  readonly kid?: string | undefined
  readonly header?: Readonly<Record<string, string>>
}

/** Encrypts to the public half of a key. */
async function encrypted(text: string, key: JWK, { alg, enc = 'A256GCM', kid = key.kid, header = {} }: Encryption): Promise<string> {
  const { kty, n, e, crv, x, y } = key
  const to = await importJWK({ kty, n, e, crv, x, y } as JWK, alg)
  const all = { alg, enc, cty: 'oauth-authz-req+jwt', ...(kid !== '' && kid !== undefined && { kid }), ...header }
  return new CompactEncrypt(Buffer.from(text)).setProtectedHeader(all).encrypt(to)
}

/** RSA1_5 as a client would send it that still knows how: jose does not. */
function withRsa15(text: string, key: JWK): string {
  const [cek, iv] = [randomBytes(32), randomBytes(12)]
  const header = Buffer.from(JSON.stringify({ alg: 'RSA1_5', enc: 'A256GCM', kid: key.kid })).toString('base64url')
  const { kty, n, e } = key
  const wrapped = publicEncrypt({ key: createPublicKey({ key: { kty, n, e } as JWK, format: 'jwk' } as never), padding: 1 }, cek)
  const cipher = createCipheriv('aes-256-gcm', cek, iv)
  cipher.setAAD(Buffer.from(header))
  const body = Buffer.concat([cipher.update(text), cipher.final()])
  return [header, ...[wrapped, iv, body, cipher.getAuthTag()].map((part) => part.toString('base64url'))].join('.')
}

describe('with keys to encrypt to', () => {
  let server: GuardedServer
  beforeAll(async () => {
    server = await open([RSA, EC, WRAPPED])
  })
  afterAll(() => server.close())

  const push = async (name: string, compact: string) => server.as(name).push({ object: { compact } })
  const object = (name: string) => server.as(name).object()

  const ACCEPTED: readonly (readonly [string, JWK, Encryption])[] = [
    ['RSA-OAEP-256', RSA, { alg: 'RSA-OAEP-256' }],
    ['RSA-OAEP-256 without kid', RSA, { alg: 'RSA-OAEP-256', kid: '' }],
    ['RSA-OAEP-256 and A128CBC-HS256', RSA, { alg: 'RSA-OAEP-256', enc: 'A128CBC-HS256' }],
    ['ECDH-ES', EC, { alg: 'ECDH-ES' }],
    ['ECDH-ES without kid', EC, { alg: 'ECDH-ES', kid: '' }],
    ['ECDH-ES and A256CBC-HS512', EC, { alg: 'ECDH-ES', enc: 'A256CBC-HS512' }],
    ['ECDH-ES+A128KW', EC, { alg: 'ECDH-ES+A128KW' }],
    ['ECDH-ES+A256KW to the key for it', WRAPPED, { alg: 'ECDH-ES+A256KW' }],
  ]

  test.each(ACCEPTED)('a request object in %s is taken, pushed', async (_alg, key, how) => {
    const client = server.as('fapi2')
    const answer = await push('fapi2', await encrypted(await client.object(), key, how))
    expectPushed(answer)
    const { headers } = await server.wire.send(`${server.issuer}/authorize?client_id=fapi2&request_uri=${answer.json.request_uri}`)
    await expectAnswered(client, headers.location)
  })

  test.each(ACCEPTED)('a request object in %s is taken, by value', async (_alg, key, how) => {
    const client = server.as('fapi1')
    const address = await client.byValue({ object: { compact: await encrypted(await client.object(), key, how) } })
    const { headers } = await server.wire.send(address)
    await expectAnswered(client, headers.location)
  })

  async function expectAnswered(client: Party, location: unknown): Promise<void> {
    const answer = await server.wire.send(`${server.issuer}/jwks`)
    const { params } = await client.respond({ location: new URL(String(location)), answer, redirects: [] })
    expect(params).toMatchObject({ code: 'x', state: STATE, iss: server.issuer })
  }

  const stranger = encryptionKey('RSA', { kid: 'enc-rsa' })
  const other = encryptionKey('EC', { kid: 'unknown' })
  const REFUSED: readonly (readonly [string, (client: Party) => string | Promise<string>])[] = [
    ['RSA1_5', async (client) => withRsa15(await client.object(), RSA)],
    ['RSA-OAEP with SHA-1', async (client) => encrypted(await client.object(), RSA, { alg: 'RSA-OAEP' })],
    ['RSA-OAEP-512', async (client) => encrypted(await client.object(), RSA, { alg: 'RSA-OAEP-512' })],
    ['another key under a known kid', async (client) => encrypted(await client.object(), stranger, { alg: 'RSA-OAEP-256' })],
    ['a known key under an unknown kid', async (client) => encrypted(await client.object(), RSA, { alg: 'RSA-OAEP-256', kid: 'unknown' })],
    ['an unknown key', async (client) => encrypted(await client.object(), other, { alg: 'ECDH-ES' })],
    ['an unknown key without kid', async (client) => encrypted(await client.object(), other, { alg: 'ECDH-ES', kid: '' })],
    ['an algorithm that the key is not for', async (client) => encrypted(await client.object(), WRAPPED, { alg: 'ECDH-ES' })],
    [
      'the key that the server signs with',
      async (client) => {
        const [rsa] = SERVER_KEYS
        return encrypted(await client.object(), { ...rsa?.publicJwk, kid: rsa?.kid ?? '' } as JWK, { alg: 'RSA-OAEP-256' })
      },
    ],
    ['an unsigned JWT inside', async (client) => encrypted(await client.object({}, { alg: 'none' }), RSA, { alg: 'RSA-OAEP-256' })],
    [
      'bare claims inside',
      () => encrypted(JSON.stringify({ client_id: 'fapi2', redirect_uri: 'https://tpp.example/cb' }), RSA, { alg: 'RSA-OAEP-256' }),
    ],
    [
      'a broken signature inside',
      async (client) => encrypted(await client.object({}, { signature: 'broken' }), RSA, { alg: 'RSA-OAEP-256' }),
    ],
    ["another client's object inside", async () => encrypted(await object('encrypts'), RSA, { alg: 'RSA-OAEP-256' })],
    [
      'an encrypted object inside',
      async (client) => encrypted(await encrypted(await client.object(), EC, { alg: 'ECDH-ES' }), RSA, { alg: 'RSA-OAEP-256' }),
    ],
    ['nothing inside', () => encrypted('', RSA, { alg: 'RSA-OAEP-256' })],
    ['NUL and bytes inside', () => encrypted('\0\uffff.\0.\0', RSA, { alg: 'RSA-OAEP-256' })],
    ['a changed tag', async (client) => changed(await encrypted(await client.object(), RSA, { alg: 'RSA-OAEP-256' }), 4)],
    ['a changed body', async (client) => changed(await encrypted(await client.object(), EC, { alg: 'ECDH-ES' }), 3)],
    ['a changed header', async (client) => changed(await encrypted(await client.object(), EC, { alg: 'ECDH-ES' }), 0)],
    [
      'the wrong number of parts',
      async (client) => (await encrypted(await client.object(), RSA, { alg: 'RSA-OAEP-256' })).replace(/\.[^.]*$/, ''),
    ],
    ['five empty parts', () => '....'],
    ['garbage in five parts', () => 'a.b.c.d.e'],
    ['a header of JSON null', () => `${Buffer.from('null').toString('base64url')}.b.c.d.e`],
    ['a header that is a list', () => `${Buffer.from('[]').toString('base64url')}.b.c.d.e`],
    ['signs of elsewhere', () => '😀.😀.😀.😀.😀'],
    ['far too much', () => `${'x'.repeat(70_000)}.b.c.d.e`],
  ]

  test.each(REFUSED)('%s is refused, pushed', async (_what, make) => {
    expectBadRequest(await push('fapi2', await make(server.as('fapi2'))), 'invalid_request_object')
  })

  test.each(REFUSED.filter(([what]) => !/elsewhere|too much/.test(what)))('%s is refused, by value', async (_what, make) => {
    const client = server.as('fapi1')
    const { status, headers, text } = await server.wire.send(await client.byValue({ object: { compact: await make(client) } }))
    expect([status, headers.location, text]).toEqual([400, undefined, expect.stringContaining('invalid_request_object')])
  })

  test('a client that is registered to encrypt does', async () => {
    const signed = await object('encrypts')
    expectBadRequest(await push('encrypts', signed), 'invalid_request_object')
    expectPushed(await push('encrypts', await encrypted(signed, RSA, { alg: 'RSA-OAEP-256' })))
  })

  test('a client that is not registered to encrypt need not', async () => {
    expectPushed(await push('fapi2', await object('fapi2')))
  })

  test('what is inside is held to the same rules', async () => {
    const client = server.as('fapi2')
    const without = await encrypted(await client.object({ code_challenge: undefined }), RSA, { alg: 'RSA-OAEP-256' })
    const answer = await push('fapi2', without)
    expectBadRequest(answer, 'invalid_request')
    expect(answer.json.error_description).toBe('code_challenge is required')
  })

  test('the metadata says what can be opened, and the keys are published without their private parts', async () => {
    expect(server.metadata.request_object_encryption_alg_values_supported).toEqual([
      'RSA-OAEP-256',
      'ECDH-ES',
      'ECDH-ES+A128KW',
      'ECDH-ES+A256KW',
    ])
    const { keys } = server.jwks as { readonly keys: readonly JWK[] }
    expect(keys.filter(({ use }) => use === 'enc').map(({ kid }) => kid)).toEqual(['enc-rsa', 'enc-ec', 'enc-wrapped'])
    for (const key of keys) for (const name of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) expect(key).not.toHaveProperty(name)
  })
})

describe('without keys to encrypt to', () => {
  let server: GuardedServer
  beforeAll(async () => {
    server = await open([])
  })
  afterAll(() => server.close())

  test('nothing that is encrypted is taken, and the metadata does not offer it', async () => {
    const compact = await encrypted(await server.as('fapi2').object(), RSA, { alg: 'RSA-OAEP-256' })
    expectBadRequest(await server.as('fapi2').push({ object: { compact } }), 'invalid_request_object')
    expectPushed(await server.as('fapi2').push())
    expect(server.metadata).not.toHaveProperty('request_object_encryption_alg_values_supported')
  })
})

/** The same with another last octet in one of its parts. */
function changed(compact: string, at: number): string {
  const parts = compact.split('.')
  const octets = Buffer.from(parts[at] ?? '', 'base64url')
  octets[octets.length - 1] = (octets[octets.length - 1] ?? 0) ^ 1
  parts[at] = octets.toString('base64url')
  return parts.join('.')
}
