import type { Profile } from '../profile.js'
import type { NamedRefusal } from './named-refusal.js'

/** The clauses of a refusal that a profile is about, which go first, and those of RFCs. Without a profile, the latter alone. */
export function clausesFor({ clauses }: NamedRefusal, profile: Profile | undefined): readonly string[] {
  const own = clauses.filter(
    (clause) => profile && [profile.clauses, profile.unchecked, profile.beyond].some((one) => Object.hasOwn(one, clause)),
  )
  return [...own, ...clauses.filter((clause) => clause.startsWith('RFC') && !own.includes(clause))]
}
