import type { Profile } from '../../core/profile.js'
import { CommandError } from '../command-error.js'
import { type Given, valueGiven } from '../command-line.js'
import { isObject, jsonIn, kindOf } from '../given-files.js'
import { exportOf, isModule, isTypeScript } from '../given-module.js'
import { profileOf, signingAlgorithmsOf } from '../judging-flags.js'
import { openOutput } from '../output-file.js'
import { shown } from '../reports/shown.js'
import { type ExitCode, painted, type Surroundings } from '../surroundings.js'
import { counted, indented, linksOf, linksText, prettyJson, type Told, toldText } from '../told.js'
import { type ByWithFapi, lintConfiguration } from './configuration.js'
import { type LintedClient, lintMetadata } from './metadata.js'

/** All that `lint` found in a file. */
interface Linted {
  readonly file: string
  readonly profile: string
  readonly kind: 'configuration' | 'client metadata'
  /** What is wrong with the file itself; of a configuration that is handed to withFapi, what is left after it. */
  readonly findings: readonly Told[]
  /** What withFapi would make of a configuration. */
  readonly withFapi?: ByWithFapi
  /** The clients in it, in their order. */
  readonly clients: readonly LintedClient[]
  readonly failed: number
  readonly warned: number
}

const RIGHT =
  'give a module (.js, .mjs, .cjs) that exports a configuration of oidc-provider, or a JSON file with client metadata: one object, or a list of them'

/** Judges a configuration of oidc-provider or client metadata. Nothing is asked of any server. */
export async function lintCommand(file: string, flags: Given, surroundings: Surroundings): Promise<ExitCode> {
  const profile = profileOf(flags)
  const json = valueGiven(flags, 'json')
  const found = isModule(file) || isTypeScript(file) ? await configuration(file, flags, profile) : metadata(file, flags, profile)
  const told = [...found.findings, ...found.clients.flatMap(({ breaks }) => breaks)]
  const linted: Linted = {
    ...{ file, profile: profile.name },
    ...found,
    failed: told.filter(({ status }) => status === 'failed').length,
    warned: told.filter(({ status }) => status === 'warned').length,
  }
  if (json !== undefined) {
    const output = openOutput('json', json, surroundings)
    await output.write(prettyJson(linted))
    await output.finish()
  }
  if (json !== '-') await surroundings.say(lintText(linted, profile, surroundings))
  return linted.failed > 0 ? 1 : 0
}

type Found = Pick<Linted, 'kind' | 'findings' | 'withFapi' | 'clients'>

async function configuration(file: string, flags: Given, profile: Profile): Promise<Found> {
  const given = await exportOf(file, 'configuration')
  if (typeof given === 'function') throw new CommandError(`${file} exports a function: export the configuration object that it makes`)
  if (given === undefined) throw new CommandError(`${file} exports nothing by default or as configuration: ${RIGHT}`)
  if (!isObject(given)) throw new CommandError(`${file} exports ${kindOf(given)}: ${RIGHT}`)
  if (typeof given.callback === 'function')
    throw new CommandError(`${file} exports a Provider: export the configuration that it is made with`)
  const terms = {
    profile,
    issuer: issuerOf(flags),
    handed: flags['with-fapi'] !== undefined,
    signingAlgorithms: signingAlgorithmsOf(flags),
  }
  return { kind: 'configuration', ...(await lintConfiguration(given, terms)) }
}

function issuerOf(flags: Given): string {
  const issuer = valueGiven(flags, 'issuer') ?? 'https://issuer.example'
  try {
    const { protocol } = new URL(issuer)
    if (/^https?:$/.test(protocol)) return issuer
  } catch {
    // Said below.
  }
  throw new CommandError(`--issuer is ${issuer}, which is no http(s) URL: give the issuer identifier, such as https://as.example`)
}

function metadata(file: string, flags: Given, profile: Profile): Found {
  const superfluous = ['issuer', 'with-fapi'].find((name) => flags[name] !== undefined)
  if (superfluous) throw new CommandError(`--${superfluous} is for configurations, and ${file} is read as client metadata: leave it out`)
  const given = jsonIn({ by: '<file>', path: file, right: RIGHT })
  const clients: readonly unknown[] = Array.isArray(given) ? given : [given]
  if (clients.length === 0) throw new CommandError(`${file} holds an empty list: ${RIGHT}`)
  const wrong = clients.findIndex((client) => !isObject(client))
  if (wrong >= 0) throw new CommandError(`${file}: entry ${wrong} is ${kindOf(clients[wrong])}, and should be an object: ${RIGHT}`)
  const objects = clients.filter(isObject)
  const other = objects.map(otherKind).find((kind) => kind !== undefined)
  if (other) throw new CommandError(`${file} holds ${other}`)
  const algorithms = signingAlgorithmsOf(flags)
  return {
    kind: 'client metadata',
    findings: [],
    clients: objects.map((client, index) => lintMetadata(client, profile, algorithms, index)),
  }
}

/** What a JSON file may be taken for. */
function otherKind(object: Readonly<Record<string, unknown>>): string | undefined {
  if ('features' in object || 'enabledJWA' in object) return 'a configuration of oidc-provider: export it from a module instead'
  if ('keys' in object && !('redirect_uris' in object)) return 'a JWK Set: give the client metadata that it belongs to'
  if ('authorization_endpoint' in object) return 'metadata of a server: audit judges a running one'
  return undefined
}

function lintText(
  { file, kind, findings, withFapi, clients, failed, warned }: Linted,
  profile: Profile,
  surroundings: Surroundings,
): string {
  const bad = clients.filter(({ ready }) => !ready)
  const rows = [
    `${shown(file)}: ${kind}, judged by ${profile.title}\n`,
    ...(findings.length > 0 ? [toldText(findings, surroundings)] : []),
    ...bad.map(({ client, breaks }) => `${painted(surroundings, 'strong', shown(client))}\n${toldText(breaks, surroundings)}`),
    ...(withFapi ? [withFapiText(withFapi, surroundings)] : []),
  ]
  const links = new Set(linksOf([...findings, ...clients.flatMap(({ breaks }) => breaks), ...(withFapi?.refuses ?? [])]))
  const judged = kind === 'configuration' && clients.length === 0 ? '' : `${counted(clients.length, 'client')} judged, `
  const summary = `${judged}${failed} failed, ${warned} warned.`
  return `${rows.join('\n')}\n${linksText(links, surroundings)}${painted(surroundings, failed > 0 ? 'failed' : 'passed', summary)}\n`
}

function withFapiText({ sets, refuses }: ByWithFapi, surroundings: Surroundings): string {
  const set = sets.map(({ option, from, to }) => indented(`${option}: ${shown(from)} → ${shown(to)}`, surroundings))
  return [
    ...(set.length > 0 ? [`withFapi would set by itself:\n${set.join('')}`] : []),
    refuses.length > 0 ? `withFapi would refuse:\n${toldText(refuses, surroundings)}` : 'withFapi would refuse nothing.\n',
  ].join('\n')
}
