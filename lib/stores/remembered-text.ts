import type { KeyedVersion } from './driver.js'

/** The texts of records that were opened once, so that a search need not read and decrypt them again. */
export interface RememberedTexts {
  /** The text of this very version of a record. */
  of(model: string, entry: KeyedVersion): string | undefined
  remember(model: string, entry: KeyedVersion, text: string): void
}

/** Holds so many characters at the most; what was remembered first makes room. It lies in this process alone, as the key ring does. */
export function rememberedTexts(capacity: number): RememberedTexts {
  const texts = new Map<string, { readonly version: string; readonly text: string }>()
  const nameOf = (model: string, key: string) => `${model} ${key}`
  let size = 0
  const forget = (name: string) => {
    size -= texts.get(name)?.text.length ?? 0
    texts.delete(name)
  }
  return {
    of(model, { key, version }) {
      const remembered = texts.get(nameOf(model, key))
      return remembered && remembered.version === version ? remembered.text : undefined
    },
    remember(model, { key, version }, text) {
      const name = nameOf(model, key)
      forget(name)
      if (version === undefined || text.length > capacity) return
      texts.set(name, { version, text })
      size += text.length
      for (const oldest of texts.keys()) {
        if (size <= capacity) break
        forget(oldest)
      }
    },
  }
}
