const answers = (statuses: readonly number[], errors: readonly string[]) =>
  statuses.flatMap((status) => errors.map((error) => `${status} ${error}`))

/** PAR-400(x), and TOKEN(x). */
export const badRequest = (...errors: string[]) => answers([400], errors)
/** AUTHZ(x), with the page that is accepted in its place. */
export const told = (...errors: string[]) => [...errors.map((error) => `redirect ${error}`), 'page']
/** The user sees a page; nobody is redirected anywhere. */
export const PAGE = ['page']

/** CLIENT-AUTH at the token endpoint, and at the PAR endpoint of FAPI 1.0. */
export const CLIENT_AUTH = [...answers([400, 401], ['invalid_client']), ...badRequest('invalid_request')]
/** CLIENT-AUTH at the PAR endpoint of FAPI 2.0. */
export const CLIENT_AUTH_AT_PAR = answers([400, 401], ['invalid_client', 'invalid_request'])
/** Where a row of the matrix accepts nothing else. */
export const INVALID_CLIENT = answers([400, 401], ['invalid_client'])

/** NO-POP: no DPoP proof. */
export const NO_PROOF = badRequest('invalid_request', 'invalid_grant', 'invalid_dpop_proof')
/** NO-POP: no client certificate, where the client authenticates with an assertion. */
export const NO_CERTIFICATE = [...badRequest('invalid_request', 'invalid_grant'), ...INVALID_CLIENT]
/** NO-POP: no client certificate, where the certificate authenticates. */
export const NO_CERTIFICATE_AT_ALL = CLIENT_AUTH

export const INVALID_GRANT = badRequest('invalid_grant')
export const BAD_PROOF = badRequest('invalid_dpop_proof')
/** A proof that the API refuses. */
export const BAD_PROOF_AT_API = answers([400, 401], ['invalid_dpop_proof', 'invalid_token'])
/** RS-401(`invalid_token`). */
export const INVALID_TOKEN = ['401 invalid_token']
