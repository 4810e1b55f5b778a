import { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import { thumbprint } from 'express-fapi'
import { createAuthority, type Identity, issueCertificate } from '../../examples/bank/certificates.js'
import { certificateFor } from '../support/tpp.js'
import type { Answer } from '../support/wire.js'
import { type BankBehind, openBankBehind, type Premises, preparePremises } from './bank-behind.js'
import { fronts, verifyingFronts } from './fronts.js'
import { describeEachFront } from './proxies.js'

const NAMES = ['fapi1-hybrid', 'fapi1-both', 'fapi2-selfsigned', 'fapi2-mtls', 'signing'] as const
type Name = (typeof NAMES)[number]

/** What the certificate of the first of them is asked for with. */
const CLIENT = { subject: 'C=GB, O=Example TPP, CN=tpp-fapi1-hybrid', usage: 'client', keyType: 'EC' } as const

let premises: Premises
let elsewhere: Identity
let rsa: Identity
beforeAll(async () => {
  premises = await preparePremises()
  elsewhere = await createAuthority('CN=Another CA')
  rsa = await issueCertificate(premises.authority, { ...CLIENT, keyType: 'RSA' })
})
afterAll(() => premises.remove())

const identityOf = (behind: BankBehind, name: Name): Identity => {
  const { certificate } = behind.as(name).tpp
  if (!certificate) throw new Error(`${name} has no certificate`)
  return certificate
}

describeEachFront(fronts, (front) => {
  let behind: BankBehind
  beforeAll(async () => {
    behind = await openBankBehind(front, NAMES, premises)
  })
  afterAll(() => behind?.close())

  test.each([
    ['tls_client_auth and a hybrid response', 'fapi1-hybrid', undefined],
    ['tls_client_auth and a pushed request', 'fapi1-hybrid', 'par'],
    ['private_key_jwt, and a certificate for the token', 'fapi1-both', undefined],
    ['self_signed_tls_client_auth', 'fapi2-selfsigned', undefined],
  ] as const)('%s: a token is bound to its certificate', async (_what, name, via) => {
    const client = behind.as(name)
    const own = identityOf(behind, name)
    const { access_token, refresh_token } = await client.tokens(via && { via })
    const { json } = await client.call('introspection_endpoint', { token: String(access_token) })
    expect(json).toMatchObject({ active: true, cnf: { 'x5t#S256': thumbprint(new X509Certificate(own.certificate)) } })

    const answer = await client.accounts(access_token)
    expect(answer).toMatchObject({ status: 200, json: { accounts: expect.any(Array) } })
    expect(answer.headers['cache-control']).toBe('no-store')
    for (const certificate of [await certificateFor(client.tpp.id, premises.authority), identityOf(behind, 'fapi2-mtls')])
      expect(await client.accounts(access_token, { certificate })).toMatchObject({ status: 401, json: { error: 'invalid_token' } })
    expect(await client.accounts(access_token, { certificate: 'none' })).toMatchObject({ status: 401, json: { error: 'invalid_token' } })

    const refreshed = await client.refresh(String(refresh_token))
    expect(refreshed.status).toBe(200)
    expect(refreshed.headers['cache-control']).toBe('no-store')
    expect((await client.accounts(refreshed.json.access_token)).status).toBe(200)
  })

  test('JARM comes through, and a DPoP proof for the public address is accepted', async () => {
    const client = behind.as('signing')
    const { access_token } = await client.tokens()
    expect((await client.accounts(access_token)).status).toBe(200)
  })

  describe('who authenticates by certificate', () => {
    let token: string
    beforeAll(async () => {
      token = String((await behind.as('fapi1-hybrid').tokens()).refresh_token)
    })
    const refresh = (certificate: Identity | 'none') => behind.as('fapi1-hybrid').refresh(token, { certificate })
    const names = Array.from({ length: 200 }, (_, n) => ({ type: 'dns' as const, value: `name-number-${n}.tpp.example` }))

    test.each([
      ['a renewed certificate', () => issueCertificate(premises.authority, CLIENT)],
      ['a certificate of RSA', async () => rsa],
      ['a certificate of 6 kB', () => issueCertificate(premises.authority, { ...CLIENT, names })],
    ])('%s is accepted', async (_what, make) => {
      expect((await refresh(await make())).status).toBe(200)
    })

    test.each([
      ['no certificate', async () => 'none' as const],
      ['the right subject from an unknown authority', () => issueCertificate(elsewhere, CLIENT)],
      ['the right subject, signed by itself', () => issueCertificate(undefined, CLIENT)],
      ['another subject', () => certificateFor('somebody-else', premises.authority)],
      ["another client's certificate", async () => identityOf(behind, 'fapi2-mtls')],
    ])('%s is refused', async (_what, make) => {
      expect(await refresh(await make())).toMatchObject({ status: 401, json: { error: 'invalid_client' } })
    })

    test.each([
      ['an expired certificate', { notBefore: new Date('2020-01-01'), notAfter: new Date('2021-01-01') }],
      ['a certificate of the future', { notBefore: new Date(Date.now() + 86_400_000) }],
      ['a certificate of a server', { usage: 'server' as const }],
    ])('%s is refused, if not by the proxy then by the bank', async (_what, change) => {
      const certificate = await issueCertificate(premises.authority, { ...CLIENT, ...change })
      expect(await outcomeOf(refresh(certificate))).toBe({ nginx: 400, apache: 'no connection' }[front.kind] ?? 401)
    })

    test('the record says what the proxy found', async () => {
      await refresh(await issueCertificate(elsewhere, CLIENT))
      const { rejection, violations } = behind.bank.verdicts.at(-1) ?? {}
      expect(rejection).toMatchObject({ error: 'invalid_client', description: expect.stringContaining('not issued by an authority') })
      expect(violations?.[0]?.detail).toEqual(expect.any(String))
    })
  })

  describe('TLS', () => {
    const MTLS = { certificate: undefined as Identity | undefined }
    const home = (tls: object) => behind.wire.send(`${behind.mtls}/`, { tls, ...MTLS })
    const only = (version: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3', ciphers?: string) => ({
      ...{ minVersion: version, maxVersion: version },
      ...(ciphers && { ciphers }),
    })

    test.each([
      ['TLS 1.3', only('TLSv1.3')],
      ['TLS 1.2 with AES-128-GCM', only('TLSv1.2', 'ECDHE-RSA-AES128-GCM-SHA256')],
      ['TLS 1.2 with AES-256-GCM', only('TLSv1.2', 'ECDHE-RSA-AES256-GCM-SHA384')],
    ])('%s is spoken', async (_what, tls) => {
      expect((await home(tls)).status).toBe(200)
      expect((await behind.wire.send(`${behind.plain}/`, { tls })).status).toBe(200)
    })

    test.each([
      ['TLS 1.1', only('TLSv1.1', 'ALL:@SECLEVEL=0')],
      ['CBC', only('TLSv1.2', 'ECDHE-RSA-AES128-SHA256:ECDHE-RSA-AES128-SHA')],
      ['a key exchange by RSA', only('TLSv1.2', 'AES128-GCM-SHA256')],
      ['ChaCha20 under TLS 1.2', only('TLSv1.2', 'ECDHE-RSA-CHACHA20-POLY1305')],
    ])('%s is not: the proxy says so', async (_what, tls) => {
      // An alert is the server's word; what this client would not send has other messages.
      const alert = { message: expect.stringMatching(/alert (protocol version|handshake failure)/) }
      await expect(home(tls)).rejects.toMatchObject(alert)
      await expect(behind.wire.send(`${behind.plain}/`, { tls })).rejects.toMatchObject(alert)
    })

    test.each(['TLSv1.2', 'TLSv1.3'] as const)(
      'over %s, a second connection with the session of the first has the same certificate',
      async (version) => {
        const client = behind.as('fapi1-hybrid')
        const { access_token } = await client.tokens()
        const headers = { authorization: `Bearer ${access_token}` }
        const certificate = identityOf(behind, 'fapi1-hybrid')
        const sessions: Buffer[] = []
        const reused: boolean[] = []
        const onSecure = (socket: TLSSocket) => {
          reused.push(socket.isSessionReused())
          socket.on('session', (session: Buffer) => sessions.push(session))
        }
        const send = (origin: string, session?: Buffer) =>
          behind.wire.send(`${origin}/accounts`, { headers, certificate, tls: { ...only(version), ...(session && { session }) }, onSecure })

        expect((await send(behind.mtls)).status).toBe(200)
        expect((await send(behind.mtls, sessions[0])).status).toBe(200)
        // What was shown to one host is not shown to the other.
        expect((await send(behind.plain, sessions[0])).status).toBe(401)
        // The page says that Caddy resumes and that the others are told not to.
        expect(reused[1]).toBe(front.proxy === 'caddy')
      },
    )
  })
})

