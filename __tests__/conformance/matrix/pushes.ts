import { mintKey } from '../../support/keys.js'
import { BAD_PROOF, badRequest, CLIENT_AUTH, CLIENT_AUTH_AT_PAR, INVALID_CLIENT, PAGE } from './answers.js'
import { attempted, changed, followed, type Row } from './row.js'
import { calculateJkt } from './thumbprint.js'

const otherKey = mintKey()
const FAPI2 = { as: 'fapi2', by: 'push' } as const
const JARM = { as: 'fapi1-jarm', by: 'push' } as const
const SIGNING = { as: 'signing', by: 'push' } as const
const RESPONSE_TYPE = badRequest('unsupported_response_type', 'invalid_request', 'unauthorized_client')
const REDIRECT_URI = badRequest('invalid_request', 'invalid_request_object')
const REQUEST_URI = badRequest('invalid_request', 'invalid_request_object', 'request_uri_not_supported')
/** Any 4xx; 405 preferred. */
const WRONG_VERB = ['404', '405', ...['400', '404', '405'].map((status) => `${status} invalid_request`)]
const own = 'urn:ietf:params:oauth:request_uri:abcdefghijklmnopqrstuvwxyz'

/** What is pushed, beside request objects and client assertions. */
export const PUSHES: readonly Row[] = [
  ...['code id_token', 'token', 'code token', 'id_token'].map((response_type) =>
    changed(
      FAPI2,
      ['ensure-response-type-code-idtoken-fails / -token-fails', `response_type=${response_type}`],
      { params: { response_type } },
      RESPONSE_TYPE,
    ),
  ),
  changed(FAPI2, ['ensure-response-type-code-idtoken-fails', 'no response_type'], { params: { response_type: undefined } }, RESPONSE_TYPE),
  ...['https://attacker.example/cb', 'https://tpp.example/cb/more', 'https://tpp.example/cb?extra=1', 'https://tpp.example:443/cb'].map(
    (redirect_uri) =>
      attempted(
        FAPI2,
        ['ensure-registered-redirect-uri', `redirect_uri=${redirect_uri}`],
        (scene, party) => followed(scene, party, { params: { redirect_uri } }),
        [...REDIRECT_URI, ...PAGE],
      ),
  ),
  changed(
    FAPI2,
    ['ensure-redirect-uri-in-authorization-request', 'no redirect_uri'],
    { params: { redirect_uri: undefined } },
    REDIRECT_URI,
  ),
  changed(
    SIGNING,
    ['ensure-unsigned-request-at-par-endpoint-fails', 'no request object'],
    { object: 'none' },
    badRequest('invalid_request'),
  ),
  changed(
    JARM,
    ['ensure-authorization-request-without-request-object-fails', 'no request object'],
    { object: 'none' },
    badRequest('invalid_request'),
  ),
  changed(
    JARM,
    ['ensure-response-type-code-fails', 'response_type=code without JARM'],
    { params: { response_mode: undefined } },
    RESPONSE_TYPE,
  ),
  ...['GET', 'PUT', 'DELETE'].map((method) => changed(FAPI2, ['par-attempt-invalid-http-method', method], { method }, WRONG_VERB)),

  changed(
    FAPI2,
    ['par-ensure-pkce-required', 'no code_challenge'],
    { params: { code_challenge: undefined, code_challenge_method: undefined } },
    badRequest('invalid_request'),
  ),
  changed(
    FAPI2,
    ['par-plain-pkce-rejected', 'code_challenge_method=plain'],
    { params: { code_challenge_method: 'plain' } },
    badRequest('invalid_request'),
  ),
  changed(
    FAPI2,
    ['par-plain-pkce-rejected', 'a challenge without method'],
    { params: { code_challenge_method: undefined } },
    badRequest('invalid_request'),
  ),
  changed(
    JARM,
    ['par-ensure-pkce-required', 'FAPI 1.0: no code_challenge'],
    { params: { code_challenge: undefined, code_challenge_method: undefined } },
    badRequest('invalid_request'),
  ),

  changed(FAPI2, ['ensure-authorization-request-with-long-nonce', '384 characters'], { params: { nonce: 'n'.repeat(384) } }, [
    '201',
    '400 invalid_request',
  ]),
  changed(FAPI2, ['ensure-authorization-request-with-long-state', '1000 characters'], { params: { state: 's'.repeat(1000) } }, [
    '201',
    '400 invalid_request',
  ]),
  changed(FAPI2, ['RFC6749-3.1', 'state twice'], { params: { state: ['a', 'a'] } }, badRequest('invalid_request')),

  changed(
    FAPI2,
    ['par-authorization-request-containing-request_uri-form-param', 'request_uri'],
    { params: { request_uri: own } },
    REQUEST_URI,
  ),
  changed(
    SIGNING,
    ['par-authorization-request-containing-request_uri-form-param', 'request_uri next to the request object'],
    { outside: { request_uri: own } },
    REQUEST_URI,
  ),
  changed(FAPI2, ['RFC9126-2.1-c', 'client_id of another client'], { params: { client_id: 'tpp-fapi2-second' } }, CLIENT_AUTH_AT_PAR),

  changed(
    FAPI2,
    ['ensure-mismatched-dpop-jkt-fails', 'dpop_jkt of another key than the proof'],
    (_, { tpp: { proofKey } }) => ({ proof: { key: otherKey }, params: { dpop_jkt: calculateJkt(proofKey) } }),
    badRequest('invalid_request', 'invalid_dpop_proof'),
    (_, { tpp: { proofKey } }) => ({ proof: {}, params: { dpop_jkt: calculateJkt(proofKey) } }),
  ),
  changed(FAPI2, ['ensure-dpopproof-at-par-endpoint-binding-success', 'a proof'], { proof: {} }, ['201']),
  changed(FAPI2, ['RFC9449-10.1-a', 'a proof with another signature'], { proof: { signature: 'broken' } }, BAD_PROOF, { proof: {} }),
  changed(
    FAPI2,
    ['RFC9449-10.1-a', 'a proof for the token endpoint'],
    (_, party) => ({ proof: { url: party.endpoint('token_endpoint') } }),
    BAD_PROOF,
    { proof: {} },
  ),

  changed({ as: 'fapi2-mtls', by: 'push' }, ['RFC8705-2-b', 'no certificate'], { certificate: 'none' }, INVALID_CLIENT),
  changed(
    { as: 'fapi2-mtls', by: 'push' },
    ['RFC8705-2-b', 'the certificate of another client'],
    (scene) => ({ certificate: scene.as('fapi2-mtls-second').tpp.certificate ?? 'none' }),
    INVALID_CLIENT,
  ),
  changed({ as: 'fapi1-hybrid', by: 'push' }, ['RFC8705-2-b', 'FAPI 1.0: no certificate'], { certificate: 'none' }, CLIENT_AUTH),
]
