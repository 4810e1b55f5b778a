import { deepFreeze } from '../../core/deep-freeze.js'
import type { Ecosystem } from '../ecosystem.js'

/**
 * Open finance in Brazil: plain JSON over mutual TLS, with a statement of the Directory of Participants that is at most five minutes old.
 * The numbers are those of the list for authorization servers, §7.1; other sections are given by their titles.
 */
export const brOpenfinance = deepFreeze<Ecosystem>({
  name: 'br-openfinance',
  title: 'Open Finance Brasil Dynamic Client Registration',
  source: {
    url: 'https://github.com/OpenBanking-Brasil/specs-seguranca',
    version: '2.0',
    date: '2026-11-22',
  },
  body: 'json',
  // §7.1-1: mutual TLS with a certificate of ICP-Brasil, or of the directory in its sandbox.
  certificate: 'required',
  statement: {
    // §7.1-2.
    required: true,
    // §7.1-2.
    algorithms: ['PS256'],
    // §7.1-3: five minutes since iat.
    maxAge: 300,
    // The directory's statements have no exp.
    expires: false,
    claims: ['software_id', 'org_id', 'software_jwks_uri', 'software_redirect_uris', 'software_statement_roles'],
    softwareId: 'software_id',
    organisationId: 'org_id',
    // Our choice: a fresh one is had from the directory at once, and within five minutes others may have read it.
    once: true,
  },
  // redirect_uris and jwks_uri are not here, because who leaves them out is refused (§7.1-5, §7.1-6).
  claims: {
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
  // §7.1: where they differ, the statement counts.
  precedence: 'statement',
  matches: [
    // §7.1-5.
    { field: 'jwks_uri', how: 'equals', claim: 'software_jwks_uri', error: 'invalid_client_metadata' },
    // §7.1-6.
    { field: 'redirect_uris', how: 'subset', claim: 'software_redirect_uris', error: 'invalid_redirect_uri' },
    { field: 'software_id', how: 'equals', claim: 'software_id', error: 'invalid_client_metadata' },
    // §7.1: webhooks are those that the directory knows of.
    { field: 'webhook_uris', how: 'equals', claim: 'software_api_webhook_uris', error: 'invalid_webhook_uris' },
    // §7.1: UID in the subject of the certificate is the software_id.
    { field: 'certificate:UID', how: 'equals', claim: 'software_id', error: 'invalid_software_statement' },
  ],
  scopes: {
    // Regulatory roles to dynamic registration scopes: those in force count.
    claim: 'software_statement_roles',
    role: 'role',
    active: { field: 'status', value: 'Active' },
    always: [],
    table: {
      DADOS: [
        ...['openid', 'accounts', 'credit-cards-accounts', 'consents', 'customers', 'invoice-financings', 'financings', 'loans'],
        ...['unarranged-accounts-overdraft', 'resources'],
        // Investments and foreign exchange, which came with the fourth phase.
        ...['bank-fixed-incomes', 'credit-fixed-incomes', 'variable-incomes', 'treasure-titles', 'funds', 'exchanges'],
      ],
      PAGTO: ['openid', 'payments', 'consents', 'resources'],
      CONTA: ['openid'],
      CCORR: ['openid'],
    },
  },
  // §7.1-5, §7.1-6.
  required: ['redirect_uris', 'jwks_uri', 'scope'],
  // §7.1-4.
  forbidden: [{ field: 'jwks', error: 'invalid_client_metadata', why: 'keys are not taken by value, send jwks_uri' }],
  allowed: {
    // §7.1-7, FAPI1-ADV-5.2.2-14.
    token_endpoint_auth_method: ['private_key_jwt', 'tls_client_auth'],
  },
  defaults: {},
  management: {
    // Dynamic client management, RFC 7592 §2.
    by: 'registration_access_token',
    // Dynamic client management: an update is held to what a registration is held to.
    statementOnUpdate: true,
    // Dynamic client management: the token must not be rotated.
    rotate: false,
    methods: ['GET', 'PUT', 'DELETE'],
  },
  // Banks differ, and the specification leaves it to them: our choice.
  // RFC 7591 §5: a name and a logo must not be those of somebody else. That the host says so is our choice.
  sameHost: ['client_uri', 'logo_uri', 'policy_uri', 'tos_uri'],
  duplicates: 'reject',
})
