import { randomUUID } from 'node:crypto'
import type { Server } from 'node:http'
import express from 'express'
import { createPolicy, fapi2Security, keySet, memoryStore, protect } from 'express-fapi'
import { calculateJwkThumbprint } from 'jose'
import request from 'supertest'
import { ca, type Listening, listenTo } from '../readers/issuer-servers.js'
import { fromNow, signJwt } from '../support/jwt.js'
import { mintKey, type SigningKey } from '../support/keys.js'
import { dpopProof } from '../support/proof.js'

/* The guard and an issuer whose keys change, and which is then away. */

const ISSUER = 'https://as.bank.example'
const API = 'https://api.bank.example'
const [first, second, stranger] = ['ES256', 'PS256', 'ES256'].map((alg) => mintKey(alg)) as [SigningKey, SigningKey, SigningKey]
const holder = mintKey('ES256')
const jkt = await calculateJwkThumbprint(holder.publicJwk)

let published: readonly SigningKey[]
let fetches: number
let issuer: Listening
let server: Server
beforeEach(async () => {
  published = [first]
  fetches = 0
  issuer = await listenTo((_req, res) => {
    fetches += 1
    res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: published.map(({ publicJwk }) => publicJwk) }))
  })
  const keys = keySet(`https://localhost:${issuer.port}/jwks`, {
    ca,
    allowPrivateHosts: [`localhost:${issuer.port}`],
    cooldown: 1,
    timeout: 30,
  })
  const guard = protect(createPolicy({ profile: fapi2Security }), {
    issuers: { issuer: ISSUER, audience: API, keys },
    ...{ publicUrl: API, certificate: () => undefined, store: memoryStore() },
  })
  server = express()
    .use(guard)
    .get('/accounts', (_req, res) => void res.json({ accounts: [] }))
    .listen(0)
})
afterEach(async () => {
  server.close()
  await issuer.close().catch(() => undefined)
})

interface Forging {
  readonly kid?: string
  readonly by?: SigningKey
}

async function call(key: SigningKey, { kid = key.kid, by = key }: Forging = {}): Promise<number> {
  const claims = {
    iss: ISSUER,
    aud: API,
    sub: 'alice',
    client_id: 'app',
    jti: randomUUID(),
    iat: fromNow(0),
    exp: fromNow(300),
    cnf: { jkt },
  }
  const token = await signJwt({ key: by, header: { typ: 'at+jwt', kid }, claims })
  const proof = await dpopProof(holder, { method: 'GET', url: `${API}/accounts`, accessToken: token })
  return (
    await request(server)
      .get('/accounts')
      .set({ authorization: `DPoP ${token}`, dpop: proof })
  ).status
}

const soon = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000))

test('rotated keys: old and new tokens pass while both keys are published, then only the new; forged ones never', async () => {
  expect(await call(first)).toBe(200)
  published = [first, second]
  expect(await call(second)).toBe(200)
  expect(await call(first)).toBe(200)
  expect(fetches).toBe(2)
  for (const forged of [call(first, { by: stranger }), call(second, { kid: first.kid }), call(stranger)]) expect(await forged).toBe(401)
})

test('while the issuer is away: no valid request is refused and no forged one accepted', async () => {
  published = [first, second]
  expect(await call(first)).toBe(200)
  await issuer.close()
  for (let times = 0; times < 5; times++) {
    expect(await call(first)).toBe(200)
    expect(await call(second)).toBe(200)
    expect(await call(first, { by: stranger })).toBe(401)
    // Nobody can tell what a key that is not at hand would say, and nobody gets in.
    expect([401, 503]).toContain(await call(stranger))
  }
})

test('10,000 requests with random kids cause a handful of fetches, and good ones pass in between', async () => {
  expect(await call(first)).toBe(200)
  const claims = { iss: ISSUER, aud: API, sub: 'alice', client_id: 'app', jti: 'j', iat: fromNow(0), exp: fromNow(300), cnf: { jkt } }
  const good = await signJwt({ key: first, header: { typ: 'at+jwt', kid: first.kid }, claims })
  const [header = '', payload, signature] = good.split('.')
  const parsed = JSON.parse(Buffer.from(header, 'base64url').toString()) as object
  const started = Date.now()
  let refused = 0
  const flood = async () => {
    while (refused < 10_000) {
      refused += 1
      const random = Buffer.from(JSON.stringify({ ...parsed, kid: randomUUID() })).toString('base64url')
      const { status } = await request(server).get('/accounts').set('authorization', `DPoP ${random}.${payload}.${signature}`)
      expect([401, 503]).toContain(status)
      if (refused % 1000 === 0) expect(await call(first)).toBe(200)
    }
  }
  await Promise.all(Array.from({ length: 20 }, flood))
  const seconds = (Date.now() - started) / 1000
  expect(fetches).toBeLessThanOrEqual(3 + Math.ceil(seconds))
  published = [first, second]
  await soon(2.5)
  expect(await call(second)).toBe(200)
}, 600_000)
