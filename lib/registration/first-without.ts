/**
 * The first number from 0 on of which something does not hold, where it holds of all numbers below; `most` when it holds of all below
 * that. Doubles its way up and halves it back, so that ten thousand numbers take some twenty questions.
 */
export async function firstWithout(holds: (number: number) => Promise<boolean>, most = Number.POSITIVE_INFINITY): Promise<number> {
  let below = -1
  let above = 0
  while (above < most && (await holds(above))) {
    below = above
    above = above * 2 + 1
  }
  above = Math.min(above, most)
  while (above - below > 1) {
    const middle = Math.floor((below + above) / 2)
    if (await holds(middle)) below = middle
    else above = middle
  }
  return above
}
