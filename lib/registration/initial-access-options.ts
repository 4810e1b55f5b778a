import { isText } from '../core/claims.js'
import { type Metadata, SAID_BY_SERVER } from './metadata.js'
import { MOST_PLACES } from './places.js'
import { RegistrationError } from './registration-error.js'

/** What an initial access token gives, and to whom. */
export interface InitialAccessOptions {
  /** For the operator: whom it is for. */
  readonly label?: string | undefined
  readonly issuedBy?: string | undefined
  /** The profile that its clients are held to, whatever they name. */
  readonly profile?: string | undefined
  /** Values that are set for good, under the names of RFC 7591 §2. */
  readonly metadata?: Metadata | undefined
  /** How many registrations it is good for, from 1 to 10,000; any number when not given. */
  readonly uses?: number | undefined
  /** Seconds until it expires, ten years at the most; never when not given. */
  readonly expiresIn?: number | undefined
  /** The software that it is for alone. */
  readonly software_id?: string | undefined
}

/** Characters and octets, our choice. */
const LONGEST = 200
const MOST_METADATA = 16_384
const TEN_YEARS = 315_360_000

/** Throws a `RegistrationError` (`invalid_request`) that names everything wrong with the options. `profiles`: those that can be named. */
export function insistOnOptions(options: InitialAccessOptions, profiles: readonly string[] | undefined): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new RegistrationError('invalid_request', 'the options of an initial access token must be an object')
  const { profile, metadata, uses, expiresIn }: Readonly<Record<string, unknown>> = { ...options }
  const faults = Object.entries({ ...options }).flatMap(([name, value]) => {
    if (!NAMES.includes(name)) return [`there is no ${name.slice(0, 60)}: the names are ${NAMES.join(', ')}`]
    return TEXTS.includes(name) && value !== undefined && !(isText(value) && value.length <= LONGEST)
      ? [`${name} must be text of at most ${LONGEST} characters`]
      : []
  })
  const insist = (holds: boolean, fault: string) => void (holds || faults.push(fault))
  insist(profile === undefined || !profiles || profiles.some((name) => name === profile), `profile must be one of ${profiles?.join(', ')}`)
  insist(uses === undefined || isWhole(uses, MOST_PLACES), `uses must be a whole number from 1 to ${MOST_PLACES}`)
  insist(expiresIn === undefined || isWhole(expiresIn, TEN_YEARS), `expires_in must be whole seconds from 1 to ${TEN_YEARS}`)
  faults.push(...(metadata === undefined ? [] : metadataFaults(metadata)))
  if (faults.length > 0) throw new RegistrationError('invalid_request', faults.join('; '))
}

const TEXTS = ['label', 'issuedBy', 'profile', 'software_id']
const NAMES = [...TEXTS, 'metadata', 'uses', 'expiresIn']

const isWhole = (value: unknown, most: number) => typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most

function metadataFaults(metadata: unknown): string[] {
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) return ['metadata must be an object']
  const names = Object.keys(metadata)
  const wrong = names.filter((name) => SAID_BY_SERVER.includes(name) || !/^[a-z][a-z0-9_]{0,99}(#[A-Za-z0-9-]+)?$/.test(name))
  const text = written(metadata)
  return [
    ...(wrong.length > 0 ? [`metadata must not set ${wrong.map((name) => name.slice(0, 60)).join(', ')}`] : []),
    ...(text === undefined ? ['metadata must be JSON'] : []),
    ...(text !== undefined && text.length > MOST_METADATA ? [`metadata must have at most ${MOST_METADATA} characters`] : []),
  ]
}

function written(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}
