import { randomUUID } from 'node:crypto'
import { jest } from '@jest/globals'
import { createPolicy, fapi2Security, fromTls, memoryStore, protect, requireScope, type Verdict } from 'express-fapi'
import { certificateClient, dpopClient, fakeIssuer, type Members, type ProofChange, type TokenSigning } from 'express-fapi/testing'
import { fromNow } from '../support/jwt.js'
import { API, type Api, openApi } from './api-server.js'

/* What the guard of an API refuses is recorded under a name of its own, with figures; in the sandbox its holder is told what to do. */

const issuer = fakeIssuer({ audience: API })
const stranger = fakeIssuer({ audience: API })
const holder = dpopClient({ clientId: 'holder' })
const thief = dpopClient({ clientId: 'thief' })
const mtls = certificateClient({ clientId: 'mtls' })

const verdicts: Verdict[] = []
let [api, sandbox]: (Api | undefined)[] = []
beforeAll(async () => {
  const open = (sandboxed: boolean) => {
    const policy = createPolicy({ profile: fapi2Security, sandbox: sandboxed, record: (verdict) => void verdicts.push(verdict) })
    return openApi((app) => {
      app.use(protect(policy, { issuers: issuer, publicUrl: API, certificate: fromTls(), store: memoryStore() }))
      app.get('/accounts', requireScope('accounts'), (_req, res) => void res.json({ accounts: [] }))
    })
  }
  api = await open(false)
  const warning = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
  sandbox = await open(true)
  warning.mockRestore()
})
afterAll(async () => {
  await api?.close()
  await sandbox?.close()
})

interface Change {
  readonly claims?: Members
  readonly signing?: TokenSigning
  readonly token?: string
  readonly proof?: ProofChange
  readonly by?: typeof holder
  readonly dpop?: string
}

async function send({ claims, signing, token: given, proof, by = holder, dpop }: Change, to = api) {
  const token = given ?? issuer.token(holder, { scope: 'accounts', ...claims }, signing)
  const interaction = randomUUID()
  const headers = {
    authorization: `DPoP ${token}`,
    'x-fapi-interaction-id': interaction,
    ...(dpop !== '' && { dpop: dpop ?? by.proof({ method: 'GET', url: `${API}/accounts`, token }, proof) }),
  }
  const answer = await (to as Api).send({ url: '/accounts', headers })
  return { answer, token, rejection: verdicts.find((one) => one.interaction === interaction && one.rejection)?.rejection }
}

const CASES: readonly (readonly [name: string, change: () => Change, rule: string, detail: RegExp])[] = [
  ['no JWT', () => ({ token: 'opaque' }), 'access-token-issuer', /^it is no JWT/],
  ['typ of an ID token', () => ({ signing: { header: { typ: 'JWT' } } }), 'access-token-readable', /^typ is JWT, right would be at\+jwt$/],
  [
    'another issuer',
    () => ({ claims: { iss: 'https://other.example' } }),
    'access-token-issuer',
    /^iss is https:\/\/other\.example, right would be https:\/\/issuer\.example$/,
  ],
  [
    'another audience',
    () => ({ claims: { aud: 'https://other.example' } }),
    'access-token-audience',
    /^aud is https:\/\/other\.example, right would be https:\/\/api\.bank\.example$/,
  ],
  ['exp 90 seconds ago', () => ({ claims: { exp: fromNow(-90) } }), 'access-token-expired', /^exp was 9\d s ago/],
  [
    'iat 90 seconds ahead',
    () => ({ claims: { iat: fromNow(90) } }),
    'access-token-not-yet-valid',
    /^iat is \d\d s ahead .*at most 30 s are allowed$/,
  ],
  ['no jti', () => ({ claims: { jti: undefined } }), 'access-token-claims', /^missing, or no text: jti$/],
  ['an unknown kid', () => ({ signing: { header: { kid: 'nobody' } } }), 'access-token-key', /^alg ES256 and kid nobody; known is kid/],
  ['another alg', () => ({ signing: { header: { alg: 'none' }, sign: () => '' } }), 'access-token-algorithms', /^alg is none, allowed is/],
  ['the signature of another', () => ({ signing: { sign: stranger.signingKey.sign } }), 'access-token-signature', /^alg ES256 and kid/],
  [
    'a certificate-bound token without the certificate',
    () => ({ token: issuer.token(mtls, { scope: 'accounts' }) }),
    'access-token-binding',
    /^no client certificate/,
  ],
  ['no proof', () => ({ dpop: '' }), 'dpop-proof-given', /^undefined$/],
  [
    'the proof of another key',
    () => ({ by: thief }),
    'dpop-key',
    /^the proof is of the key with the thumbprint .*, the access token is bound to/,
  ],
  ['a proof for another method', () => ({ proof: { claims: { htm: 'POST' } } }), 'dpop-method', /^htm is POST, right would be GET$/],
  ['an old proof', () => ({ proof: { claims: { iat: fromNow(-400) } } }), 'dpop-time', /^iat is 40\d s ago/],
  ['another scope', () => ({ claims: { scope: 'payments' } }), 'scope-granted', /^scope is payments$/],
]

test.each(CASES)('%s', async (_name, change, rule, detail) => {
  const { answer, token, rejection } = await send(change())
  expect([rejection?.rule, String(rejection?.detail)]).toEqual([rule, expect.stringMatching(detail)])
  expect(answer.text).not.toMatch(/known is|right would be|Hint/)
  if (token !== 'opaque') expect(JSON.stringify(rejection)).not.toContain(token)
  expect(String(rejection?.detail)).not.toMatch(/eyJ/)
  expect((await send({})).answer.status).toBe(200)
})

test('in the sandbox the holder of a token is told what to do, and nobody else', async () => {
  const held = await send({ claims: { scope: 'payments' } }, sandbox)
  expect([held.answer.status, held.answer.json.error_description]).toEqual([403, expect.stringMatching(/\. Hint: \S/)])
  expect(held.answer.challenges[0]?.parameters.error_description).toBe(held.answer.json.error_description)
  for (const change of [{ by: thief }, { dpop: '' }, { claims: { exp: fromNow(-90) } }, { signing: { header: { kid: 'nobody' } } }])
    expect((await send(change, sandbox)).answer.text).not.toMatch(/Hint/)
  expect((await send({}, sandbox)).answer.status).toBe(200)
})
