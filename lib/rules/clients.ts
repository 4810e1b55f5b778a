import { subjectFault, subjectFieldsOf } from '../core/certificate-subject.js'
import { isHttpsUrl, isText, wordsInOrder } from '../core/claims.js'
import type { Client } from '../core/facts.js'
import { defineRule } from '../core/rule.js'

/** FAPI1-ADV-5.2.2-14, FAPI2-SP-5.3.2.1-6. */
export const KEY_BASED_METHODS = ['private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth'] as const
/** FAPI1-BASE-5.2.2-4. */
export const BASELINE_METHODS = [...KEY_BASED_METHODS, 'client_secret_jwt'] as const

export const authenticationMethods = (allowed: readonly string[]) =>
  defineRule({
    id: 'authentication-methods',
    summary: `Clients authenticate by ${allowed.join(', ')}.`,
    mend: `Register token_endpoint_auth_method as one of ${allowed.join(', ')}. The usual one is private_key_jwt, with the public keys in jwks or at jwks_uri.`,
    at: ['registration'],
    check: ({ client: { token_endpoint_auth_method: method } }) =>
      method === 'none' || allowed.includes(method)
        ? undefined
        : `token_endpoint_auth_method is ${method}, it must be one of ${allowed.join(', ')}`,
  })

export const authenticatedBy = (allowed: readonly string[]) =>
  defineRule({
    id: 'authenticated-by',
    summary: `Only clients registered for ${allowed.join(', ')} pass client authentication.`,
    mend: `Register the client with token_endpoint_auth_method ${allowed.join(' or ')}, and authenticate in that way with each request.`,
    at: ['authentication'],
    check: ({ client: { token_endpoint_auth_method: method } }) =>
      allowed.includes(method) ? undefined : 'the authentication method of this client is not accepted',
  })

export const confidentialClients = defineRule({
  id: 'confidential-clients',
  summary: 'Clients are confidential: they authenticate.',
  mend: 'Register token_endpoint_auth_method as private_key_jwt, tls_client_auth or self_signed_tls_client_auth, not none. An app that can keep no key needs a server of its own that holds the key and talks to this one.',
  at: ['registration'],
  check: ({ client }) =>
    client.token_endpoint_auth_method === 'none'
      ? 'public clients are not supported: token_endpoint_auth_method must not be none'
      : undefined,
})

const KEY_SET_URIS = ['jwks_uri', 'sector_identifier_uri'] as const

export const httpsKeySets = defineRule({
  id: 'https-key-sets',
  summary: 'Key sets and sector documents are fetched over https.',
  mend: 'Register jwks_uri and sector_identifier_uri as https URLs, such as https://client.example/jwks.json.',
  at: ['registration'],
  check({ client }) {
    const wrong = KEY_SET_URIS.filter((name) => client[name] !== undefined && !isHttpsUrl(client[name]))
    return wrong.length ? `${wrong.join(', ')} must be an https URL` : undefined
  },
})

export const clientResponseTypes = (allowed: readonly string[]) =>
  defineRule({
    id: 'client-response-types',
    summary: `Clients register no other response type than ${allowed.join(', ')}.`,
    mend: `Register response_types as ${JSON.stringify(allowed.slice(0, 1))}, or leave it out. No other values than ${allowed.join(', ')} are accepted.`,
    at: ['registration'],
    check({ client }) {
      const wrong = client.response_types.filter((type) => !allowed.includes(wordsInOrder(type)))
      return wrong.length ? `response_types must be among ${allowed.join(', ')}, ${wrong.join(', ')} is not` : undefined
    },
  })

export const certificateBoundClients = defineRule({
  id: 'certificate-bound-clients',
  summary: 'Clients ask for access tokens bound to their certificate.',
  mend: 'Register tls_client_certificate_bound_access_tokens: true, and call the token endpoint and the API over mutual TLS with the same client certificate.',
  at: ['registration'],
  check: ({ client }) =>
    client.tls_client_certificate_bound_access_tokens ? undefined : 'tls_client_certificate_bound_access_tokens must be true',
})

export const senderConstrainedClients = defineRule({
  id: 'sender-constrained-clients',
  summary: 'Clients ask for access tokens bound to a certificate or to a DPoP key.',
  mend: 'Register dpop_bound_access_tokens: true to bind tokens to a DPoP key, or tls_client_certificate_bound_access_tokens: true to bind them to the client certificate; leave the other out or false.',
  at: ['registration'],
  check: ({ client }) =>
    client.dpop_bound_access_tokens !== client.tls_client_certificate_bound_access_tokens
      ? undefined
      : 'exactly one of dpop_bound_access_tokens and tls_client_certificate_bound_access_tokens must be true',
})

