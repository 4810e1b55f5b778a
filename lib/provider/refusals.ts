import type { Stage } from '../core/facts.js'
import { type Profile, rulesOf } from '../core/profile.js'
import { lookedAt, refusalBehind, refusalWorded } from '../core/refusals/wordings.js'

/** How the provider words a refusal, and the rules of ours that say the same: the first that the profile has is the one to name. */
const WORDS: readonly (readonly [words: RegExp, ...rules: string[]])[] = [
  [
    /list of audience \(aud\)|audience \(aud\) must equal|aud \(JWT audience\) must|aud of the client assertion/,
    'assertion-audience-is-issuer',
    'assertion-audience-is-server',
  ],
  [/Request Object claims are invalid jwt audience|missing the 'aud' claim/, 'request-object-audience'],
  [/Request Object claims are invalid jwt expired|missing the 'exp' claim/, 'request-object-exp'],
  [/Request Object claims are invalid jwt (?:not active|issued in the future)/, 'request-object-clock'],
  [/missing the 'nbf' claim/, 'request-object-nbf'],
  [/'exp' claim too far/, 'request-object-lifetime'],
  [/unsupported signed request alg/, 'request-object-algorithms'],
  [/alg mismatch: alg is (?!PS256|ES256|EdDSA|Ed25519)/, 'assertion-algorithms'],
  [/client authentication failed jwt (?:not active|issued in the future)/, 'assertion-clock'],
  [/iss \(JWT issuer\)|sub \(JWT subject\)|unique jti/, 'assertion-subject'],
  [/expiration must be specified/, 'assertion-lifetime'],
  [/Pushed Authorization Request must be used/, 'pushed-requests'],
  [/Request Object must be used/, 'signed-requests', 'signed-requests-for-signers'],
  [/policy requires PKCE/, 'pkce-s256', 'pushed-pkce-s256'],
  [/code_challenge_method|code_challenge must be/, 'pkce-s256', 'no-plain-pkce', 'pushed-pkce-s256'],
  [/redirect_uri did not match/, 'redirect-uri-registered'],
  [/missing required parameters? .*nonce/, 'nonce-for-openid'],
  [/missing required parameters? .*state/, 'state-without-openid'],
  [/missing required parameters? .*redirect_uri/, 'redirect-uri-given'],
  [/unsupported response_type|requested response_type is not allowed|missing required parameters? .*response_type/, 'response-types'],
  [/requested response_mode is not allowed for this client or request/, 'code-needs-jarm'],
  [/multiple proof-of-possession/, 'one-binding'],
  [/mutual TLS client certificate not provided/, 'certificate-at-token-request'],
  [/DPoP proof JWT not provided/, 'holder-at-token-request'],
]

/** What the provider says of a refusal. */
export interface Worded {
  readonly error: string
  readonly description: string
  readonly detail?: string | undefined
  /** What it is about, where the provider says the same of several things. */
  readonly about?: 'refresh token' | 'pushed request' | undefined
}

/**
 * The id of what a refusal of the provider comes down to: the rule of the profile that says the same, else a named refusal.
 * `undefined` for an error that nobody knows.
 */
export function ruleBehind({ error, description, detail, about }: Worded, profile: Profile | undefined, stage?: Stage): string | undefined {
  const text = lookedAt([about && `${about}:`, description, detail].filter(Boolean).join(' '))
  const [, ...rules] = WORDS.find(([words]) => words.test(text)) ?? []
  const looking = (profile ? rulesOf(profile) : []).filter(([, { at }]) => !stage || at.includes(stage)).map(([, { id }]) => id)
  return (
    rules.find((rule) => looking.includes(rule)) ?? refusalWorded(error, text, 'worded')?.id ?? rules[0] ?? refusalBehind(error, text)?.id
  )
}
