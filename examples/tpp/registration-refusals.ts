import type { Ways } from './ecosystems.js'
import {
  forAnotherBank,
  keysByValue,
  METADATA,
  minutesAgo,
  outsideStatement,
  REDIRECT,
  type Refusal,
  refusal,
  STATEMENT,
  STATEMENTS,
  signedByStranger,
  unsigned,
  withoutCertificate,
} from './refusal.js'
import { statementFor } from './registering.js'

const [UK, BR, AU] = ['UK OBIE DCR 3.3', 'BR DCR 7.1', 'AU CDR DCR'] as const
const [generic, uk, br, au] = [refusal('RFC7591-3.2.2'), refusal(UK), refusal(BR), refusal(AU)]
const update = refusal('RFC7592-2.2')

/** What is refused before the software has registered. */
export const REFUSALS: Readonly<Record<Ways['name'], readonly Refusal[]>> = {
  generic: [
    ...STATEMENTS,
    refusal('RFC7591-3')('no initial access token', '401 invalid_token', /initial access token/, () => ({ token: 'none' })),
    generic('a statement that has expired', STATEMENT, /it expired/, () => ({ claims: { iat: minutesAgo(20), exp: minutesAgo(10) } })),
    generic('a secret, where the profile wants a key', METADATA, /token_endpoint_auth_method is client_secret_basic/, () => ({
      metadata: { token_endpoint_auth_method: 'client_secret_basic' },
    })),
    generic('a redirect URI without TLS', REDIRECT, /http:\/\/plainfield/, () => ({
      ...{ claims: { redirect_uris: undefined }, metadata: { redirect_uris: ['http://plainfield-planner.example/cb'] } },
    })),
    generic('keys in the network of the bank', METADATA, /jwks_uri could not be read/, ({ scene }) => ({
      ...{ claims: { jwks_uri: undefined }, metadata: { jwks_uri: `${scene.bank.issuer}/jwks` } },
    })),
  ],
  'uk-obie': [
    ...STATEMENTS,
    ...[withoutCertificate, unsigned, signedByStranger, forAnotherBank, outsideStatement, keysByValue].map((refused) => refused(UK)),
    uk('a statement of the day before', STATEMENT, /seconds old/, () => ({ claims: { iat: minutesAgo(1440) } })),
    uk('a scope that its role does not give', METADATA, /scope has payments/, () => ({ metadata: { scope: 'openid accounts payments' } })),
  ],
  'br-openfinance': [
    ...STATEMENTS,
    withoutCertificate(`${BR}-1`),
    br("another software's certificate", STATEMENT, /^UID in the subject/, ({ scene }) => ({ certificate: scene.stranger.identity })),
    refusal(`${BR}-3`)('a statement of six minutes before', STATEMENT, /seconds old/, () => ({ claims: { iat: minutesAgo(6) } })),
    keysByValue(`${BR}-4`),
    refusal(`${BR}-5`)('keys elsewhere than the statement says', METADATA, /^jwks_uri has/, ({ scene }) => ({
      metadata: { jwks_uri: scene.stranger.jwksUri },
    })),
    outsideStatement(`${BR}-6`),
    refusal(`${BR}-6`)('no redirect URIs', REDIRECT, /^redirect_uris is required/, () => ({ metadata: { redirect_uris: undefined } })),
    br('a scope of a role that is not in force', METADATA, /scope has payments/, () => ({ metadata: { scope: 'openid payments' } })),
    br('a webhook that the directory does not know', '400 invalid_webhook_uris', /^webhook_uris has/, () => ({
      metadata: { webhook_uris: ['https://evil.example/webhook'] },
    })),
  ],
  'au-cdr': [
    ...STATEMENTS,
    ...[withoutCertificate, unsigned, signedByStranger, forAnotherBank, outsideStatement, keysByValue].map((refused) => refused(AU)),
    au('a statement that has expired', STATEMENT, /it expired/, () => ({ claims: { iat: minutesAgo(20), exp: minutesAgo(10) } })),
    au('the hybrid flow, which has ended', METADATA, /response_types has code id_token/, () => ({
      metadata: { response_types: ['code id_token'] },
    })),
    au('client authentication by certificate', METADATA, /token_endpoint_auth_method has tls_client_auth/, ({ scene }) => ({
      metadata: { token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_subject_dn: scene.software.distinguishedName },
    })),
  ],
}

/** A second client for one software, where it may have one. */
export const SECOND: Refusal = refusal('RFC7591-2.3')('a second registration of the software', STATEMENT, /registered already/, () => ({}))

/** A statement that was used, once the client that came with it has gone. */
export const USED_STATEMENT: Refusal = refusal('RFC7591-5')('a statement that was used', STATEMENT, /has been used/, (life) => ({
  statement: life.statement ?? 'none',
}))

/** What an update is refused for; nothing of it is kept. */
export const REFUSED_UPDATES: Readonly<Record<Ways['name'], Refusal>> = {
  generic: update('a secret in place of the key', METADATA, /token_endpoint_auth_method is client_secret_basic/, () => ({
    metadata: { token_endpoint_auth_method: 'client_secret_basic' },
  })),
  'uk-obie': outsideStatement('RFC7592-2.2'),
  'br-openfinance': update('the statement of another software', STATEMENT, /for another software/, async ({ scene }) => ({
    statement: await statementFor({ ...scene, software: scene.stranger }),
  })),
  'au-cdr': outsideStatement('RFC7592-2.2'),
}
