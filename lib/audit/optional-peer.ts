import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { CommandError, causeOf } from './command-error.js'

/**
 * Loads a package that only some commands need: from beside this one, or from where the command runs. Throws a `CommandError`
 * that says what it is for and how to get it.
 */
export async function optionalPeer(name: string, what: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await import(name).catch((cause) => {
      if (isMissing(cause)) return import(pathToFileURL(createRequire(join(process.cwd(), 'here.js')).resolve(name)).href)
      throw cause
    })
  } catch (cause) {
    if (!isMissing(cause)) throw new CommandError(`${name} cannot be loaded (${causeOf(cause)}): it is needed for ${what}`)
    throw new CommandError(`${name} is not installed, and is needed for ${what}: npm install ${name}`)
  }
}

/** Whether something could not be loaded because it is not installed. */
export const isMissing = (cause: unknown): boolean =>
  cause instanceof Error && 'code' in cause && (cause.code === 'ERR_MODULE_NOT_FOUND' || cause.code === 'MODULE_NOT_FOUND')
