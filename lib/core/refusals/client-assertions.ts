import { named } from './named-refusal.js'

const METHODS = ['FAPI1-BASE-5.2.2-4', 'FAPI1-ADV-5.2.2-14', 'FAPI2-SP-5.3.2.1-6']

/** The JWT with which a client authenticates (private_key_jwt). */
export const clientAssertions = named({
  'assertion-readable': [
    'The client assertion is a signed JWT and comes with its type.',
    'Send client_assertion as a JWT of three parts in base64url, with client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer next to it, in the body of the POST.',
    [...METHODS, 'RFC7523-2.2', 'RFC7523-3'],
  ],
  'assertion-signature': [
    'The signature of the client assertion holds under a key of the client.',
    'Sign the client assertion with the private part of a key in the registered jwks or at jwks_uri, and change nothing in it afterwards. If another key was registered under the same kid, sign with that one.',
    [...METHODS, 'RFC7523-3'],
  ],
  'assertion-key': [
    'The client assertion is signed with a registered key of the client.',
    'Name in kid of the header a key that stands in the registered jwks or at jwks_uri, for signatures and of the kind of alg. After a change of keys, look whether jwks_uri already serves the new one.',
    [...METHODS, 'FAPI1-ADV-8.11', 'FAPI2-SP-5.4.3-1', 'RFC7523-3'],
  ],
  'assertion-registered-alg': [
    'The client assertion is signed with the algorithm that is registered for it.',
    'Sign the client assertion with the registered token_endpoint_auth_signing_alg, or with PS256 or ES256 where none is registered, and name it in alg of its header. RS256 and none do not count.',
    ['FAPI1-ADV-8.6-1', 'FAPI2-SP-5.4.1-1.2', 'RFC7591-2', 'RFC8725-3.1'],
  ],
  'assertion-expired': [
    'The client assertion has not expired.',
    'Make a new client assertion for each request, with exp = now + 60 in seconds since 1970 (not milliseconds), and keep the clock right with NTP.',
    [...METHODS, 'RFC7523-3'],
  ],
  'assertion-not-yet-valid': [
    'The client assertion is valid already.',
    'Set iat, and nbf if there is one, to now in seconds since 1970 (not milliseconds), and keep the clock right with NTP: it is ahead.',
    ['FAPI2-SP-5.3.2.1-13', 'RFC7523-3'],
  ],
  'assertion-audience': [
    'The client assertion is for this server.',
    'Set aud of the client assertion to the issuer, exactly as issuer stands in the server metadata. An assertion for another server, or for test instead of production, does not count here.',
    ['FAPI1-BASE-5.2.2-4', 'FAPI2-SP-5.3.2.1-8', 'RFC7523-3'],
  ],
  'assertion-claims': [
    'The client assertion has all its claims.',
    'Put into the client assertion iss and sub, both with the client_id, aud with the issuer of the server, exp and iat in seconds since 1970, and a jti that is new each time.',
    [...METHODS, 'RFC7523-3'],
  ],
  'assertion-once': [
    'A client assertion is used once.',
    'Make a new client assertion with a new jti for each request, also when a request is repeated. If it was new, look for something that sends requests twice.',
    [...METHODS, 'RFC7523-3'],
  ],
})
