import { named } from './named-refusal.js'

const METHODS = ['FAPI1-BASE-5.2.2-4', 'FAPI1-ADV-5.2.2-14', 'FAPI2-SP-5.3.2.1-6']

/** Who the client is, and whether it has shown it. */
export const clientAuthentication = named({
  'client-known': [
    'The client is registered at this server.',
    'Check client_id letter by letter, and that the client is registered at this server: test and production have clients of their own.',
    ['FAPI1-BASE-5.2.2.1-2', 'RFC6749-2.2', 'RFC6749-5.2'],
  ],
  'client-authenticated': [
    'The client authenticates as it is registered.',
    'Authenticate in the way that is registered as token_endpoint_auth_method, with each request: for private_key_jwt send client_assertion and client_assertion_type in the body, and look at its key, alg, aud, exp and jti; for tls_client_auth connect with the client certificate.',
    [...METHODS, 'FAPI2-SP-5.3.2.2-4', 'RFC6749-3.2.1'],
  ],
  'one-authentication-method': [
    'A request authenticates the client in one way.',
    'Send one kind of client authentication: client_assertion without client_secret and without Basic in the Authorization header.',
    [...METHODS, 'RFC6749-2.3'],
  ],
  'client-identifiers-agree': [
    'All identifiers of the client in one request name the same client.',
    'Send the same client_id everywhere: as iss and sub of the client assertion, as the client of the certificate, and in the parameter client_id.',
    ['FAPI1-BASE-5.2.2-19', 'FAPI2-SP-5.3.2.1-6', 'RFC7521-4.2', 'RFC8705-2'],
  ],
  'authorization-header-readable': [
    'The Authorization header is a scheme and one value.',
    'Write the Authorization header as a scheme, one space and the value. With private_key_jwt and mutual TLS send none to the token endpoint: the client assertion stands in the body.',
    ['RFC6749-2.3.1', 'RFC6750-2.1'],
  ],
  'client-secret': [
    'The client secret is the registered one and still in force.',
    'Use the newest client secret of this client. FAPI wants none at all: register token_endpoint_auth_method private_key_jwt or tls_client_auth.',
    [...METHODS, 'RFC6749-2.3.1'],
  ],
  'client-not-suspended': [
    'No operator has suspended the client.',
    'Ask the operator of the server why this client is suspended, and to lift the suspension. Nothing in the request is wrong.',
    ['RFC6749-5.2'],
  ],
  'client-permitted': [
    'The client asks only for what it is registered for.',
    'Compare what is asked for with what the client is registered for: grant_types, response_types, scope and fapi_profile. Ask for less, or have the registration changed.',
    ['RFC6749-5.2', 'RFC7591-2'],
  ],
  'grant-type-known': [
    'The grant type is one that the server offers.',
    'Send grant_type=authorization_code, refresh_token or another one of grant_types_supported in the server metadata.',
    ['RFC6749-5.2'],
  ],
})