describeEachFront(verifyingFronts, (front) => {
  let behind: BankBehind
  beforeAll(async () => {
    behind = await openBankBehind(front, ['fapi1-hybrid', 'fapi2-selfsigned'], premises)
  })
  afterAll(() => behind?.close())

  test('tls_client_auth works', async () => {
    const client = behind.as('fapi1-hybrid')
    const { access_token } = await client.tokens()
    expect((await client.accounts(access_token)).status).toBe(200)
  })

  test('a client without a certificate may connect', async () => {
    const client = behind.as('fapi1-hybrid')
    const { access_token } = await client.tokens()
    expect((await client.accounts(access_token, { certificate: 'none' })).status).toBe(401)
  })

  test.each([
    ['an unknown authority', () => certificateFor('tpp-fapi1-hybrid', elsewhere)],
    ['nobody but itself', async () => identityOf(behind, 'fapi2-selfsigned')],
  ])('a certificate of %s does not get past the proxy', async (_whose, make) => {
    const certificate = await make()
    expect(await outcomeOf(behind.wire.send(`${behind.mtls}/`, { certificate }))).toBe(front.proxy === 'nginx' ? 400 : 'no connection')
    expect(await outcomeOf(behind.wire.send(`${behind.mtls}/`, { certificate: identityOf(behind, 'fapi1-hybrid') }))).toBe(200)
  })
})

describeEachFront([{ title: 'nginx and a Unix socket', proxy: 'nginx', kind: 'nginx', socket: true }], (front) => {
  test('a token is bound to its certificate', async () => {
    const behind = await openBankBehind(front, ['fapi1-hybrid'], premises)
    try {
      const client = behind.as('fapi1-hybrid')
      const { access_token } = await client.tokens()
      expect((await client.accounts(access_token)).status).toBe(200)
      expect((await client.accounts(access_token, { certificate: 'none' })).status).toBe(401)
    } finally {
      await behind.close()
    }
  })
})

/** A status, or that TLS came to nothing. */
const outcomeOf = (sent: Promise<Answer>): Promise<number | string> =>
  sent.then(
    ({ status }) => status,
    (error: Error) => (/alert|ECONNRESET|socket hang up/.test(`${error.message}`) ? 'no connection' : error.message),
  )
