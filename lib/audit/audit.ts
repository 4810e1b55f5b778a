import { isText } from '../core/claims.js'
import type { Profile } from '../core/profile.js'
import { answeredAreas, answerFindings } from './answers.js'
import { clientFindings } from './client-findings.js'
import { discoveryFindings } from './discovery.js'
import { type CertificateWithKey, exchange } from './exchange.js'
import { AREAS, type Area, type Finding, type Progress, type Report } from './finding.js'
import { givingUp } from './giving-up.js'
import { type GivenClient, partyOf } from './party.js'
import { type Controls, noControls, triedInTurn } from './probe.js'
import { probes, probesOfUnheld } from './probes/index.js'
import { reachFrom } from './reach.js'
import { type Registered, registrationFindings } from './registration/registration-findings.js'
import { resourceFindings } from './resource/resource-findings.js'
import type { Scene } from './scene.js'
import { fetchTarget, metadataUrls } from './target.js'
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
  const reach = reachFrom([new URL(issuer), ...(resource ? [resource] : [])])
  const raw = exchange({ ca, reach })
  const send = givingUp(raw, signal)
  const { metadata, keys, evidence, missing } = await fetchTarget(send, issuer, options.metadata)
  const stranger: Scene = { profile, issuer, metadata, send, resource, initialAccessToken, party: undefined }
  await look('discovery', () => discoveryFindings(stranger, keys, { allClients, evidence, missing }))
  await look('tls', () => tlsFindings(profile, hostsOf(stranger), { ca, certificate: mtls, reach }))
  const given = client && partyOf(client, mtls, metadata)
  let registered: Registered | undefined
  let left: readonly string[] = []
  let acted: Pick<Report, 'with' | 'without'> = { with: [], without: [] }
  try {
    await look('registration', async () => {
      const registration = await registrationFindings({ ...stranger, party: given }, { signal, deleteBy: raw })
      registered = registration.registered
      return registration.findings
    })
    const scene: Scene = { ...stranger, party: given ?? registered?.party }
    await look('authentication', () => clientFindings(scene))
    await lookByProbes(scene, registered?.unheld, look, signal)
    await look('resource', () => resourceFindings(scene))
    acted = givenTo(options, scene)
  } finally {
    if (registered && !(await registered.remove())) left = registered.left()
  }
  return {
    ...acted,
    without: [...acted.without, ...left.map((id) => `the deletion of the client ${id}, which the audit registered: delete it by hand`)],
  }
}

async function lookByProbes(scene: Scene, unheld: Scene['party'], look: Look, signal: AbortSignal | undefined): Promise<void> {
  const controls = noControls()
  const of = async (area: Area, some: typeof probes, by: Scene, known: Controls) => {
    const here = some.filter((probe) => probe.area === area)
    for await (const finding of triedInTurn(by, here, known, signal)) await look(area, () => [finding])
  }
  for (const area of Object.keys(AREAS) as Area[]) {
    await of(area, probes, scene, controls)
    if (answeredAreas.includes(area)) await look(area, () => answerFindings(scene, area))
    if (unheld) await of(area, probesOfUnheld, { ...scene, party: unheld }, noControls())
  }
}

/** Every URL that the server has, and whether browsers go there. */
function hostsOf({ issuer, metadata, resource }: Scene): readonly Host[] {
  const { authorization_endpoint: authorization, mtls_endpoint_aliases: aliases } = metadata
  const named = Object.keys(metadata).filter((name) => name.endsWith('_endpoint') && name !== 'authorization_endpoint')
  const others = [
    ...metadataUrls(issuer).map(({ href }) => href),
    metadata.jwks_uri,
    ...named.map((name) => metadata[name]),
    ...Object.values(typeof aliases === 'object' ? (aliases ?? {}) : {}),
  ]
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
