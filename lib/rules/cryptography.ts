import { isText } from '../core/claims.js'
import type { Client, Jwt, Server } from '../core/facts.js'
import { FAPI_ALGORITHMS } from '../core/jwk.js'
import { defineRule } from '../core/rule.js'

/** FAPI1-ADV-8.6-1. */
export const FAPI1_ALGORITHMS = Object.freeze(['PS256', 'ES256'] as const)
/** FAPI2-SP-5.4.1-1.2. */
export const FAPI2_ALGORITHMS = FAPI_ALGORITHMS

const isOneOf = (value: unknown, allowed: readonly unknown[]) => allowed.includes(value)
const oneOf = (values: readonly string[]) => `must be one of ${values.join(', ')}`

/** What is wrong with a JWS `alg`, under one list of algorithms. */
function wrongAlgorithm(what: string, { header }: Jwt, allowed: readonly string[]): string | undefined {
  return typeof header.alg === 'string' && allowed.includes(header.alg) ? undefined : `the alg of ${what} ${oneOf(allowed)}`
}

export const assertionAlgorithms = (allowed: readonly string[]) =>
  defineRule({
    id: 'assertion-algorithms',
    summary: `Client assertions are signed with ${allowed.join(', ')}.`,
    mend: `Sign the client assertion with one of ${allowed.join(', ')}, and name it in alg of its header. RS256 is not accepted, even where it is the default of a library.`,
    at: ['authentication'],
    check: ({ assertion }) => assertion && wrongAlgorithm('the client assertion', assertion, allowed),
  })

export const requestObjectAlgorithms = (allowed: readonly string[]) =>
  defineRule({
    id: 'request-object-algorithms',
    summary: `Request objects are signed with ${allowed.join(', ')}.`,
    mend: `Sign the request object with one of ${allowed.join(', ')}, and name it in alg of its header. RS256 and none are not accepted.`,
    at: ['par', 'authorization'],
    error: 'invalid_request_object',
    check: ({ requestObject }) => requestObject && wrongAlgorithm('the request object', requestObject, allowed),
  })

export const proofAlgorithms = (allowed: readonly string[]) =>
  defineRule({
    id: 'proof-algorithms',
    summary: `DPoP proofs are signed with ${allowed.join(', ')}.`,
    mend: `Sign the DPoP proof with one of ${allowed.join(', ')}, and name it in alg of its header; the public part of the same key is its jwk.`,
    at: ['par', 'token', 'resource'],
    error: 'invalid_dpop_proof',
    check: ({ proof }) => proof && wrongAlgorithm('the DPoP proof', proof, allowed),
  })

const SIGNING_METADATA = [
  'token_endpoint_auth_signing_alg',
  'request_object_signing_alg',
  'id_token_signed_response_alg',
  'userinfo_signed_response_alg',
  'authorization_signed_response_alg',
  'introspection_signed_response_alg',
] as const

/** Baseline's `client_secret_jwt` signs its assertions with HS256. */
const usesSecret = (client: Client, name: string) =>
  name === 'token_endpoint_auth_signing_alg' && client.token_endpoint_auth_method === 'client_secret_jwt' && client[name] === 'HS256'

export const registeredAlgorithms = (allowed: readonly string[]) =>
  defineRule({
    id: 'registered-algorithms',
    summary: `Clients register no other signature algorithm than ${allowed.join(', ')}.`,
    mend: `Register one of ${allowed.join(', ')} as token_endpoint_auth_signing_alg, request_object_signing_alg and every *_signed_response_alg, or leave those out that are wrong.`,
    at: ['registration'],
    check({ client }) {
      const wrong = SIGNING_METADATA.filter(
        (name) => client[name] !== undefined && !isOneOf(client[name], allowed) && !usesSecret(client, name),
      )
      return wrong.length ? `${wrong.join(', ')} ${oneOf(allowed)}` : undefined
    },
  })

const ENCRYPTION_METADATA = ['request_object', 'id_token', 'userinfo', 'authorization', 'introspection'].map((what) =>
  what === 'request_object' ? 'request_object_encryption_alg' : `${what}_encrypted_response_alg`,
)

