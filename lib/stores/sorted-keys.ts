/** Keys in their order, each once. */
export interface SortedKeys {
  add(key: string): void
  remove(key: string): void
  /** Those after `key`, which need not be one of them; `limit` at the most. */
  after(key: string, limit: number): readonly string[]
}

export function sortedKeys(): SortedKeys {
  const keys: string[] = []
  /** How many keys come before this one. */
  const placeOf = (key: string) => {
    let [low, high] = [0, keys.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((keys[middle] ?? key) < key) low = middle + 1
      else high = middle
    }
    return low
  }
  return {
    add(key) {
      const place = placeOf(key)
      if (keys[place] !== key) keys.splice(place, 0, key)
    },
    remove(key) {
      const place = placeOf(key)
      if (keys[place] === key) keys.splice(place, 1)
    },
    after(key, limit) {
      const place = placeOf(key)
      const start = keys[place] === key ? place + 1 : place
      return keys.slice(start, start + limit)
    },
  }
}
