import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/* What docs/proxies.md says, for tests that hold it to its word. */

/** The page itself. */
export const page = readFileSync(join(process.cwd(), 'docs/proxies.md'), 'utf8')

/** The fenced blocks of the page. */
export const blocks: readonly string[] = [...page.matchAll(/^```\w*\n(.*?)^```$/gms)].map(([, block = '']) => block)

/** The titles of its sections. */
export const sections: readonly string[] = [...page.matchAll(/^## (.*)$/gm)].map(([, title = '']) => title)

/** The block for a file, which its first line names. Throws when there is not exactly one. */
export function configurationOf(path: string): string {
  const found = blocks.filter((block) => block.startsWith(`# ${path}\n`))
  if (found.length !== 1) throw new Error(`docs/proxies.md has ${found.length} blocks for ${path}`)
  return found[0] ?? ''
}

/** Every way the page starts the bank, as arguments. */
export const commands: readonly (readonly string[])[] = [...page.matchAll(/npm start -- ((?:.*\\\n)*.*)/g)].map(([, line = '']) =>
  line.replaceAll('\\\n', ' ').replace(/`.*/, '').trim().split(/\s+/),
)

/** The row of a kind in the table at the top. Throws when there is none. */
export function rowOf(kind: string): string {
  const row = page.split('\n').find((line) => line.startsWith(`| [${kind}](#${kind}) |`))
  if (row === undefined) throw new Error(`docs/proxies.md has no row for ${kind}`)
  return row
}
