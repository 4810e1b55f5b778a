import { deepFreeze } from '../../core/deep-freeze.js'
import type { Ecosystem } from '../ecosystem.js'

/**
 * Open banking in the United Kingdom: a request signed by the software, with a statement of the Open Banking Directory in it.
 * Names of sections are those of the specification, whose clauses have no numbers.
 */
export const ukObie = deepFreeze<Ecosystem>({
  name: 'uk-obie',
  title: 'UK Open Banking Dynamic Client Registration',
  source: {
    url: 'https://openbankinguk.github.io/dcr-docs-pub/v3.3/dynamic-client-registration.html',
    version: '3.3',
    date: '2026-11-22',
  },
  // Endpoints: POST and PUT /register take application/jwt.
  body: 'jwt',
  signedRequest: {
    // Data Model, Request header; FAPI1-ADV-8.6-1.
    algorithms: ['PS256', 'ES256'],
    // Software statement: where the directory publishes the keys of the software.
    keysClaim: 'software_jwks_endpoint',
    // Data Model: iss is the software's id.
    issuerClaim: 'software_id',
    // Data Model: aud is the bank, as it names itself.
    audience: true,
    // Data Model demands exp and has no limit; an hour is our choice.
    maxLifetime: 3600,
    // Data Model: jti is a UUID of version 4.
    jti: 'uuid',
  },
  // Security: mutual TLS is the only authentication of POST /register.
  certificate: 'required',
  statement: {
    // Data Model: software_statement is mandatory.
    required: true,
    // Open Banking Directory: statements are signed with PS256.
    algorithms: ['PS256'],
    // The directory's statements have iat and no exp, and leave the age to the bank. An hour is our choice: a software gets a new one at once, and roles may be withdrawn.
    maxAge: 3600,
    expires: false,
    // Software statement: what it always has, as far as it is used here.
    claims: ['jti', 'software_id', 'org_id', 'software_redirect_uris', 'software_roles', 'software_jwks_endpoint'],
    softwareId: 'software_id',
    organisationId: 'org_id',
    // The specification is silent on it; whoever has read a statement could send it again: our choice.
    once: true,
  },
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
  precedence: 'statement',
  matches: [
    // Data Model: redirect_uris are those of the statement, or some of them.
    { field: 'redirect_uris', how: 'subset', claim: 'software_redirect_uris', error: 'invalid_redirect_uri' },
    // Data Model: software_id, where it is sent, is the statement's.
    { field: 'software_id', how: 'equals', claim: 'software_id', error: 'invalid_client_metadata' },
  ],
  scopes: {
    claim: 'software_roles',
    // The scope registration is our own: see management.
    always: ['openid', 'registration'],
    // Security profile, scopes: account information, payment initiation, confirmation of funds. ASPSP gives none.
    table: { AISP: ['accounts'], PISP: ['payments'], CBPII: ['fundsconfirmations'] },
  },
  // What else the Data Model calls mandatory is filled in by the profile when it is not sent.
  required: ['redirect_uris', 'jwks_uri', 'scope', 'software_id'],
  // Software statement: the keys of a software are those in the directory, where they can be revoked.
  forbidden: [
    { field: 'jwks', error: 'invalid_client_metadata', why: 'the keys are those at software_jwks_endpoint of the software statement' },
  ],
  allowed: {
    // FAPI1-ADV-5.2.2-14; Data Model.
    token_endpoint_auth_method: ['private_key_jwt', 'tls_client_auth'],
    // Data Model: grant_types.
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials', 'urn:openid:params:grant-type:ciba'],
    // Data Model: response_types.
    response_types: ['code', 'code id_token'],
  },
  // Without client_credentials a client could not be managed.
  defaults: { grant_types: ['authorization_code', 'refresh_token', 'client_credentials'] },
  management: {
    // Security: GET, PUT and DELETE need an access token of the client credentials grant. The specification names no scope; one that serves nothing else is our choice, so that a token for accounts manages no client.
    by: { scope: 'registration' },
    // Endpoints: PUT replaces everything, and is written like POST.
    statementOnUpdate: true,
    rotate: false,
    methods: ['GET', 'PUT', 'DELETE'],
  },
  // The specification leaves it to the bank: our choice.
  // RFC 7591 §5: a name and a logo must not be those of somebody else. That the host says so is our choice.
  sameHost: ['client_uri', 'logo_uri', 'policy_uri', 'tos_uri'],
  duplicates: 'reject',
})
