import { deepFreeze } from '../../core/deep-freeze.js'
import type { Ecosystem } from '../ecosystem.js'

/**
 * The Consumer Data Right of Australia: a request signed by the software product, with a statement of the Register in it. The
 * sections are those of the Security Profile in the Consumer Data Standards, most of them under Client Registration. Clauses have no numbers.
 */
export const auCdr = deepFreeze<Ecosystem>({
  name: 'au-cdr',
  title: 'Australian Consumer Data Right Dynamic Client Registration',
  source: {
    url: 'https://consumerdatastandardsaustralia.github.io/standards/#client-registration',
    version: '1.36.0',
    date: '2026-11-22',
  },
  // Registration Request using JWT.
  body: 'jwt',
  signedRequest: {
    // Registration Request using JWT, FAPI1-ADV-8.6-1.
    algorithms: ['PS256', 'ES256'],
    // Registration Validation: keys at jwks_uri of the statement.
    keysClaim: 'jwks_uri',
    // Registration Request using JWT: iss is the id of the software product.
    issuerClaim: 'software_id',
    // Registration Request using JWT: aud is the issuer of the data holder.
    audience: true,
    // Registration Request using JWT: iat and exp are mandatory and have no limit. As long as a statement lasts is our choice.
    maxLifetime: 600,
    // Registration Request using JWT: jti is unique, of whatever form.
    jti: 'text',
  },
  // Registration Management; Transaction Security, Use of MTLS: certificates are of the CDR authority.
  certificate: 'required',
  statement: {
    // Registration Request using JWT: software_statement is mandatory.
    required: true,
    // Software Statement Assertion (SSA).
    algorithms: ['PS256'],
    // Software Statement Assertion (SSA): it lasts ten minutes.
    maxAge: 600,
    // SSA Definition: exp is mandatory.
    expires: true,
    // SSA Definition: mandatory claims, as far as they are used here.
    claims: ['jti', 'org_id', 'client_name', 'redirect_uris', 'jwks_uri', 'software_id', 'software_roles', 'scope'],
    softwareId: 'software_id',
    organisationId: 'org_id',
    // SSA Definition: jti keeps a statement from being used again.
    once: true,
  },
  // SSA Definition; Registration Response: they are shown next to the metadata of the request.
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
  // RFC 7591 §2.3.
  precedence: 'statement',
  matches: [
    // Registration Request using JWT: redirect_uris are those of the statement, or some of them.
    { field: 'redirect_uris', how: 'subset', claim: 'redirect_uris', error: 'invalid_redirect_uri' },
    // A request need have neither; that they must fit where they are sent is our choice.
    { field: 'software_id', how: 'equals', claim: 'software_id', error: 'invalid_client_metadata' },
    { field: 'scope', how: 'subset', claim: 'scope', error: 'invalid_client_metadata' },
  ],
  // Of the statement, where they are not sent. What else Registration Request using JWT calls mandatory need not be sent either: our choice.
  required: ['redirect_uris', 'jwks_uri', 'scope', 'software_id'],
  // Registration Validation: keys are those at jwks_uri of the statement.
  forbidden: [{ field: 'jwks', error: 'invalid_client_metadata', why: 'the keys are those at jwks_uri of the software statement' }],
  allowed: {
    // Registration Request using JWT; its values are those of the DCR APIs, RegistrationProperties.
    token_endpoint_auth_method: ['private_key_jwt'],
    token_endpoint_auth_signing_alg: ['PS256', 'ES256'],
    // Authentication Flows: since 12 May 2025 there is no hybrid flow.
    response_types: ['code'],
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    application_type: ['web'],
    // Identifiers and Subject Types, sub claim: pairwise subjects only.
    subject_type: ['pairwise'],
  },
  // Our choice, of what is allowed; without client_credentials a client could not be managed.
  defaults: {
    token_endpoint_auth_method: 'private_key_jwt',
    response_types: ['code'],
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    subject_type: 'pairwise',
  },
  management: {
    // Registration Management: GET, PUT and DELETE need an access token of the client credentials grant with this scope.
    by: { scope: 'cdr:registration' },
    // Registration Management, PUT Operations: an update is a request like the first.
    statementOnUpdate: true,
    rotate: false,
    // Registration Management: DELETE is optional.
    methods: ['GET', 'PUT', 'DELETE'],
  },
  // RFC 7591 §5: a name and a logo must not be those of somebody else. That the host says so is our choice.
  sameHost: ['client_uri', 'logo_uri', 'policy_uri', 'tos_uri'],
  // Registration Validation, Registration Errors.
  duplicates: 'reject',
  // Register APIs, Get Software Products Statuses, version 3. INACTIVE and REMOVED are the other standings.
  status: { list: ['data'], id: 'softwareProductId', status: 'status', active: ['ACTIVE'] },
})
