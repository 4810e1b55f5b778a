import { errors as jose } from 'jose'
import { errors } from 'oidc-provider'
import { refusalWorded } from '../../lib/core/refusals/wordings.js'
import { fapi1Advanced, fapi2MessageSigning } from '../../lib/profiles/index.js'
import { ruleBehind } from '../../lib/provider/refusals.js'
import { errorOf, providerMessages } from './provider-messages.js'

/** Of no FAPI profile: these parts of the provider are off, unless somebody turns them on. */
const OTHERS =
  /credential|openid4vci|attest|pre_authorized|client_id_metadata_document|configuration\.js|initialize_|device|code_verification/

/** What becomes the detail of a refusal, or is thrown under a class that is handed over. */
const HANDED_OVER: Readonly<Record<string, readonly string[]>> = {
  'helpers/jwt.js': ['invalid_client', 'invalid_request_object'],
  'helpers/pkce.js': ['invalid_grant'],
  'helpers/sector_validate.js': ['invalid_client_metadata'],
  'helpers/sender_constraints.js': ['invalid_grant', 'invalid_request'],
  'helpers/validate_dpop.js': ['invalid_grant', 'invalid_token'],
  'helpers/normalize_authorization_details.js': ['invalid_authorization_details'],
}
/** No client causes these. */
const OPERATORS = ['features.dPoP.nonceSecret configuration is missing']

/** Errors that have one cause: no words are needed to tell it. */
const PLAIN = [
  ...['unsupported_response_type', 'unsupported_response_mode', 'unsupported_grant_type', 'request_not_supported', 'access_denied'],
  ...['request_uri_not_supported', 'registration_not_supported', 'use_dpop_nonce', 'invalid_scope', 'invalid_target', 'insufficient_scope'],
  ...['invalid_request_uri', 'invalid_authorization_details', 'unsupported_token_type', 'invalid_redirect_uri', 'invalid_client_metadata'],
  ...['authorization_pending', 'slow_down', 'expired_token', 'unknown_user_id', 'invalid_binding_message'],
]

const found = providerMessages().filter(({ file }) => !OTHERS.test(file))
const messages = [
  ...found.flatMap(({ file, error, description }) =>
    (error !== undefined && description ? [{ error, description }] : []).map((one) => ({ ...one, file })),
  ),
  ...found.flatMap(({ file, error, description }) =>
    (error === undefined && description ? (HANDED_OVER[file] ?? []) : []).map((one) => ({ error: one, description, file })),
  ),
].filter(({ description }) => !OPERATORS.includes(description))

test('the sources are read', () => {
  expect(messages.length).toBeGreaterThan(180)
  expect(Object.keys(HANDED_OVER).filter((file) => !messages.some((one) => one.file === file))).toEqual([])
  for (const description of [
    'client not found',
    'request_uri is invalid, expired, or was already used',
    'code_verifier does not match code_challenge',
    'DPoP proof htu mismatch',
  ])
    expect(messages.map((one) => one.description)).toContain(description)
})

test('what the provider says has a name', () => {
  const isTold = ({ error, description }: { error: string; description: string }) =>
    PLAIN.includes(error) ? ruleBehind({ error, description }, undefined) : nameOf(error, description)
  expect(messages.filter((one) => !isTold(one))).toEqual([])
})

test('every error of the provider is one we know, but for those of credentials and attestations', () => {
  const codes = Object.keys(errors).flatMap((name) => errorOf(name) ?? [])
  const unknown = codes.filter((error) => ruleBehind({ error, description: '' }, undefined) === undefined)
  expect(codes.length).toBeGreaterThan(40)
  expect(unknown.filter((error) => !/credential|attestation|^invalid_(?:nonce|proof)$/.test(error))).toEqual([])
})

/** The rule or the named refusal, by the words alone. */
function nameOf(error: string, description: string): string | undefined {
  const rule = ruleBehind({ error: 'an_error_of_the_future', description }, fapi2MessageSigning)
  return rule ?? refusalWorded(error, description, 'worded')?.id
}

test.each([
  ['invalid_request', 'claims parameter should be a JSON object', 'claims-parameter'],
  ['invalid_request', 'claims parameter should not be combined with response_type none', 'claims-parameter'],
  ['invalid_request', 'authorization_details parameter is not supported for this response_type', 'authorization-details'],
  ['invalid_request', 'scope contains invalid characters', 'scope-offered'],
  ['invalid_request', 'code_verifier contains invalid characters', 'pkce-format'],
  ['invalid_request', 'requested grant type is not allowed for this client', 'client-permitted'],
  ['invalid_request', 'interaction session not found', 'browser-session'],
  ['invalid_request', 'request MUST NOT include the client_id_issued_at field', 'registration-request'],
  ['invalid_token', 'DPoP proof JWT Replay detected', 'dpop-once'],
  ['invalid_token', 'grant is expired', 'grant-standing'],
  ['invalid_token', 'failed x5t#S256 verification', 'access-token-binding'],
  ['invalid_token', 'client mismatch', 'registration-access-token'],
])('of several names that fit it is the right one: %s, %s', (error, description, id) => {
  expect(ruleBehind({ error, description }, fapi2MessageSigning)).toBe(id)
})

