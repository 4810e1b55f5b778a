import { deepFreeze } from '../../core/deep-freeze.js'
import type { Ecosystem } from '../ecosystem.js'

/**
 * Open finance in Brazil: plain JSON over mutual TLS, with a statement of the Directory of Participants that is at most five minutes old.
 * The numbers are those of 2.1.0; drafts of 1.0 count some clauses of §7.1 otherwise.
 */
export const brOpenfinance = deepFreeze<Ecosystem>({
  name: 'br-openfinance',
  title: 'Open Finance Brasil Dynamic Client Registration',
  source: {
    url: 'https://openfinancebrasil.atlassian.net/wiki/spaces/OF/pages/1334116474/EN+Open+Finance+Brasil+Dynamic+Client+Registration+-+v2.1.0',
    version: '2.1.0',
    date: '2026-11-22',
  },
  // §9.1.
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
    // §8.1: statements have no exp.
    expires: false,
    // §8.1, as far as it is used here.
    claims: ['software_id', 'org_id', 'software_jwks_uri', 'software_redirect_uris', 'software_statement_roles'],
    softwareId: 'software_id',
    organisationId: 'org_id',
    // Our choice: a fresh one is had from the directory at once, and within five minutes others may have read it.
    once: true,
  },
  // §7.1.1-2, §8.1. redirect_uris are not here, because who leaves them out is refused (§7.1-6).
  claims: {
    jwks_uri: 'software_jwks_uri',
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
  // §7.1-10.
  precedence: 'statement',
  matches: [
    // §7.1-5: only where it is sent.
    { field: 'jwks_uri', how: 'equals', claim: 'software_jwks_uri', error: 'invalid_client_metadata' },
    // §7.1-6.
    { field: 'redirect_uris', how: 'subset', claim: 'software_redirect_uris', error: 'invalid_redirect_uri' },
    // Not in the specification: our choice.
    { field: 'software_id', how: 'equals', claim: 'software_id', error: 'invalid_client_metadata' },
    // §7.1-16. Whoever sends none has none (§7.1-17).
    { field: 'webhook_uris', how: 'equals', claim: 'software_api_webhook_uris', error: 'invalid_webhook_uris' },
    // §7.1-12: UID in the subject of the certificate is the software_id, and so certificate and statement are of one institution (§9.3.1-3). The error is our choice.
    { field: 'certificate:UID', how: 'equals', claim: 'software_id', error: 'invalid_software_statement' },
  ],
  scopes: {
    // §7.2: roles in force count, and who asks for no scope gets all of theirs (§7.1.1-3).
    claim: 'software_statement_roles',
    role: 'role',
    active: { field: 'status', value: 'Active' },
    always: [],
    table: {
      DADOS: [
        ...['openid', 'accounts', 'credit-cards-accounts', 'consents', 'customers', 'invoice-financings', 'financings', 'loans'],
        ...['unarranged-accounts-overdraft', 'resources'],
        // Investments and foreign exchange, which came with the fourth phase; credit portability, which came with 2.1.0.
        ...['bank-fixed-incomes', 'credit-fixed-incomes', 'variable-incomes', 'treasure-titles', 'funds', 'exchanges'],
        'credit-portability',
      ],
      PAGTO: ['openid', 'payments', 'recurring-payments', 'nrp-consents'],
      CONTA: ['openid'],
      CCORR: ['openid'],
    },
  },
  // §7.1-6; the others are filled in where they are not sent (§7.1.1).
  required: ['redirect_uris', 'jwks_uri', 'scope'],
  // §7.1-4.
  forbidden: [{ field: 'jwks', error: 'invalid_client_metadata', why: 'keys are not taken by value, send jwks_uri' }],
  allowed: {
    // Open Finance Brasil Security Profile 2.1.0 §5.1-1.
    token_endpoint_auth_method: ['private_key_jwt'],
    // Open Finance Brasil Security Profile 2.1.0 §5.1-20.
    subject_type: ['public'],
  },
  defaults: {},
  management: {
    // §9.3.1-5, §9.3.2-1; RFC 7592 §2.
    by: 'registration_access_token',
    // §7.1, §9.3.2-2: an update is held to what a registration is held to.
    statementOnUpdate: true,
    // §6.1-7.
    rotate: false,
    // §9.3.2.
    methods: ['GET', 'PUT', 'DELETE'],
  },
  // RFC 7591 §5: a name and a logo must not be those of somebody else. That the host says so is our choice.
  sameHost: ['client_uri', 'logo_uri', 'policy_uri', 'tos_uri'],
  // §9.3.1-4.
  duplicates: 'reject',
})
