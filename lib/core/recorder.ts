import type { Verdict } from './verdict.js'

/** Told of a verdict, at the moment it falls. What it throws, or rejects with, is reported as a process warning and never answered. */
export type Recorder = (verdict: Verdict, judging: Judging) => unknown

/** How a verdict came about, for those who measure. */
export interface Judging {
  /** How long the policy took to judge, in seconds; `undefined` for a refusal that no rule made. */
  readonly took: number | undefined
  /** Whether the client that the verdict names is known to the server: one that asks to be registered is not yet. */
  readonly registered: boolean
}
