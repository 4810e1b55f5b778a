import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { StartError } from './start-error.js'

/** The folder the bank keeps its keys and certificates in. File names are relative to it. */
export interface DataFolder {
  readonly path: string
  /** A file's text; `undefined` when there is no such file. */
  read(name: string): string | undefined
  /** What a JSON file holds; `undefined` when there is no such file. Throws a `StartError` for anything that is not JSON. */
  readJson(name: string): unknown
  /** Replaces a file in one step, so that nobody ever reads half of it. */
  write(name: string, text: string): void
  /** The same for what only the owner may read. */
  writeSecret(name: string, text: string): void
}

/** Opens the folder, and makes it when it is not there yet. Throws a `StartError` when it cannot be used. */
export function openDataFolder(directory: string): DataFolder {
  const path = resolve(directory)
  const file = (name: string) => join(path, name)

  function read(name: string): string | undefined {
    try {
      return readFileSync(file(name), 'utf8')
    } catch (cause) {
      if (codeOf(cause) === 'ENOENT') return undefined
      throw new StartError(`${file(name)} cannot be read (${codeOf(cause)}): give --data a folder this user may read and write`)
    }
  }

  function put(name: string, text: string, mode: number): void {
    const target = file(name)
    const draft = `${target}.${randomBytes(6).toString('hex')}`
    try {
      mkdirSync(dirname(target), { recursive: true, mode: 0o700 })
      writeFileSync(draft, text, { mode, flag: 'wx' })
      renameSync(draft, target)
    } catch (cause) {
      rmSync(draft, { force: true })
      throw new StartError(`${target} cannot be written (${codeOf(cause)}): give --data a folder this user may read and write`)
    }
  }

  makeFolder(path)
  return Object.freeze<DataFolder>({
    path,
    read,
    readJson: (name) => parsed(file(name), read(name)),
    write: (name, text) => put(name, text, 0o644),
    writeSecret: (name, text) => put(name, text, 0o600),
  })
}

/** JSON for people: indented, with a newline at its end. */
export const prettyJson = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw new StartError(`--data is ${path}, which cannot be made (${codeOf(cause)}): give a folder, or a path where one can be made`)
  }
}

function parsed(path: string, text: string | undefined): unknown {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch {
    throw new StartError(`${path} is not JSON: delete it and the bank makes it anew`)
  }
}

const codeOf = (cause: unknown) => (cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause))
