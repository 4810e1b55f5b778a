/** How the provider words a refusal, and the rule of ours that says the same: its clause is the one to name. */
const WORDS: readonly (readonly [words: RegExp, rule: string])[] = [
  [/alg mismatch|unsupported signed request alg|preregistered alg/, 'registered-algorithms'],
  [/audience \(aud\)|list of audience|jwt audience missing/, 'assertion-audience-is-issuer'],
  [/client assertion tokens must only be used once/, 'assertion-subject'],
  [/iss \(JWT issuer\)|sub \(JWT subject\)|unique jti/, 'assertion-subject'],
  [/expiration must be specified|jwt expired/, 'assertion-lifetime'],
  [/Pushed Authorization Request must be used/, 'pushed-requests'],
  [/Request Object must be used/, 'signed-requests'],
  [/code_challenge|PKCE/, 'pkce-s256'],
  [/redirect_uri did not match|invalid_redirect_uri/, 'redirect-uri-registered'],
  [/missing required parameter.*nonce/, 'nonce-for-openid'],
  [/missing required parameter.*state/, 'state-without-openid'],
  [/missing required parameter.*redirect_uri/, 'redirect-uri-given'],
  [/response_mode is not allowed/, 'code-needs-jarm'],
  [/mutual TLS client certificate not provided/, 'certificate-at-token-request'],
  [/DPoP proof JWT not provided/, 'holder-at-token-request'],
  [/authentication mechanism does not match/, 'authenticated-by'],
]

/** The id of the rule that a refusal of the provider comes down to; `undefined` where none does. */
export const ruleBehind = (text: string): string | undefined => WORDS.find(([words]) => words.test(text))?.[1]
