import express from 'express'
import { ConfigurationError, createPolicy, fapi2Security, fromTls, memoryStore, protect } from 'express-fapi'
import { certificateClient, dpopClient, fakeIssuer, legalRequest, type SigningAlgorithm, signingKey } from 'express-fapi/testing'
import { calculateJwkThumbprint, createLocalJWKSet, EmbeddedJWK, jwtVerify } from 'jose'
import request from 'supertest'

const ALGORITHMS = ['PS256', 'ES256', 'EdDSA', 'Ed25519'] as const
const url = 'https://api.example/accounts'

describe.each(ALGORITHMS)('in the eyes of jose, with %s', (alg) => {
  const issuer = fakeIssuer({ alg })
  const client = dpopClient({ alg, clientId: 'app' })

  test('an access token is one', async () => {
    const token = issuer.token(client, { scope: 'accounts', jti: undefined })
    const jwks = { keys: issuer.jwks.keys.map((key) => ({ ...key })) }
    const expected = { issuer: issuer.issuer, audience: issuer.audience, typ: 'at+jwt', algorithms: [alg] }
    const { payload } = await jwtVerify(token, createLocalJWKSet(jwks as never), expected)
    expect(payload).toMatchObject({ sub: 'user', client_id: 'app', scope: 'accounts', cnf: client.cnf })
    expect(payload).not.toHaveProperty('jti')
    expect(Number(payload.exp) - Number(payload.iat)).toBe(300)
  })

  test('a proof is one, and its key the one that tokens are bound to', async () => {
    const proof = client.proof({ method: 'GET', url: `${url}?x=1#y`, token: 'x', nonce: 'n' })
    const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, { typ: 'dpop+jwt', algorithms: [alg] })
    expect(payload).toMatchObject({ htm: 'GET', htu: url, nonce: 'n', jti: expect.any(String) })
    expect(protectedHeader.jwk).not.toHaveProperty('d')
    expect(client.cnf).toEqual({ jkt: await calculateJwkThumbprint(protectedHeader.jwk ?? {}) })
  })

  test('two of them have nothing in common', () => {
    const [one, other] = [signingKey(alg), signingKey(alg)]
    expect(one.thumbprint).not.toBe(other.thumbprint)
    const [first, second] = [1, 2].map(() => client.proof({ method: 'GET', url, token: 'x' }))
    expect(first).not.toBe(second)
  })
})

test.each(['RS256', 'none', '', undefined as never, 5 as never])('what is no algorithm of FAPI is refused: %p', (alg) => {
  const wrong = (alg ?? null) as SigningAlgorithm
  for (const make of [() => fakeIssuer({ alg: wrong }), () => dpopClient({ alg: wrong }), () => signingKey(wrong)])
    expect(make).toThrow(ConfigurationError)
})

test('a published key has no private member', () => {
  for (const alg of ALGORITHMS) for (const key of fakeIssuer({ alg }).jwks.keys) expect(key).not.toHaveProperty('d')
})

test('supertest sends what a client makes', async () => {
  const issuer = fakeIssuer()
  const app = express()
  const policy = createPolicy({ profile: fapi2Security })
  const publicUrl = 'https://api.example'
  app.use(protect(policy, { issuers: issuer, publicUrl, certificate: fromTls(), store: memoryStore() }), (_req, res) => void res.json({}))
  const { headers } = legalRequest({ issuer, client: dpopClient(), url })
  await request(app).get('/accounts').set(headers).expect(200)
  await request(app).get('/accounts').set(headers).expect(401)
  const { headers: bearer } = legalRequest({ issuer, client: certificateClient(), url })
  await request(app).get('/accounts').set(bearer).expect(401)
})
