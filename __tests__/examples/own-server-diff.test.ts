import { readFileSync } from 'node:fs'

const FOLDER = 'examples/own-server'
const diff = readFileSync(`${FOLDER}/fapi.diff`, 'utf8')
/** By file, the lines that were added to it. */
const added = new Map(
  diff
    .split(/^--- .*\n/m)
    .slice(1)
    .map((part) => {
      const [, file = ''] = /^\+\+\+ b\/(.*)$/m.exec(part) ?? []
      const lines = part.split('\n').filter((line) => line.startsWith('+') && !line.startsWith('+++'))
      return [file, lines.map((line) => line.slice(1))] as const
    }),
)

test('what makes the server a FAPI one is the file that is there, and the lines that call it', () => {
  expect(`${added.get(`${FOLDER}/fapi.ts`)?.join('\n')}\n`).toBe(readFileSync(`${FOLDER}/fapi.ts`, 'utf8'))
  const start = readFileSync(`${FOLDER}/start.ts`, 'utf8').split('\n')
  expect(added.get(`${FOLDER}/start.ts`)).toHaveLength(3)
  expect(added.get(`${FOLDER}/start.ts`)?.filter((line) => !start.includes(line))).toEqual([])
  expect([...added.keys()]).toHaveLength(2)
})

test('nothing of the server is taken away', () => {
  expect(diff.split('\n').filter((line) => line.startsWith('-') && !line.startsWith('---'))).toEqual([])
})

test('it is at most forty lines, empty ones and comments included', () => {
  expect([...added.values()].flat().length).toBeLessThanOrEqual(40)
})
