import { randomBytes } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CommandError, causeOf } from '../command-error.js'

export interface FreshFile {
  readonly name: string
  readonly text: string
  /** Whether only its owner may read it. */
  readonly secret: boolean
}

/**
 * Writes files into a folder that has none of these names yet: all of them, or none. Answers their paths. Throws a `CommandError` where
 * one is there, or cannot be written.
 */
export function writeFresh(folder: string, files: readonly FreshFile[]): readonly string[] {
  const placed: string[] = []
  const drafts: string[] = []
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    for (const { name } of files) if (existsSync(join(folder, name))) throw new CommandError(isThere(join(folder, name)))
    for (const { name, text, secret } of files) {
      const draft = join(folder, `${name}.${randomBytes(6).toString('hex')}.tmp`)
      drafts.push(draft)
      writeFileSync(draft, text, { mode: secret ? 0o600 : 0o644, flag: 'wx' })
    }
    // A link does not replace what somebody has put there meanwhile.
    files.forEach(({ name }, index) => {
      linkSync(drafts[index] ?? '', join(folder, name))
      placed.push(join(folder, name))
    })
    return placed
  } catch (cause) {
    for (const path of placed) rmSync(path, { force: true })
    if (cause instanceof CommandError) throw cause
    const reason = causeOf(cause)
    throw new CommandError(
      reason === 'EEXIST' ? isThere(folder) : `--out is ${folder}, where nothing can be written (${reason}): give a folder of your own`,
    )
  } finally {
    for (const draft of drafts) rmSync(draft, { force: true })
  }
}

const isThere = (path: string) => `${path} is there already, and keys are never overwritten: give another folder with --out`
