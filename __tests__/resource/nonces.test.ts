import { createPolicy, fapi2Security, fromTls, memoryStore, type ProtectOptions, protect } from 'express-fapi'
import { certificateClient, dpopClient, fakeIssuer, legalRequest, type ProofChange, type TestRequest } from 'express-fapi/testing'
import { later } from '../support/clock.js'
import { fromNow } from '../support/jwt.js'
import { type Answer, API, type Api, openApi } from './api-server.js'

const issuer = fakeIssuer({ audience: API })
const client = dpopClient()
const mtls = certificateClient()
const url = `${API}/accounts`
const token = issuer.token(client, { exp: fromNow(86_400) })
const secret = Buffer.alloc(32, 'a secret')
/** Of all instances, as it has to be. */
const store = memoryStore()

const open = (options: Pick<ProtectOptions, 'nonce' | 'nonceSecret'>) =>
  openApi((app) => {
    const policy = createPolicy({ profile: fapi2Security })
    app.use(protect(policy, { issuers: issuer, publicUrl: API, certificate: fromTls(), store, ...options }))
    app.use((_req, res) => void res.json({ passed: true }))
  })

let off: Api
let skew: Api
let always: Api
let second: Api
let stranger: Api
const all = () => [off, skew, always, second, stranger]
beforeAll(async () => {
  off = await open({})
  skew = await open({ nonce: 'on-skew', nonceSecret: secret })
  always = await open({ nonce: 'always', nonceSecret: secret })
  second = await open({ nonce: 'always', nonceSecret: new Uint8Array(secret) })
  stranger = await open({ nonce: 'always', nonceSecret: Buffer.alloc(32, 'another') })
})
afterAll(() => Promise.all(all().map((api) => api?.close())))

function made(change: ProofChange = {}): TestRequest {
  const dpop = client.proof({ method: 'GET', url, token }, change)
  return { method: 'GET', url, tls: undefined, headers: { authorization: `DPoP ${token}`, dpop } }
}
const proving = (api: Api, claims: ProofChange['claims'] = {}) => api.send(made({ claims }))
const nonceOf = ({ headers }: Answer) => String(headers['dpop-nonce'])
const fresh = async () => nonceOf(await proving(always))

function expectAsked({ status, json, headers, challenges }: Answer): void {
  expect({ status, error: json.error }).toEqual({ status: 401, error: 'use_dpop_nonce' })
  expect(challenges[0]).toMatchObject({ scheme: 'DPoP', parameters: { error: 'use_dpop_nonce', algs: expect.any(String) } })
  // RFC 9449 §8.1: one, of characters that a header may hold.
  expect(headers['dpop-nonce']).toMatch(/^[\x21\x23-\x5b\x5d-\x7e]{22,}$/)
  expect(headers['cache-control']).toBe('no-store')
}

function expectPassed({ status, headers }: Answer, isTold: boolean): void {
  expect({ status, told: 'dpop-nonce' in headers }).toEqual({ status: 200, told: isTold })
  if (isTold) expect(headers['cache-control']).toBe('no-store')
}

const HOUR = 3600

describe('nonce: always', () => {
  test('RFC9449-9-a a proof without one is asked for one; with it, it passes and is told the next', async () => {
    const asked = await proving(always)
    expectAsked(asked)
    expectPassed(await proving(always, { nonce: nonceOf(asked) }), true)
    expectPassed(await proving(always, { nonce: nonceOf(asked) }), true)
  })

  test.each(['', 'x', 5, null, ['x'], {}, 'x'.repeat(43), true, 'ü'.repeat(43)])('the nonce %p is none', async (nonce) => {
    expectAsked(await proving(always, { nonce }))
  })

  test('one in a list, or with something behind it, is none', async () => {
    const nonce = await fresh()
    for (const wrong of [[nonce], `${nonce} `, `${nonce}=`, nonce.slice(1), nonce.toUpperCase()]) {
      expectAsked(await proving(always, { nonce: wrong }))
    }
    expectPassed(await proving(always, { nonce }), true)
  })

  test.each([-HOUR, HOUR, -86_400])('RFC9449-11.1-a a clock that is %d seconds off passes with one', async (seconds) => {
    expectAsked(await proving(always, { iat: fromNow(seconds) }))
    expectPassed(await proving(always, { iat: fromNow(seconds), nonce: await fresh() }), true)
  })

  test('another instance with the same secret takes it, one with another does not', async () => {
    const nonce = await fresh()
    expectPassed(await proving(second, { nonce }), true)
    expect(nonceOf(await proving(second))).toBe(nonce)
    expectAsked(await proving(stranger, { nonce }))
  })

  test('tokens that are bound to a certificate need none', async () => {
    expectPassed(await always.send(legalRequest({ issuer, client: mtls, url })), false)
  })

  test('what is wrong with a proof besides is not forgiven', async () => {
    const nonce = await fresh()
    for (const claims of [{ htm: 'POST' }, { htu: `${API}/x` }, { ath: 'x' }, { jti: undefined }, { iat: undefined }]) {
      expect((await proving(always, { nonce, ...claims })).json.error).toBe('invalid_dpop_proof')
    }
  })
})

