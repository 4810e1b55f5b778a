import { named } from './named-refusal.js'

const CODE = ['FAPI1-BASE-5.2.2.1-5', 'RFC6749-4.1.3', 'RFC6749-5.2']

/** Authorization codes, and the grants they stand for. */
export const codes = named({
  'code-known': [
    'The authorization code is one that this server has issued.',
    'Send the code of the authorization response as it came, to the token endpoint of the same server, and at once: it lives for a minute at most, and is then forgotten. With several instances of the server, they must share one store.',
    CODE,
  ],
  'code-unused': [
    'An authorization code is used once.',
    'Exchange an authorization code once, and do not repeat the request on a timeout: start a new authorization. Look for a page that is loaded twice. Tokens of the first use are taken back.',
    ['FAPI1-BASE-5.2.2-13', 'FAPI2-SP-5.3.2.2-9', 'RFC6749-4.1.2'],
  ],
  'code-not-expired': [
    'The authorization code has not expired.',
    'Exchange the authorization code at once: it lives for a minute at most. Otherwise send the user through the authorization endpoint again.',
    ['FAPI1-BASE-5.2.2.1-5', 'FAPI2-SP-5.3.2.1-11', 'RFC6749-4.1.2'],
  ],
  'code-client': [
    'An authorization code is exchanged by the client that it was issued to.',
    'Authenticate at the token endpoint as the client that started the authorization. If there are several clients, keep codes apart, for instance by redirect_uri and state.',
    CODE,
  ],
  'code-redirect-uri': [
    'The token request has the redirect_uri of the authorization request.',
    'Send the same redirect_uri in the token request as in the authorization request, character by character.',
    CODE,
  ],
  'code-verifier': [
    'The code_verifier is the one that the code_challenge was made from.',
    'Send in the token request the code_verifier of this very authorization request: keep it in the browser session, and not in a variable that another request overwrites.',
    ['FAPI1-BASE-5.2.2-7', 'FAPI1-ADV-5.2.2-18', 'FAPI2-SP-5.3.2.2-5', 'RFC7636-4.5', 'RFC7636-4.6'],
  ],
  'code-binding': [
    'An authorization code is exchanged with the key that it is bound to.',
    'Sign the DPoP proof of the token request with the key whose thumbprint was dpop_jkt, or that signed the proof of the pushed request. With mutual TLS, use the same client certificate.',
    ['FAPI2-SP-5.3.2.1-12', 'RFC9449-10'],
  ],
  'grant-valid': [
    'What is exchanged for tokens is from this server and for this client, unused and in its time.',
    'Look whether the code or refresh token is from this server and this client, was not used before and is not too old. With several instances of the server, they must share one store.',
    CODE,
  ],
  'grant-standing': [
    'What the user has granted still stands.',
    'Send the user through the authorization endpoint again: what was granted has expired or was taken back, or the account is gone. After a code was sent twice, all that came of it is taken back.',
    ['FAPI1-BASE-5.2.2-18', 'RFC6749-5.2', 'RFC6749-10.5'],
  ],
})
