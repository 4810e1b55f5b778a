import { named } from './named-refusal.js'

const SIGNED = ['FAPI1-ADV-5.2.2-1', 'FAPI2-MS-5.3.1-1']

/** The signed JWT with the parameters of an authorization request. */
export const requestObjects = named({
  'request-object-sound': [
    'The request object is a signed JWT that says what the client asks for.',
    'Look at the request object in this order: three parts in base64url, alg and kid of the header, the signature, then client_id, iss, aud, exp and nbf.',
    [...SIGNED, 'RFC9101-6.2'],
  ],
  'request-object-readable': [
    'The request object is a signed JWT of usual size.',
    'Send as request a JWT of three parts in base64url with dots between them, and nothing around it. Keep it to what an authorization request needs.',
    [...SIGNED, 'RFC9101-4'],
  ],
  'request-object-signature': [
    'The signature of the request object holds under a key of the client.',
    'Sign the request object with the private part of a key in the registered jwks or at jwks_uri, and change nothing in it afterwards. If another key was registered under the same kid, sign with that one.',
    [...SIGNED, 'RFC9101-6.2'],
  ],
  'request-object-key': [
    'The request object is signed with a registered key of the client.',
    'Name in kid of the header a key that stands in the registered jwks or at jwks_uri, for signatures and of the kind of alg. After a change of keys, look whether jwks_uri already serves the new one.',
    [...SIGNED, 'FAPI1-ADV-8.11', 'FAPI2-SP-5.4.3-1', 'RFC9101-6.2'],
  ],
  'request-object-registered-alg': [
    'The request object is signed with the algorithm that is registered for it.',
    'Sign the request object with the registered request_object_signing_alg, or with PS256 or ES256 where none is registered, and name it in alg of its header. RS256 and none do not count.',
    ['FAPI1-ADV-8.6-1', 'FAPI2-SP-5.4.1-1.2', 'RFC9101-6.2', 'RFC8725-3.1'],
  ],
  'request-object-decryption': [
    'An encrypted request object is encrypted to a key of the server.',
    'Encrypt the signed request object to a key of the server with use enc, with the registered request_object_encryption_alg and _enc; or register neither and only sign it.',
    ['RFC9101-6.1'],
  ],
  'request-object-expired': [
    'The request object has not expired.',
    'Make a new request object for each authorization, with nbf = now and exp = now + 300 in seconds since 1970 (not milliseconds), and keep the clock right with NTP.',
    ['FAPI1-ADV-5.2.2-13', 'FAPI2-MS-5.3.1-4', 'RFC9101-6.2'],
  ],
  'request-object-not-yet-valid': [
    'The request object is valid already.',
    'Set nbf, and iat if there is one, to now in seconds since 1970 (not milliseconds), and keep the clock right with NTP: it is ahead.',
    ['FAPI1-ADV-5.2.2-17', 'FAPI2-SP-5.3.2.1-13', 'FAPI2-MS-5.3.1-3'],
  ],
  'request-object-client': [
    'The request object is of the client that sends it.',
    'Set client_id and iss of the request object to the client_id that also stands outside, and authenticate as this client when the request is pushed.',
    ['FAPI1-ADV-5.2.2-10', 'FAPI2-MS-5.3.1-1', 'RFC9101-5', 'RFC9126-3'],
  ],
  'request-object-agrees': [
    'What stands outside the request object as well is the same as inside.',
    'Let response_type outside be the same as inside the request object. With a pushed request, send client_id and request_uri alone.',
    ['FAPI1-ADV-5.2.2-10', 'FAPI1-ADV-5.2.3-9', 'RFC9101-5'],
  ],
  'request-object-flat': [
    'A request object contains no further request object.',
    'Take request and request_uri out of the request object: they belong outside.',
    [...SIGNED, 'RFC9101-4'],
  ],
  'request-object-complete': [
    'All parameters of the authorization request stand in the request object.',
    'Put response_type, client_id, redirect_uri, scope, state, nonce and code_challenge into the request object; what stands only outside does not count.',
    ['FAPI1-ADV-5.2.2-10', 'FAPI2-MS-5.3.2-a', 'RFC9101-4'],
  ],
  'request-object-offered': [
    'Request objects are sent to a server that takes them.',
    'Send the parameters by themselves, or push them: this server takes no request objects by the parameter request. The operator turns them on with features.requestObjects.',
    ['RFC9101-7'],
  ],
})
