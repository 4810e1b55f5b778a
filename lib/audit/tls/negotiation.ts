import type { Listener } from '../../core/facts.js'
import { CIPHER_SUITES, suiteName } from './cipher-suites.js'
import { VERSION_NAMES, type Version } from './client-hello.js'
import { type Greeting, greet, type Place } from './greet.js'

/** What a listener took of what was offered to it. */
export interface Negotiated extends Pick<Listener, 'versions' | 'refusedVersions' | 'preferred' | 'ciphers'> {
  /** Why something could not be tried, by the fact. */
  readonly untried: Readonly<Record<string, string>>
  /** What was offered and what was answered, by the fact. */
  readonly evidence: Readonly<Record<string, readonly string[]>>
  /** How many connections it took. */
  readonly handshakes: number
}

/** Into how many parts the cipher suites are divided, which are tried at the same time; our choice. */
const PARTS = 3

/**
 * Offers a listener each version alone, then TLS 1.2 and 1.3 together, then the cipher suites of TLS 1.2: what it chooses is taken out, until it
 * refuses. So many connections as it has suites, and a few more. `until` is when to give up, in milliseconds of `performance.now()`.
 */
export async function negotiate(place: Place, until: number): Promise<Negotiated> {
  const tried = await Promise.all(VERSION_NAMES.map(async (version) => ({ version, answer: await offered(place, version, false) })))
  const taken = ({ version, answer }: (typeof tried)[number]) => answer.kind === 'chosen' && answer.version === version
  // Who closes every connection refuses no version: it does not want to talk.
  const talks = tried.some(({ answer }) => answer.kind === 'chosen' || answer.kind === 'alert')
  const unclear = tried.filter(({ answer }) => isUnclear(answer) || !talks)
  const versions = tried.filter(taken).map(({ version }) => version)
  const both = await offered(place, 'TLSv1.2', true)
  const suites = versions.includes('TLSv1.2') ? await suitesOf(place, until) : { ciphers: [], handshakes: 0, why: undefined }
  return {
    versions,
    refusedVersions: tried.filter((one) => !taken(one) && !unclear.includes(one)).map(({ version }) => version),
    preferred: both.kind === 'chosen' ? both.version : undefined,
    ciphers: suites.ciphers,
    untried: {
      ...(unclear.length > 0 && { versions: unclear.map(({ version, answer }) => `${version}: ${inWords(answer)}`).join('; ') }),
      ...(isUnclear(both) && { preferred: inWords(both) }),
      ...(suites.why !== undefined && { ciphers: suites.why }),
    },
    evidence: {
      versions: tried.map(({ version, answer }) => `${version} offered alone → ${inWords(answer)}`),
      preferred: [`TLSv1.3 and TLSv1.2 offered to ${place.address} → ${inWords(both)}`],
      ciphers: [
        `${CIPHER_SUITES.length} cipher suites offered with TLSv1.2, what was chosen taken out each time → ${listOf(suites.ciphers)}`,
      ],
    },
    handshakes: tried.length + 1 + suites.handshakes,
  }
}

const offered = async (place: Place, version: Version, newest: boolean): Promise<Greeting> =>
  (await greet(place, { version, newest, suites: CIPHER_SUITES })).greeting

interface Suites {
  readonly ciphers: readonly string[]
  readonly handshakes: number
  /** Why there may be more. */
  readonly why: string | undefined
}

async function suitesOf(place: Place, until: number): Promise<Suites> {
  const parts = Array.from({ length: PARTS }, (_, part) => CIPHER_SUITES.filter((_code, index) => index % PARTS === part))
  const found = await Promise.all(parts.map((part) => suitesAmong(place, part, until)))
  const taken = found.flatMap(({ chosen }) => chosen)
  const why = found.find((part) => part.why !== undefined)?.why
  // A connection that is closed refuses a suite only if the listener has not had enough of the audit.
  const check = why === undefined && found.some(({ closed }) => closed)
  const { kind } = check ? await offered(place, 'TLSv1.2', false) : { kind: 'chosen' }
  return {
    ciphers: CIPHER_SUITES.filter((code) => taken.includes(code)).map(suiteName),
    handshakes: found.reduce((sum, { handshakes }) => sum + handshakes, check ? 1 : 0),
    why: kind === 'chosen' ? why : 'the listener stopped answering before all cipher suites were tried',
  }
}

interface Part {
  readonly chosen: readonly number[]
  readonly handshakes: number
  readonly why: string | undefined
  /** Whether the refusal in the end was a closed connection. */
  readonly closed: boolean
}

async function suitesAmong(place: Place, suites: readonly number[], until: number, chosen: readonly number[] = []): Promise<Part> {
  const rest = suites.filter((suite) => !chosen.includes(suite))
  const done = (why?: string, greeted = 1, closed = false): Part => ({ chosen, handshakes: chosen.length + greeted, why, closed })
  if (rest.length === 0) return done(undefined, 0)
  if (performance.now() > until) return done('the listener took too long to try all cipher suites', 0)
  const { greeting } = await greet(place, { version: 'TLSv1.2', suites: rest })
  if (isUnclear(greeting)) return done(inWords(greeting))
  if (greeting.kind !== 'chosen' || greeting.version !== 'TLSv1.2') return done(undefined, 1, greeting.kind === 'closed')
  // It chose what was not offered, so that nothing would ever be left.
  if (!rest.includes(greeting.suite)) return done(`the listener chose ${suiteName(greeting.suite)}, which was not offered`)
  return suitesAmong(place, suites, until, [...chosen, greeting.suite])
}

/** Whether an answer says nothing of what was offered. */
const isUnclear = ({ kind }: Greeting) => kind === 'silent' || kind === 'unreachable' || kind === 'foreign'

const ALERTS: ReadonlyMap<number, string> = new Map([
  [40, 'handshake_failure'],
  [47, 'illegal_parameter'],
  [70, 'protocol_version'],
  [71, 'insufficient_security'],
  [80, 'internal_error'],
  [86, 'inappropriate_fallback'],
  [112, 'unrecognized_name'],
])

/** An answer, as it stands in a report. */
export function inWords(greeting: Greeting): string {
  switch (greeting.kind) {
    case 'chosen':
      return `${greeting.version ?? 'a version nobody knows'} chosen`
    case 'alert':
      return `refused (${ALERTS.get(greeting.alert) ?? `alert ${greeting.alert}`})`
    case 'closed':
      return 'connection closed'
    case 'silent':
      return 'no answer in time'
    case 'foreign':
      return 'answered something that is not TLS'
    case 'unreachable':
      return `no connection: ${greeting.reason}`
  }
}

const listOf = (suites: readonly string[]) => suites.join(', ') || 'none'
