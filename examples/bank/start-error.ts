/** The bank cannot start. The message says what was wrong and what would be right; nobody needs its stack. */
export class StartError extends Error {
  override readonly name = 'StartError'
}
