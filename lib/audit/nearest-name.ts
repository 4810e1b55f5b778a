/** The name that somebody probably meant: the one with the fewest letters mistaken, if those are few. */
export function nearestName(written: string, names: readonly string[]): string | undefined {
  const asked = written.slice(0, LONGEST).toLowerCase()
  const [best] = names
    .map((name) => ({ name, away: name.startsWith(asked) && asked.length > 2 ? 1 : distance(asked, name.toLowerCase()) }))
    .sort((one, other) => one.away - other.away)
  return best && best.away <= Math.max(1, Math.floor(best.name.length / 3)) ? best.name : undefined
}

/** Our choice: no name is nearly as long. */
const LONGEST = 60

/** How many letters have to be put in, taken out, replaced or changed about with their neighbours. */
function distance(one: string, other: string): number {
  let before: readonly number[] = []
  let last = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let row = 1; row <= one.length; row++) {
    const next = [row]
    for (let column = 1; column <= other.length; column++) {
      const same = one[row - 1] === other[column - 1]
      const swapped = row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1]
      const costs = [at(last, column) + 1, at(next, column - 1) + 1, at(last, column - 1) + (same ? 0 : 1)]
      next.push(Math.min(...costs, ...(swapped ? [at(before, column - 2) + 1] : [])))
    }
    before = last
    last = next
  }
  return at(last, other.length)
}

const at = (row: readonly number[], index: number) => row[index] ?? 0
