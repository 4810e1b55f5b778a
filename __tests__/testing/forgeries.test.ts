import { createPolicy, fapi2Security, fromTls, memoryStore, protect, requireScope } from 'express-fapi'
import {
  certificateClient,
  dpopClient,
  type Forgery,
  fakeIssuer,
  forgeries,
  type Legal,
  legalRequest,
  type TestClient,
} from 'express-fapi/testing'
import { API, type Api, openApi } from '../resource/api-server.js'

const issuer = fakeIssuer()
const plain = { claims: { scope: 'accounts' }, url: `${API}/accounts` }
const policy = createPolicy({ profile: fapi2Security })
let api: Api
beforeAll(async () => {
  api = await openApi((app) => {
    const guard = protect(policy, { issuers: issuer, publicUrl: API, certificate: fromTls(), store: memoryStore() })
    app.all('/accounts', guard, requireScope('accounts'), (req, res) => void res.json({ client: req.fapi?.client?.client_id }))
  })
})
afterAll(() => api?.close())

/** Sends what a forgery consists of: all but the last are legal. */
async function expectRefused<C extends TestClient>({ forge, status, error }: Forgery<C>, legal: Legal<C>): Promise<void> {
  const requests = forge(legal)
  for (const request of requests.slice(0, -1)) expect((await api.send(request)).status).toBe(200)
  const last = requests.at(-1)
  const answer = await api.send(last ?? { url: '/' })
  expect({ status: answer.status, error: answer.json.error }).toEqual({ status, error })
  expect(answer.challenges.map(({ parameters }) => parameters.error)).toEqual([error, error])
  expect((await api.send(legalRequest(legal))).json).toEqual({ client: legal.client.clientId })
}

const dpop = Object.entries<Forgery<ReturnType<typeof dpopClient>>>(forgeries.dpop)
const certificate = Object.entries<Forgery<ReturnType<typeof certificateClient>>>(forgeries.certificate)

describe.each(['ES256', 'PS256', 'EdDSA', 'Ed25519'] as const)('of a client with a DPoP key for %s', (alg) => {
  const legal = { issuer, client: dpopClient({ alg }), ...plain }
  test.each(dpop)('%s', (_name, forgery) => expectRefused(forgery, legal))
})

describe('of a client with a certificate', () => {
  const legal = { issuer, client: certificateClient(), ...plain }
  test.each(certificate)('%s', (_name, forgery) => expectRefused(forgery, legal))
})

test.each([...dpop, ...certificate])('%s says what it does', (_name, { does }) => {
  expect(does).toMatch(/^Sends .*\.$/)
})

test('a forgery is made with the method that it is asked for', async () => {
  const legal = { issuer, client: dpopClient(), ...plain, method: 'POST' }
  for (const [, forgery] of dpop) await expectRefused(forgery, legal)
})
