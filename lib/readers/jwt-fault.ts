import { isAhead, isTime } from '../core/claims.js'
import { listed, secondsIn, shown } from '../core/shown.js'

/** What can be wrong with a JWT before anybody judges what it asks for. */
export type JwtFaultKind = 'readable' | 'algorithms' | 'key' | 'signature' | 'expired' | 'not-yet-valid' | 'audience' | 'issuer' | 'claims'

/** Why a JWT does not hold: for its sender a sentence, for the operator what was there and what would be right. */
export interface JwtFault {
  readonly kind: JwtFaultKind
  readonly description: string
  readonly detail: string
}

/** States a fault. */
export const fault = (kind: JwtFaultKind, description: string, detail: string): JwtFault => Object.freeze({ kind, description, detail })

/** Whether something is a fault, and not what was looked for. */
export const isFault = (value: object): value is JwtFault => 'kind' in value && 'description' in value && 'detail' in value

/** For the operator: how a JWT is signed, as it says itself. */
export const signedBy = ({ alg, kid }: Readonly<Record<string, unknown>>): string =>
  `alg ${shown(alg)}${kid === undefined ? ' and no kid' : ` and kid ${shown(kid)}`}`

/** For the operator: which alg there is, and which there may be. */
export const algorithmDetail = (alg: unknown, allowed: readonly unknown[]): string => `alg is ${shown(alg)}, allowed is ${listed(allowed)}`

/** For the operator: since when a JWT counts no more. */
export const expiredDetail = (exp: number, now: number): string =>
  `exp was ${secondsIn(now - exp)} ago (${shown(exp)}, now is ${Math.floor(now)})`

/** For the operator: a time that is none. */
export const missingDetail = (name: string, value: unknown): string => `${name} is ${shown(value)}, it must be a time in seconds since 1970`

/** For the operator: which of the times lie ahead, and how far; `ahead` seconds are allowed. */
export const aheadDetail = (times: Readonly<Record<string, unknown>>, now: number, ahead: number): string =>
  `${timesAhead(times, now, ahead)}; at most ${ahead} s are allowed`

/** For the operator: which of the times lie more than so many seconds ahead, and how far. */
export function timesAhead(times: Readonly<Record<string, unknown>>, now: number, ahead = 0): string {
  const early = Object.entries(times).filter(([, time]) => isAhead(time, now, ahead))
  const told = early.map(([name, time]) => (isTime(time) ? `${name} is ${secondsIn(time - now)} ahead` : missingDetail(name, time)))
  return `${told.join(', ')} (now is ${Math.floor(now)})`
}

/** For the operator: what stands in a claim, and what would be right. */
export const claimDetail = (name: string, found: unknown, right: readonly unknown[]): string =>
  `${name} is ${shown(found)}, right would be ${right.length > 1 ? 'one of ' : ''}${listed(right)}`
