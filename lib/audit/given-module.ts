import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { CommandError, causeOf } from './command-error.js'
import { isObject } from './given-files.js'

/** Whether a path names a module that Node can load. */
export const isModule = (path: string): boolean => /\.[cm]?js$/i.test(path)

/** Whether a path names TypeScript, which has to be built before. */
export const isTypeScript = (path: string): boolean => /\.[cm]?tsx?$/i.test(path)

/** Loads what a module exports by default or under a name; `undefined` where it exports neither. Throws a `CommandError`. */
export async function exportOf(path: string, name: string): Promise<unknown> {
  if (isTypeScript(path))
    throw new CommandError(`${path} is TypeScript, which is not loaded here: build it, and give the JavaScript that comes of it`)
  const file = resolve(path)
  let loaded: Readonly<Record<string, unknown>>
  try {
    statSync(file)
  } catch (cause) {
    throw new CommandError(`${path} cannot be read (${causeOf(cause)}): give a module that exports the ${name}`)
  }
  try {
    loaded = await import(pathToFileURL(file).href)
  } catch (cause) {
    throw new CommandError(`${path} cannot be loaded (${causeOf(cause)}): give a module that Node can import, and that exports the ${name}`)
  }
  // What was compiled to CommonJS has its default export inside of ours.
  const outer = loaded.default ?? loaded[name]
  const found = isObject(outer) && '__esModule' in outer ? (outer.default ?? outer[name]) : outer
  // A CommonJS module that has it under its name.
  return loaded[name] ?? (isObject(found) && isObject(found[name]) && Object.keys(found).length === 1 ? found[name] : found)
}
