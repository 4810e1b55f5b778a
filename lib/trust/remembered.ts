/** A bounded memory of what was found out: entries have an end, and the oldest gives way. Times are epoch seconds. */
export interface Memory<T> {
  /** What is remembered under a key, while it holds; a clock that was set back finds nothing. */
  readonly recall: (key: string, now: number) => T | undefined
  readonly keep: (key: string, value: T, now: number, until: number) => void
}

export function createMemory<T>(limit: number): Memory<T> {
  const entries = new Map<string, { readonly value: T; readonly since: number; readonly until: number }>()
  return Object.freeze<Memory<T>>({
    recall(key, now) {
      const entry = entries.get(key)
      if (!entry) return undefined
      if (now >= entry.since && now < entry.until) return entry.value
      entries.delete(key)
      return undefined
    },
    keep(key, value, now, until) {
      entries.delete(key)
      entries.set(key, { value, since: now, until })
      const [oldest] = entries.keys()
      if (entries.size > limit && oldest !== undefined) entries.delete(oldest)
    },
  })
}
