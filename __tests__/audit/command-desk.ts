import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CommandError } from '../../lib/audit/command-error.js'
import { run } from '../../lib/audit/run.js'

/** How a command ended, and what it said. */
export interface Ended {
  readonly code: number
  readonly said: string
  readonly told: string
}

/** A folder of its own, and a place to run commands in this process. */
export interface CommandDesk {
  readonly folder: string
  /** Writes a file and answers its path; what is no text is written as JSON. */
  file(name: string, content: unknown): string
  command(...args: readonly string[]): Promise<Ended>
  close(): void
}

export function openCommandDesk(): CommandDesk {
  const folder = mkdtempSync(join(tmpdir(), 'express-fapi-commands-'))
  return {
    folder,
    file(name, content) {
      const path = join(folder, name)
      writeFileSync(path, typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content))
      return path
    },
    async command(...args) {
      const [said, told]: [string[], string[]] = [[], []]
      const endings: (() => Promise<void>)[] = []
      const ended = (code: number): Ended => ({ code, said: said.join(''), told: told.join('') })
      try {
        return ended(
          await run(args, {
            say: async (text) => void said.push(text),
            tell: async (text) => void told.push(text),
            terminal: { isTTY: false },
            beside: { isTTY: false },
            version: '1.2.3',
            atEnd(work) {
              let done: Promise<void> | undefined
              const once = () => {
                done ??= work()
                return done
              }
              endings.unshift(once)
              return once
            },
          }),
        )
      } catch (cause) {
        if (!(cause instanceof CommandError)) throw cause
        told.push(cause.message)
        return ended(2)
      } finally {
        for (const ending of endings) await ending()
      }
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  }
}
