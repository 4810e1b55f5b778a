import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect as connectPlainly, type Server } from 'node:net'
import { connect as connectByTls } from 'node:tls'
import express, { type Express } from 'express'
import { apiErrors, createPolicy, fapi2Security, fromProxy, fromTls, memoryStore, protect } from 'express-fapi'
import { certificateClient, dpopClient, fakeIssuer } from 'express-fapi/testing'
import fc from 'fast-check'
import { portOf } from '../readers/loopback.js'
import { API, type Api, openApi } from './api-server.js'

/* Nothing that a header may say makes an API fail: raw sockets, since clients refuse to send the worst of it. */

const issuer = fakeIssuer({ audience: API })
const holder = dpopClient()
const mtls = certificateClient()
const policy = createPolicy({ profile: fapi2Security })
const common = { issuers: issuer, publicUrl: API, nonce: 'on-skew', nonceSecret: new Uint8Array(32) } as const

let api: Api
let behind: Server
beforeAll(async () => {
  api = await openApi((app) => serve(app, fromTls()))
  const app = express()
  const trusts = ['127.0.0.1']
  const record = () => {}
  app.use('/nginx', guardFor(fromProxy('nginx', { trusts, record })), answer)
  app.use('/rfc9440', guardFor(fromProxy('rfc9440', { trusts, record })), answer)
  app.use('/envoy', guardFor(fromProxy('envoy', { trusts, record })), answer)
  app.use(apiErrors())
  behind = createServer(app)
  await once(behind.listen(0, '127.0.0.1'), 'listening')
})
afterAll(async () => {
  await api?.close()
  behind?.close()
})

const guardFor = (certificate: ReturnType<typeof fromTls>) => protect(policy, { ...common, certificate, store: memoryStore() })
const answer = (_req: express.Request, res: express.Response) => void res.json({ passed: true })

function serve(app: Express, certificate: ReturnType<typeof fromTls>): void {
  app.use(guardFor(certificate), answer, apiErrors())
}

type Header = readonly [name: string, value: string | Buffer]
const octetsOf = (value: string | Buffer) => (typeof value === 'string' ? Buffer.from(value, 'latin1') : value)

