import { defineProfile } from '../core/profile.js'
import * as requests from '../rules/authorization-requests.js'
import * as clients from '../rules/clients.js'
import * as crypto from '../rules/cryptography.js'
import * as discovery from '../rules/discovery.js'
import * as objects from '../rules/request-objects.js'
import * as server from '../rules/server.js'
import * as tokens from '../rules/token-requests.js'
import * as transport from '../rules/transport.js'
import { by, fapi1Baseline, fapi1Rules } from './fapi1-baseline.js'

const { 'FAPI1-BASE-5.2.2-3': _secrets, 'FAPI1-BASE-5.2.2-7': _pkce, ...inherited } = fapi1Baseline.clauses
const { 'FAPI1-BASE-5.2.2-21': _lifetime, ...inheritedUnchecked } = fapi1Baseline.unchecked

const MOVED = by('nobody', 'The document moved this item elsewhere or withdrew it; nothing is left under the number.')
const CLIENT = by('client', 'A duty of the client; what breaks it is refused under the clause it mirrors.')

const authentication = [
  server.serverAuthenticationMethods(clients.KEY_BASED_METHODS),
  server.defaultAuthenticationMethod(clients.KEY_BASED_METHODS),
  clients.authenticationMethods(clients.KEY_BASED_METHODS),
  clients.authenticatedBy(clients.KEY_BASED_METHODS),
  clients.exactlyOneCertificateSubject,
  clients.readableCertificateSubject,
]

