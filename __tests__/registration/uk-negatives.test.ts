import { fromNow } from '../support/jwt.js'
import { openRegistrar } from './registrar.js'
import { METADATA, REDIRECT, type Row, registered, type Scene, STATEMENT, testRows } from './registration-rows.js'
import { signedBodyRows, testManagement, testReplay } from './signed-registrations.js'

let scene: Scene
beforeAll(async () => {
  const registrar = await openRegistrar('uk-obie')
  scene = { registrar, software: await registrar.newSoftware(), stranger: await registrar.newSoftware() }
})
afterAll(() => scene?.registrar.close())

/** Metadata of a client that needs no hybrid flow. */
const CODE = { response_types: ['code'], response_modes: ['jwt'] }

const ROWS: readonly Row[] = [
  ...signedBodyRows(3600),
  [
    'a jti that is no UUID of version 4',
    METADATA,
    /UUID/,
    () => ({ request: { claims: { jti: '7c9e6679-7425-10de-944b-e07fc1f90ae7' } } }),
  ],
  [
    'a statement of yesterday',
    STATEMENT,
    /seconds old/,
    () => ({ claims: { iat: fromNow(-86_400) } }),
    () => ({ claims: { iat: fromNow(-3599) } }),
  ],
  ['a statement without roles', STATEMENT, /software_roles/, () => ({ claims: { software_roles: [] } })],
  [
    'one redirect URI that is not in the statement, among others that are',
    REDIRECT,
    /bad\.example/,
    ({ software }) => ({ metadata: { redirect_uris: [...software.redirectUris, 'https://bad.example/cb'] } }),
    ({ software }) => ({ metadata: { redirect_uris: [...software.redirectUris] } }),
  ],
  [
    'a redirect URI without TLS, though the directory lists it',
    REDIRECT,
    /http:/,
    () => ({ claims: { software_redirect_uris: ['http://tpp.example/cb'] }, metadata: { redirect_uris: ['http://tpp.example/cb'] } }),
    () => ({ claims: { software_redirect_uris: ['https://tpp.example/cb'] }, metadata: { redirect_uris: ['https://tpp.example/cb'] } }),
  ],
  [
    'a redirect URI on localhost, though the directory lists it',
    REDIRECT,
    /localhost/,
    () => ({ claims: { software_redirect_uris: ['https://localhost/cb'] }, metadata: { redirect_uris: ['https://localhost/cb'] } }),
  ],
  [
    'a scope that no role of the software gives',
    METADATA,
    /payments/,
    () => ({ metadata: { scope: 'openid payments' } }),
    () => ({ claims: { software_roles: ['PISP'] }, metadata: { scope: 'openid payments' } }),
  ],
  ['jwks by value', METADATA, /jwks must not be sent/, ({ software }) => ({ metadata: { jwks: { keys: [software.key.publicJwk] } } })],
  ['another software_id than the statement', METADATA, /software_id/, ({ stranger }) => ({ metadata: { software_id: stranger.id } })],
  [
    'a client secret',
    METADATA,
    /token_endpoint_auth_method/,
    () => ({ metadata: { token_endpoint_auth_method: 'client_secret_basic' } }),
    () => ({ metadata: { token_endpoint_auth_method: 'private_key_jwt', tls_client_auth_subject_dn: undefined } }),
  ],
  ['tls_client_auth without a subject', METADATA, /tls_client_auth/, () => ({ metadata: { tls_client_auth_subject_dn: undefined } })],
  [
    'a response type without code',
    METADATA,
    /response_types/,
    () => ({ metadata: { response_types: ['id_token'] } }),
    () => ({ metadata: CODE }),
  ],
]

describe('UK', () => {
  testRows(() => scene, ROWS)
  testReplay(() => scene)

  test('the statement counts where the two differ, and what is not sent comes from it', async () => {
    const { software, registrar } = scene
    const sent = {
      client_name: 'Another Name',
      logo_uri: 'https://bad.example/logo.png',
      jwks_uri: 'https://bad.example/keys',
      redirect_uris: undefined,
    }
    await registered(
      scene,
      async ({ json }) => {
        const { software_client_name, software_logo_uri } = registrar.ways.statement(software)
        expect(json).toMatchObject({ client_name: software_client_name, logo_uri: software_logo_uri, jwks_uri: software.jwksUri })
        expect(json).toMatchObject({ redirect_uris: software.redirectUris, scope: 'openid registration accounts' })
        expect(json.metadata_set_by_server).toMatchObject({ client_name: 'statement', jwks_uri: 'statement', redirect_uris: 'statement' })
      },
      { metadata: sent },
    )
  })

  describe('management', () => testManagement(() => scene, 'registration', 'software_redirect_uris'))
})
