import type { Claims, DirectoryOptions } from './directory.js'
import type { Flow } from './flows.js'
import type { SigningAlgorithm } from './signing-key.js'
import { pagesOf, type Software } from './software.js'

/** How a third party registers in an ecosystem, and what it does once it is a client. */
export interface Ways {
  /** The ecosystem. */
  readonly name: 'generic' | 'uk-obie' | 'br-openfinance' | 'au-cdr'
  readonly directory: DirectoryOptions
  readonly software: { readonly name: string; readonly country: string; readonly alg: SigningAlgorithm }
  /** What the directory says of a software. */
  readonly statement: (software: Software) => Claims
  /** What the software registers with. */
  readonly metadata: (software: Software) => Claims
  /** `jwt`: the metadata are sent as a JWT that the software signs. */
  readonly body: 'json' | 'jwt'
  /** What an update changes. */
  readonly change: (software: Software) => Claims
  /** What gives a new registration access token for a lost one; or the scope of the access tokens that clients are managed with. */
  readonly recovery: 'certificate' | 'statement' | { readonly scope: string }
  readonly flow: Omit<Flow, 'clientId'>
}

const seconds = () => Math.floor(Date.now() / 1000)

const generic: Ways = {
  name: 'generic',
  directory: { issuer: 'https://directory.example' },
  software: { name: 'Plainfield Planner', country: 'DE', alg: 'ES256' },
  statement: ({ id, redirectUris: [first], jwksUri }) => ({
    ...{ software_id: id, redirect_uris: [first], jwks_uri: jwksUri, exp: seconds() + 600 },
  }),
  metadata: ({ name }) => ({
    client_name: name,
    fapi_profile: 'fapi2-security',
    token_endpoint_auth_method: 'private_key_jwt',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    dpop_bound_access_tokens: true,
    id_token_signed_response_alg: 'ES256',
  }),
  body: 'json',
  change: ({ name }) => ({ client_name: `${name} Plus` }),
  recovery: 'statement',
  flow: { title: 'FAPI 2.0: private_key_jwt, DPoP', clause: 'FAPI2-SP-5.3.2.1-5', request: 'pushed', dpop: true },
}

/** What a client of FAPI 1.0 Advanced says of itself; the answers come as JARM. */
const ADVANCED = {
  fapi_profile: 'fapi1-advanced',
  token_endpoint_auth_method: 'private_key_jwt',
  response_types: ['code'],
  response_modes: ['jwt'],
  request_object_signing_alg: 'PS256',
  require_signed_request_object: true,
  tls_client_certificate_bound_access_tokens: true,
}

const ukObie: Ways = {
  name: 'uk-obie',
  directory: { issuer: 'OpenBanking Ltd' },
  software: { name: 'Harbourlight Lending', country: 'GB', alg: 'PS256' },
  statement: (software) => ({
    ...{ software_id: software.id, software_client_id: software.id, software_client_name: software.name },
    ...{ software_roles: ['AISP'], software_mode: 'Live', software_redirect_uris: software.redirectUris },
    ...{ software_jwks_endpoint: software.jwksUri, org_id: software.organisation, org_name: 'Example TPP', org_status: 'Active' },
    ...pagesOf(software, 'software_'),
  }),
  metadata: ({ redirectUris: [first], distinguishedName }) => ({
    ...{ ...ADVANCED, response_modes: undefined, response_types: ['code id_token'] },
    redirect_uris: [first],
    token_endpoint_auth_method: 'tls_client_auth',
    tls_client_auth_subject_dn: distinguishedName,
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    application_type: 'web',
  }),
  body: 'jwt',
  change: ({ redirectUris }) => ({ redirect_uris: redirectUris }),
  recovery: { scope: 'registration' },
  flow: {
    title: 'FAPI 1.0 Advanced: tls_client_auth, PAR, code id_token',
    ...{ clause: 'FAPI1-ADV-5.2.2.1-4', request: 'signed and pushed', detached: true },
  },
}

const brOpenfinance: Ways = {
  name: 'br-openfinance',
  directory: { issuer: 'Open Banking Open Banking Brasil sandbox SSA issuer' },
  software: { name: 'Contas Claras', country: 'BR', alg: 'PS256' },
  statement: (software) => ({
    ...{ software_id: software.id, software_client_id: software.id, software_client_name: software.name, software_mode: 'Live' },
    ...{ software_redirect_uris: software.redirectUris, software_jwks_uri: software.jwksUri },
    software_statement_roles: [
      { role: 'DADOS', authorisation_domain: 'Open Banking', status: 'Active' },
      { role: 'PAGTO', authorisation_domain: 'Open Banking', status: 'Inactive' },
    ],
    software_api_webhook_uris: [`${new URL(software.redirectUris[0]).origin}/webhook`],
    ...{ org_id: software.organisation, org_name: 'Example TPP', org_status: 'Active' },
    ...pagesOf(software, 'software_'),
  }),
  metadata: ({ redirectUris: [first], jwksUri }) => ({
    ...{ ...ADVANCED, redirect_uris: [first], jwks_uri: jwksUri },
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    webhook_uris: [`${new URL(first).origin}/webhook`],
  }),
  body: 'json',
  change: ({ redirectUris }) => ({ redirect_uris: redirectUris }),
  recovery: 'certificate',
  flow: {
    title: 'FAPI 1.0 Advanced: private_key_jwt, request object by value, JARM',
    ...{ clause: 'FAPI1-ADV-5.2.2-2', request: 'signed, by value' },
  },
}

const auCdr: Ways = {
  name: 'au-cdr',
  directory: {
    issuer: 'cdr-register',
    // Register APIs: Get Software Products Statuses.
    statusDocument: (standings) => ({ data: [...standings].map(([softwareProductId, status]) => ({ softwareProductId, status })) }),
  },
  software: { name: 'Billabong Budgets', country: 'AU', alg: 'PS256' },
  statement: (software) => ({
    ...{ software_id: software.id, software_roles: 'data-recipient-software-product', client_name: software.name },
    ...{ client_description: 'Budgets of households', redirect_uris: software.redirectUris, jwks_uri: software.jwksUri },
    ...{ sector_identifier_uri: software.sectorUri, revocation_uri: `${new URL(software.redirectUris[0]).origin}/revocation` },
    ...{ recipient_base_uri: new URL(software.redirectUris[0]).origin, org_id: software.organisation, org_name: 'Example TPP' },
    ...{ legal_entity_id: software.organisation, legal_entity_name: 'Example TPP', exp: seconds() + 600 },
    // This bank has one scope for what CDR calls bank:accounts.basic:read.
    scope: 'openid profile accounts cdr:registration',
    ...pagesOf(software),
  }),
  metadata: ({ id, redirectUris: [first] }) => ({
    ...{ ...ADVANCED, software_id: id, redirect_uris: [first], application_type: 'web' },
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    token_endpoint_auth_signing_alg: 'PS256',
    id_token_signed_response_alg: 'PS256',
    authorization_signed_response_alg: 'PS256',
  }),
  body: 'jwt',
  change: ({ redirectUris }) => ({ redirect_uris: redirectUris }),
  recovery: { scope: 'cdr:registration' },
  flow: {
    title: 'FAPI 1.0 Advanced: private_key_jwt, PAR, PKCE, JARM',
    ...{ clause: 'FAPI1-ADV-5.2.2-18', request: 'signed and pushed' },
  },
}

export const WAYS: readonly Ways[] = [generic, ukObie, brOpenfinance, auCdr]