describe('nonce: on-skew', () => {
  test.each([-50, 0, 50])('a proof of %d seconds passes without one', async (seconds) => {
    expectPassed(await proving(skew, { iat: fromNow(seconds) }), false)
  })

  test.each([-HOUR, -70, 70, HOUR])('a proof of %d seconds is asked for one, and passes with it', async (seconds) => {
    const asked = await proving(skew, { iat: fromNow(seconds) })
    expectAsked(asked)
    expectPassed(await proving(skew, { iat: fromNow(seconds), nonce: nonceOf(asked) }), true)
  })

  test('a proof with one that does not count is asked for another, though its time is right', async () => {
    expectAsked(await proving(skew, { nonce: 'made up' }))
  })
})

describe('nonce: off', () => {
  test('none is given, and what is sent is ignored', async () => {
    expectPassed(await proving(off), false)
    expectPassed(await proving(off, { nonce: 'made up' }), false)
    const { json, headers } = await proving(off, { iat: fromNow(-HOUR), nonce: await fresh() })
    expect({ error: json.error, told: 'dpop-nonce' in headers }).toEqual({ error: 'invalid_dpop_proof', told: false })
  })
})

describe('as time goes by', () => {
  test('the nonce changes, the last one still counts, and the one before does not', async () => {
    // From the beginning of a period, so that what follows is in the next ones.
    const start = 120 - ((Date.now() / 1000) % 120) + 1
    const nonces: string[] = []
    for (const seconds of [0, 120, 240]) nonces.push(await later(start + seconds, fresh))
    expect(new Set(nonces).size).toBe(3)
    const at = (seconds: number, nonce: string | undefined) => later(start + seconds, () => proving(always, { nonce }))
    expectPassed(await at(0, nonces[0]), true)
    expectPassed(await at(130, nonces[0]), true)
    expectPassed(await at(237, nonces[0]), true)
    expectAsked(await at(240, nonces[0]))
    expectAsked(await at(0, nonces[1]))
    expect(nonceOf(await at(130, nonces[0]))).toBe(nonces[1])
    expectPassed(await at(240, nonces[1]), true)
  })

  test('a proof with a nonce is remembered for as long as the nonce counts, whatever its iat says', async () => {
    const start = 120 - ((Date.now() / 1000) % 120) + 1
    const nonce = await later(start, fresh)
    for (const iat of [fromNow(-HOUR), fromNow(0), fromNow(HOUR)]) {
      const proof = made({ claims: { nonce, iat } })
      expectPassed(await later(start, () => always.send(proof)), true)
      for (const seconds of [1, 61, 130, 237]) {
        expect((await later(start + seconds, () => second.send(proof))).json.error).toBe('invalid_dpop_proof')
      }
      expectAsked(await later(start + 241, () => second.send(proof)))
    }
  })
})

test('whatever the setting, a refused proof may be sent again with a nonce: it was not used', async () => {
  const jti = 'asked first'
  expectAsked(await proving(always, { jti }))
  expectPassed(await proving(always, { jti, nonce: await fresh() }), true)
  expect((await proving(always, { jti, nonce: await fresh() })).json.error).toBe('invalid_dpop_proof')
})
