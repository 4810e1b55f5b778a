import type { Jwt } from '../core/facts.js'
import { FAPI_ALGORITHMS } from '../core/jwk.js'
import { DpopError, type DpopProof, readDpop } from '../readers/dpop.js'
import { type ProofKeys, proofKeys } from '../readers/proof-key.js'
import { digest } from '../stores/seal.js'
import type { Caller } from './authenticate-client.js'
import type { Setup } from './fapi-options.js'
import { OAuthRefusal } from './oauth-refusal.js'

/** Seconds. FAPI2-SP-5.3.2.1-13 sets the limit ahead; the limit behind is our choice. */
const WINDOW = { ahead: 60, behind: 60 }

/** The DPoP proof of a caller, which holds; and how it is marked as used, last of all. */
export interface Proven {
  readonly proof: (Jwt & Pick<DpopProof, 'jkt'>) | undefined
  /** A nonce to give out with the answer. */
  readonly nonce: string | undefined
  /** Throws an `OAuthRefusal` when the proof has been used before. */
  spend(): Promise<void>
}

export type Proofs = (caller: Caller, endpoint: 'token' | 'pushed_authorization_request') => Promise<Proven>

/** Reads DPoP proofs sent to the token and the pushed authorization request endpoint (RFC 9449 §5, §10.1). */
export function proofs({ nonces, endpoints, aliases, store }: Setup, keys: ProofKeys = proofKeys()): Proofs {
  return async function proofOf({ client, moment: { now, wire } }, endpoint) {
    const stage = endpoint === 'token' ? 'token' : 'par'
    const nonce = nonces?.current(now)
    const sent = wire.headers.dpop
    if (sent === undefined) return { proof: undefined, nonce, spend: async () => {} }
    const urls = [endpoints[endpoint], aliases[endpoint]].filter((url) => url !== undefined)
    const freshUntil = nonces && ((value: unknown) => nonces.freshUntil(value, now))
    const expected = { method: wire.method, urls, algorithms: FAPI_ALGORITHMS, now, window: WINDOW, keys }
    const proof = await readDpop(sent, { ...expected, nonceUntil: freshUntil, nonceRequired: nonces !== undefined }).catch(
      (error: unknown) => {
        if (!(error instanceof DpopError) || error.error === 'invalid_token') throw error
        throw new OAuthRefusal(error.error, error.message, { stage, client, nonce, rule: error.rule, detail: error.detail })
      },
    )
    return { proof, nonce, spend }

    async function spend(): Promise<void> {
      if ((await store.once(`dpop:${digest(proof.jkt, proof.jti)}`, proof.acceptableUntil)) !== true)
        throw new OAuthRefusal('invalid_dpop_proof', 'the DPoP proof has been used', { stage, client, nonce, rule: 'dpop-once' })
    }
  }
}
