/** Drops what was put in first, until no more than `most` are left. */
export function forgetOldest(entries: Map<unknown, unknown> | Set<unknown>, most: number): void {
  if (entries.size <= most) return
  for (const key of entries.keys()) {
    entries.delete(key)
    if (entries.size <= most) return
  }
}
