import { readFileSync, type Stats, statSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import type { ConfigurationFault } from '../core/errors.js'
import { type Crl, readCrls } from './crl.js'
import { causeText } from './wording.js'

/** Octets of a file; seconds between two looks at it; seconds after which a list that has run out is read again in any case. All three are our choice. */
const LARGEST = 32 * 1024 * 1024
const LOOK_AGAIN = 1
const READ_AGAIN = 60

/** Lists that are kept in files by somebody else. */
export interface CrlFiles {
  /** All lists as they are now; `now` is in epoch seconds. */
  readonly current: (now: number) => Promise<readonly Crl[]>
}

interface Kept {
  readonly crls: readonly Crl[]
  /** What the file system said of the file that was read. */
  readonly stamp: string
  readonly lookedAt: number
  readonly readAt: number
  /** Why the file could not be read, which is told once. */
  readonly trouble?: string
}

/** Opens files that must be readable now. What is wrong with them goes to `faults`. */
export function openCrlFiles(files: readonly string[], faults: ConfigurationFault[]): CrlFiles {
  const opened = files.map((file, at) => {
    try {
      insistOnFile(statSync(file))
      return { file, crls: readCrls(readFileSync(file)) }
    } catch (cause) {
      faults.push({ option: `revocation.crl.files[${at}]`, got: file, allowed: `must be a readable CRL file: ${causeText(cause)}` })
      return { file, crls: [] }
    }
  })
  const watched = opened.map(({ file, crls }) => watch(file, crls))
  return Object.freeze<CrlFiles>({ current: async (now) => (await Promise.all(watched.map((look) => look(now)))).flat() })
}

/** A list is read anew when its file has changed. While the file cannot be read the last list stays: it says itself until when it holds. */
function watch(file: string, crls: readonly Crl[]): (now: number) => Promise<readonly Crl[]> {
  let kept: Kept = { crls, stamp: '', lookedAt: 0, readAt: 0 }
  let looking: Promise<Kept> | undefined

  return async function current(now) {
    if (Math.abs(now - kept.lookedAt) < LOOK_AGAIN) return kept.crls
    looking ??= look(kept, now).finally(() => {
      looking = undefined
    })
    kept = await looking
    return kept.crls
  }

  async function look(last: Kept, now: number): Promise<Kept> {
    try {
      const found = await stat(file)
      const stamp = [found.ino, found.size, found.mtimeMs, found.ctimeMs].join(' ')
      const isOver = last.crls.some(({ nextUpdate }) => !(now <= (nextUpdate ?? now))) && now - last.readAt >= READ_AGAIN
      if (stamp === last.stamp && !isOver && last.trouble === undefined) return { ...last, lookedAt: now }
      insistOnFile(found)
      return { crls: readCrls(await readFile(file)), stamp, lookedAt: now, readAt: now }
    } catch (cause) {
      const trouble = causeText(cause)
      if (trouble !== last.trouble) process.emitWarning(`the CRL file ${file} could not be read: ${trouble}`, { code: 'FAPI_TRUST' })
      return { ...last, lookedAt: now, trouble }
    }
  }
}

function insistOnFile(found: Stats): void {
  if (!found.isFile()) throw new TypeError('it is no file')
  if (found.size > LARGEST) throw new RangeError(`it is larger than ${LARGEST} octets`)
}
