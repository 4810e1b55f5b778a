import type { Surroundings } from '../surroundings.js'

/** The code of the warning by which a store says that a record cannot be read; it then reads as absent. */
export const UNREADABLE = 'FAPI_UNREADABLE_RECORD'

/** Counts records that cannot be read from now on; the count is asked for once, at the end. */
export function unreadableRecords(atEnd: Surroundings['atEnd']): () => Promise<number> {
  let count = 0
  const listen = (warning: Error) => {
    if ('code' in warning && warning.code === UNREADABLE) count += 1
  }
  process.on('warning', listen)
  const stop = atEnd(async () => void process.off('warning', listen))
  return async () => {
    // Warnings come a moment after they were given.
    await new Promise((resolve) => setImmediate(resolve))
    await stop()
    return count
  }
}