/** FAPI 1.0 Part 2: Advanced, Final (12 March 2021), with the Baseline clauses it inherits. */
export const fapi1Advanced = defineProfile({
  name: 'fapi1-advanced',
  title: 'FAPI 1.0 Part 2: Advanced',
  spec: 'https://openid.net/specs/openid-financial-api-part-2-1_0.html',
  generation: '1.0',
  clauses: {
    ...inherited,
    'FAPI1-BASE-5.2.2-4': authentication,
    'FAPI1-ADV-5.2.2-1': [server.requestObjectsOffered, server.requestObjectsRequired, clients.clientsSign, objects.signedRequests],
    'FAPI1-ADV-5.2.2-2': [
      fapi1Rules.serverResponseTypes,
      fapi1Rules.responseTypes,
      fapi1Rules.clientResponseTypes,
      server.jarmOffered,
      requests.codeNeedsJarm,
    ],
    'FAPI1-ADV-5.2.2-5': [tokens.certificateAtTokenRequest, tokens.oneBinding, tokens.certificateBoundTokens],
    'FAPI1-ADV-5.2.2-6': [server.certificateBindingOffered, server.noDpop, clients.certificateBoundClients, tokens.certificateBoundTokens],
    'FAPI1-ADV-5.2.2-10': [
      objects.requestObjectClaim('scope'),
      objects.requestObjectClaim('redirect_uri'),
      objects.requestObjectClaim('response_type'),
    ],
    'FAPI1-ADV-5.2.2-13': [objects.requestObjectExp, objects.requestObjectLifetime(3600)],
    'FAPI1-ADV-5.2.2-14': authentication,
    'FAPI1-ADV-5.2.2-15': [objects.requestObjectAudience],
    'FAPI1-ADV-5.2.2-16': [clients.confidentialClients],
    'FAPI1-ADV-5.2.2-17': [objects.requestObjectNbf, objects.requestObjectAge(3600)],
    'FAPI1-ADV-5.2.2-18': [requests.pushedPkceS256],
    'FAPI1-ADV-8.2': [tokens.certificateBoundTokens],
    'FAPI1-ADV-8.6-1': fapi1Rules.algorithms,
    'FAPI1-ADV-8.6-2': fapi1Rules.algorithms,
    'FAPI1-ADV-8.6-3': fapi1Rules.algorithms,
    'FAPI1-ADV-8.6.1-1': [crypto.noRsa15Encryption],
    'FAPI1-ADV-8.9-1': [clients.httpsKeySets],
  },
  unchecked: {
    ...inheritedUnchecked,
    'FAPI1-BASE-5.2.2-2': by('nobody', 'FAPI1-ADV-5.2.2-16 forbids what this item recommends.'),
    'FAPI1-BASE-5.2.2-3': by('nobody', 'FAPI1-ADV-5.2.2-14 leaves no client that authenticates with a secret.'),
    'FAPI1-BASE-5.2.2-7': by('nobody', 'Advanced does not inherit this item; FAPI1-ADV-5.2.2-18 asks for PKCE with pushed requests.'),
    'FAPI1-BASE-5.2.2-21': by('nobody', 'FAPI1-ADV-5.2.2-5 leaves no access token that is not sender-constrained.'),
    'FAPI1-ADV-5.1.2': by('provider', 'node-oidc-provider computes s_hash with the hash of the ID token’s algorithm.'),
    'FAPI1-ADV-5.2.2-0': by('setting', 'The Baseline clauses stand in this table.'),
    'FAPI1-ADV-5.2.2-3': MOVED,
    'FAPI1-ADV-5.2.2-4': MOVED,
    'FAPI1-ADV-5.2.2-7': MOVED,
    'FAPI1-ADV-5.2.2-8': MOVED,
    'FAPI1-ADV-5.2.2-9': MOVED,
    'FAPI1-ADV-5.2.2-11': by('setting', 'A MAY: pushed authorization requests are offered.'),
    'FAPI1-ADV-5.2.2-12': MOVED,
    'FAPI1-ADV-5.2.2.1-1': by('provider', 'code id_token is served as OpenID Connect has it.'),
    'FAPI1-ADV-5.2.2.1-2': by('provider', 'ID tokens are signed; the algorithms are those of FAPI1-ADV-8.6-1.'),
    'FAPI1-ADV-5.2.2.1-3': by('operator', 'A SHOULD: features.encryption turns it on.'),
    'FAPI1-ADV-5.2.2.1-4': by('provider', 'The front-channel ID token carries c_hash.'),
    'FAPI1-ADV-5.2.2.1-5': by('provider', 'With its FAPI 1.0 checks on, s_hash is there exactly when state was sent.'),
    'FAPI1-ADV-5.2.2.1-6': by('provider', 'Claims go to userinfo (conformIdTokenClaims) unless asked for in the ID token.'),
    'FAPI1-ADV-5.2.2.2-1': by('provider', 'JARM answers hold nothing but response.'),
    'FAPI1-ADV-5.2.3-3': CLIENT,
    'FAPI1-ADV-5.2.3-8': CLIENT,
    'FAPI1-ADV-5.2.3-9': CLIENT,
    'FAPI1-ADV-5.2.3-10': CLIENT,
    'FAPI1-ADV-5.2.3-11': CLIENT,
    'FAPI1-ADV-5.2.3-14': CLIENT,
    'FAPI1-ADV-5.2.3-15': CLIENT,
    'FAPI1-ADV-5.2.3-16': CLIENT,
    'FAPI1-ADV-6.2.1-1': by('guard', 'The API guard answers for the Baseline duties.'),
    'FAPI1-ADV-6.2.1-2': by('guard', 'The API guard compares the certificate with the token’s x5t#S256.'),
    'FAPI1-ADV-8.5-1': by('operator', 'The cipher suites of the TLS listener or proxy; the example bank’s are the two ECDHE ones.'),
    'FAPI1-ADV-8.5-2': by('operator', 'A MAY for the listener in front of the authorization endpoint.'),
    'FAPI1-ADV-8.8': by('operator', 'Privileged actions belong behind the API guard, not into the consent page.'),
    'FAPI1-ADV-8.9-2': by('provider', 'x5u and jku headers are never followed; only registered keys count.'),
    'FAPI1-ADV-8.9-3': by('operator', 'The server’s own key ids are the operator’s to keep distinct.'),
    'FAPI1-ADV-8.10': by('operator', 'A consideration about shared certificates.'),
    'FAPI1-ADV-8.11': by('provider', 'Keys are chosen by kid, kty, use, alg and crv.'),
  },
  beyond: {
    'nonce-always': {
      why: 'Stricter than the text, which asks for a nonce with openid only: every request object carries one, so that every request is one of a kind.',
      rules: [objects.requestObjectClaim('nonce', ', whether or not openid is in the scope')],
    },
    'RFC9101-10.8': {
      why: 'A request object is no other kind of JWT and can be replayed as none.',
      rules: [objects.requestObjectType, objects.requestObjectNotAssertion, objects.requestObjectClock(60)],
    },
    'RFC7636-4.3': { why: 'PKCE that is sent without being asked for is still made with S256.', rules: [requests.noPlainPkce] },
    'RFC7523-3': { why: 'Client assertions are for this server, short-lived and of their own kind.', rules: fapi1Rules.assertions },
    'RFC7592-2.2': { why: 'A PUT replaces all metadata; it may not take protections back.', rules: [clients.noWeakening] },
    'server-checks': {
      why: 'The checks the server underneath has for this generation stay on next to ours.',
      rules: [server.serverChecks('1.0'), fapi1Rules.clockTolerance, server.noDevelopmentPages],
    },
  },
  audited: {
    ...fapi1Baseline.audited,
    'FAPI1-ADV-8.6-1': [discovery.someAlgorithmPublished(crypto.FAPI1_ALGORITHMS)],
    'FAPI1-ADV-8.5-1': [transport.tlsCiphers(transport.FAPI1_SUITES)],
    'FAPI1-ADV-8.5-2': [transport.tlsCiphersUnbroken],
  },
  defaults: {
    server: {
      ...fapi1Baseline.defaults.server,
      token_endpoint_auth_methods_supported: clients.KEY_BASED_METHODS,
      token_endpoint_auth_signing_alg_values_supported: crypto.FAPI1_ALGORITHMS,
      dpop_signing_alg_values_supported: [],
      fapi_checks: '1.0',
      request_parameter_supported: true,
      require_signed_request_object: true,
      response_modes_supported: ['jwt'],
    },
    client: {
      token_endpoint_auth_method: 'private_key_jwt',
      id_token_signed_response_alg: 'PS256',
      authorization_signed_response_alg: 'PS256',
      introspection_signed_response_alg: 'PS256',
      tls_client_certificate_bound_access_tokens: true,
      require_signed_request_object: true,
    },
  },
})
