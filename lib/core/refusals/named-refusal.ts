/** Something that must hold and that no rule looks at, because an adapter or the server underneath verifies it. It is named like a rule. */
export interface NamedRefusal {
  /** Stable and kebab-case, and no rule has it. It names the good state. */
  readonly id: string
  /** What holds where nothing is refused: one present-tense sentence. */
  readonly summary: string
  /** What to do, for whoever has never read the specification. */
  readonly mend: string
  /** Where it stands, in all specifications; shown are the clauses of the profile that judged, and those of RFCs. */
  readonly clauses: readonly string[]
}

/** By OAuth error, in order: the words of a refusal and its id. What has no words comes last, and is what the error alone says. */
export type Wordings = Readonly<Record<string, readonly (readonly [words: RegExp | undefined, id: string])[]>>

type Named = Readonly<Record<string, readonly [summary: string, mend: string, clauses: readonly string[]]>>

/** Reads a table of refusals by id. */
export const named = (table: Named): readonly NamedRefusal[] =>
  Object.entries(table).map(([id, [summary, mend, clauses]]) => Object.freeze({ id, summary, mend, clauses: Object.freeze([...clauses]) }))
