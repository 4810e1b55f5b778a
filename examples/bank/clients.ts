import { readFileSync } from 'node:fs'
import { profiles } from 'express-fapi'
import { type ClientMetadata, type Configuration, errors } from 'oidc-provider'
import { StartError } from './start-error.js'

/** What a client outside all profiles has as its `fapi_profile`. Only the operator may say so. */
export const OUTSIDE = 'none'
/** The profile of a client that names none. */
export const DEFAULT_PROFILE = 'fapi2-security'

const PROFILE_NAMES = profiles.map(({ name }) => name).join(', ')

/** Reads `--clients FILE`. Throws a `StartError` when it is no array of client metadata. */
export function readClients(path: string): ClientMetadata[] {
  return checkedClients(parsed(path), `--clients ${path}`)
}

/** Client metadata (RFC 7591) from outside, with `client_id` and `fapi_profile`. Throws a `StartError` that says which entry is wrong. */
export function checkedClients(value: unknown, source: string): ClientMetadata[] {
  if (!Array.isArray(value)) throw new StartError(`${source} is not an array: give [{ "client_id": "...", ... }, ...]`)
  return value.map((client: unknown, index) => {
    const where = `${source}, entry ${index}`
    if (!isClient(client))
      throw new StartError(`${where} has no client_id: give an object with a client_id and other client metadata (RFC 7591)`)
    const { client_id, fapi_profile = DEFAULT_PROFILE } = client
    if (fapi_profile !== OUTSIDE && !isProfile(fapi_profile)) {
      throw new StartError(
        `${where} (${client_id}): fapi_profile is ${JSON.stringify(fapi_profile)}, it must be one of ${PROFILE_NAMES} or ${OUTSIDE}`,
      )
    }
    return client
  })
}

/** The seeds and the given clients as one list. Throws a `StartError` when a `client_id` is taken twice. */
export function joinClients(seeds: readonly ClientMetadata[], given: readonly ClientMetadata[]): ClientMetadata[] {
  const own = seeds.map(({ client_id }) => client_id)
  const seen = new Set<string>()
  for (const { client_id } of given) {
    if (own.includes(client_id))
      throw new StartError(`--clients: ${client_id} is a client of the bank: give another client_id than ${own.join(', ')}`)
    if (seen.has(client_id)) throw new StartError(`--clients: the client_id ${client_id} is given twice: give every client its own`)
    seen.add(client_id)
  }
  return [...seeds, ...given]
}

/** Holds every client to a profile there is. Only clients the operator put outside all of them may stay there. */
export function profileValidator(
  outside: ReadonlySet<string>,
): NonNullable<NonNullable<Configuration['extraClientMetadata']>['validator']> {
  return function validateProfile(_ctx, _key, name, metadata) {
    if (name === OUTSIDE && outside.has(metadata.client_id)) return
    if (name !== undefined && !isProfile(name)) throw new errors.InvalidClientMetadata(`fapi_profile must be one of ${PROFILE_NAMES}`)
    metadata.fapi_profile = name ?? DEFAULT_PROFILE
  }
}

const isProfile = (name: unknown) => profiles.some((profile) => profile.name === name)

function isClient(value: unknown): value is ClientMetadata {
  return (
    typeof value === 'object' && value !== null && 'client_id' in value && typeof value.client_id === 'string' && value.client_id !== ''
  )
}

function parsed(path: string): unknown {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new StartError(
      `--clients ${path} cannot be read: give the path of a JSON file (${cause instanceof Error ? cause.message : cause})`,
    )
  }
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new StartError(`--clients ${path} is not JSON: ${cause instanceof Error ? cause.message : cause}`)
  }
}
