import { OAUTH_ERRORS } from './errors.js'
import type { Verdict } from './verdict.js'

type Found = Verdict['violations'][number]

const PRECEDENCE = Object.keys(OAUTH_ERRORS)

/** Of violations that are not waived the one a request is answered with, or would be in report mode: that whose error comes first in `OAUTH_ERRORS`. */
export const firstToAnswer = (violations: readonly Found[]): Found | undefined =>
  violations.filter(({ waived }) => waived === undefined).sort(byPrecedence)[0]

const byPrecedence = (a: Found, b: Found) => PRECEDENCE.indexOf(a.error) - PRECEDENCE.indexOf(b.error)
