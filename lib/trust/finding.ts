/** What is known of the revocation of one certificate. Reasons are for the operator. */
export type Finding =
  | { readonly status: 'good' }
  | { readonly status: 'revoked'; readonly reason: string }
  | { readonly status: 'unknown'; readonly reason: string }

export const GOOD: Finding = Object.freeze({ status: 'good' })
export const revoked = (reason: string): Finding => Object.freeze({ status: 'revoked', reason })
export const unknown = (reason: string): Finding => Object.freeze({ status: 'unknown', reason })

/** Seconds by which the clock of a CA or a responder may be ahead of ours, our choice. */
export const SKEW = 60

const REASONS = [
  'unspecified',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  'code 7',
  'removeFromCRL',
  'privilegeWithdrawn',
  'aACompromise',
]

/** A CRLReason by name (RFC 5280 §5.3.1). */
export const reasonText = (code: number | undefined): string => (code === undefined ? 'no reason given' : (REASONS[code] ?? `code ${code}`))
