import { deepFreeze } from '../../core/deep-freeze.js'
import type { Ecosystem } from '../ecosystem.js'

/**
 * Open banking in the United Kingdom: a request signed by the software, with a statement of the Open Banking Directory in it.
 * Sections are given by their titles, since clauses have no numbers; SSA Payload, SSA Header, SSA Lifetime and Request Validation are
 * those of the Directory API 2.0.0, which Appendix 1 leaves the statement to.
 */
export const ukObie = deepFreeze<Ecosystem>({
  name: 'uk-obie',
  title: 'UK Open Banking Dynamic Client Registration',
  source: {
    url: 'https://openbankinguk.github.io/dcr-docs-pub/v3.3/dynamic-client-registration.html',
    version: '3.3',
    date: '2026-11-22',
  },
  // Of JWS & JWKS; POST /register: a JWS, whose media type the specification does not name.
  body: 'jwt',
  signedRequest: {
    // FAPI1-ADV-8.6-1: Of JWS & JWKS wants a signature and names no algorithm.
    algorithms: ['PS256', 'ES256'],
    // Request Validation: a key at the place that the statement names; SSA Payload.
    keysClaim: 'software_jwks_endpoint',
    // Data Dictionary: iss is the software_id where the directory made the statement.
    issuerClaim: 'software_id',
    // Data Dictionary: aud is the bank's id at the directory, and the bank may check it. That it must be a name of this server is our choice.
    audience: true,
    // Data Dictionary: exp is mandatory and has no limit; an hour is our choice.
    maxLifetime: 3600,
    // Data Dictionary: jti is a UUID of version 4.
    jti: 'uuid',
  },
  // Authentication, POST Operations: mutual TLS.
  certificate: 'required',
  statement: {
    // Data Dictionary: software_statement is mandatory.
    required: true,
    // SSA Header.
    algorithms: ['PS256', 'ES256'],
    // SSA Payload: iat and no exp. SSA Lifetime leaves the age to the bank, with one minute and thirty as examples; an hour is our choice, since roles may be withdrawn.
    maxAge: 3600,
    expires: false,
    // SSA Payload, as far as it is used here.
    claims: ['jti', 'software_id', 'org_id', 'software_redirect_uris', 'software_roles', 'software_jwks_endpoint'],
    softwareId: 'software_id',
    organisationId: 'org_id',
    // The specification is silent on it; whoever has read a statement could send it again: our choice.
    once: true,
  },
  // Data Dictionary: claims of the statement are shown next to the metadata of the request. SSA Payload.
  claims: {
    redirect_uris: 'software_redirect_uris',
    jwks_uri: 'software_jwks_endpoint',
    client_name: 'software_client_name',
    client_uri: 'software_client_uri',
    logo_uri: 'software_logo_uri',
    policy_uri: 'software_policy_uri',
    tos_uri: 'software_tos_uri',
    software_id: 'software_id',
    software_version: 'software_version',
    org_id: 'org_id',
    org_name: 'org_name',
  },
  // RFC 7591 §2.3.
  precedence: 'statement',
  matches: [
    // Data Dictionary: redirect_uris are those of the statement, or some of them; all of them where none is sent.
    { field: 'redirect_uris', how: 'subset', claim: 'software_redirect_uris', error: 'invalid_redirect_uri' },
    // Data Dictionary: software_id, where it is sent, is the statement's.
    { field: 'software_id', how: 'equals', claim: 'software_id', error: 'invalid_client_metadata' },
  ],
  scopes: {
    // SSA Payload.
    claim: 'software_roles',
    // The scope registration is our own: see management.
    always: ['openid', 'registration'],
    // Read/Write Data API, Scopes of Account and Transaction, Payment Initiation and Confirmation of Funds. ASPSP gives none.
    table: { AISP: ['accounts'], PISP: ['payments'], CBPII: ['fundsconfirmations'] },
  },
  // Data Dictionary: redirect_uris and scope; jwks_uri and software_id come from the statement. What else is mandatory there need not be sent: our choice.
  required: ['redirect_uris', 'jwks_uri', 'scope', 'software_id'],
  // Data Dictionary, token_endpoint_auth_method: keys are where the statement says. They can be revoked there.
  forbidden: [
    { field: 'jwks', error: 'invalid_client_metadata', why: 'the keys are those at software_jwks_endpoint of the software statement' },
  ],
  allowed: {
    // FAPI1-ADV-5.2.2-14; the Data Dictionary has methods with secrets too, and says that they are not of FAPI.
    token_endpoint_auth_method: ['private_key_jwt', 'tls_client_auth'],
    // Data Dictionary.
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials', 'urn:openid:params:grant-type:ciba'],
    // Data Dictionary.
    response_types: ['code', 'code id_token'],
  },
  defaults: {
    // Our choice: without client_credentials a client could not be managed.
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    // Data Dictionary.
    response_types: ['code id_token'],
  },
  management: {
    // Authentication, GET, PUT and DELETE operations: an access token of the client credentials grant, for which no scope is needed. One that serves nothing else is our choice, so that a token for accounts manages no client.
    by: { scope: 'registration' },
    // PUT /register/{ClientId}: all claims are sent again; software_statement is one of them (Data Dictionary).
    statementOnUpdate: true,
    rotate: false,
    // Endpoints: all three are optional.
    methods: ['GET', 'PUT', 'DELETE'],
  },
  // RFC 7591 §5: a name and a logo must not be those of somebody else. That the host says so is our choice.
  sameHost: ['client_uri', 'logo_uri', 'policy_uri', 'tos_uri'],
  // Data Dictionary, software_id: a bank may take several for one statement; our choice is not to.
  duplicates: 'reject',
})
