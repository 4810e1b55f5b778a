import { deepFreeze } from '../../core/deep-freeze.js'
import type { Ecosystem } from '../ecosystem.js'

/**
 * The Consumer Data Right of Australia: a request signed by the software product, with a statement of the Register in it. The
 * sections are those of Dynamic Client Registration and Security Profile in the Consumer Data Standards, whose clauses have no numbers.
 */
export const auCdr = deepFreeze<Ecosystem>({
  name: 'au-cdr',
  title: 'Australian Consumer Data Right Dynamic Client Registration',
  source: {
    url: 'https://consumerdatastandardsaustralia.github.io/standards/#dynamic-client-registration',
    version: '1, without the hybrid flow',
    date: '2026-11-22',
  },
  // Registration Request using JWT.
  body: 'jwt',
  signedRequest: {
    // Registration Request using JWT: signed as the Security Profile has it.
    algorithms: ['PS256', 'ES256'],
    // Registration Validation: keys at jwks_uri of the statement.
    keysClaim: 'jwks_uri',
    // Registration Request: iss is the software_id.
    issuerClaim: 'software_id',
    // Registration Request: aud is the issuer of the data holder.
    audience: true,
    // Registration Request demands iat and exp and has no limit. As long as a statement lasts is our choice.
    maxLifetime: 600,
    // Registration Request: jti is unique, of whatever form.
    jti: 'text',
  },
  // Transport Security: mutual TLS with certificates of the CDR authority.
  certificate: 'required',
  statement: {
    // Registration Request: software_statement is mandatory.
    required: true,
    // SSA Definition: PS256, by the Register, whose iss is cdr-register.
    algorithms: ['PS256'],
    // SSA Definition: it lasts ten minutes.
    maxAge: 600,
    // SSA Definition: exp is mandatory.
    expires: true,
    // SSA Definition: mandatory claims, as far as they are used here.
    claims: ['jti', 'org_id', 'client_name', 'redirect_uris', 'jwks_uri', 'software_id', 'software_roles', 'scope'],
    softwareId: 'software_id',
    organisationId: 'org_id',
    // The standards are silent on it; whoever has read a statement could send it again: our choice.
    once: true,
  },
  // Registration Response: claims of the statement are shown next to the metadata of the request.
  claims: {
    redirect_uris: 'redirect_uris',
    jwks_uri: 'jwks_uri',
    sector_identifier_uri: 'sector_identifier_uri',
    scope: 'scope',
    client_name: 'client_name',
    client_description: 'client_description',
    client_uri: 'client_uri',
    logo_uri: 'logo_uri',
    policy_uri: 'policy_uri',
    tos_uri: 'tos_uri',
    software_id: 'software_id',
    software_roles: 'software_roles',
    legal_entity_id: 'legal_entity_id',
    legal_entity_name: 'legal_entity_name',
    org_id: 'org_id',
    org_name: 'org_name',
    recipient_base_uri: 'recipient_base_uri',
    revocation_uri: 'revocation_uri',
  },
  precedence: 'statement',
  matches: [
    // Registration Request: redirect_uris are those of the statement, or some of them.
    { field: 'redirect_uris', how: 'subset', claim: 'redirect_uris', error: 'invalid_redirect_uri' },
    // Registration Validation.
    { field: 'software_id', how: 'equals', claim: 'software_id', error: 'invalid_client_metadata' },
    { field: 'scope', how: 'subset', claim: 'scope', error: 'invalid_client_metadata' },
  ],
  // What else the Registration Request calls mandatory is filled in by the profile when it is not sent.
  required: ['redirect_uris', 'jwks_uri', 'scope', 'software_id'],
  // SSA Definition: keys are those at jwks_uri of the statement.
  forbidden: [{ field: 'jwks', error: 'invalid_client_metadata', why: 'the keys are those at jwks_uri of the software statement' }],
  allowed: {
    // Client Authentication.
    token_endpoint_auth_method: ['private_key_jwt'],
    token_endpoint_auth_signing_alg: ['PS256', 'ES256'],
    // OIDC Hybrid Flow, which ended on 12 May 2025: code is what is left.
    response_types: ['code'],
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    application_type: ['web'],
    // Identifiers and Subject Types: pairwise subjects only.
    subject_type: ['pairwise'],
  },
  // Without client_credentials a client could not be managed.
  defaults: {
    token_endpoint_auth_method: 'private_key_jwt',
    response_types: ['code'],
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    subject_type: 'pairwise',
  },
  management: {
    // Authorisation Scopes: GET, PUT and DELETE need an access token of the client credentials grant with this scope.
    by: { scope: 'cdr:registration' },
    // Registration Flows: an update is a request like the first, with a fresh statement.
    statementOnUpdate: true,
    rotate: false,
    methods: ['GET', 'PUT', 'DELETE'],
  },
  // Registration Validation: one registration of a software product at a data holder's brand.
  // RFC 7591 §5: a name and a logo must not be those of somebody else. That the host says so is our choice.
  sameHost: ['client_uri', 'logo_uri', 'policy_uri', 'tos_uri'],
  duplicates: 'reject',
  // Register APIs: Get Software Products Statuses. INACTIVE and REMOVED are the other standings.
  status: { list: ['data'], id: 'softwareProductId', status: 'status', active: ['ACTIVE'] },
})