export const clientsPush = defineRule({
  id: 'clients-push',
  summary: 'Clients are registered to push their authorization requests.',
  mend: 'Register require_pushed_authorization_requests: true, and POST each authorization request to the pushed_authorization_request_endpoint first.',
  at: ['registration'],
  check: ({ client }) => (client.require_pushed_authorization_requests ? undefined : 'require_pushed_authorization_requests must be true'),
})

export const clientsSign = defineRule({
  id: 'clients-sign',
  summary: 'Clients are registered to sign their authorization requests.',
  mend: 'Register require_signed_request_object: true, and send the parameters of each authorization request inside a signed JWT, in the parameter request.',
  at: ['registration'],
  check: ({ client }) => (client.require_signed_request_object ? undefined : 'require_signed_request_object must be true'),
})

export const strongSecrets = defineRule({
  id: 'strong-secrets',
  summary: 'A client secret used as a key has at least 32 octets.',
  mend: 'Use a client_secret from a random generator with at least 32 octets, for example 32 random octets in base64url; or register private_key_jwt, which needs no secret.',
  at: ['registration'],
  check: ({ client: { token_endpoint_auth_method: method, client_secret: secret } }) =>
    method === 'client_secret_jwt' && secret !== undefined && Buffer.byteLength(secret) < 32
      ? 'client_secret must have at least 32 octets'
      : undefined,
})

/** Whether a client is registered to sign its authorization requests. */
export const signsRequests = ({ require_signed_request_object: required, request_object_signing_alg: alg }: Client): boolean =>
  required || alg !== undefined

export const JWT_MODES: readonly unknown[] = ['jwt', 'query.jwt', 'fragment.jwt', 'form_post.jwt']

/** FAPI2-MS-5.3.3: whether a client has adopted signed responses. One that registered other modes as well has not. */
export const signsResponses = ({ response_modes: modes }: Client): boolean =>
  modes === undefined || modes.every((mode) => JWT_MODES.includes(mode))

const FLAGS = ['require_pushed_authorization_requests', 'require_signed_request_object'] as const
const isBound = (client: Client) => client.dpop_bound_access_tokens || client.tls_client_certificate_bound_access_tokens

export const noWeakening = defineRule({
  id: 'no-weakening',
  summary: 'An update takes back none of the protections a client was registered with.',
  mend: 'Read the registration, change what is to be changed and send all of it: an update replaces everything. Leave require_pushed_authorization_requests, require_signed_request_object, response_modes and the token binding as strict as they are.',
  at: ['registration'],
  check({ client, current }) {
    if (!current) return undefined
    const lost = FLAGS.filter((flag) => current[flag] && !client[flag])
    if (lost.length) return `${lost.join(', ')} was true and must stay so`
    if (signsRequests(current) && !signsRequests(client)) return 'this client was registered to sign its requests and must stay so'
    if (current.response_modes && signsResponses(current) && !signsResponses(client))
      return 'this client was registered for signed responses and must stay so'
    if (isBound(current) && !isBound(client)) return 'access tokens of this client were bound to a key and must stay so'
    return undefined
  },
})

export const exactlyOneCertificateSubject = defineRule({
  id: 'exactly-one-certificate-subject',
  summary: 'A client of tls_client_auth registers exactly one expected certificate subject.',
  mend: 'Register exactly one of tls_client_auth_subject_dn, tls_client_auth_san_dns, tls_client_auth_san_uri, tls_client_auth_san_ip and tls_client_auth_san_email, with what the client certificate has there.',
  at: ['registration'],
  check({ client }) {
    if (client.token_endpoint_auth_method !== 'tls_client_auth') return undefined
    const given = ['subject_dn', 'san_dns', 'san_uri', 'san_ip', 'san_email'].filter(
      (name) => client[`tls_client_auth_${name}`] !== undefined,
    )
    return given.length === 1 ? undefined : `exactly one of the tls_client_auth_ subject parameters must be given, ${given.length} were`
  },
})

export const readableCertificateSubject = defineRule({
  id: 'readable-certificate-subject',
  summary: 'The certificate subject that a client of tls_client_auth registers is written so that a certificate can match it.',
  mend: 'Write tls_client_auth_subject_dn like CN=client.example,O=Client Ltd,C=GB (openssl x509 -noout -subject -nameopt RFC2253 prints it), and tls_client_auth_san_* as a plain host name, URI, IP address or email address.',
  at: ['registration'],
  check: ({ client }) =>
    client.token_endpoint_auth_method === 'tls_client_auth'
      ? subjectFieldsOf(client)
          .map((field) => subjectFault(field, client[field]))
          .find(isText)
      : undefined,
})
