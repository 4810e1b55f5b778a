import { named } from './named-refusal.js'

const VALID = ['FAPI1-BASE-6.2.1-4', 'FAPI2-SP-5.3.4-3']

/** Access tokens, where they are used. */
export const accessTokens = named({
  'access-token-valid': [
    'The access token is from an issuer that the API trusts, and in force.',
    'Get a new access token from the issuer that this API trusts. Look at iss, aud, exp and the signing key of the old one.',
    [...VALID, 'RFC6750-3.1'],
  ],
  'access-token-known': [
    'The access token is one that the issuer knows and has not taken back.',
    'Send the access token as it was issued, in the Authorization header, to an API of the same server. If it was taken back, get a new one with the refresh token or a new authorization.',
    [...VALID, 'RFC6750-3.1', 'RFC7662-2.2'],
  ],
  'access-token-readable': [
    'The access token is a JWT of the type at+jwt, where the issuer signs its tokens.',
    'Send the access token as it was issued, and no ID token in its place. The issuer sets typ at+jwt in its header (RFC 9068).',
    [...VALID, 'RFC9068-4'],
  ],
  'access-token-algorithms': [
    'The access token is signed with an algorithm that the API accepts.',
    'Let the issuer sign access tokens with PS256, ES256 or EdDSA: RS256 and none are not accepted.',
    [...VALID, 'RFC9068-4'],
  ],
  'access-token-key': [
    'The access token is signed with a key that its issuer publishes.',
    'Get a new access token: the issuer no longer publishes the key of this one. If a new one fails too, the operator of the API looks whether jwks_uri of the issuer serves the key with this kid.',
    [...VALID, 'RFC9068-4'],
  ],
  'access-token-claims': [
    'The access token has sub, client_id, jti, iat and exp.',
    'Let the issuer put sub, client_id, jti, iat and exp into its access tokens, as RFC 9068 has them.',
    [...VALID, 'RFC9068-2.2'],
  ],
  'access-token-signature': [
    'The signature of the access token holds under a key of its issuer.',
    'Send the access token as it was issued. If it is right, the operator of the API looks whether the keys at jwks_uri of the issuer can be read and are the newest.',
    [...VALID, 'RFC9068-4'],
  ],
  'access-token-expired': [
    'The access token has not expired.',
    'Get a new access token with the refresh token, before expires_in seconds are over, and keep the clocks of both servers right with NTP.',
    [...VALID, 'RFC6750-3.1'],
  ],
  'access-token-not-yet-valid': [
    'The access token is valid already.',
    'Keep the clocks of the issuer and of the API right with NTP: the token was issued in the future of the API.',
    [...VALID, 'RFC9068-4'],
  ],
  'access-token-audience': [
    'The access token is for this API.',
    'Ask for an access token for this API, with its resource or scope: aud of the token must be the one that the API expects.',
    ['FAPI1-BASE-6.2.1-5', 'FAPI2-SP-5.3.4-4', 'RFC9068-4', 'RFC8707-2'],
  ],
  'access-token-issuer': [
    'The access token is from the issuer that the API trusts.',
    'Get the access token from the authorization server that this API names in its documentation or resource metadata: iss of the token must be that issuer, character by character.',
    [...VALID, 'RFC9068-4'],
  ],
  'access-token-binding': [
    'The access token is used with the key or certificate that it is bound to.',
    'Call the API with the DPoP key or client certificate with which the access token was issued; with DPoP the scheme of the Authorization header is DPoP, not Bearer.',
    ['FAPI1-ADV-6.2.1-2', 'FAPI1-ADV-5.2.2-6', 'FAPI2-SP-5.3.4-5', 'RFC8705-3', 'RFC9449-7.1'],
  ],
  'access-token-in-header': [
    'The access token stands once, in the Authorization header.',
    'Send the access token in the Authorization header, with the scheme DPoP or Bearer, and nowhere else: not in the query, not in the body, and only once. A token that is bound to a DPoP key goes with DPoP.',
    ['FAPI1-BASE-6.2.1-2', 'FAPI1-BASE-6.2.1-3', 'FAPI2-SP-5.3.4-1', 'FAPI2-SP-5.3.4-2', 'RFC6750-2.1', 'RFC9449-7.1'],
  ],
  'scope-granted': [
    'The access token has the scope that the API asks for.',
    'Ask for the missing scope in the authorization request, and look whether the user granted it and the client is registered for it.',
    ['FAPI1-BASE-6.2.1-5', 'FAPI1-BASE-6.2.1-7', 'FAPI2-SP-5.3.4-4', 'RFC6750-3.1'],
  ],
  'user-authenticated': [
    'The user has logged in as the API asks for.',
    'Send the user through the authorization endpoint again with the acr_values or max_age from the WWW-Authenticate header.',
    ['FAPI1-BASE-5.2.2-11', 'RFC9470-3'],
  ],
  'token-type-supported': [
    'Introspection and revocation are asked for tokens that the server can look up.',
    'Verify JWT access tokens with the keys at jwks_uri of the issuer instead of asking for them, or let the server issue opaque ones.',
    ['RFC7009-2.2.1'],
  ],
})
