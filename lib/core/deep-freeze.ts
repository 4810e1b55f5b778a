/** Freezes a value and everything in it: what a verdict, a waiver or a token says cannot be changed by those it is told to. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const item of Object.values(value)) deepFreeze(item)
  return Object.freeze(value)
}