/** Sends the bytes as they are and resolves to the status of each answer that came back. */
async function statuses(connect: () => NodeJS.ReadWriteStream & { destroy(): void }, path: string, headers: readonly Header[]) {
  const socket = connect()
  const lines = headers.flatMap(([name, value]) => [Buffer.from(`${name}: `), octetsOf(value), Buffer.from('\r\n')])
  socket.write(Buffer.concat([Buffer.from(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n`), ...lines, Buffer.from('\r\n')]))
  const chunks: Buffer[] = []
  try {
    for await (const chunk of socket) chunks.push(Buffer.from(chunk))
  } catch {
    // What was cut off was refused.
  } finally {
    socket.destroy()
  }
  return [
    ...Buffer.concat(chunks)
      .toString('latin1')
      .matchAll(/^HTTP\/1\.1 (\d{3})/gm),
  ].map(([, status]) => Number(status))
}

const direct = () => connectByTls({ port: api.port, host: '127.0.0.1', rejectUnauthorized: false, ...mtls.tls })
const proxied = () => connectPlainly(portOf(behind), '127.0.0.1')

const bytes = fc.uint8Array({ maxLength: 300 }).map((octets) => Buffer.from(octets))
const visible = fc.string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)), maxLength: 300 })
/** Something legal with a piece of it replaced. */
const mutated = (legal: () => string) =>
  fc.tuple(fc.nat(), fc.nat({ max: 20 }), visible).map(([at, length, piece]) => {
    const text = legal()
    const start = at % (text.length + 1)
    return text.slice(0, start) + piece.slice(0, 30) + text.slice(start + length)
  })
const anyOf = (legal: () => string) => fc.oneof(bytes, visible, mutated(legal))
const members = (...names: string[]) => fc.dictionary(fc.constantFrom(...names), fc.jsonValue(), { maxKeys: 4 })
const headers = members('typ', 'alg', 'kid', 'jwk', 'crit', 'jku', 'x5c', 'b64', 'zip', 'enc', '__proto__')
const claims = members('iss', 'aud', 'exp', 'iat', 'nbf', 'sub', 'client_id', 'jti', 'cnf', 'scope', 'auth_time', '__proto__')
const confirmations = fc.option(
  members('jkt', 'x5t#S256', 'jwk', '__proto__').map((cnf) => ({ cnf })),
  { nil: {} },
)
const proofClaims = members('jti', 'htm', 'htu', 'iat', 'ath', 'nonce', 'exp', 'nbf', '__proto__')

const RUNS = { numRuns: 150 }
const url = `${API}/accounts`
const request = (token: string) => ({ method: 'GET', url, token })

async function expectAnswered(connect: typeof direct | typeof proxied, path: string, sent: readonly Header[]): Promise<number[]> {
  const found = await statuses(connect, path, sent)
  expect(found.filter((status) => status >= 500)).toEqual([])
  expect(found.length).toBeGreaterThan(0)
  return found
}

test('the plain requests pass, so that what follows is not all refused for another reason', async () => {
  const token = issuer.token(holder)
  const sent: Header[] = [['authorization', `DPoP ${token}`]]
  expect(await statuses(direct, '/accounts', [...sent, ['dpop', holder.proof(request(token))]])).toEqual([200])
  expect(await statuses(direct, '/accounts', [['authorization', `Bearer ${issuer.token(mtls)}`]])).toEqual([200])
  expect(
    await statuses(proxied, '/nginx', [
      ['authorization', `Bearer ${issuer.token(mtls)}`],
      ['x-ssl-client-cert', encodeURIComponent(mtls.tls.cert)],
      ['x-ssl-client-verify', 'SUCCESS'],
    ]),
  ).toEqual([200])
})

test('whatever Authorization says, the API does not fail', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        anyOf(() => `Bearer ${issuer.token(mtls)}`),
        { minLength: 1, maxLength: 2 },
      ),
      async (values) => {
        await expectAnswered(
          direct,
          '/accounts',
          values.map((value) => ['Authorization', value]),
        )
      },
    ),
    RUNS,
  )
})

test('whatever a signed access token says, the API does not fail', async () => {
  await fc.assert(
    fc.asyncProperty(claims, headers, confirmations, async (said, header, confirmation) => {
      const token = issuer.token(mtls, { ...said, ...confirmation }, { header })
      const proof = holder.proof(request(token))
      for (const scheme of ['Bearer', 'DPoP'])
        await expectAnswered(direct, '/accounts', [
          ['Authorization', `${scheme} ${token}`],
          ['DPoP', proof],
        ])
    }),
    RUNS,
  )
})

test('whatever is in the header DPoP, the API does not fail', async () => {
  const token = issuer.token(holder)
  const legal = () => holder.proof(request(token))
  await fc.assert(
    fc.asyncProperty(fc.array(anyOf(legal), { minLength: 1, maxLength: 2 }), async (values) => {
      const proofs = values.map((value): Header => ['DPoP', value])
      await expectAnswered(direct, '/accounts', [['Authorization', `DPoP ${token}`], ...proofs])
    }),
    RUNS,
  )
})

test('whatever a signed proof says, the API does not fail', async () => {
  const token = issuer.token(holder)
  await fc.assert(
    fc.asyncProperty(
      headers,
      proofClaims,
      fc.option(members('kty', 'crv', 'x', 'y', 'n', 'e', 'd', 'k', 'alg', 'use')),
      async (header, said, jwk) => {
        const shown = jwk ? { jwk: { ...holder.proofKey.publicJwk, ...jwk } } : {}
        const proof = holder.proof(request(token), { header: { ...header, ...shown }, claims: said })
        await expectAnswered(direct, '/accounts', [
          ['Authorization', `DPoP ${token}`],
          ['DPoP', proof],
        ])
      },
    ),
    RUNS,
  )
})

test('whatever length a signature has, the API does not fail', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 600 }), fc.constantFrom('PS256', 'ES256', 'EdDSA', 'Ed25519'), async (signature, alg) => {
      const { proof, cnf } = SIGNERS[alg] as ReturnType<typeof dpopClient>
      const token = issuer.token({ clientId: 'app', cnf })
      const sign = () => Buffer.from(signature).toString('base64url')
      expect(
        await expectAnswered(direct, '/accounts', [
          ['Authorization', `DPoP ${token}`],
          ['DPoP', proof(request(token), { sign })],
        ]),
      ).toEqual([401])
    }),
    { numRuns: 100 },
  )
})
const SIGNERS: Readonly<Record<string, ReturnType<typeof dpopClient>>> = Object.fromEntries(
  (['PS256', 'ES256', 'EdDSA', 'Ed25519'] as const).map((alg) => [alg, dpopClient({ alg })]),
)

test('whatever the headers of FAPI say, a legal request passes, or is no HTTP', async () => {
  const names = ['x-fapi-interaction-id', 'X-FAPI-Auth-Date', 'x-fapi-customer-ip-address', 'x-fapi-anything', 'Date', 'Accept', 'Origin']
  const token = issuer.token(mtls)
  const legal = () => 'Tue, 11 Sep 2012 19:43:31 GMT'
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.constantFrom(...names), anyOf(legal)), { minLength: 1, maxLength: 3 }), async (said) => {
      const found = await expectAnswered(direct, '/accounts', [['Authorization', `Bearer ${token}`], ...said])
      // Bytes that HTTP does not allow in a header end in 400, or in requests of their own.
      const isHttp = said.every(([, value]) => !/[^\t\x20-\x7e\x80-\xff]/.test(octetsOf(value).toString('latin1')))
      if (isHttp) expect(found).toEqual([200])
    }),
    RUNS,
  )
})

describe.each([
  ['/nginx', 'X-SSL-Client-Cert', () => encodeURIComponent(mtls.tls.cert)],
  ['/rfc9440', 'Client-Cert', () => `:${mtls.x509.raw.toString('base64')}:`],
  ['/envoy', 'X-Forwarded-Client-Cert', () => `Hash=00;Cert="${encodeURIComponent(mtls.tls.cert)}"`],
])('behind a proxy, %s', (path, name, legal) => {
  test('whatever the header of the certificate says, the API does not fail', async () => {
    const token = issuer.token(mtls)
    await fc.assert(
      fc.asyncProperty(fc.array(anyOf(legal), { minLength: 1, maxLength: 2 }), async (values) => {
        const certificates = values.map((value): Header => [name, value])
        await expectAnswered(proxied, path, [['Authorization', `Bearer ${token}`], ['X-SSL-Client-Verify', 'SUCCESS'], ...certificates])
      }),
      RUNS,
    )
  })
})
