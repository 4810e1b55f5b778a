import { createAuthority, type Identity } from '../../examples/bank/certificates.js'
import { certificateFor } from '../support/tpp.js'
import type { Sending } from '../support/wire.js'
import { type BankBehind, MTLS_HOST, openBankBehind, PLAIN_HOST, type Premises, preparePremises } from './bank-behind.js'
import { forged, formatOf, SPELLINGS } from './forgeries.js'
import { fronts } from './fronts.js'
import type { LocalSending } from './local-wire.js'
import { describeEachFront } from './proxies.js'

/* Somebody has the certificate of a client, which is no secret, and its tokens, but not its key. */

let premises: Premises
let elsewhere: Identity
beforeAll(async () => {
  premises = await preparePremises()
  elsewhere = await createAuthority('CN=Another CA')
})
afterAll(() => premises.remove())

describeEachFront(fronts, (front) => {
  const format = formatOf(front.kind)
  let behind: BankBehind
  let victim: Identity
  let shown: Record<'nothing' | 'own' | 'stranger', Identity | undefined>
  let tokens: { readonly access: string; readonly refresh: string }

  beforeAll(async () => {
    behind = await openBankBehind(front, ['fapi1-hybrid', 'fapi2-mtls'], premises)
    const client = behind.as('fapi1-hybrid')
    victim = client.tpp.certificate as Identity
    shown = {
      nothing: undefined,
      own: behind.as('fapi2-mtls').tpp.certificate,
      stranger: await certificateFor(client.tpp.id, elsewhere),
    }
    const { access_token, refresh_token } = await client.tokens()
    tokens = { access: String(access_token), refresh: String(refresh_token) }
  })
  afterAll(() => behind?.close())

  const useToken = (origin: string, { headers, ...sending }: LocalSending) =>
    behind.wire.send(`${origin}/accounts`, { ...sending, headers: { ...headers, authorization: `Bearer ${tokens.access}` } })

  const authenticate = (origin: string, { headers, ...sending }: LocalSending) =>
    behind.wire.send(`${origin}/token`, {
      ...{ ...sending, method: 'POST' },
      headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
      body: String(new URLSearchParams({ grant_type: 'refresh_token', refresh_token: tokens.refresh, client_id: 'tpp-fapi1-hybrid' })),
    })

  const expectRefused = async (origin: string, sending: LocalSending) => {
    expect(await useToken(origin, sending)).toMatchObject({ status: 401, json: { error: 'invalid_token' } })
    expect(await authenticate(origin, sending)).toMatchObject({ status: 401, json: { error: 'invalid_client' } })
  }
  const expectAccepted = async (origin: string, sending: LocalSending) => {
    expect((await useToken(origin, sending)).status).toBe(200)
    expect((await authenticate(origin, sending)).status).toBe(200)
  }
  const forge = (spell: (name: string, value: string) => NonNullable<Sending['headers']>) => forged(format, victim, spell)

  describe.each(SPELLINGS)('a header %s', (_how, spell) => {
    test.each([
      ['without a certificate', 'nothing'],
      ['with a certificate of its own', 'own'],
      ['with a certificate of an unknown authority and the right subject', 'stranger'],
    ] as const)('through the proxy %s is worth nothing', async (_what, who) => {
      const certificate = shown[who]
      for (const origin of [behind.mtls, behind.plain]) await expectRefused(origin, { headers: forge(spell), certificate })
      await expectAccepted(behind.mtls, { certificate: victim })
    })
  })

  test('through the proxy, next to the same certificate, changes nothing', async () => {
    await expectAccepted(behind.mtls, { headers: forge((name, value) => ({ [name]: value })), certificate: victim })
  })

  test.each(['SUCCESS', '0', '1', 'true'])('a forged verdict of %s makes no authority known', async (verdict) => {
    const [name] = format.verdict ?? ['X-SSL-Client-Verify']
    const certificate = shown.stranger
    expect(await authenticate(behind.mtls, { headers: { [name]: verdict }, certificate })).toMatchObject({ status: 401 })
    const listed = { [name]: verdict, connection: `close, ${name}` }
    expect(await authenticate(behind.mtls, { headers: listed, certificate })).toMatchObject({ status: 401 })
    expect(await authenticate(behind.mtls, { certificate: victim })).toMatchObject({ status: 200 })
  })

  test('one name for TLS and another for HTTP gets nobody in', async () => {
    const headers = forge((name, value) => ({ [name]: value }))
    for (const [origin, servername] of [
      [behind.mtls, PLAIN_HOST],
      [behind.plain, MTLS_HOST],
    ] as const) {
      for (const certificate of [undefined, shown.own, shown.stranger]) {
        const [token, authentication] = [useToken, authenticate].map((send) => send(origin, { headers, certificate, servername }))
        // 421: the proxy will not have it (RFC 9110 §15.5.20).
        expect([401, 421]).toContain((await token)?.status)
        expect([401, 421]).toContain((await authentication)?.status)
      }
    }
  })

  test('sent to the bank itself, it counts from the proxy and from nowhere else', async () => {
    const headers = forge((name, value) => ({ [name]: value }))
    const host = new URL(behind.mtls).host
    const before = behind.bank.verdicts.length
    await expectRefused(behind.direct, { headers: { ...headers, host }, from: '127.0.0.2' })
    const said = behind.bank.verdicts.slice(before).map(({ rejection }) => rejection?.description)
    for (const name of [format.name, ...(format.verdict ? [format.verdict[0]] : [])])
      expect(said).toContain(`the header ${name} came from 127.0.0.2, which is not trusted, and was dropped`)
    await expectRefused(behind.direct, {
      headers: { ...headers, host, 'x-forwarded-for': '127.0.0.1', forwarded: 'for=127.0.0.1' },
      from: '127.0.0.2',
    })
    await expectAccepted(behind.direct, { headers: { ...headers, host }, from: '127.0.0.1' })
  })

  test('what X-Forwarded-* says reaches no URL', async () => {
    const headers = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http', forwarded: 'host=evil.example;proto=http' }
    for (const [url, from] of [
      [behind.plain, undefined],
      [behind.direct, '127.0.0.1'],
    ] as const) {
      const host = new URL(behind.plain).host
      const sending = { headers: { ...headers, host }, ...(from && { from }) }
      const { status, json, text } = await behind.wire.send(`${url}/.well-known/openid-configuration`, sending)
      expect(status).toBe(200)
      expect(json).toMatchObject({ issuer: behind.plain, token_endpoint: `${behind.plain}/token` })
      expect(text).not.toContain('evil')
    }
  })
})
