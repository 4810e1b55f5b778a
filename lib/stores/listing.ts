import type { Driver, KeyedVersion, Row } from './driver.js'
import { BETWEEN } from './journal.js'
import { rememberedTexts } from './remembered-text.js'
import type { Page, StoredRecord } from './store.js'

/** Where a listing goes on, how much it holds, and what it looks for, in lower case. */
export interface Listing {
  readonly cursor: string
  readonly limit: number
  readonly search: string | undefined
}

/** Lists records of a driver that `open` can read, and remembers what they say for the next search. */
export function lister(driver: Driver, open: (row: Row) => StoredRecord | undefined, now: () => number) {
  const texts = rememberedTexts(REMEMBERED)

  /** Those that have the text, or of which it is not known. */
  const worthReading = (model: string, entries: readonly KeyedVersion[], search: string) =>
    entries.filter((entry) => texts.of(model, entry)?.includes(search) ?? true)

  async function read(model: string, entries: readonly KeyedVersion[], search: string | undefined): Promise<readonly Found[]> {
    const keys = entries.map(({ key }) => key)
    const found: Found[] = []
    for (const row of await driver.rows(model, keys, now())) {
      const record = open(row)
      if (!record) continue
      if (search === undefined) {
        found.push([row.key, record])
        continue
      }
      const values = searchable(record)
      texts.remember(model, row, values.join(BETWEEN))
      if (values.some((value) => value.includes(search))) found.push([row.key, record])
    }
    return found
  }

  return async (model: string, { cursor, limit, search }: Listing): Promise<Page<StoredRecord>> => {
    const found: Found[] = []
    // One more than asked for says whether there is a next page.
    for (let after = cursor, more = true; more && found.length <= limit; ) {
      const searched = after === cursor ? FIRST_KEYS : MORE_KEYS
      const chunk = search === undefined ? limit + 1 - found.length : searched
      const entries = await driver.keys(model, after, chunk, now())
      const worth = search === undefined ? entries : worthReading(model, entries, search)
      for (let start = 0; start < worth.length && found.length <= limit; start += READ_ROWS)
        found.push(...(await read(model, worth.slice(start, start + READ_ROWS), search)))
      more = entries.length === chunk
      after = entries.at(-1)?.key ?? after
    }
    const items = found.slice(0, limit)
    return { items: items.map(([, record]) => record), cursor: found.length > limit ? items.at(-1)?.[0] : undefined }
  }
}

type Found = readonly [key: string, record: StoredRecord]

/** Our choices: a search looks at so many keys, and when they do not suffice at so many more at a time; it reads so many rows at a time. */
const FIRST_KEYS = 1_000
const MORE_KEYS = 20_000
const READ_ROWS = 200

/** Characters of the records' texts that a store remembers (our choice): some fifty thousand clients. */
const REMEMBERED = 32_000_000

/** The values that a person would look for, in lower case; secrets are not among them. */
const searchable = (record: StoredRecord): string[] =>
  Object.entries(record).flatMap(([name, value]) =>
    name.includes('secret') ? [] : [value].flat().flatMap((item) => (typeof item === 'string' ? item.toLowerCase() : [])),
  )
