import { randomBytes } from 'node:crypto'
import { close, openSync, renameSync, rmSync, write } from 'node:fs'
import { promisify } from 'node:util'
import { CommandError, causeOf } from './command-error.js'
import type { Surroundings } from './surroundings.js'

/** Somewhere that a report goes. */
export interface Output {
  readonly write: (text: string) => Promise<void>
  /** Puts what was written in its place. Without it nothing is there. */
  readonly finish: () => Promise<void>
}

/**
 * Opens a file that is written whole or not at all, over what is there; `-` is standard output, where what was written is gone.
 * Throws a `CommandError` where it cannot be written.
 */
export function openOutput(flag: string, path: string, { say, atEnd }: Pick<Surroundings, 'say' | 'atEnd'>): Output {
  if (path === '-') return { write: say, finish: async () => {} }
  const draft = `${path}.${randomBytes(6).toString('hex')}.tmp`
  const failed = (cause: unknown) =>
    new CommandError(`--${flag}: ${path} cannot be written (${causeOf(cause)}): give a file in a folder that you may write to, or -`)
  let file: number
  try {
    file = openSync(draft, 'wx', 0o644)
  } catch (cause) {
    throw failed(cause)
  }
  const discard = atEnd(async () => {
    await shut(file).catch(() => undefined)
    rmSync(draft, { force: true })
  })
  return {
    async write(text) {
      try {
        const bytes = Buffer.from(text)
        for (let from = 0; from < bytes.length; ) from += (await put(file, bytes, from)).bytesWritten
      } catch (cause) {
        throw failed(cause)
      }
    },
    async finish() {
      try {
        renameSync(draft, path)
      } catch (cause) {
        throw failed(cause)
      } finally {
        await discard()
      }
    },
  }
}

const put = promisify(write)
const shut = promisify(close)
