import { reasonOf } from '../../core/errors.js'
import type { Facts, Listener } from '../../core/facts.js'
import { judge } from '../../core/judge.js'
import { type Profile, rulesOf } from '../../core/profile.js'
import { redacted } from '../../core/redacted.js'
import type { Rule } from '../../core/rule.js'
import { explainedClauses } from '../clauses.js'
import type { CertificateWithKey } from '../exchange.js'
import type { Finding, Progress } from '../finding.js'
import type { Reach } from '../reach.js'
import { type Behind, type Host, listenersOf } from './listeners.js'
import { type Probed, probeListener } from './probe-listener.js'

export type { Host } from './listeners.js'

export interface TlsOptions {
  /** PEM: trusted next to the authorities that Node knows. */
  readonly ca?: string | undefined
  /** What is shown to a listener that asks for a client certificate. */
  readonly certificate?: CertificateWithKey | undefined
  /** Seconds for each connection; 5 where it is not said. */
  readonly timeout?: number | undefined
  readonly progress?: Progress | undefined
  /** Where connections may go; everywhere when not given. */
  readonly reach?: Reach | undefined
}

/** Listeners that are tried, our choice: a server has few, and its metadata may name as many as it likes. */
const MOST = 12

/** What a rule has to know of a listener, and to whom it matters. */
interface Look {
  readonly title: string
  readonly needs: readonly (keyof Listener)[]
  readonly of?: 'browsers' | 'clients'
}

const LOOKS: Readonly<Record<string, Look>> = Object.freeze({
  'tls-versions': { title: 'Protocol versions, each offered alone', needs: ['versions'] },
  'tls-1-3-offered': { title: 'TLS 1.3 offered alone', needs: ['versions'] },
  'tls-1-3-preferred': { title: 'TLS 1.2 and TLS 1.3 offered together', needs: ['preferred'] },
  'tls-ciphers': { title: 'Cipher suites of TLS 1.2 where clients call directly', needs: ['ciphers'], of: 'clients' },
  'tls-ciphers-unbroken': { title: 'Broken cipher suites offered', needs: ['ciphers'] },
  'tls-ciphers-undeprecated': { title: 'Deprecated cipher suites offered', needs: ['ciphers'] },
  'server-certificate-trusted': { title: 'Certificate of the server', needs: ['untrusted'] },
  'server-certificate-lasting': { title: 'How long the certificate lasts', needs: ['expires'] },
  'strict-transport-security': { title: 'Strict-Transport-Security for browsers', needs: ['strictTransportSecurity'], of: 'browsers' },
  'no-plain-http': { title: 'Plain http', needs: ['plain'] },
} satisfies Record<string, Look>)

/**
 * Tries the listeners behind some URLs, one after the other, and judges each: one finding for each rule of the profile and each listener it matters to. Give
 * every URL the server publishes: those of one host and port are one listener, which serves browsers, clients or both. Never rejects.
 */
export async function tlsFindings(profile: Profile, hosts: readonly Host[], options: TlsOptions = {}): Promise<readonly Finding[]> {
  const { progress } = options
  progress?.({ started: 'tls' })
  const findings: Finding[] = []
  const listeners = listenersOf(hosts)
  for (const listener of listeners.slice(0, MOST)) {
    const found = judged(profile, await probed(listener, options))
    for (const finding of found) progress?.({ found: finding })
    findings.push(...found)
  }
  if (listeners.length > MOST) findings.push(untriedListeners(listeners.length))
  return Object.freeze(findings)
}

const untriedListeners = (count: number): Finding => ({
  ...{ area: 'tls', id: 'tls-versions/others', rule: 'tls-versions', status: 'unjudged', clauses: [], mend: undefined, evidence: [] },
  title: 'More listeners',
  expected: 'Each listener that the metadata name is held to the profile.',
  got: `The metadata name ${count} listeners, of which the first ${MOST} were tried.`,
})

