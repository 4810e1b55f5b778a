/** Milliseconds, our choice: far longer than anything takes that happens at all, on a busy machine too. */
const PATIENCE = 30_000
/** Milliseconds between two looks. */
const PAUSE = 20

/** Waits for what is going to happen by itself, and goes on as soon as it has. Throws when it does not, and says what that was. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  // Not by `Date`, which stands still in some tests.
  const deadline = performance.now() + PATIENCE
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`waited ${PATIENCE / 1000} seconds in vain: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, PAUSE))
  }
}
