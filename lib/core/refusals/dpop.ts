import { named } from './named-refusal.js'

const PROOF = ['FAPI2-SP-5.3.2.1-5', 'RFC9449-4.2']
const CHECKS = ['FAPI2-SP-5.3.4-5', 'RFC9449-4.3']

/** DPoP proofs: the JWTs that show possession of a key with each request. */
export const dpop = named({
  'dpop-sound': [
    'The DPoP proof is right for this request.',
    'Look at the DPoP proof in this order: typ dpop+jwt, a public jwk in the header, alg, the signature, htm, htu, iat, jti. All of them stand in the proof itself.',
    [...PROOF, 'RFC9449-4.3'],
  ],
  'dpop-proof-given': [
    'The request comes with one DPoP proof.',
    'Send one DPoP proof in the header DPoP, and to an API the access token in the Authorization header with the scheme DPoP, not Bearer. Tokens of this client are bound to its key.',
    [...PROOF, 'FAPI2-SP-5.3.4-5', 'RFC9449-5', 'RFC9449-7.1'],
  ],
  'dpop-proof-readable': [
    'The DPoP proof is a JWT of its kind.',
    'Make the DPoP proof a JWT with typ dpop+jwt, alg and a public jwk (without d) in the header, and jti, htm, htu and iat in the claims. Send one header DPoP with it.',
    [...PROOF, 'RFC9449-4.3'],
  ],
  'dpop-signature': [
    'The signature of the DPoP proof holds under the key in its header.',
    'Sign the DPoP proof with the private part of the jwk that stands in its header, and change nothing in it afterwards.',
    [...PROOF, 'RFC9449-4.3'],
  ],
  'dpop-once': [
    'A DPoP proof is used once.',
    'Make a new DPoP proof with a new jti for each request, also when a request is repeated.',
    ['RFC9449-11.1'],
  ],
  'dpop-nonce': [
    'The DPoP proof has the nonce that the server wants.',
    'Put the value of the response header DPoP-Nonce into nonce of a new DPoP proof and repeat the request; leave nonce out where no such header came. This belongs to the protocol and is no fault; a client that does not repeat it is.',
    ['FAPI2-SP-5.3.2.1-10', 'FAPI2-SP-5.3.3.1-8', 'RFC9449-8'],
  ],
  'dpop-method': [
    'htm of the DPoP proof is the method of the request.',
    'Set htm of the DPoP proof to the method of the request in capitals, such as POST.',
    CHECKS,
  ],
  'dpop-url': [
    'htu of the DPoP proof is the URL of the request.',
    'Set htu of the DPoP proof to the URL of the request without query and fragment. If it is that already, the operator must set the public URL of the server right, most likely behind a proxy.',
    CHECKS,
  ],
  'dpop-token-hash': [
    'ath of the DPoP proof is the hash of the access token.',
    'Set ath of the DPoP proof to BASE64URL(SHA-256(access token)), over the very token that stands in the Authorization header.',
    [...CHECKS, 'RFC9449-7.1'],
  ],
  'dpop-time': [
    'The DPoP proof was made just now.',
    'Make the DPoP proof right before the request, with iat = now in seconds since 1970 (not milliseconds), and keep the clock right with NTP.',
    ['FAPI2-SP-5.3.2.1-13', 'RFC9449-4.3', 'RFC9449-11.1'],
  ],
  'one-proof-of-possession': [
    'Tokens are bound to a DPoP key or to a client certificate, not to both.',
    'Send either a DPoP proof or a client certificate, as the client is registered: dpop_bound_access_tokens or tls_client_certificate_bound_access_tokens.',
    ['FAPI2-SP-5.3.2.1-5', 'RFC9449-4.3'],
  ],
  'dpop-key': [
    'The DPoP proof is signed with the key that the authorization or the token is bound to.',
    'Sign all DPoP proofs of one authorization with one key, and set dpop_jkt to the SHA-256 JWK thumbprint of that key. For an API, use the key with which the access token was issued.',
    ['FAPI2-SP-5.3.2.1-12', 'FAPI2-SP-5.3.4-5', 'RFC9449-10'],
  ],
})
