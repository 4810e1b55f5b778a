import { defineProfile } from '../core/profile.js'
import * as requests from '../rules/authorization-requests.js'
import * as assertions from '../rules/client-assertions.js'
import * as clients from '../rules/clients.js'
import * as crypto from '../rules/cryptography.js'
import * as discovery from '../rules/discovery.js'
import * as keys from '../rules/keys.js'
import * as redirects from '../rules/redirect-uris.js'
import * as objects from '../rules/request-objects.js'
import * as server from '../rules/server.js'
import * as tokens from '../rules/token-requests.js'
import * as transport from '../rules/transport.js'
import { by } from './fapi1-baseline.js'

const algorithms = [
  crypto.assertionAlgorithms(crypto.FAPI2_ALGORITHMS),
  crypto.requestObjectAlgorithms(crypto.FAPI2_ALGORITHMS),
  crypto.proofAlgorithms(crypto.FAPI2_ALGORITHMS),
  crypto.registeredAlgorithms(crypto.FAPI2_ALGORITHMS),
  keys.serverCanSign(crypto.FAPI2_ALGORITHMS),
  ...crypto.serverAlgorithms(crypto.FAPI2_ALGORITHMS),
]
const strong = [keys.strongKeys(224), keys.strongServerKeys(224), keys.strongCertificates(224)]
const clock = [server.clockTolerance(10, 60), assertions.assertionClock(60), objects.requestObjectClock(60), tokens.proofClock(60, 240)]

const undeprecated = transport.tlsCiphersUndeprecated('shall')

const CLIENT = by('client', 'A duty of the client; what breaks it is refused under the clause it mirrors.')
const GUARD = by('guard', 'A duty of the resource server; the API guard answers for it.')
const TLS = by('operator', 'The TLS listener, or the proxy in front of it, settles versions and cipher suites.')

