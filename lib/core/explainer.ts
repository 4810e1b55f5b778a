import { ConfigurationError, type ConfigurationFault } from './errors.js'
import { type Explanation, explain } from './explanation.js'
import type { Profile } from './profile.js'
import type { Verdict } from './verdict.js'

/** What verdicts are looked up in, newest first and page by page: the journal of a store. */
export interface SearchedJournal {
  search(query: { readonly interaction: string; readonly limit: number; readonly cursor?: string | undefined }): Promise<{
    readonly items: readonly Verdict[]
    /** Where the next page begins; `undefined` after the last one. */
    readonly cursor: string | undefined
  }>
}

export interface ExplainerOptions {
  /** How many explanations at the most, the newest of them; all when not given. Whoever sends one id with each request makes many. */
  readonly most?: number
}

/** Explains everything that is recorded under an `x-fapi-interaction-id`, oldest first; nothing for one that nobody has heard of. */
export type Explainer = (interactionId: string) => Promise<readonly Explanation[]>

/** Verdicts of a page, our choice: an honest request has a handful. */
const PAGE = 100
/** Characters of an interaction id, our choice: a UUID has 36. */
const LONGEST = 300

/**
 * Answers why a request was refused, or what was said of one that passed: from the journal it was recorded in, by the profiles that judged.
 * The function it returns rejects with a `TypeError` for what cannot be an interaction id. Throws a `ConfigurationError`.
 */
export function explainer(journal: SearchedJournal, profiles: readonly Profile[], { most }: ExplainerOptions = {}): Explainer {
  const faults: ConfigurationFault[] = []
  if (typeof journal?.search !== 'function')
    faults.push({ option: 'journal', got: typeof journal, allowed: 'must be a store, or something with its search' })
  if (!Array.isArray(profiles) || profiles.length === 0)
    faults.push({ option: 'profiles', got: typeof profiles, allowed: 'must list the profiles to explain by, such as policy.profiles' })
  if (most !== undefined && !(Number.isInteger(most) && most > 0))
    faults.push({ option: 'most', got: most, allowed: 'must be a whole number from 1 on' })
  if (faults.length > 0) throw new ConfigurationError(faults)
  const limit = most ?? Number.POSITIVE_INFINITY

  return async function explainInteraction(interactionId) {
    const id = checked(interactionId)
    const found = await recorded(id)
    // A UUID is the same in capitals (RFC 9562 §4), and whoever reads it aloud does not say which they were.
    const lower = id.toLowerCase()
    const verdicts = found.length === 0 && lower !== id ? await recorded(lower) : found
    return verdicts.map((verdict) => explain(verdict, profiles)).reverse()
  }

  /** Newest first. */
  async function recorded(interaction: string): Promise<readonly Verdict[]> {
    const verdicts: Verdict[] = []
    let cursor: string | undefined
    do {
      const page = await journal.search({ interaction, limit: Math.min(PAGE, limit - verdicts.length), cursor })
      verdicts.push(...page.items)
      // A journal that does not get on has nothing more to say.
      cursor = page.cursor === cursor || page.items.length === 0 ? undefined : page.cursor
    } while (cursor !== undefined && verdicts.length < limit)
    return verdicts.slice(0, limit)
  }
}

function checked(id: unknown): string {
  if (typeof id !== 'string')
    throw new TypeError(`the interaction id is ${id === null ? 'null' : typeof id}: give the x-fapi-interaction-id of a request, as text`)
  if (id === '') throw new TypeError('the interaction id is empty: give the x-fapi-interaction-id of a request')
  if (id.length > LONGEST) throw new TypeError(`the interaction id has ${id.length} characters: one has at most ${LONGEST}, and a UUID 36`)
  return id
}
