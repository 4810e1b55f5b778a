import { randomBytes } from 'node:crypto'
import { isText } from '../core/claims.js'
import type { Policy } from '../core/policy.js'
import { type Ask, type Assessment, assess } from './assess.js'
import type { Engine } from './engine.js'
import type { Metadata, MetadataFault } from './metadata.js'
import type { PublishedFault } from './published-documents.js'
import { RegistrationError } from './registration-error.js'

/** Metadata that have passed everything, as the server would keep them. */
export interface Settled {
  readonly metadata: Metadata
  readonly set: Assessment['set']
}

/** A registration that is refused; whether a verdict has told of it. */
export class RefusedMetadata extends RegistrationError {
  readonly recorded: boolean

  constructor(faults: readonly PublishedFault[], recorded: boolean) {
    const [first] = [...faults].sort((a, b) => PRECEDENCE.indexOf(a.error) - PRECEDENCE.indexOf(b.error))
    const details = faults.flatMap(({ detail }) => detail ?? [])
    super(
      first?.error ?? 'invalid_client_metadata',
      [...new Set(faults.map(({ description }) => description))].join('; '),
      details.length > 0 ? details.join('; ') : undefined,
    )
    this.recorded = recorded
  }
}

/** Which error answers where there are several. */
const PRECEDENCE: readonly MetadataFault['error'][] = [
  'invalid_software_statement',
  'invalid_redirect_uri',
  'invalid_webhook_uris',
  'invalid_client_metadata',
]

/** Judges what a client asks for, and what it publishes, and lets the server have its say. Throws a `RegistrationError`. */
export async function settle(engine: Engine, ask: Ask): Promise<Settled> {
  const { policy, clients } = engine.setup
  const { metadata, set, faults, client, recorded } = assess(engine.setup, ask)
  if (faults.length > 0) throw new RefusedMetadata(faults, recorded)
  const unfit = await publishedFaults(engine, { metadata, client }, policy.decide)
  if (unfit) throw unfit
  const complete = withSecret(metadata, ask.current)
  return { metadata: (await clients.check?.(complete)) ?? complete, set }
}

/** What would come of it: nothing of it is recorded. What a client publishes is only read where metadata are right without it. */
export async function consider(
  engine: Engine,
  ask: Ask,
  { published }: { readonly published: boolean },
): Promise<Omit<Assessment, 'recorded'>> {
  const { policy, clients } = engine.setup
  const { recorded: _recorded, ...assessment } = assess(engine.setup, ask, policy.consider)
  const { faults, metadata } = assessment
  if (faults.length > 0) return assessment
  try {
    const unfit = published ? await publishedFaults(engine, assessment, policy.consider) : undefined
    if (unfit) throw unfit
    await clients.check?.(withSecret(metadata, ask.current))
    return assessment
  } catch (cause) {
    if (!(cause instanceof RegistrationError)) throw cause
    return { ...assessment, faults: [{ error: faultOf(cause), description: cause.message }] }
  }
}

const faultOf = ({ error }: RegistrationError): MetadataFault['error'] =>
  PRECEDENCE.find((known) => known === error) ?? 'invalid_client_metadata'

/** What is wrong with the keys and the sector identifier document that a client publishes. */
async function publishedFaults(
  { documents }: Engine,
  { metadata, client }: Pick<Assessment, 'metadata' | 'client'>,
  judging: Policy['decide'],
): Promise<RefusedMetadata | undefined> {
  const { jwks_uri: uri } = metadata
  const [published, sector] = await Promise.all([isText(uri) ? documents.keysOf(uri, metadata) : NO_KEYS, documents.sectorFault(metadata)])
  const unfit = [...('faults' in published ? published.faults : []), ...(sector ? [sector] : [])]
  if (unfit.length > 0) return new RefusedMetadata(unfit, false)
  for (const key of 'keys' in published ? published.keys : []) {
    const refused = judging('key', { client, key })?.rejection
    if (refused) return new RefusedMetadata([{ error: 'invalid_client_metadata', description: `jwks_uri: ${refused.description}` }], true)
  }
  return undefined
}

const NO_KEYS = { keys: [] }

/** Whoever authenticates by a secret, or has ID tokens signed with one, is given it (RFC 7591 §3.2.1); an update keeps it. */
function withSecret(metadata: Metadata, current: Metadata | undefined): Metadata {
  const { token_endpoint_auth_method: method = 'client_secret_basic', id_token_signed_response_alg: alg } = metadata
  if (!String(method).startsWith('client_secret_') && !String(alg).startsWith('HS')) return metadata
  const { client_secret = newSecret(), client_secret_expires_at = 0 } = current ?? {}
  return { ...metadata, client_secret, client_secret_expires_at }
}

/** Octets, our choice: 256 bits. */
const SECRET_OCTETS = 32

export const newSecret = (): string => randomBytes(SECRET_OCTETS).toString('base64url')