/** FAPI 2.0 Security Profile, Final (22 February 2025). */
export const fapi2Security = defineProfile({
  name: 'fapi2-security',
  title: 'FAPI 2.0 Security Profile',
  spec: 'https://openid.net/specs/fapi-security-profile-2_0-final.html',
  generation: '2.0',
  clauses: {
    'FAPI2-SP-5.2.1-1': [server.httpsIssuer],
    'FAPI2-SP-5.3.2.1-2': [tokens.noPasswordGrant],
    'FAPI2-SP-5.3.2.1-3': [clients.confidentialClients],
    'FAPI2-SP-5.3.2.1-4': [clients.senderConstrainedClients, tokens.holderAtTokenRequest, tokens.senderConstrainedTokens],
    'FAPI2-SP-5.3.2.1-5': [server.someBindingOffered, tokens.senderConstrainedTokens],
    'FAPI2-SP-5.3.2.1-6': [
      server.serverAuthenticationMethods(clients.KEY_BASED_METHODS),
      server.defaultAuthenticationMethod(clients.KEY_BASED_METHODS),
      clients.authenticationMethods(clients.KEY_BASED_METHODS),
      clients.authenticatedBy(clients.KEY_BASED_METHODS),
      clients.exactlyOneCertificateSubject,
      clients.readableCertificateSubject,
    ],
    'FAPI2-SP-5.3.2.1-8': [assertions.assertionAudienceIsIssuer],
    'FAPI2-SP-5.3.2.1-9': [server.noRefreshRotation],
    'FAPI2-SP-5.3.2.1-11': [server.authorizationCodeLifetime(60)],
    'FAPI2-SP-5.3.2.1-13': clock,
    'FAPI2-SP-5.3.2.2-1': [server.serverResponseTypes(['code']), clients.clientResponseTypes(['code']), requests.responseTypes(['code'])],
    'FAPI2-SP-5.3.2.2-2': [server.parOffered],
    'FAPI2-SP-5.3.2.2-3': [server.parRequired, clients.clientsPush, requests.pushedRequests],
    'FAPI2-SP-5.3.2.2-5': [requests.pkceS256],
    'FAPI2-SP-5.3.2.2-6': [server.redirectUriNotDefaulted, redirects.redirectUriGiven],
    'FAPI2-SP-5.3.2.2-8': [redirects.httpsRedirectUris({ nativeLoopback: true }), redirects.httpsRedirectUri({ nativeLoopback: true })],
    'FAPI2-SP-5.3.4-2': [server.noQueryTokens],
    'FAPI2-SP-5.4.1-1.2': algorithms,
    'FAPI2-SP-5.4.1-1.3': algorithms,
    'FAPI2-SP-5.4.1-2': strong,
    'FAPI2-SP-5.4.1-3': strong,
    'FAPI2-SP-5.4.2-1': [clients.httpsKeySets],
  },
  unchecked: {
    'FAPI2-SP-5.2.1-2': TLS,
    'FAPI2-SP-5.2.1-3': TLS,
    'FAPI2-SP-5.2.1-4': by('operator', 'A matter of the zone.'),
    'FAPI2-SP-5.2.1-5': by('provider', 'fetch verifies server certificates; nothing here turns that off.'),
    'FAPI2-SP-5.2.2-1': TLS,
    'FAPI2-SP-5.2.2-2': CLIENT,
    'FAPI2-SP-5.2.2.1-a': by('operator', 'A list to publish.'),
    'FAPI2-SP-5.2.2.1-b': by('operator', 'discovery.mtls_endpoint_aliases, where the mutual TLS host differs.'),
    'FAPI2-SP-5.2.3-1': by('setting', 'securityHeaders() sends Strict-Transport-Security; preloading is the operator’s.'),
    'FAPI2-SP-5.2.3-2': TLS,
    'FAPI2-SP-5.2.3-3': by('provider', 'node-oidc-provider has no CORS on the authorization endpoint.'),
    'FAPI2-SP-5.2.3-note': by('operator', 'A matter of upkeep.'),
    'FAPI2-SP-5.3.2.1-1': by('provider', 'Both metadata documents are served under the issuer.'),
    'FAPI2-SP-5.3.2.1-7': by('provider', 'Nothing is redirected to a URI that is not registered.'),
    'FAPI2-SP-5.3.2.1-10': by('operator', 'A MAY: features.dPoP.nonceSecret and requireNonce.'),
    'FAPI2-SP-5.3.2.1-12': by('provider', 'dpop_jkt and a proof at the pushed authorization request endpoint both bind the code.'),
    'FAPI2-SP-5.3.2.1-14': by('operator', 'A SHOULD: the consent page and resource indicators narrow what is granted.'),
    'FAPI2-SP-5.3.2.2-4': by('provider', 'The pushed authorization request endpoint authenticates clients.'),
    'FAPI2-SP-5.3.2.2-7': by('provider', 'iss is in every answer; under JARM inside the JWT.'),
    'FAPI2-SP-5.3.2.2-9': by('provider', 'A consumed code is refused and its grant revoked; storage(store) makes the consumption atomic.'),
    'FAPI2-SP-5.3.2.2-10': by('provider', 'Redirects are 303.'),
    'FAPI2-SP-5.3.2.2-11': by('provider', 'Redirects are 303.'),
    'FAPI2-SP-5.3.2.2-12': by('provider', 'A request_uri lives 60 seconds at most.'),
    'FAPI2-SP-5.3.2.2-13': by('operator', 'The consent page shows what is granted and to whom.'),
    'FAPI2-SP-5.3.2.2-14': by('provider', 'A nonce is returned unchanged, whatever its length.'),
    'FAPI2-SP-5.3.2.2-note3': by('provider', 'A request_uri is consumed when authorization completes, not when it is opened.'),
    'FAPI2-SP-5.3.2.2-note-state': by('provider', 'state is returned unchanged, whatever its length.'),
    'FAPI2-SP-5.3.2.3-1': by('provider', 'node-oidc-provider is a certified OpenID Provider.'),
    'FAPI2-SP-5.3.3.1-5': CLIENT,
    'FAPI2-SP-5.3.3.1-7': CLIENT,
    'FAPI2-SP-5.3.3.1-8': CLIENT,
    'FAPI2-SP-5.3.3.2-6': CLIENT,
    'FAPI2-SP-5.3.4-1': GUARD,
    'FAPI2-SP-5.3.4-3': GUARD,
    'FAPI2-SP-5.3.4-4': GUARD,
    'FAPI2-SP-5.3.4-5': GUARD,
    'FAPI2-SP-5.4.1-1.1': by(
      'provider',
      'Algorithm lists, iss and aud are checked for every JWT; the rules of 5.4.1-1.2 hold the lists, and types are checked under RFC 9101 and RFC 7523 below.',
    ),
    'FAPI2-SP-5.4.1-4': by('provider', 'Opaque values have 256 bits of randomness (formats.bitsOfOpaqueRandomness).'),
    'FAPI2-SP-5.4.2-2': by('provider', 'x5u and jku headers are never followed; only registered keys count.'),
    'FAPI2-SP-5.4.2-3': by('operator', 'The server’s own key ids are the operator’s to keep distinct.'),
    'FAPI2-SP-5.4.3-1': by('provider', 'Keys are chosen by kid, kty, use, alg and crv.'),
  },
  beyond: {
    'RFC7523-3': {
      why: 'Client assertions are short-lived and of their own kind.',
      rules: [assertions.assertionSubject, assertions.assertionLifetime(300), assertions.assertionType],
    },
    'RFC9101-4': {
      why: 'A request object is not required; one that is sent is held to what Message Signing asks of it.',
      rules: objects.anyRequestObject,
    },
    'RFC7592-2.2': { why: 'A PUT replaces all metadata; it may not take protections back.', rules: [clients.noWeakening] },
    'RFC8725-3.2': { why: 'RSA1_5 encryption is open to padding oracles.', rules: [crypto.noRsa15Encryption] },
    'RFC9449-11.1': {
      why: 'Proofs are single-use, and for this server whatever the Host header says.',
      rules: [server.dpopReplayRefused, tokens.proofRecipient, tokens.oneBinding],
    },
    'server-checks': {
      why: 'The checks the server underneath has for this generation stay on next to ours.',
      rules: [server.serverChecks('2.0'), server.noDevelopmentPages],
    },
  },
  audited: {
    'FAPI2-SP-5.3.2.1-1': [discovery.endpointsPublished],
    'FAPI2-SP-5.3.2.2-2': [discovery.parEndpointPublished],
    'FAPI2-SP-5.3.2.2-5': [discovery.pkcePublished],
    'FAPI2-SP-5.3.2.2-7': [discovery.responseIssuerPublished],
    'FAPI2-SP-5.4.1-1.2': [discovery.someAlgorithmPublished(crypto.FAPI2_ALGORITHMS)],
    'FAPI2-SP-5.4.2-3': [discovery.distinctKeyIds],
    'RFC7517-9.2': [discovery.publicKeysOnly],
    'RFC8414-3.3': [discovery.issuerPublished],
    'FAPI2-SP-5.2.1-1': [discovery.httpsEndpoints, transport.noPlainHttp],
    'FAPI2-SP-5.2.1-2': [transport.tlsVersions, transport.tls13Offered, transport.tls13Preferred],
    'FAPI2-SP-5.2.1-3': [transport.tlsCiphersUnbroken, undeprecated],
    'FAPI2-SP-5.2.1-5': [transport.serverCertificateTrusted, transport.serverCertificateLasting],
    'FAPI2-SP-5.2.2-1': [transport.tlsCiphers(transport.FAPI2_SUITES)],
    'FAPI2-SP-5.2.3-1': [transport.strictTransportSecurity('shall')],
    'FAPI2-SP-5.2.3-2': [undeprecated],
  },
  defaults: {
    server: {
      token_endpoint_auth_methods_supported: clients.KEY_BASED_METHODS,
      token_endpoint_auth_signing_alg_values_supported: crypto.FAPI2_ALGORITHMS,
      request_object_signing_alg_values_supported: crypto.FAPI2_ALGORITHMS,
      id_token_signing_alg_values_supported: crypto.FAPI2_ALGORITHMS,
      userinfo_signing_alg_values_supported: crypto.FAPI2_ALGORITHMS,
      authorization_signing_alg_values_supported: crypto.FAPI2_ALGORITHMS,
      introspection_signing_alg_values_supported: crypto.FAPI2_ALGORITHMS,
      dpop_signing_alg_values_supported: crypto.FAPI2_ALGORITHMS,
      response_types_supported: ['code'],
      pushed_authorization_requests_supported: true,
      require_pushed_authorization_requests: true,
      tls_client_certificate_bound_access_tokens: true,
      authorization_code_lifetime: 60,
      clock_tolerance: 10,
      refresh_token_rotation: false,
      fapi_checks: '2.0',
    },
    client: {
      token_endpoint_auth_method: 'private_key_jwt',
      id_token_signed_response_alg: 'PS256',
      authorization_signed_response_alg: 'PS256',
      introspection_signed_response_alg: 'PS256',
      require_pushed_authorization_requests: true,
    },
  },
})
