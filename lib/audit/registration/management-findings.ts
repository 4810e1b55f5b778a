import type { Metadata } from '../../registration/metadata.js'
import type { Finding } from '../finding.js'
import { meaningOfRefusal } from '../meaning.js'
import type { Scene } from '../scene.js'
import { type BreakingMetadata, FLAGS, withoutFlags } from './breaking-metadata.js'
import { breachOf, judgedBreach, registeredOf } from './judged-registration.js'
import type { Made, Registrar, Told } from './registrar.js'
import { REDIRECT_URI } from './throwaway.js'

/** What an update must not send back (RFC 7592 §2.2). */
const NEVER_SENT = ['registration_access_token', 'registration_client_uri', 'client_secret_expires_at', 'client_id_issued_at']

const updateOf = (registered: Metadata): Metadata =>
  Object.fromEntries(Object.entries(registered).filter(([name]) => !NEVER_SENT.includes(name)))

/** Updates that take something back. */
const weakening: readonly BreakingMetadata[] = [
  { name: 'put-omits-flags', title: 'An update that leaves out bound tokens, pushed and signed requests', change: withoutFlags },
  {
    name: 'put-false',
    title: 'An update that sets bound tokens, pushed and signed requests to false',
    change: (registered) => ({
      ...registered,
      ...Object.fromEntries(FLAGS.filter((flag) => registered[flag] === true).map((flag) => [flag, false])),
      request_object_signing_alg: undefined,
    }),
  },
  {
    name: 'put-http-redirect',
    title: 'An update that adds an http redirect URI',
    change: (registered) => ({ ...registered, redirect_uris: [REDIRECT_URI, 'http://audit.example/cb'] }),
  },
]

/** Tries the management of a registered client (RFC 7592); nothing where the server offers none. */
export async function managementFindings(
  scene: Scene,
  registering: Registrar,
  sent: Metadata,
  isOver: () => boolean,
): Promise<readonly Finding[]> {
  let client = await made(registering, sent)
  if (!client || !registering.isManaged(client)) return []
  const findings = [await reading(scene, registering, client)]
  const control = await registering.manage(client, { method: 'PUT', metadata: updateOf(registeredOf(client.answer, sent)) })
  findings.push(legalUpdate(scene, control))
  for (const one of weakening) {
    if (isOver() || !client) return findings
    const finding = await weakened(scene, registering, { one, control, client, sent })
    if (!finding) continue
    findings.push(finding)
    // What has been weakened is no client to weaken.
    if (finding.status !== 'passed' && control.kind === 'accepted') {
      await registering.remove(client)
      client = await made(registering, sent)
    }
  }
  return client && !isOver() ? [...findings, await deletion(scene, registering, client)] : findings
}

const made = async (registering: Registrar, sent: Metadata): Promise<Made | undefined> => (await registering.register(sent)).made

interface Weakening {
  readonly one: BreakingMetadata
  /** What came of the update that changes nothing. */
  readonly control: Told
  readonly client: Made
  readonly sent: Metadata
}

async function weakened(scene: Scene, registering: Registrar, { one, control, client, sent }: Weakening): Promise<Finding | undefined> {
  const current = registeredOf(client.answer, sent)
  const update = updateOf(one.change(current))
  const breach = breachOf(scene, one, update, current)
  if (!breach) return undefined
  if (control.kind === 'accepted')
    return judgedBreach(breach, update, await registering.manage(client, { method: 'PUT', metadata: update }))
  const { rule, clauses, expected } = breach.meaning
  const got = `The update that changes nothing was not accepted, so a refusal would mean nothing: ${control.line}`
  const shared = { area: 'registration', id: `${rule}/${one.name}`, rule, title: one.title, clauses, expected, got } as const
  return { ...shared, status: 'unjudged', ...NONE }
}

const NONE = { mend: undefined, evidence: [] } as const

function legalUpdate({ profile }: Scene, told: Told): Finding {
  const title = 'An update that changes nothing'
  const { rule, clauses, expected } = meaningOfRefusal(profile, undefined, title)
  const shared = { area: 'registration', id: `${rule}/put-same`, rule, title, clauses, expected, evidence: [told.line] } as const
  return told.kind === 'accepted'
    ? { ...shared, status: 'passed', got: 'Accepted.', mend: undefined }
    : { ...shared, status: 'unjudged', got: `The update was not accepted: ${told.line}`, mend: undefined }
}

/**
 * Reading a registration with the right token, and with one that is none. The token of another client is not tried: a server revokes
 * a token that is shown in the wrong place (RFC 7592 §2.1), and that client could then not be deleted.
 */
async function reading(scene: Scene, registering: Registrar, first: Made): Promise<Finding> {
  const control = await registering.manage(first, { method: 'GET' })
  const told = await registering.manage(first, { method: 'GET', token: 'no-token-of-anybody' })
  return guarded(scene, 'get-wrong-token', 'Reading a registration with a token that is none', told, control)
}

/** RFC 7592 §2.3: with the client its token is gone. */
async function deletion(scene: Scene, registering: Registrar, client: Made): Promise<Finding> {
  const control = await registering.manage(client, { method: 'GET' })
  await registering.remove(client)
  const told = await registering.manage(client, { method: 'GET' })
  return guarded(scene, 'get-deleted', 'Reading the registration of a client that was deleted', told, control)
}

function guarded({ profile }: Scene, name: string, title: string, told: Told, control: Told): Finding {
  const { rule, clauses, expected } = meaningOfRefusal(profile, 'registration-access-token', title)
  const shared = { area: 'registration', id: `${rule}/${name}`, rule, title, clauses, expected, evidence: [told.line] } as const
  const found = (status: Finding['status'], got: string, mend?: string): Finding => ({ ...shared, status, got, mend })
  if (control.kind !== 'accepted')
    return found('unjudged', `Reading with the right token was not accepted, so a refusal would mean nothing: ${control.line}`)
  switch (told.kind) {
    case 'accepted':
      return found('failed', 'The registration was shown.', 'Show and change a registration only for the newest token of that very client.')
    case 'refused':
      return told.status === 401
        ? found('passed', 'Refused with 401.')
        : found('warned', `Refused with ${told.status}; RFC 7592 section 2 asks for 401.`, 'Answer with 401 and WWW-Authenticate: Bearer.')
    default:
      return found('unjudged', `The answer does not say whether the token was taken: ${told.line}`)
  }
}
