import { randomUUID } from 'node:crypto'
import { createPolicy, fapi2Security, memoryStore, type Store, type Verdict } from 'express-fapi'
import { observe, storage, withFapi, wrapStorage } from 'express-fapi/provider'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import Provider, { type AdapterFactory } from 'oidc-provider'
import request from 'supertest'
import { makeKeys } from './support.js'

/* A client assertion is remembered once: by the provider's adapter where that is over the same store, else by the hook as well. */

const ISSUER = 'https://as.bank.example'
const { jwks } = makeKeys()
const { privateKey, publicKey } = await generateKeyPair('ES256')
const publicJwk = { ...(await exportJWK(publicKey)), alg: 'ES256', use: 'sig' }
const { privateKey: proofKey, publicKey: proofJwk } = await generateKeyPair('ES256')
const proofPublic = await exportJWK(proofJwk)

const assertion = (claims = {}) =>
  new SignJWT({ iss: 'tpp', sub: 'tpp', aud: ISSUER, jti: randomUUID(), ...claims })
    .setProtectedHeader({ alg: 'ES256' })
    .setIssuedAt()
    .setExpirationTime('1m')
    .sign(privateKey)

const proof = (jti: string = randomUUID()) =>
  new SignJWT({ jti, htm: 'POST', htu: `${ISSUER}/token` })
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: proofPublic })
    .setIssuedAt()
    .sign(proofKey)

type MakeAdapter = (store: Store) => AdapterFactory

function start(adapter: MakeAdapter) {
  const kept = memoryStore()
  const marks: (readonly [key: string, expiresAt: number])[] = []
  const store: Store = {
    ...kept,
    once(key, expiresAt) {
      marks.push([key, expiresAt])
      return kept.once(key, expiresAt)
    },
  }
  const verdicts: Verdict[] = []
  const policy = createPolicy({ profile: fapi2Security, record: (verdict) => void verdicts.push(verdict) })
  const client = {
    client_id: 'tpp',
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
    jwks: { keys: [publicJwk] },
  }
  const configuration = withFapi(
    policy,
    ISSUER,
    { jwks, clients: [client as never], adapter: adapter(store), features: { clientCredentials: { enabled: true } }, scopes: ['accounts'] },
    { store },
  )
  const provider = observe(policy, new Provider(ISSUER, configuration))
  provider.proxy = true
  const call = request(provider.callback())
  const ask = (client_assertion: string, dpop: string) =>
    call
      .post('/token')
      .set({ 'x-forwarded-proto': 'https', 'x-forwarded-host': 'as.bank.example', dpop })
      .type('form')
      .send({
        ...{ grant_type: 'client_credentials', client_assertion, client_id: 'tpp' },
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      })
  return { ask, marks, verdicts }
}

const ADAPTERS: readonly (readonly [what: string, adapter: MakeAdapter, marks: number])[] = [
  ['storage over the same store', (store) => storage(store), 2],
  ['storage over the same database by another store', (store) => storage({ ...store }), 3],
  ['storage inside an adapter of the user', (store) => (model) => ({ ...storage(store)(model) }), 3],
  ['wrapStorage around storage', (store) => wrapStorage(storage(memoryStore()), { store }), 3],
]

describe.each(ADAPTERS)('%s', (_what, adapter, expected) => {
  test('a refused request leaves no mark, an honest one no more than it must, and the assertion’s outlasts its exp', async () => {
    const { ask, marks, verdicts } = start(adapter)
    // Another audience that the provider knows: it is for the rule to say no.
    expect((await ask(await assertion({ aud: `${ISSUER}/token` }), await proof())).status).toBe(401)
    expect(verdicts.flatMap(({ rejection }) => rejection?.rule ?? [])).toEqual(['assertion-audience-is-issuer'])
    expect(marks).toEqual([])
    const exp = Math.floor(Date.now() / 1000) + 100
    expect((await ask(await assertion(), await proof())).status).toBe(200)
    expect(marks).toHaveLength(expected)
    expect(Math.max(...marks.map(([, expiresAt]) => expiresAt))).toBeGreaterThan(exp)
  })

  test('of simultaneous uses one succeeds, and so after it; each refusal is recorded once and by its name', async () => {
    const { ask, verdicts } = start(adapter)
    const once = await assertion()
    const answers = await Promise.all(Array.from({ length: 8 }, async () => ask(once, await proof())))
    answers.push(await ask(once, await proof()))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    const refused = answers.filter(({ status }) => status !== 200)
    expect(refused.map(({ status, body }) => [status, body.error])).toEqual(refused.map(() => [401, 'invalid_client']))
    const rejections = verdicts.flatMap(({ rejection }) => rejection ?? [])
    expect(rejections.map(({ rule }) => rule)).toEqual(Array(8).fill('assertion-once'))
  })

  test('a proof with the jti of the assertion it came with does not pass as that', async () => {
    const { ask } = start(adapter)
    const jti = randomUUID()
    expect((await ask(await assertion({ jti }), await proof(jti))).status).toBe(401)
    const used = await proof()
    expect((await ask(await assertion(), used)).status).toBe(200)
    expect((await ask(await assertion(), used)).status).not.toBe(200)
  })
})

test('a store that does not answer refuses', async () => {
  const away = memoryStore()
  const store: Store = { ...away, once: () => Promise.reject(new Error('ECONNREFUSED')) }
  const { ask } = start(() => storage(store))
  expect((await ask(await assertion(), await proof())).status).toBe(503)
})