describe('what is in a JWT', () => {
  const { JWKSNoMatchingKey, JWSSignatureVerificationFailed, JWEDecryptionFailed, JOSEAlgNotAllowed, JWSInvalid } = jose

  test.each([
    ['invalid_client', new JWKSNoMatchingKey().message, 'assertion-key'],
    ['invalid_client', new JWSSignatureVerificationFailed().message, 'assertion-signature'],
    ['invalid_client', 'jwt expired', 'assertion-expired'],
    ['invalid_client', 'jwt not active yet', 'assertion-not-yet-valid'],
    ['invalid_client', 'client authentication failed jwt not active yet', 'assertion-clock'],
    ['invalid_client', 'jwt issued in the future', 'assertion-not-yet-valid'],
    ['invalid_client', 'invalid exp value', 'assertion-claims'],
    ['invalid_client', 'alg mismatch', 'assertion-registered-alg'],
    ['invalid_client', 'alg mismatch: alg is ES256, registered is PS256', 'assertion-registered-alg'],
    ['invalid_client', 'alg mismatch: alg is RS256, registered is PS256', 'assertion-algorithms'],
    ['invalid_request_object', new JWKSNoMatchingKey().message, 'request-object-key'],
    ['invalid_request_object', new JWSSignatureVerificationFailed().message, 'request-object-signature'],
    ['invalid_request_object', `could not decrypt request object ${new JWEDecryptionFailed().message}`, 'request-object-decryption'],
    ['invalid_request_object', 'Request Object claims are invalid jwt expired', 'request-object-exp'],
    ['invalid_request_object', 'Request Object claims are invalid jwt not active yet', 'request-object-clock'],
    ['invalid_request_object', 'Request Object claims are invalid jwt audience missing https://as.example', 'request-object-audience'],
    ['invalid_request_object', 'Request Object claims are invalid jwt issuer invalid', 'request-object-client'],
    ['invalid_dpop_proof', `invalid DPoP key binding ${new JWSSignatureVerificationFailed().message}`, 'dpop-signature'],
    ['invalid_dpop_proof', `invalid DPoP key binding ${new JWSInvalid('Invalid Compact JWS').message}`, 'dpop-proof-readable'],
    [
      'invalid_dpop_proof',
      `invalid DPoP key binding ${new JOSEAlgNotAllowed('"alg" (Algorithm) Header Parameter value not allowed').message}`,
      'dpop-proof-readable',
    ],
  ])('%s: %s', (error, description, id) => {
    expect(ruleBehind({ error, description }, fapi1Advanced)).toBe(id)
  })
})

describe('the rule of the profile goes first', () => {
  test.each([
    ['invalid_request', 'Pushed Authorization Request must be used', fapi2MessageSigning, 'pushed-requests'],
    ['invalid_grant', 'mutual TLS client certificate not provided', fapi1Advanced, 'certificate-at-token-request'],
    ['invalid_grant', 'mutual TLS client certificate not provided', fapi2MessageSigning, 'certificate-given'],
    ['invalid_grant', 'DPoP proof JWT not provided', fapi2MessageSigning, 'holder-at-token-request'],
    ['invalid_grant', 'DPoP proof JWT not provided', undefined, 'dpop-proof-given'],
    ['invalid_request', 'Pushed Authorization Request must be used', undefined, 'pushed-requests'],
    ['an_error_of_the_future', 'what', undefined, undefined],
  ] as const)('%s: %s', (error, description, profile, id) => {
    expect(ruleBehind({ error, description }, profile)).toBe(id)
  })

  test.each([
    [undefined, 'client mismatch', 'code-client'],
    ['refresh token', 'client mismatch', 'refresh-token-client'],
    ['refresh token', 'refresh token not found', 'refresh-token-known'],
    ['refresh token', 'grant is expired', 'grant-standing'],
    ['refresh token', 'failed jkt verification', 'refresh-token-binding'],
    [undefined, 'authorization code already consumed', 'code-unused'],
  ] as const)('of %p: %s', (about, detail, id) => {
    expect(ruleBehind({ error: 'invalid_grant', description: 'grant request is invalid', detail, about }, fapi2MessageSigning)).toBe(id)
  })
})
