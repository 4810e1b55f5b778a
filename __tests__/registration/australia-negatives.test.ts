import { later } from '../support/clock.js'
import { expectError } from '../support/expectations.js'
import { fromNow } from '../support/jwt.js'
import { openRegistrar } from './registrar.js'
import { METADATA, REDIRECT, type Row, registered, type Scene, STATEMENT, testRows } from './registration-rows.js'
import { signedBodyRows, testManagement, testReplay } from './signed-registrations.js'

let scene: Scene
beforeAll(async () => {
  const registrar = await openRegistrar('au-cdr')
  scene = { registrar, software: await registrar.newSoftware(), stranger: await registrar.newSoftware() }
})
afterAll(() => scene?.registrar.close())

const ROWS: readonly Row[] = [
  ...signedBodyRows(600),
  [
    'a statement older than ten minutes',
    STATEMENT,
    /600 seconds old/,
    () => ({ claims: { iat: fromNow(-601), exp: fromNow(60) } }),
    () => ({ claims: { iat: fromNow(-599), exp: fromNow(60) } }),
  ],
  ['a statement that has expired', STATEMENT, /expired/, () => ({ claims: { exp: fromNow(-1) } }), () => ({ claims: { exp: fromNow(5) } })],
  ['a statement that never expires', STATEMENT, /exp is missing/, () => ({ claims: { exp: undefined } })],
  ['a statement without jti', STATEMENT, /jti is missing/, () => ({ claims: { jti: undefined } })],
  [
    'one redirect URI that is not in the statement, among others that are',
    REDIRECT,
    /bad\.example/,
    ({ software }) => ({ metadata: { redirect_uris: [...software.redirectUris, 'https://bad.example/cb'] } }),
    ({ software }) => ({ metadata: { redirect_uris: [...software.redirectUris] } }),
  ],
  ['the hybrid flow, which has ended', METADATA, /response_types/, () => ({ metadata: { response_types: ['code id_token'] } })],
  [
    'authentication by certificate',
    METADATA,
    /token_endpoint_auth_method/,
    ({ software }) => ({
      metadata: { token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_subject_dn: software.distinguishedName },
    }),
  ],
  [
    'RS256 for client assertions',
    METADATA,
    /token_endpoint_auth_signing_alg/,
    () => ({ metadata: { token_endpoint_auth_signing_alg: 'RS256' } }),
  ],
  [
    'public subjects',
    METADATA,
    /subject_type/,
    () => ({ metadata: { subject_type: 'public' } }),
    () => ({ metadata: { subject_type: 'pairwise' } }),
  ],
  [
    'a scope that the statement does not have',
    METADATA,
    /offline_access/,
    () => ({ metadata: { scope: 'openid offline_access' } }),
    () => ({ metadata: { scope: 'openid accounts cdr:registration' } }),
  ],
  ['jwks by value', METADATA, /jwks must not be sent/, ({ software }) => ({ metadata: { jwks: { keys: [software.key.publicJwk] } } })],
  ['another software_id than the statement', METADATA, /software_id/, ({ stranger }) => ({ metadata: { software_id: stranger.id } })],
  [
    'a sector document without the redirect URI',
    METADATA,
    /sector_identifier_uri must list/,
    ({ registrar, stranger }) => {
      registrar.directory.list({ id: 'elsewhere', keys: [stranger.key.publicJwk], redirectUris: ['https://elsewhere.example/cb'] })
      return { claims: { sector_identifier_uri: registrar.directory.sectorOf('elsewhere') } }
    },
  ],
]

describe('Australia', () => {
  testRows(() => scene, ROWS)
  testReplay(() => scene)

  test('a statement that grew old on its way: refused after ten minutes, taken before', async () => {
    const { registrar, software } = scene
    const [fresh, old] = [await registrar.statement(software), await registrar.statement(software)]
    await later(601, async () => expectError(await registrar.register(software, { statement: old }), 400, STATEMENT))
    await later(590, () => registered(scene, async () => undefined, { statement: fresh }))
  })

  test('the statement counts where the two differ, and comes back as it was', async () => {
    const { registrar, software } = scene
    const statement = await registrar.statement(software)
    await registered(
      scene,
      async ({ json }) => {
        const { exp: _, ...claims } = registrar.ways.statement(software)
        expect(json).toMatchObject({ ...claims, scope: json.scope, redirect_uris: [software.redirectUris[0]], subject_type: 'pairwise' })
        expect(String(json.scope).split(' ')).toContain('cdr:registration')
        expect(json.software_statement).toBe(statement)
        expect(json).not.toHaveProperty('shoe_size')
      },
      {
        statement,
        metadata: {
          client_name: 'Another Name',
          logo_uri: 'https://bad.example/logo.png',
          jwks_uri: 'https://bad.example/keys',
          shoe_size: 42,
        },
      },
    )
  })

  describe('management', () => testManagement(() => scene, 'cdr:registration', 'redirect_uris'))
})
