import { type ExplainedClause, explainedClause } from '../core/explanation.js'
import type { Profile } from '../core/profile.js'
import { clausesFor } from '../core/refusals/clauses.js'
import type { NamedRefusal } from '../core/refusals/index.js'

/** Clauses with their documents, for a finding. */
export const explainedClauses = (clauses: readonly string[], profile: Profile): readonly ExplainedClause[] =>
  clauses.map((clause) => explainedClause(clause, { chosen: [profile], profiles: [profile] }))

/** Those clauses of a named refusal that belong to the profile's family. */
export const namedClauses = (refusal: NamedRefusal, profile: Profile): readonly ExplainedClause[] =>
  explainedClauses(clausesFor(refusal, profile), profile)
