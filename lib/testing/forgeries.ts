import { forgedCertificates } from './forged-certificates.js'
import { forgedProofs } from './forged-proofs.js'
import { forgedTokens } from './forged-tokens.js'

/**
 * Attacks by name, for the requests of a client with a DPoP key and for those of one with a certificate: what each of them does,
 * what it is to be answered with, and how to make it of a legal request. All are made when asked for, so that none is stale.
 */
export const forgeries = Object.freeze({
  dpop: Object.freeze({ ...forgedTokens, ...forgedProofs }),
  certificate: Object.freeze({ ...forgedTokens, ...forgedCertificates }),
})
