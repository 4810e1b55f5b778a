export type { AuthorityCertificates } from './authorities.js'
export type { OcspOptions } from './ocsp.js'
export type { RevocationOptions } from './revocation.js'
export { type TrustNote, type TrustOptions, trust } from './trust.js'
