import { isText } from '../core/claims.js'
import type { Profile } from '../core/profile.js'
import { answerFindings } from './answers.js'
import { clientFindings } from './client-findings.js'
import { discoveryFindings } from './discovery.js'
import { type CertificateWithKey, exchange } from './exchange.js'
import { AREAS, type Area, type Finding, type Progress, type Report } from './finding.js'
import { givingUp } from './giving-up.js'
import { type GivenClient, partyOf } from './party.js'
import { type Controls, tried } from './probe.js'
import { probes, probesOfUnheld } from './probes/index.js'
import { registrationFindings } from './registration/registration-findings.js'
import { resourceFindings } from './resource/resource-findings.js'
import type { Scene } from './scene.js'
import { fetchTarget } from './target.js'
import { type Host, tlsFindings } from './tls/tls-findings.js'

/** What is audited, and what the audit is given to work with. */
export interface AuditOptions {
  /** The issuer identifier, as clients have it. */
  readonly issuer: string
  readonly profile: Profile
  /** The version of this package. */
  readonly version: string
  /** PEM: trusted next to the authorities that Node knows. */
  readonly ca?: string | undefined
  /** A registered client of the profile; without it, the audit registers one where the server lets it. */
  readonly client?: GivenClient | undefined
  /** Its certificate and key, both PEM. */
  readonly mtls?: CertificateWithKey | undefined
  /** A protected resource. */
  readonly resource?: URL | undefined
  /** Metadata (RFC 8414) that stand in where the server publishes none. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
  readonly initialAccessToken?: string | undefined
  /** Whether every client of the server is meant to be held to the profile: what is offered beyond it then fails. */
  readonly allClients?: boolean | undefined
  /** Once it is aborted nothing more is tried, and what was registered is deleted. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Judges a running server from outside, by the rules that judge requests inside. Tells `progress` of each finding when it is found. What the server
 * does ends up in the report; nothing that it does makes this reject.
 */
export async function audit(options: AuditOptions, progress: Progress = () => undefined): Promise<Report> {
  const { issuer, profile, version, signal } = options
  const startedAt = Date.now() / 1000
  const findings: Finding[] = []
  const say = (finding: Finding) => {
    findings.push(finding)
    progress({ found: finding })
  }
  let current: Area | undefined
  const look: Look = async (area, work) => {
    if (signal?.aborted) return
    if (area !== current) progress({ started: area })
    current = area
    for (const finding of await work()) say(finding)
  }
  const acted = await lookAtAll(options, look)
  return {
    ...{ issuer, version, startedAt, ...acted },
    profile: { name: profile.name, title: profile.title, spec: profile.spec },
    took: Date.now() / 1000 - startedAt,
    findings: inOrder(findings),
  }
}

type Look = (area: Area, work: () => readonly Finding[] | Promise<readonly Finding[]>) => Promise<void>

async function lookAtAll(options: AuditOptions, look: Look): Promise<Pick<Report, 'with' | 'without'>> {
  const { issuer, profile, ca, client, mtls, resource, initialAccessToken, allClients = false, signal } = options
  const send = givingUp(exchange({ ca }))
  const { metadata, keys, evidence, missing } = await fetchTarget(send, issuer, options.metadata)
  const stranger: Scene = { profile, issuer, metadata, send, resource, initialAccessToken, party: undefined }
  await look('discovery', () => discoveryFindings(stranger, keys, { allClients, evidence, missing }))
  await look('tls', () => tlsFindings(profile, hostsOf(stranger), { ca, certificate: mtls }))
  const registration = signal?.aborted
    ? undefined
    : await registrationFindings({ ...stranger, party: client && partyOf(client, mtls) }, { signal })
  const registered = registration?.registered
  try {
    await look('registration', () => registration?.findings ?? [])
    const scene: Scene = { ...stranger, party: client ? partyOf(client, mtls) : registered?.party }
    await look('authentication', () => clientFindings(scene))
    await lookByProbes(scene, registered?.unheld, look, signal)
    await look('token', () => answerFindings(scene))
    await look('resource', () => resourceFindings(scene))
    return givenTo(options, scene)
  } finally {
    await registered?.remove()
  }
}

async function lookByProbes(scene: Scene, unheld: Scene['party'], look: Look, signal: AbortSignal | undefined): Promise<void> {
  const controls: Controls = new Map()
  const of = async (area: Area, some: typeof probes, by: Scene, known: Controls) => {
    for (const probe of some) {
      if (probe.area !== area || signal?.aborted) continue
      const finding = await tried(by, probe, known)
      if (finding) await look(area, () => [finding])
    }
  }
  for (const area of Object.keys(AREAS) as Area[]) {
    await of(area, probes, scene, controls)
    if (unheld) await of(area, probesOfUnheld, { ...scene, party: unheld }, new Map())
  }
}

/** Every URL that the server has, and whether browsers go there. */
function hostsOf({ issuer, metadata, resource }: Scene): readonly Host[] {
  const { authorization_endpoint: authorization, mtls_endpoint_aliases: aliases } = metadata
  const named = ['token_endpoint', 'pushed_authorization_request_endpoint', 'userinfo_endpoint', 'registration_endpoint', 'jwks_uri']
  const others = [issuer, ...named.map((name) => metadata[name]), ...Object.values(typeof aliases === 'object' ? (aliases ?? {}) : {})]
  return [
    ...[authorization].filter(isText).map((url) => ({ url, browsers: true })),
    ...[...others, resource?.href].filter(isText).map((url) => ({ url, browsers: false })),
  ]
}

/** What was there to work with, and what would show more. */
function givenTo({ client, mtls, resource }: AuditOptions, { party }: Scene): Pick<Report, 'with' | 'without'> {
  const method = party?.client.token_endpoint_auth_method
  const grants: readonly unknown[] = [party?.client.grant_types].flat()
  const all: readonly (readonly [isThere: boolean, there: string, missing: string])[] = [
    [
      party !== undefined,
      `a client by ${method}${client ? '' : ', which the audit registered for itself and deleted again'}`,
      'a client: give one with --client and --key (and --mtls), or let the audit register one with --initial-access-token',
    ],
    [mtls !== undefined, 'a client certificate', 'a client certificate: give one with --mtls, where clients use mutual TLS'],
    [
      grants.includes('client_credentials'),
      'tokens of its own',
      'tokens: a client with the grant type client_credentials gets them without a user',
    ],
    [resource !== undefined, 'an API', 'an API: name one of its URLs with --resource'],
  ]
  return {
    with: all.filter(([isThere]) => isThere).map(([, there]) => there),
    without: [
      ...all.filter(([isThere]) => !isThere).map(([, , missing]) => missing),
      'a user: what happens after the login is for conformance tests with a browser',
    ],
  }
}

const inOrder = (findings: readonly Finding[]): readonly Finding[] => {
  const areas = Object.keys(AREAS)
  return findings.toSorted((one, other) => areas.indexOf(one.area) - areas.indexOf(other.area))
}
