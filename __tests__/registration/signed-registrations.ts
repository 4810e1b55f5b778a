import { createAuthority, type Identity, issueCertificate } from '../../examples/bank/certificates.js'
import { later } from '../support/clock.js'
import { expectError } from '../support/expectations.js'
import { fromNow } from '../support/jwt.js'
import { mintKey } from '../support/keys.js'
import type { Metadata } from '../support/registration.js'
import type { Answer } from '../support/wire.js'
import { type Draft, signingKeyOf } from './registrar.js'
import { type Drafting, expectNoClient, METADATA, REDIRECT, type Row, registered, type Scene, STATEMENT } from './registration-rows.js'

const rsa = mintKey('PS256')
const claims = (changed: Metadata): Draft => ({ request: { claims: changed } })

/** The rules of a request that is a signed JWT, in which UK and Australia agree; `lifetime` is what it may last. */
export const signedBodyRows = (lifetime: number): readonly Row[] => [
  [
    'metadata as JSON, which nobody signed',
    'invalid_request',
    /application\/jwt/,
    async ({ registrar, software }) => ({
      type: 'application/json',
      body: JSON.stringify({ ...registrar.ways.metadata(software), software_statement: await registrar.statement(software) }),
    }),
  ],
  ['a body that is no JWT', METADATA, /JWT/, () => ({ body: 'metadata' })],
  ['a request that nobody signed: alg none', METADATA, /alg/, () => ({ request: { alg: 'none' } })],
  ['a request signed with the public key: alg HS256', METADATA, /alg/, () => ({ request: { alg: 'HS256' } })],
  ['a request signed with RS256', METADATA, /alg/, () => ({ request: { alg: 'RS256' } })],
  ['a request with a broken signature', METADATA, /signature|verif|signed/, () => ({ request: { signature: 'broken' } })],
  [
    'a request that another software of the directory signed',
    METADATA,
    /signature|verif|signed|key/,
    ({ software, stranger }) => ({ request: { key: signingKeyOf(stranger.key), header: { kid: software.key.publicJwk.kid } } }),
  ],
  [
    'a request whose key is in its own header',
    METADATA,
    /signature|verif|signed|key/,
    ({ software }) => ({ request: { key: rsa, header: { kid: software.key.publicJwk.kid, jwk: rsa.publicJwk } } }),
  ],
  [
    'a critical header that nobody knows',
    METADATA,
    /crit/,
    () => ({ request: { header: { crit: ['urn:example:critical'], 'urn:example:critical': true } } }),
  ],
  ['a request of another software: iss', METADATA, /iss must be software_id/, ({ stranger }) => claims({ iss: stranger.id })],
  ['no iss', METADATA, /iss must be software_id/, () => claims({ iss: undefined })],
  ['a request for another bank: aud', METADATA, /aud/, () => claims({ aud: 'https://another-bank.example' }), audiences],
  ['no aud', METADATA, /aud/, () => claims({ aud: undefined })],
  ['an expired request', METADATA, /expired/, () => claims({ iat: fromNow(-60), exp: fromNow(-1) }), () => claims({ exp: fromNow(5) })],
  ['no exp', METADATA, /exp is missing/, () => claims({ exp: undefined })],
  [
    'a request that lasts too long',
    METADATA,
    /after iat/,
    () => claims({ exp: fromNow(lifetime + 1) }),
    () => claims({ exp: fromNow(lifetime) }),
  ],
  ['no iat', METADATA, /iat is missing/, () => claims({ iat: undefined })],
  ['a request of tomorrow', METADATA, /future/, () => claims({ iat: fromNow(86_400), exp: fromNow(86_500) })],
  ['a request that is not valid yet', METADATA, /future/, () => claims({ nbf: fromNow(60) }), () => claims({ nbf: fromNow(0) })],
  ['no jti', METADATA, /jti/, () => claims({ jti: undefined })],
  ['no statement in it', STATEMENT, /software_statement/, () => ({ statement: undefined })],
  ['a forged statement in it', STATEMENT, /signature|verif|signed/, () => ({ forged: true })],
  [
    'a statement of somebody else that leads to keys of somebody else',
    STATEMENT,
    /signature|verif|signed/,
    ({ stranger }) => ({
      ...{ forged: true, request: { key: signingKeyOf(stranger.key) } },
      claims: { jwks_uri: stranger.jwksUri, software_jwks_endpoint: stranger.jwksUri },
    }),
  ],
  ['a directory that nobody approved', 'unapproved_software_statement', /issuer/, () => ({ claims: { iss: 'https://bad.example' } })],
  ['no client certificate', 'invalid_request', /certificate/, () => ({ certificate: 'none' })],
  ['a certificate of an authority that nobody knows', 'invalid_request', /trusted authority/, async () => ({ certificate: await fake() })],
]

/** The bank is one of several, or is named by its endpoint. */
const audiences: Drafting = ({ registrar: { endpoint } }) => claims({ aud: ['https://another-bank.example', endpoint] })

