import { firstToAnswer } from '../core/precedence.js'
import type { Verdict } from '../core/verdict.js'

type Violation = Verdict['violations'][number]

/**
 * What came of a verdict: nothing was broken (`passed`), only what is waived was (`waived`), something was and the request went on
 * (`reported`), or it was refused.
 */
export type VerdictOutcome = 'passed' | 'waived' | 'reported' | 'refused'

/** An outcome, and what decided it: what the request was answered with, or would have been, or was waived. Nothing where it passed. */
export interface Decided {
  readonly outcome: VerdictOutcome
  readonly by: Violation | undefined
}

/** Tells what came of a verdict. */
export function decided({ violations, rejection }: Verdict): Decided {
  if (rejection) return { outcome: 'refused', by: rejection }
  const answer = firstToAnswer(violations)
  if (answer) return { outcome: 'reported', by: answer }
  const [first] = violations
  return { outcome: first ? 'waived' : 'passed', by: first }
}

/** What came of one violation in a verdict with this outcome: what is waived refuses nothing, whatever else did. */
export const outcomeOfViolation = ({ waived }: Violation, outcome: VerdictOutcome): VerdictOutcome =>
  waived === undefined ? outcome : 'waived'
