import { defineProfile, type Settler, type Unchecked } from '../core/profile.js'
import * as requests from '../rules/authorization-requests.js'
import * as assertions from '../rules/client-assertions.js'
import * as clients from '../rules/clients.js'
import * as crypto from '../rules/cryptography.js'
import * as discovery from '../rules/discovery.js'
import * as keys from '../rules/keys.js'
import * as redirects from '../rules/redirect-uris.js'
import { anyRequestObject, requestObjectClock } from '../rules/request-objects.js'
import * as server from '../rules/server.js'
import { proofClock, proofRecipient } from '../rules/token-requests.js'
import * as transport from '../rules/transport.js'

/** Notes who settles a clause that no rule checks. */
export const by = (settler: Settler, why: string): Unchecked => ({ by: settler, why })

const GUARD = by('guard', 'A duty of the resource server; the API guard answers for it.')
const TLS = by('operator', 'The TLS listener, or the proxy in front of it, settles versions, cipher suites and certificates.')

/** Rules that Baseline and Advanced share, made once so that both tables name the same values. */
export const fapi1Rules = {
  strongKeys: keys.strongKeys(160),
  strongServerKeys: keys.strongServerKeys(160),
  strongCertificates: keys.strongCertificates(160),
  httpsRedirectUris: redirects.httpsRedirectUris({ nativeLoopback: false }),
  serverResponseTypes: server.serverResponseTypes(['code', 'code id_token']),
  responseTypes: requests.responseTypes(['code', 'code id_token']),
  clientResponseTypes: clients.clientResponseTypes(['code', 'code id_token']),
  algorithms: [
    crypto.assertionAlgorithms(crypto.FAPI1_ALGORITHMS),
    crypto.requestObjectAlgorithms(crypto.FAPI1_ALGORITHMS),
    crypto.registeredAlgorithms(crypto.FAPI1_ALGORITHMS),
    keys.serverCanSign(crypto.FAPI1_ALGORITHMS),
    ...crypto.serverAlgorithms(crypto.FAPI1_ALGORITHMS),
  ],
  clockTolerance: server.clockTolerance(10, 60),
  assertions: [
    assertions.assertionSubject,
    assertions.assertionAudienceIsServer,
    assertions.assertionLifetime(300),
    assertions.assertionClock(60),
    assertions.assertionType,
  ],
}

const { algorithms, assertions: assertionRules } = fapi1Rules
const baselineAlgorithms = algorithms.filter(({ id }) => id !== 'assertion-algorithms')

