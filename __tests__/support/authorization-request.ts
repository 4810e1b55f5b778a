import { challengeOf, VERIFIER } from './pkce.js'
import type { Tpp } from './tpp.js'
import type { Params } from './wire.js'

export const STATE = 'state-of-the-client'
export const NONCE = 'nonce-of-the-client'

/** The authorization request of an honest client. */
export function authorizationParams(tpp: Tpp): Params {
  const { response_types: [responseType = 'code'] = [] } = tpp.metadata
  return {
    client_id: tpp.id,
    response_type: responseType,
    redirect_uri: tpp.redirectUri,
    scope: 'openid accounts',
    state: STATE,
    nonce: NONCE,
    ...(usesPkce(tpp) && { code_challenge: challengeOf(VERIFIER), code_challenge_method: 'S256' }),
    ...(usesJarm(tpp, responseType) && { response_mode: 'jwt' }),
  }
}

/** Whether the client uses PKCE: outside all profiles nobody asks it to. */
export const usesPkce = ({ metadata }: Tpp) => metadata.fapi_profile !== 'none'

/** FAPI1-ADV-5.2.2-2: a code alone travels in a JWT. */
const usesJarm = ({ metadata: { response_modes, fapi_profile } }: Tpp, responseType: string) =>
  response_modes?.[0] === 'jwt' || (fapi_profile === 'fapi1-advanced' && responseType === 'code')
