/** Where text is written to, as whoever calls knows it: nothing is asked of the environment here. */
export interface Terminal {
  readonly isTTY: boolean
  /** How wide it is; 80 where nobody knows. */
  readonly columns?: number | undefined
  /** Environment variables of these names. `FORCE_COLOR` goes before `NO_COLOR`, as in Node. */
  readonly TERM?: string | undefined
  readonly NO_COLOR?: string | undefined
  readonly FORCE_COLOR?: string | undefined
}

/** Whether colours may be written: to a terminal, unless it or its user says otherwise. An empty variable says nothing. */
export function hasColours({ isTTY, TERM, NO_COLOR, FORCE_COLOR }: Terminal): boolean {
  if (FORCE_COLOR) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false'
  return isTTY && !NO_COLOR && TERM !== 'dumb'
}

/** Columns, our choice: narrower cannot be read, and in wider lines the eye loses its way. */
const NARROWEST = 40
const WIDEST = 120

/** How wide lines may be. */
export const widthOf = ({ columns }: Terminal): number => Math.min(WIDEST, Math.max(NARROWEST, columns || 80))

/** A look: numbers of SGR, of which colours are the sixteen that every theme chooses for itself. */
export const LOOKS = { failed: '31', warned: '33', unjudged: '36', passed: '32', strong: '1', quiet: '2' } as const
