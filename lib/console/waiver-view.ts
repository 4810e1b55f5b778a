import type { Waiver } from '../core/waiver.js'
import { A_DAY, daysUntil, EXPIRY_DAYS } from './expiry.js'

/** A waiver, and how long it still counts. */
export interface WaiverView extends Waiver {
  /** The id of the rule. */
  readonly rule: string
  /** The names of the profiles that have the rule. */
  readonly profiles: readonly string[]
  /** `expiring`: it ends within 30 days. */
  readonly state: 'in force' | 'expiring' | 'expired'
  /** Whole days until the rule is enforced again; absent where it never is. */
  readonly days_left?: number
}

/** `now` in epoch seconds. */
export function waiverViewOf(rule: string, waiver: Waiver, profiles: readonly string[], now: number): WaiverView {
  const { until } = waiver
  if (until === undefined) return { rule, ...waiver, profiles, state: 'in force' }
  const today = new Date(now * 1000).toISOString().slice(0, 10)
  // It counts until the end of its last day.
  const days = daysUntil(Date.parse(until) / 1000 + A_DAY, now)
  const state = today > until ? 'expired' : days <= EXPIRY_DAYS ? 'expiring' : 'in force'
  return { rule, ...waiver, profiles, state, days_left: Math.max(0, days) }
}
