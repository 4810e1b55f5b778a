import { named } from './named-refusal.js'

/** Requests, and above all what an authorization request may ask for. */
export const authorizationRequests = named({
  'request-sound': [
    'The request has all its parameters, each one once, in the form that the endpoint reads.',
    'Correct the parameter that the description names. Send parameters in the body of a POST as application/x-www-form-urlencoded, each one once.',
    ['FAPI1-BASE-5.2.2.1-2', 'RFC6749-4.1.2.1', 'RFC6749-5.2'],
  ],
  'parameters-given': [
    'The request has all parameters that it needs.',
    'Send the parameters that the description names. What stands only outside a request object does not count.',
    ['FAPI1-BASE-5.2.2.1-2', 'RFC6749-4.1.1', 'RFC6749-4.1.3'],
  ],
  'parameters-once': [
    'A parameter is sent once.',
    'Send each parameter once: look for one that stands in the URL and in the body, or that is added twice.',
    ['RFC6749-3.1', 'RFC6749-3.2'],
  ],
  'body-readable': [
    'The body of the request can be read.',
    'Send parameters in the body of a POST with Content-Type: application/x-www-form-urlencoded, in UTF-8; registrations as application/json.',
    ['RFC6749-3.2', 'RFC9126-2'],
  ],
  'method-allowed': [
    'The request has the method that the endpoint takes.',
    'Send a POST to the token endpoint and to the pushed authorization request endpoint.',
    ['RFC6749-3.2', 'RFC9126-2.3'],
  ],
  'pkce-format': [
    'PKCE values have the right form.',
    'Make code_verifier of 43 to 128 characters of A-Z a-z 0-9 - . _ ~ and code_challenge = BASE64URL(SHA-256(code_verifier)) without padding: 43 characters.',
    ['FAPI1-BASE-5.2.2-7', 'FAPI1-ADV-5.2.2-18', 'FAPI2-SP-5.3.2.2-5', 'RFC7636-4.1', 'RFC7636-4.2'],
  ],
  'redirect-uri-of-client': [
    'redirect_uri is one of the registered redirect URIs of the client.',
    'Send a redirect_uri that is registered for this client, character by character: scheme, host, port, path, final slash and query must all be the same. If it is a new one, register it first.',
    ['FAPI1-BASE-5.2.2-8', 'FAPI1-BASE-5.2.2-10', 'FAPI2-SP-5.3.2.1-7', 'RFC6749-3.1.2.3', 'RFC9126-2.1'],
  ],
  'response-type-offered': [
    'The response type is one that the server offers and the client is registered for.',
    'Send one of the response_types_supported of the server metadata that is also among the registered response_types of the client: response_type=code with FAPI 2.0.',
    ['FAPI1-ADV-5.2.2-2', 'FAPI2-SP-5.3.2.2-1', 'RFC6749-4.1.2.1'],
  ],
  'response-mode-offered': [
    'The response mode is one that the server offers, and fits the response type.',
    'Send one of the response_modes_supported of the server metadata, or none. Answers with an ID token or access token never go into the query: leave response_mode out or send fragment.',
    ['FAPI1-ADV-5.2.2-2', 'FAPI2-MS-5.3.3'],
  ],
  'scope-offered': [
    'The scope is one that the server offers and the client is registered for.',
    'Ask only for scopes that the server offers (scopes_supported) and the client is registered for, separated by single spaces.',
    ['FAPI1-BASE-5.2.2-12', 'RFC6749-3.3', 'RFC6749-5.2'],
  ],
  'openid-scope': [
    'What OpenID Connect is needed for is asked for with the scope openid.',
    'Add openid to scope, or leave out what needs it: the response type with an ID token, or the parameter that the description names.',
    ['FAPI1-BASE-5.2.2.1-1', 'FAPI2-SP-5.3.2.3-1'],
  ],
  'prompt-and-age': [
    'prompt, max_age and acr values are of the form that OpenID Connect gives them.',
    'Send prompt=none alone, or some of login, consent and select_account; max_age as a whole number of seconds; acr values as a list of texts.',
    ['FAPI1-BASE-5.2.2.1-2', 'FAPI1-BASE-5.2.2.1-3', 'FAPI2-SP-5.3.2.3-1'],
  ],
  'claims-parameter': [
    'The parameter claims is a JSON object with userinfo or id_token.',
    'Send as claims a JSON object such as {"userinfo":{"email":null}}, URL-encoded, and with an id_token or userinfo that this response type has.',
    ['FAPI1-BASE-5.2.2.1-2', 'FAPI2-SP-5.3.2.3-1'],
  ],
  'id-token-hint': [
    'An ID token that is sent as a hint is one of this server, for this client.',
    'Send as id_token_hint an ID token that this server has issued to this client, as it came, or leave it out.',
    ['FAPI1-BASE-5.2.2.1-2', 'FAPI2-SP-5.3.2.3-1'],
  ],
  'resource-indicator': [
    'resource is one API that the server knows.',
    'Send as resource the absolute URI of one API that the server knows, without fragment; leave it out if the server has a default one.',
    ['RFC8707-2'],
  ],
  'authorization-details': [
    'authorization_details are of a type that the server and the client are registered for.',
    'Send authorization_details as a JSON array of objects of a type that the server and the client are registered for, with all fields of that type.',
    ['RFC9396-2', 'RFC9396-5'],
  ],
  'feature-offered': [
    'The request uses what the server offers.',
    'Leave out the parameter that the description names: this server does not offer it. The operator can turn it on, where the profile allows it.',
    ['RFC6749-4.1.2.1', 'RFC9101-7'],
  ],
  'user-consent': [
    'The user agrees to what the client asks for.',
    'Nothing to mend in the request: the user or the operator said no. Ask them why, and start again when that has changed.',
    ['FAPI1-BASE-5.2.2-12', 'FAPI1-BASE-5.2.2.1-4', 'FAPI2-SP-5.3.2.2-13', 'RFC6749-4.1.2.1'],
  ],
  'user-present': [
    'A user who has to log in or agree can be asked.',
    'Send the request again without prompt=none, so that the user can log in and consent.',
    ['FAPI1-BASE-5.2.2.1-3', 'FAPI1-BASE-5.2.2-12', 'FAPI2-SP-5.3.2.3-1'],
  ],
  'browser-session': [
    'The login comes back in the browser session that it was started in.',
    'Start the authorization again, in one browser, and do not keep its pages: the session is over or of another browser. Cookies must be allowed. The operator checks the cookie settings and the proxy.',
    ['FAPI1-BASE-5.2.2.1-3', 'RFC6749-10.12'],
  ],
  'logout-request': [
    'A logout comes from a client that is registered, to an address that is registered.',
    'Send as post_logout_redirect_uri one of the registered post_logout_redirect_uris, with the client_id and the id_token_hint of the same client.',
    ['FAPI2-SP-5.3.2.1-7'],
  ],
})