/** FAPI 1.0 Part 1: Baseline, Final (12 March 2021). */
export const fapi1Baseline = defineProfile({
  name: 'fapi1-baseline',
  title: 'FAPI 1.0 Part 1: Baseline',
  spec: 'https://openid.net/specs/openid-financial-api-part-1-1_0.html',
  generation: '1.0',
  clauses: {
    'FAPI1-BASE-5.2.2-3': [clients.strongSecrets],
    'FAPI1-BASE-5.2.2-4': [
      server.serverAuthenticationMethods([...clients.BASELINE_METHODS, 'none']),
      server.defaultAuthenticationMethod([...clients.BASELINE_METHODS, 'none']),
      clients.authenticationMethods(clients.BASELINE_METHODS),
      clients.authenticatedBy([...clients.BASELINE_METHODS, 'none']),
      clients.exactlyOneCertificateSubject,
      clients.readableCertificateSubject,
    ],
    'FAPI1-BASE-5.2.2-5': [fapi1Rules.strongKeys, fapi1Rules.strongServerKeys, fapi1Rules.strongCertificates],
    'FAPI1-BASE-5.2.2-6': [fapi1Rules.strongKeys, fapi1Rules.strongServerKeys, fapi1Rules.strongCertificates],
    'FAPI1-BASE-5.2.2-7': [requests.pkceS256],
    'FAPI1-BASE-5.2.2-8': [server.redirectUrisRegistered, redirects.redirectUriRegistered],
    'FAPI1-BASE-5.2.2-9': [server.redirectUriNotDefaulted, redirects.redirectUriGiven],
    'FAPI1-BASE-5.2.2-10': [redirects.redirectUriRegistered],
    'FAPI1-BASE-5.2.2-20': [fapi1Rules.httpsRedirectUris],
    'FAPI1-BASE-5.2.2-23': [fapi1Rules.serverResponseTypes, fapi1Rules.responseTypes, fapi1Rules.clientResponseTypes],
    'FAPI1-BASE-5.2.2.2-1': [requests.nonceForOpenid],
    'FAPI1-BASE-5.2.2.3-1': [requests.stateWithoutOpenid],
    'FAPI1-BASE-6.2.1-3': [server.noQueryTokens],
    'FAPI1-BASE-7.1': [server.httpsIssuer, clients.httpsKeySets],
    'FAPI1-BASE-7.5-1': [fapi1Rules.httpsRedirectUris],
    'FAPI1-BASE-7.5-2': [fapi1Rules.httpsRedirectUris],
  },
  unchecked: {
    'FAPI1-BASE-5.2.2-1': by('setting', 'withFapi keeps private_key_jwt and mutual TLS among the authentication methods.'),
    'FAPI1-BASE-5.2.2-2': by(
      'operator',
      'A SHOULD: public clients register with token_endpoint_auth_method none where the operator keeps that method.',
    ),
    'FAPI1-BASE-5.2.2-11': by('operator', 'The login pages decide how strongly a user is authenticated.'),
    'FAPI1-BASE-5.2.2-12': by('provider', 'node-oidc-provider asks for consent to every scope a grant does not hold yet.'),
    'FAPI1-BASE-5.2.2-13': by('provider', 'A consumed code is refused and its grant revoked; storage(store) makes the consumption atomic.'),
    'FAPI1-BASE-5.2.2-14': by('provider', 'node-oidc-provider answers in the form of RFC 6749.'),
    'FAPI1-BASE-5.2.2-15': by('provider', 'node-oidc-provider returns the granted scope with every token.'),
    'FAPI1-BASE-5.2.2-16': by('provider', 'Opaque values have 256 bits of randomness (formats.bitsOfOpaqueRandomness).'),
    'FAPI1-BASE-5.2.2-17': by('operator', 'The consent page shows the details.'),
    'FAPI1-BASE-5.2.2-18': by('setting', 'withFapi turns on the revocation endpoint; a page for users is the operator’s.'),
    'FAPI1-BASE-5.2.2-19': by('provider', 'Identifiers that disagree are refused; observe() turns the answer into invalid_client.'),
    'FAPI1-BASE-5.2.2-21': by('setting', 'withFapi lets tokens that are bound to no key live 9 minutes, unless ttl.AccessToken is set.'),
    'FAPI1-BASE-5.2.2-22': by('provider', 'Both metadata documents are served under the issuer.'),
    'FAPI1-BASE-5.2.2.1-1': by('provider', 'node-oidc-provider is a certified OpenID Provider.'),
    'FAPI1-BASE-5.2.2.1-2': by('provider', 'node-oidc-provider validates authentication requests.'),
    'FAPI1-BASE-5.2.2.1-3': by('provider', 'prompt and max_age are honoured by its interaction policy.'),
    'FAPI1-BASE-5.2.2.1-4': by('provider', 'A refusal returns access_denied with state.'),
    'FAPI1-BASE-5.2.2.1-5': by('provider', 'Codes are bound to client and redirect_uri.'),
    'FAPI1-BASE-5.2.2.1-6': by('provider', 'The token response carries an ID token where openid was granted.'),
    'FAPI1-BASE-6.2.1-1': GUARD,
    'FAPI1-BASE-6.2.1-2': GUARD,
    'FAPI1-BASE-6.2.1-4': GUARD,
    'FAPI1-BASE-6.2.1-5': GUARD,
    'FAPI1-BASE-6.2.1-6': GUARD,
    'FAPI1-BASE-6.2.1-7': GUARD,
    'FAPI1-BASE-6.2.1-8': GUARD,
    'FAPI1-BASE-6.2.1-9': GUARD,
    'FAPI1-BASE-6.2.1-10': GUARD,
    'FAPI1-BASE-6.2.1-11': GUARD,
    'FAPI1-BASE-6.2.1-12': GUARD,
    'FAPI1-BASE-6.2.1-13': GUARD,
    'FAPI1-BASE-6.2.1-14': GUARD,
    'FAPI1-BASE-6.2.2-3': GUARD,
    'FAPI1-BASE-6.2.2-4': GUARD,
    'FAPI1-BASE-6.2.2-5': GUARD,
    'FAPI1-BASE-7.1-1': TLS,
    'FAPI1-BASE-7.1-2': by('provider', 'fetch verifies server certificates; nothing here turns that off.'),
    'FAPI1-BASE-7.1-HSTS': by('setting', 'securityHeaders() sends Strict-Transport-Security; preloading is the operator’s.'),
    'FAPI1-BASE-7.1-DNSSEC': by('operator', 'A matter of the zone.'),
    'FAPI1-BASE-7.4': by('operator', 'Verdicts hold no tokens; what an access log keeps is the operator’s.'),
    'FAPI1-BASE-7.7': by('operator', 'One issuer per brand, each with its own provider.'),
  },
  beyond: {
    'FAPI1-ADV-8.6-1': {
      why: 'Baseline leaves algorithms open. Clients of a FAPI server are held to those of Advanced; HS256 stays for client_secret_jwt.',
      rules: baselineAlgorithms,
    },
    'RFC7523-3': {
      why: 'Client assertions are for this server, short-lived and of their own kind.',
      rules: [...assertionRules, crypto.assertionAlgorithms([...crypto.FAPI1_ALGORITHMS, 'HS256'])],
    },
    'RFC9101-4': {
      why: 'A request object is not required; one that is sent is held to what Advanced asks of it.',
      rules: [...anyRequestObject, requestObjectClock(60)],
    },
    'RFC7592-2.2': { why: 'A PUT replaces all metadata; it may not take protections back.', rules: [clients.noWeakening] },
    'RFC9449-11.1': { why: 'A proof must stop being acceptable before it is forgotten.', rules: [proofClock(60, 240), proofRecipient] },
    'server-checks': {
      why: 'node-oidc-provider’s own checks for FAPI 1.0 are those of Advanced: with them on, no request of a Baseline client for a code could succeed.',
      rules: [server.serverChecks('off'), fapi1Rules.clockTolerance, server.noDevelopmentPages],
    },
  },
  audited: {
    'OIDCD-3': [discovery.endpointsPublished],
    'RFC7517-9.2': [discovery.publicKeysOnly],
    'RFC7636-4.3': [discovery.pkcePublished],
    'RFC8414-3.3': [discovery.issuerPublished],
    'RFC9126-5': [discovery.parEndpointPublished],
    'FAPI1-BASE-7.1': [
      discovery.httpsEndpoints,
      transport.tlsCiphersUnbroken,
      transport.tlsCiphersUndeprecated('should'),
      transport.noPlainHttp,
    ],
    'FAPI1-BASE-7.1-1': [transport.tlsVersions, transport.tls13Offered, transport.tls13Preferred],
    'FAPI1-BASE-7.1-2': [transport.serverCertificateTrusted, transport.serverCertificateLasting],
    'FAPI1-BASE-7.1-HSTS': [transport.strictTransportSecurity('should')],
  },
  defaults: {
    server: {
      token_endpoint_auth_methods_supported: ['private_key_jwt', 'client_secret_jwt', 'tls_client_auth', 'self_signed_tls_client_auth'],
      token_endpoint_auth_signing_alg_values_supported: [...crypto.FAPI1_ALGORITHMS, 'HS256'],
      request_object_signing_alg_values_supported: crypto.FAPI1_ALGORITHMS,
      id_token_signing_alg_values_supported: crypto.FAPI1_ALGORITHMS,
      userinfo_signing_alg_values_supported: crypto.FAPI1_ALGORITHMS,
      authorization_signing_alg_values_supported: crypto.FAPI1_ALGORITHMS,
      introspection_signing_alg_values_supported: crypto.FAPI1_ALGORITHMS,
      dpop_signing_alg_values_supported: crypto.FAPI1_ALGORITHMS,
      response_types_supported: ['code', 'code id_token'],
      pushed_authorization_requests_supported: true,
      tls_client_certificate_bound_access_tokens: true,
      clock_tolerance: 15,
      fapi_checks: 'off',
    },
    client: {
      token_endpoint_auth_method: 'private_key_jwt',
      id_token_signed_response_alg: 'PS256',
      authorization_signed_response_alg: 'PS256',
      introspection_signed_response_alg: 'PS256',
    },
  },
})