const fake = async (): Promise<Identity> =>
  issueCertificate(await createAuthority('CN=Nobody'), { subject: 'C=GB, O=Example TPP, CN=tpp', usage: 'client', keyType: 'EC' })

/** What is used once is used once, and only when it was good for something. */
export function testReplay(sceneOf: () => Scene): void {
  test('a statement that was used: refused, even when its client is gone; one that came with a refused request: taken', async () => {
    const scene = sceneOf()
    const { registrar, software } = scene
    const statement = await registrar.statement(software)
    expectError(await registrar.register(software, { statement, request: { claims: { aud: 'x' } } }), 400, METADATA)
    await registered(scene, async () => undefined, { statement })
    const answer = await registrar.register(software, { statement })
    expectError(answer, 400, STATEMENT)
    expect(answer.json.error_description).toMatch(/has been used/)
  })

  test('a request that was used: refused, even with another statement; another jti: taken', async () => {
    const scene = sceneOf()
    const { registrar, software } = scene
    const jti = '7c9e6679-7425-40de-944b-e07fc1f90ae7'
    await registered(scene, async () => undefined, claims({ jti }))
    const answer = await registrar.register(software, claims({ jti }))
    expectError(answer, 400, METADATA)
    expect(answer.json.error_description).toMatch(/jti of the request has been used/)
    await registered(scene, async () => undefined, claims({ jti: jti.replace('7c9', '7c8') }))
  })

  test('a second client of the software: refused, and the statement says why; another software: registered', async () => {
    const scene = sceneOf()
    const { registrar, software, stranger } = scene
    await registered(scene, async () => {
      const answer = await registrar.register(software)
      expectError(answer, 400, STATEMENT)
      expect(answer.json.error_description).toMatch(/registered already/)
      await registered({ ...scene, software: stranger }, async () => undefined)
    })
    await registered(scene, async () => undefined)
  })
}

