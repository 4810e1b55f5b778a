/* Refusals that no rule made: a server words them as it likes, and the error and a few words tell what to look at first. */

export type FirstLook = readonly [error: string, words: RegExp | undefined, mend: string]

/** In order: of those of one error, what is worded so comes before what is always so. */
export const FIRST_LOOKS: readonly FirstLook[] = [
  [
    'invalid_client',
    /been used|only be used once/i,
    'Make a new client assertion with a new jti for each request, also when a request is repeated. If it was new, look for something that sends requests twice.',
  ],
  ['invalid_client', /suspended/i, 'Ask the operator of the server to lift the suspension of this client.'],
  [
    'invalid_client',
    /no client |not found|client is invalid/i,
    'Check client_id letter by letter, and that the client is registered at this server: test and production have clients of their own.',
  ],
  [
    'invalid_client',
    /not issued by|not trusted|chain|revoked/i,
    'Use a client certificate of an authority that the server trusts for clients, in its time and not revoked. The operator adds authorities where client certificates are verified.',
  ],
  [
    'invalid_client',
    /certificate/i,
    'Connect with the registered client certificate: its subject must be the registered tls_client_auth_ value or, for self_signed_tls_client_auth, it must be x5c of a key in jwks. A proxy in front must pass it on.',
  ],
  [
    'invalid_client',
    /expired/i,
    'Make a new client assertion for each request, with exp = now + 60 in seconds since 1970, and keep the clock right with NTP.',
  ],
  [
    'invalid_client',
    /signature|verified|no key|\bkid\b|\bkeys?\b/i,
    'Sign the client assertion with the private part of a key in the registered jwks or at jwks_uri, and name its kid in the header. After a change of keys, look whether jwks_uri already serves the new one.',
  ],
  [
    'invalid_client',
    /two ways|one mechanism|do not agree|mismatch/i,
    'Send one kind of client authentication, and the same client_id in it and in every parameter.',
  ],
  [
    'invalid_client',
    undefined,
    'Compare how the request authenticates with the registered token_endpoint_auth_method. For private_key_jwt look at the key, alg, aud, exp and jti of the client assertion, in this order.',
  ],
  [
    'unauthorized_client',
    undefined,
    'Compare what is asked for with what the client is registered for: grant_types, response_types, scope and fapi_profile.',
  ],
  [
    'use_dpop_nonce',
    undefined,
    'Put the value of the response header DPoP-Nonce into nonce of a new DPoP proof and repeat the request. This belongs to the protocol and is no fault; a client that does not repeat it is.',
  ],
  ['invalid_dpop_proof', /been used|replay/i, 'Make a new DPoP proof with a new jti for each request, also when a request is repeated.'],
  ['invalid_dpop_proof', /\bhtm\b/i, 'Set htm of the DPoP proof to the method of the request in capitals, such as POST.'],
  [
    'invalid_dpop_proof',
    /\bhtu\b/i,
    'Set htu of the DPoP proof to the URL of the request without query and fragment. If it is that already, the operator must set the public URL of the server right, most likely behind a proxy.',
  ],
  [
    'invalid_dpop_proof',
    /\bath\b/i,
    'Set ath of the DPoP proof to BASE64URL(SHA-256(access token)), over the very token that stands in the Authorization header.',
  ],
  [
    'invalid_dpop_proof',
    /\biat\b|recent/i,
    'Make the DPoP proof right before the request, with iat = now in seconds since 1970, and keep the clock right with NTP.',
  ],
  [
    'invalid_dpop_proof',
    /dpop_jkt|thumbprint/i,
    'Sign all DPoP proofs of one authorization with one key, and set dpop_jkt to the SHA-256 JWK thumbprint of that key.',
  ],
  ['invalid_dpop_proof', /required|not provided/i, 'Send a DPoP proof in the header DPoP: this client asks for tokens bound to its key.'],
  [
    'invalid_dpop_proof',
    undefined,
    'Look at the DPoP proof in this order: typ dpop+jwt, a public jwk in the header, alg, the signature, htm, htu, iat, jti. All of them stand in the proof itself.',
  ],
  [
    'invalid_request_object',
    /encrypt|decrypt/i,
    'Encrypt the request object to a key of the server with use enc, with the registered request_object_encryption_alg and _enc; or register neither and only sign it.',
  ],
  [
    'invalid_request_object',
    /client_id|\biss\b|response_type/i,
    'Set client_id and iss of the request object to the client_id, and let response_type and client_id outside be the same as inside.',
  ],
  [
    'invalid_request_object',
    /alg(?:orithm)?\b|signature|verified|\bkid\b|\bkeys?\b|validate/i,
    'Sign the request object with a key in the registered jwks or at jwks_uri, name its kid in the header, and use the registered request_object_signing_alg.',
  ],
  [
    'invalid_request_object',
    undefined,
    'Look at the request object in this order: three parts in base64url, alg and kid of the header, the signature, then client_id, iss, aud, exp and nbf.',
  ],
  [
    'invalid_request_uri',
    undefined,
    'Push the authorization request again and use the new request_uri at once: one counts for a short time, once, and for the client that pushed it.',
  ],
  [
    'invalid_grant',
    /verifier|PKCE|challenge/i,
    'Send the code_verifier of this very authorization request: keep it in the browser session, and not in a variable that another request overwrites.',
  ],
  [
    'invalid_grant',
    /redirect_uri/i,
    'Send the same redirect_uri in the token request as in the authorization request, character by character.',
  ],
  [
    'invalid_grant',
    /refresh/i,
    'Use the newest refresh token, as the client that got it and with the same key or certificate. If it was taken back, send the user through the authorization endpoint again.',
  ],
  [
    'invalid_grant',
    /bound|DPoP|certificate|x5t|jkt/i,
    'Use the same DPoP key or client certificate as in the authorization request and the requests before.',
  ],
  [
    'invalid_grant',
    /been used|consumed|already/i,
    'Exchange an authorization code once, and do not repeat the request on a timeout: start a new authorization. Look for a page that is loaded twice.',
  ],
  [
    'invalid_grant',
    /expired/i,
    'Exchange the authorization code at once: it lives for a minute at most. Otherwise start a new authorization.',
  ],
  [
    'invalid_grant',
    undefined,
    'Look whether the code or refresh token is from this server and this client, was not used before and is not too old. With several instances, they must share one store.',
  ],
  [
    'invalid_token',
    /bound|x5t|jkt|DPoP/i,
    'Call the API with the DPoP key or client certificate that the access token is bound to; with DPoP the scheme of the Authorization header is DPoP, not Bearer.',
  ],
  ['invalid_token', /audience|\baud\b/i, 'Ask for an access token for this API: its audience must be the one the API expects.'],
  ['invalid_token', /expired/i, 'Get a new access token with the refresh token, and keep the clocks of both servers right with NTP.'],
  [
    'invalid_token',
    /initial access token|registration access token/i,
    'Send the newest token as a bearer token in the Authorization header. If it is lost, used up or expired, the operator can issue a new one.',
  ],
  [
    'invalid_token',
    undefined,
    'Get a new access token from the issuer that this API trusts. Look at iss, aud, exp and the signing key of the old one.',
  ],
  [
    'insufficient_scope',
    undefined,
    'Ask for the missing scope in the authorization request, and look whether the user granted it and the client is registered for it.',
  ],
  [
    'insufficient_user_authentication',
    undefined,
    'Send the user through the authorization endpoint again with the acr_values or max_age from the WWW-Authenticate header.',
  ],
  [
    'invalid_redirect_uri',
    undefined,
    'Register every redirect URI as a complete https URL without fragment, and inside the software statement where the ecosystem wants it there.',
  ],
  [
    'invalid_software_statement',
    undefined,
    'Get a new software statement from the directory of this ecosystem: its signature, issuer, age and software must fit. The operator checks which directory keys the server reads.',
  ],
  [
    'unapproved_software_statement',
    undefined,
    'Get the software approved in the directory of this ecosystem, or use a software statement of the directory that this server trusts.',
  ],
  ['invalid_webhook_uris', undefined, 'Register webhook_uris that stand in the software statement, as https URLs.'],
  [
    'invalid_client_metadata',
    undefined,
    'Change the field that the description names and register again. Values must agree with each other and with the software statement.',
  ],
  ['invalid_scope', undefined, 'Ask only for scopes that the server offers (scopes_supported) and the client is registered for.'],
  ['invalid_target', undefined, 'Send as resource the absolute URI of one API that the server knows, without fragment.'],
  [
    'invalid_authorization_details',
    undefined,
    'Send authorization_details of a type that the server and the client are registered for, with all fields of that type.',
  ],
  ['unsupported_response_type', undefined, 'Send one of the response_types_supported of the server metadata.'],
  ['unsupported_response_mode', undefined, 'Send one of the response_modes_supported of the server metadata.'],
  ['unsupported_grant_type', undefined, 'Send one of the grant_types_supported of the server metadata.'],
  [
    'invalid_request',
    /request_uri/i,
    'Push the authorization request again and use the new request_uri at once, with the client_id that pushed it.',
  ],
  [
    'invalid_request',
    /certificate/i,
    'Let one proxy alone set the header with the client certificate, in the format the server is set up for, and let it remove what clients send under that name.',
  ],
  [
    'invalid_request',
    undefined,
    'Correct the parameter that the description names. Send parameters in the body of a POST as application/x-www-form-urlencoded, each one once.',
  ],
  [
    'access_denied',
    undefined,
    'Nothing to mend in the request: the user or the operator said no. Ask them why, and start again when that has changed.',
  ],
  ['login_required', undefined, 'Send the request again without prompt=none, so that the user can log in.'],
  ['consent_required', undefined, 'Send the request again without prompt=none, so that the user can consent.'],
  ['interaction_required', undefined, 'Send the request again without prompt=none, so that the user can be asked.'],
  [
    'temporarily_unavailable',
    undefined,
    'Repeat the request after a pause. At the server, look whether the store, the key sets and the directory can be reached.',
  ],
  ['server_error', undefined, 'The request may be right: look in the log of the server, at the time of this entry, for what failed.'],
]

/** What to look at first when a server refuses with an error; `worded` for what its description points to, else what the error alone says. */
export function firstLook(error: unknown, description: string, how: 'worded' | 'always'): string | undefined {
  return FIRST_LOOKS.find(([name, words]) => name === error && (how === 'worded' ? words?.test(description) : words === undefined))?.[2]
}