export const noRsa15Encryption = defineRule({
  id: 'no-rsa1-5-encryption',
  summary: 'Nothing is encrypted with RSA1_5.',
  mend: 'Register RSA-OAEP-256, RSA-OAEP or ECDH-ES for request_object_encryption_alg and every *_encrypted_response_alg, or leave them out for no encryption.',
  at: ['registration'],
  check({ client }) {
    const wrong = ENCRYPTION_METADATA.filter((name) => client[name] === 'RSA1_5')
    return wrong.length ? `${wrong.join(', ')} must not be RSA1_5` : undefined
  },
})

const SERVER_LISTS = [
  'token_endpoint_auth_signing_alg_values_supported',
  'request_object_signing_alg_values_supported',
  'id_token_signing_alg_values_supported',
  'userinfo_signing_alg_values_supported',
  'authorization_signing_alg_values_supported',
  'introspection_signing_alg_values_supported',
  'dpop_signing_alg_values_supported',
] as const

/** Where node-oidc-provider has each list, for those who configure it. */
const OPTION_OF_LIST: Readonly<Record<(typeof SERVER_LISTS)[number], string>> = {
  token_endpoint_auth_signing_alg_values_supported: 'enabledJWA.clientAuthSigningAlgValues',
  request_object_signing_alg_values_supported: 'enabledJWA.requestObjectSigningAlgValues',
  id_token_signing_alg_values_supported: 'enabledJWA.idTokenSigningAlgValues',
  userinfo_signing_alg_values_supported: 'enabledJWA.userinfoSigningAlgValues',
  authorization_signing_alg_values_supported: 'enabledJWA.authorizationSigningAlgValues',
  introspection_signing_alg_values_supported: 'enabledJWA.introspectionSigningAlgValues',
  dpop_signing_alg_values_supported: 'enabledJWA.dPoPSigningAlgValues',
}

const CLIENT_DEFAULT_ALGS = [
  'id_token_signed_response_alg',
  'authorization_signed_response_alg',
  'introspection_signed_response_alg',
] as const

/** One rule per list, so that each names its own setting. HMAC is allowed only for `client_secret_jwt` assertions. */
export const serverAlgorithms = (allowed: readonly string[]) => {
  const permitted = (
    server: Pick<Server, (typeof SERVER_LISTS)[number] | 'token_endpoint_auth_methods_supported'>,
    list: (typeof SERVER_LISTS)[number],
  ) =>
    list === 'token_endpoint_auth_signing_alg_values_supported' &&
    server.token_endpoint_auth_methods_supported.includes('client_secret_jwt')
      ? [...allowed, 'HS256']
      : allowed
  const lists = SERVER_LISTS.map((list) =>
    defineRule({
      id: `server-algorithms-${list.replace(/_(signing_)?alg_values_supported$/, '').replaceAll('_', '-')}`,
      summary: `${list} has no other algorithm than ${allowed.join(', ')}.`,
      mend: `Set ${list} to some of ${allowed.join(', ')} (node-oidc-provider: ${OPTION_OF_LIST[list]}).`,
      at: ['configuration', 'discovery'],
      setting: list,
      check: ({ server }) =>
        !server.exclusive || server[list].every((alg) => permitted(server, list).includes(alg))
          ? undefined
          : `must list only ${permitted(server, list).join(', ')}`,
    }),
  )
  const defaults = CLIENT_DEFAULT_ALGS.map((name) =>
    defineRule({
      id: `client-default-${name.replaceAll('_', '-')}`,
      summary: `A client that registers no ${name} gets ${allowed.join(' or ')}.`,
      mend: `Set the default of ${name} to one of ${allowed.join(', ')} (node-oidc-provider: clientDefaults.${name}).`,
      at: ['configuration'],
      setting: `client_defaults.${name}`,
      check({ server }) {
        const value = server.client_defaults[name]
        return !server.exclusive || value === undefined || (isText(value) && allowed.includes(value)) ? undefined : oneOf(allowed)
      },
    }),
  )
  return [...lists, ...defaults]
}