/** Management with access tokens of the client, bound to its certificate. */
export function testManagement(sceneOf: () => Scene, scope: string, redirectClaim: string): void {
  /** An access token that a client got for itself. */
  async function tokenOf({ registrar, software }: Scene, client: Answer, wanted = scope): Promise<string> {
    const { status, json, text } = await registrar.meet(software, client).token({ grant_type: 'client_credentials', scope: wanted })
    if (status !== 200) throw new Error(text)
    return String(json.access_token)
  }

  test('there is no registration access token, and none to recover', async () => {
    const scene = sceneOf()
    await registered(scene, async (client) => {
      expect(client.json).not.toHaveProperty('registration_access_token')
      const uri = `${client.json.registration_client_uri}/registration-access-token`
      const answer = await scene.registrar.manage('POST', scene.software, { ...client, json: { registration_client_uri: uri } })
      expectError(answer, 400, 'invalid_request')
    })
  })

  test(`GET, PUT and DELETE with a token for ${scope}: served`, async () => {
    const scene = sceneOf()
    const { registrar, software } = scene
    await registered(scene, async (client) => {
      const token = await tokenOf(scene, client)
      expect((await registrar.manage('GET', software, client, { token })).json).toEqual(client.json)
      const updated = await registrar.update(software, client, { token, metadata: { redirect_uris: software.redirectUris } })
      expect({ status: updated.status, error: updated.json.error_description }).toEqual({ status: 200, error: undefined })
      expect((await registrar.manage('GET', software, client, { token })).json).toEqual(updated.json)
      expect((await registrar.manage('DELETE', software, client, { token })).status).toBe(204)
      for (const method of ['GET', 'DELETE']) expectError(await registrar.manage(method, software, client, { token }), 401, 'invalid_token')
    })
  })

  type Refused = [what: string, status: number, error: string | undefined, draft: (scene: Scene, client: Answer) => Draft | Promise<Draft>]
  const REFUSED: readonly Refused[] = [
    ['no token', 401, undefined, () => ({ token: 'none' })],
    ['a token that nobody issued', 401, 'invalid_token', () => ({ token: 'x'.repeat(43) })],
    [
      'a token without the scope',
      403,
      'insufficient_scope',
      async (scene, client) => ({ token: await tokenOf(scene, client, 'accounts') }),
    ],
    [
      'a token that came with another certificate',
      401,
      'invalid_token',
      async (scene, client) => ({
        ...{ token: await tokenOf(scene, client), certificate: scene.stranger.identity },
      }),
    ],
    [
      'a token without its certificate',
      401,
      'invalid_token',
      async (scene, client) => ({ token: await tokenOf(scene, client), certificate: 'none' }),
    ],
  ]
  test.each(REFUSED)('%s: %d %s; what is stored stays', async (_what, status, error, draft) => {
    const scene = sceneOf()
    const { registrar, software } = scene
    await registered(scene, async (client) => {
      const refused = await draft(scene, client)
      for (const answer of [
        await registrar.manage('GET', software, client, refused),
        await registrar.update(software, client, { ...refused, metadata: { redirect_uris: software.redirectUris } }),
        await registrar.manage('DELETE', software, client, refused),
      ]) {
        expect({ status: answer.status, error: answer.json.error }).toEqual({ status, error: error ?? expect.stringMatching(/^invalid_/) })
        expect(String(answer.headers['www-authenticate'])).toMatch(/^(?:Bearer|DPoP)/)
        expectNoClient(answer)
      }
      expect((await registrar.manage('GET', software, client, { token: await tokenOf(scene, client) })).json).toEqual(client.json)
    })
  })

  test("another client's token: 401, as for a client that there is not", async () => {
    const scene = sceneOf()
    const { registrar, software, stranger } = scene
    await registered(scene, (client) =>
      registered({ ...scene, software: stranger }, async (other) => {
        const token = await tokenOf({ ...scene, software: stranger }, other)
        const own = { token, certificate: stranger.identity }
        const nobody = { ...client, json: { registration_client_uri: `${registrar.endpoint}/nobody` } }
        for (const target of [client, nobody]) {
          expectError(await registrar.manage('GET', software, target, own), 401, 'invalid_token')
          expectError(await registrar.update(software, target, own), 401, 'invalid_token')
          expectError(await registrar.manage('DELETE', software, target, own), 401, 'invalid_token')
        }
        expect((await registrar.manage('GET', stranger, other, { token })).status).toBe(200)
      }),
    )
  })

  test.each<[string, string, Drafting]>([
    [
      'a redirect URI that is not in the statement',
      REDIRECT,
      ({ software }) => ({ metadata: { redirect_uris: [software.redirectUris[0], 'https://bad.example/cb'] } }),
    ],
    ['no statement', STATEMENT, () => ({ statement: undefined })],
    ['a forged statement', STATEMENT, () => ({ forged: true })],
    [
      'the statement of another software',
      METADATA,
      async ({ registrar, stranger }) => ({ statement: await registrar.statement(stranger) }),
    ],
    [
      'another software altogether',
      STATEMENT,
      async ({ registrar, stranger }) => ({
        statement: await registrar.statement(stranger),
        request: {
          key: signingKeyOf(stranger.key),
          claims: { iss: stranger.id, ...registrar.ways.metadata(stranger), software_id: stranger.id },
        },
      }),
    ],
    ['a request that another software signed', METADATA, ({ stranger }) => ({ request: { key: signingKeyOf(stranger.key) } })],
    ['metadata as JSON', 'invalid_request', () => ({ type: 'application/json', body: '{}' })],
    ['jwks by value', METADATA, ({ software }) => ({ metadata: { jwks: { keys: [software.key.publicJwk] } } })],
    ['unbound tokens', METADATA, () => ({ metadata: { tls_client_certificate_bound_access_tokens: false } })],
    ['another client_id', METADATA, () => ({ metadata: { client_id: 'nobody' } })],
    ['another profile', METADATA, () => ({ metadata: { fapi_profile: 'fapi2-security' } })],
  ])('PUT with %s: 400 %s; what is stored stays', async (_what, error, draft) => {
    const scene = sceneOf()
    const { registrar, software } = scene
    await registered(scene, async (client) => {
      const token = await tokenOf(scene, client)
      const answer = await registrar.update(software, client, { ...(await draft(scene)), token })
      expectError(answer, 400, error)
      expectNoClient(answer)
      expect((await registrar.manage('GET', software, client, { token })).json).toEqual(client.json)
      const taken = await registrar.update(software, client, { token })
      expect({ status: taken.status, error: taken.json.error_description }).toEqual({ status: 200, error: undefined })
    })
  })

  test('PUT with a statement that lost a redirect URI: the client loses it too', async () => {
    const scene = sceneOf()
    const { registrar, software } = scene
    const [first, second] = software.redirectUris
    await registered(
      scene,
      async (client) => {
        const token = await tokenOf(scene, client)
        const lost = { [redirectClaim]: [first] }
        expectError(
          await registrar.update(software, client, { token, claims: lost, metadata: { redirect_uris: [first, second] } }),
          400,
          REDIRECT,
        )
        const answer = await registrar.update(software, client, { token, claims: lost, metadata: { redirect_uris: undefined } })
        expect({ status: answer.status, uris: answer.json.redirect_uris }).toEqual({ status: 200, uris: [first] })
      },
      { metadata: { redirect_uris: [first, second] } },
    )
  })

  test('an access token that has expired: 401', async () => {
    const scene = sceneOf()
    await registered(scene, async (client) => {
      const token = await tokenOf(scene, client)
      await later(3601, async () => {
        expect((await scene.registrar.manage('GET', scene.software, client, { token })).status).toBe(401)
      })
      expect((await scene.registrar.manage('GET', scene.software, client, { token })).status).toBe(200)
    })
  })
}
