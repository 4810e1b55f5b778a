import { readFileSync, statSync } from 'node:fs'
import { utf8 } from '../core/attribute-values.js'
import { CommandError, causeOf } from './command-error.js'

/** Bytes, our choice: far more than any file that is given here by intention. */
const LARGEST = 16 * 1024 * 1024

/** A file that was named, by which flag, and what it should hold. */
export interface NamedFile {
  /** The flag or argument that names it. */
  readonly by: string
  readonly path: string
  /** What would be right: `give a JSON file with …`. */
  readonly right: string
}

/** The text of a file. Throws a `CommandError`. */
export function textIn({ by, path, right }: NamedFile): string {
  let bytes: Uint8Array
  try {
    if (statSync(path).size > LARGEST) throw new CommandError(`${by}: ${path} has more than ${LARGEST / 1024 / 1024} MB: ${right}`)
    bytes = readFileSync(path)
  } catch (cause) {
    if (cause instanceof CommandError) throw cause
    throw new CommandError(`${by}: ${path} cannot be read (${causeOf(cause)}): ${right}`)
  }
  const text = utf8(bytes)
  if (text === undefined) throw new CommandError(`${by}: ${path} is no text in UTF-8: ${right}`)
  return text
}

/** What a JSON file holds. Throws a `CommandError`, which quotes nothing of it. */
export function jsonIn(file: NamedFile): unknown {
  const text = textIn(file)
  try {
    return JSON.parse(text)
  } catch {
    throw new CommandError(`${file.by}: ${file.path} is not JSON: ${file.right}`)
  }
}

/** An object, and no list. */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What a value is, in a word, for an error that must not repeat it. */
export const kindOf = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value)
