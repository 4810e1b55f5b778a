import { clientFacts } from '../../readers/client-metadata.js'
import type { Metadata } from '../../registration/metadata.js'
import type { Exchange } from '../exchange.js'
import type { Finding } from '../finding.js'
import { givingUp } from '../giving-up.js'
import { meaningOfRefusal } from '../meaning.js'
import { endpointOf, type Party, type Scene } from '../scene.js'
import { type BreakingMetadata, breakingMetadata, omittedFlags } from './breaking-metadata.js'
import { breachOf, judgedBreach, registeredOf } from './judged-registration.js'
import { managementFindings } from './management-findings.js'
import { accepted, cleanedUp, closed } from './own-client-findings.js'
import { type Made, type Registrar, registrar } from './registrar.js'
import { type Throwaway, throwaway } from './throwaway.js'

/** Clients that the audit has registered for itself, and that are still there. */
export interface Registered {
  /** Breaks no rule of the profile. */
  readonly party: Party
  /** The same without a word about bound tokens, pushed and signed requests, where the server registers that. */
  readonly unheld: Party | undefined
  /** Deletes them; resolves to whether they are gone. To be called whatever happens. */
  remove(): Promise<boolean>
  /** The `client_id`s of those that are still there. */
  left(): readonly string[]
}

export interface RegistrationOptions {
  /** Once it is aborted nothing more is tried, and everything that was registered is deleted. */
  readonly signal?: AbortSignal | undefined
  /** Sends what deletes clients, also after everything else has given up; as everything else when not given. */
  readonly deleteBy?: Exchange | undefined
}

export interface RegistrationFindings {
  readonly findings: readonly Finding[]
  readonly registered: Registered | undefined
}

/**
 * Registers a compliant client and, next to it, what must not be registered (RFC 7591), tries to manage clients (RFC 7592), and deletes
 * everything again but the clients it hands on.
 */
export async function registrationFindings(
  given: Scene,
  { signal, deleteBy = given.send }: RegistrationOptions = {},
): Promise<RegistrationFindings> {
  if (!endpointOf(given, 'registration_endpoint')) return { findings: [], registered: undefined }
  const scene = { ...given, send: givingUp(given.send) }
  const registering = registrar(scene, deleteBy)
  const isOver = () => signal?.aborted ?? false
  try {
    const client = throwaway(scene)
    const { told, sent } = await firstOf(registering, variantsOf(client.metadata))
    if (!told.made) return { findings: [closed(scene, told)], registered: undefined }
    const findings = [...accepted(scene, told, told.made, sent)]
    for (const one of breakingMetadata) {
      if (isOver()) break
      findings.push(...(await tried(scene, registering, one, sent)))
    }
    if (!isOver()) findings.push(...(await tokenFindings(scene, registering, sent)))
    if (!isOver()) findings.push(...(await managementFindings(scene, registering, sent, isOver)))
    const omitted = isOver() ? undefined : await omission(scene, registering, sent)
    findings.push(...(omitted?.findings ?? []))
    const kept = isOver() ? [] : [told.made, ...(omitted?.made ? [omitted.made] : [])]
    const isManaged = registering.isManaged(told.made)
    const others = await removeOthers(registering, kept)
    findings.push(cleanedUp(scene, isManaged && others.length === 0 ? [] : registering.left(), isManaged, registering.unheard()))
    if (isOver()) return { findings, registered: undefined }
    const unheld = omitted?.made && registeredOf(omitted.made.answer, omittedFlags.change(sent))
    return { findings, registered: registeredFor(registering, client, registeredOf(told.made.answer, sent), unheld) }
  } catch (cause) {
    await registering.removeAll()
    throw cause
  }
}

/** The whole, and what is left of it for servers that refuse a client for what the audit could do without. */
function variantsOf(metadata: Metadata): readonly Metadata[] {
  const withoutTokens = { ...metadata, grant_types: [metadata.grant_types].flat().filter((grant) => grant !== 'client_credentials') }
  return [metadata, withoutTokens, { ...withoutTokens, fapi_profile: undefined, client_name: undefined, response_modes: undefined }]
}

type Attempted = Awaited<ReturnType<Registrar['register']>>

/** The first that is not refused for what it says. */
async function firstOf(
  registering: Registrar,
  variants: readonly Metadata[],
): Promise<{ readonly told: Attempted; readonly sent: Metadata }> {
  const [sent = {}, ...others] = variants
  const told = await registering.register(sent)
  return told.made || told.status !== 400 || others.length === 0 ? { told, sent } : firstOf(registering, others)
}

async function tried(scene: Scene, registering: Registrar, one: BreakingMetadata, compliant: Metadata): Promise<readonly Finding[]> {
  const sent = one.change(compliant)
  const breach = breachOf(scene, one, sent)
  if (!breach) return []
  const told = await registering.register(sent)
  if (told.made) await registering.remove(told.made)
  return [judgedBreach(breach, sent, told)]
}

/** What a server makes of a client that says nothing: the rules decide. */
async function omission(scene: Scene, registering: Registrar, compliant: Metadata) {
  const sent = omittedFlags.change(compliant)
  const breach = breachOf(scene, omittedFlags, sent)
  if (!breach) return { findings: [], made: undefined }
  const told = await registering.register(sent)
  return { findings: [judgedBreach(breach, sent, told)], made: told.made }
}

/** With an initial access token that nobody was given; open registrations do not look at it. */
async function tokenFindings({ profile, initialAccessToken }: Scene, registering: Registrar, sent: Metadata): Promise<readonly Finding[]> {
  if (initialAccessToken === undefined) return []
  const title = 'An initial access token that nobody was given'
  const told = await registering.register(sent, 'no-token-of-anybody')
  if (told.made) await registering.remove(told.made)
  const { rule, clauses, expected } = meaningOfRefusal(profile, 'initial-access-token', title)
  const shared = { area: 'registration', id: `${rule}/wrong`, rule, title, clauses, expected, evidence: [told.line] } as const
  const found = (status: Finding['status'], got: string, mend?: string): Finding => ({ ...shared, status, got, mend })
  if (told.kind === 'unclear') return [found('unjudged', `The answer does not say whether the token was taken: ${told.line}`)]
  if (told.kind === 'refused') return [found('passed', `Refused with ${told.status}.`)]
  return [
    found(
      'warned',
      'The client was registered: anybody may register.',
      'Let those register who have an initial access token, or a software statement.',
    ),
  ]
}

/** The `client_id`s of those that could not be deleted. */
async function removeOthers(registering: Registrar, kept: readonly Made[]): Promise<readonly string[]> {
  const ids = kept.map(({ id }) => id)
  await registering.removeAll(ids)
  return registering.left().filter((id) => !ids.includes(id))
}

function registeredFor(
  registering: Registrar,
  { signing, keys, certificate, proofKey }: Throwaway,
  held: Metadata,
  unheld: Metadata | undefined,
): Registered {
  const partyOf = (metadata: Metadata): Party => ({ client: clientFacts(metadata), signing, keys, certificate, proofKey })
  return {
    party: partyOf(held),
    unheld: unheld && partyOf(unheld),
    async remove() {
      await registering.removeAll()
      return registering.left().length === 0
    },
    left: registering.left,
  }
}