async function probed({ secure, ...listener }: Behind, { ca, certificate, timeout, reach }: TlsOptions): Promise<Probed> {
  try {
    const { host, port } = listener
    if (secure) await reach?.(new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port}`))
    return secure ? await probeListener({ ...listener, ca, certificate, timeout }) : unprobed(listener, 'its URL begins with http:', false)
  } catch (cause) {
    return unprobed(listener, `it could not be tried: ${redacted(reasonOf(cause))}`, true)
  }
}

const FACTS = ['versions', 'preferred', 'ciphers', 'untrusted', 'expires', 'strictTransportSecurity', 'plain'] as const

/** A listener that nobody connected to. Whose URL says http has no TLS, as far as the clients know. */
function unprobed({ host, port, browsers, clients }: Omit<Behind, 'secure'>, why: string, mayBe: boolean): Probed {
  const listener: Listener = {
    ...{ host: `${host.includes(':') ? `[${host}]` : host}:${port}`, browsers, clients, versions: [], ciphers: [] },
    refusedVersions: mayBe ? [] : ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'],
    ...{ preferred: undefined, untrusted: undefined, expires: undefined, strictTransportSecurity: undefined, plain: undefined },
  }
  const unknown = FACTS.filter((fact) => mayBe || fact !== 'versions')
  return { listener, untried: Object.fromEntries(unknown.map((fact) => [fact, why])), evidence: { versions: [why] }, handshakes: 0 }
}

/** Every rule of the stage that matters to a listener, broken or not. */
function judged(profile: Profile, probe: Probed): readonly Finding[] {
  const { listener } = probe
  const facts = { now: Math.floor(Date.now() / 1000), listener }
  const broken = new Map(judge(profile, 'tls', facts).map(({ rule, description }) => [rule, description]))
  const rules = new Map<string, { readonly rule: Rule; readonly clauses: readonly string[] }>()
  for (const [clause, rule] of rulesOf(profile)) {
    if (rule.at.includes('tls')) rules.set(rule.id, { rule, clauses: [...(rules.get(rule.id)?.clauses ?? []), clause] })
  }
  return [...rules.values()]
    .filter(({ rule }) => matters(LOOKS[rule.id]?.of, listener))
    .map(({ rule, clauses }) => finding(profile, probe, facts, rule, clauses, broken.get(rule.id)))
}

const matters = (of: Look['of'], listener: Listener) => of === undefined || listener[of]

function finding(
  profile: Profile,
  { listener, untried, evidence }: Probed,
  { now }: Facts['tls'],
  { id, summary, mend, advises }: Rule,
  clauses: readonly string[],
  broken: string | undefined,
): Finding {
  const { title, needs } = LOOKS[id] ?? { title: summary, needs: [] }
  const missing = needs.flatMap((fact) => untried[fact] ?? [])
  // What was found to be wrong is wrong, whatever else could not be tried; but nothing was found where the fact is missing altogether.
  const proven = broken !== undefined && (missing.length === 0 || needs.every((fact) => listener[fact] !== undefined))
  const status = proven ? (advises ? 'warned' : 'failed') : missing.length > 0 ? 'unjudged' : 'passed'
  const got = proven ? broken : missing.length > 0 ? missing.join('; ') : needs.map((fact) => inWords(fact, listener, now)).join('; ')
  return {
    area: 'tls',
    id: `${id}/${listener.host}`,
    rule: id,
    title: `${title} at ${listener.host}`,
    status,
    clauses: explainedClauses(clauses, profile),
    expected: summary,
    got: sentence(got),
    mend: proven ? mend : undefined,
    evidence: [...new Set(needs.flatMap((fact) => evidence[fact] ?? []))],
  }
}

/** A fact that was found to be right, for a report. */
function inWords(fact: keyof Listener, listener: Listener, now: number): string {
  switch (fact) {
    case 'versions':
      return `accepts ${listener.versions.join(' and ')}`
    case 'preferred':
      return `chooses ${listener.preferred ?? 'none'}`
    case 'ciphers':
      return listener.ciphers.length > 0 ? `accepts ${listener.ciphers.join(', ')}` : 'accepts no cipher suite of TLS 1.2'
    case 'untrusted':
      return 'the certificate is accepted'
    case 'expires':
      return listener.expires === undefined ? 'no end is known' : `${Math.floor((listener.expires - now) / 86_400)} days are left`
    case 'strictTransportSecurity':
      return `Strict-Transport-Security: ${String(listener.strictTransportSecurity).slice(0, 200)}`
    case 'plain':
      return listener.plain === 'redirect' ? 'plain http redirects to https' : 'plain http serves nothing'
    default:
      return String(listener[fact])
  }
}

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`
