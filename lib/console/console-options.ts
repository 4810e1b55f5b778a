import { isHttpsUrl, isText } from '../core/claims.js'
import { ConfigurationError, type ConfigurationFault } from '../core/errors.js'
import type { Metadata } from '../registration/metadata.js'
import type { Registration } from '../registration/registration.js'
import type { Store } from '../stores/store.js'
import type { Console } from './console.js'
import type { Authorize } from './roles.js'

export interface ConsoleOptions extends Partial<Pick<Console, 'jwks' | 'certificates' | 'serverMetadata'>> {
  /** The registration whose applications and settings are looked after; its policy and profiles come with it. */
  readonly registration: Registration
  /** What the server keeps its clients, grants and verdicts in, and the console its audit trail. */
  readonly store: Store
  /** Says who asks and what he may: without default, since whoever is let in here lets others in. */
  readonly authorize: Authorize
  /** The https URL that the console is reached under, such as `https://bank.example/console`: forms from elsewhere are refused by it. */
  readonly publicUrl: string
  /** Where somebody who is not signed in goes, a path of the same server; the page to come back to is added as `return_to`. Answered with 401 when not given. */
  readonly signInPath?: string
  /** Where the form of the button "Sign out" is sent to (`POST`), a path of the same server. */
  readonly signOutPath?: string
  /** Clients of the server's configuration, which are not in the store: they are shown and cannot be changed. */
  readonly configuredClients?: readonly Metadata[]
  /** What stands at the top of each page. Default `FAPI console`. */
  readonly title?: string
}

/** The options in use. */
export interface ConsoleSetup extends Pick<ConsoleOptions, 'authorize' | 'signInPath' | 'signOutPath'> {
  readonly origin: string
  /** The path of the console, without a slash at its end. */
  readonly path: string
  readonly title: string
}

const STORE_METHODS = ['find', 'upsert', 'list', 'destroy', 'revokeGrant', 'search', 'tally', 'once'] as const

/** Checks the options of `adminConsole`. Throws a `ConfigurationError` that lists everything wrong with them. */
export function setUpConsole(options: ConsoleOptions): ConsoleSetup {
  const {
    registration,
    store,
    authorize,
    publicUrl,
    signInPath,
    signOutPath,
    jwks,
    certificates,
    serverMetadata,
    configuredClients,
    title,
  } = {
    ...options,
  }
  const faults: ConfigurationFault[] = []
  const insist = (holds: boolean, option: string, got: unknown, allowed: string) => void (holds || faults.push({ option, got, allowed }))
  insist(
    typeof registration?.applications?.find === 'function',
    'registration',
    typeof registration,
    'must be given: registration(policy, …)',
  )
  const missing = STORE_METHODS.filter((method) => typeof store?.[method] !== 'function')
  insist(missing.length === 0, 'store', missing, `must be a store with the methods ${STORE_METHODS.join(', ')}`)
  insist(
    typeof authorize === 'function',
    'authorize',
    typeof authorize,
    'must be given: it says who asks and what he may, or null for nobody',
  )
  insist(isHttpsUrl(publicUrl) && !/[?#]/.test(publicUrl), 'publicUrl', publicUrl, 'must be an https URL without query and fragment')
  for (const [option, path] of Object.entries({ signInPath, signOutPath }))
    insist(path === undefined || isPath(path), option, path, 'must be a path of the same server, such as /console/sign-in')
  for (const [option, value] of Object.entries({ jwks, certificates, serverMetadata }))
    insist(value === undefined || typeof value === 'function', option, typeof value, 'must be a function that gives them')
  insist(
    configuredClients === undefined || (Array.isArray(configuredClients) && configuredClients.every((one) => isText(one?.client_id))),
    'configuredClients',
    typeof configuredClients,
    'must be a list of client metadata, each with client_id',
  )
  insist(title === undefined || isText(title), 'title', title, 'must be a text')
  if (faults.length > 0) throw new ConfigurationError(faults)
  const { origin, pathname } = new URL(publicUrl)
  return Object.freeze<ConsoleSetup>({
    ...{ authorize, origin, title: title ?? 'FAPI console' },
    path: pathname.replace(/\/+$/, ''),
    ...(signInPath !== undefined && { signInPath }),
    ...(signOutPath !== undefined && { signOutPath }),
  })
}

const isPath = (value: unknown) => isText(value) && /^\/(?![/\\])[\w\-./~%]*$/.test(value)
