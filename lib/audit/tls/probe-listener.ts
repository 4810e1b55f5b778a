import { ConfigurationError, type ConfigurationFault } from '../../core/errors.js'
import type { Listener } from '../../core/facts.js'
import type { CertificateWithKey } from '../exchange.js'
import { CIPHER_SUITES } from './cipher-suites.js'
import { VERSION_NAMES } from './client-hello.js'
import { type Greeting, greet, type Place } from './greet.js'
import { hostName, plainHttp, transportSecurity } from './http-answers.js'
import { inWords, negotiate } from './negotiation.js'
import { serverCertificate } from './server-certificate.js'

/** A listener, and how to try it. */
export interface ProbeOptions {
  /** A name or an address, IPv6 without brackets. */
  readonly host: string
  readonly port: number
  /** Whether browsers come here. */
  readonly browsers: boolean
  /** Whether clients come here without a browser. */
  readonly clients: boolean
  /** What is served here, each with a `/` in front: asked for over plain http, and the first one over https. */
  readonly paths?: readonly string[]
  /** PEM: trusted next to the authorities that Node knows. */
  readonly ca?: string | undefined
  /** What is shown to a listener that asks for a client certificate. */
  readonly certificate?: CertificateWithKey | undefined
  /** Seconds for each connection; 5 where it is not said, our choice. */
  readonly timeout?: number | undefined
}

/** What was found out about a listener. */
export interface Probed {
  readonly listener: Listener
  /** Why a fact is not known, or not the whole of it, by its name. */
  readonly untried: Readonly<Partial<Record<keyof Listener, string>>>
  /** What was sent and what was answered, by the fact it showed. */
  readonly evidence: Readonly<Partial<Record<keyof Listener, readonly string[]>>>
  /** How many TLS handshakes were begun. */
  readonly handshakes: number
}

/** How long one listener may keep the audit, in seconds beyond which no further cipher suites are tried; our choice. */
const LONGEST = 60
const NO_FACTS = { preferred: undefined, untrusted: undefined, expires: undefined, strictTransportSecurity: undefined, plain: undefined }

/**
 * Finds out what a TLS listener accepts, by connecting to it again and again: at one address, at most five connections at once. Never rejects:
 * what could not be found out stands in `untried`. Throws a `ConfigurationError` where host, port or timeout are none.
 */
export function probeListener(options: ProbeOptions): Promise<Probed> {
  const faults = faultsOf(options)
  if (faults.length > 0) throw new ConfigurationError(faults)
  return probe(options)
}

async function probe({ host, port, browsers, clients, paths = ['/'], ca, certificate, timeout = 5 }: ProbeOptions): Promise<Probed> {
  const until = performance.now() + LONGEST * 1000
  const known = { host: `${hostName(host)}:${port}`, browsers, clients }
  const first = await greet({ host, port, timeout, address: host }, { version: 'TLSv1.2', newest: true, suites: CIPHER_SUITES })
  const { greeting, address } = first
  if (greeting.kind === 'silent' || greeting.kind === 'unreachable') return unknown(known, greeting)
  const place: Place = { host, port, address, timeout }
  const trusting = { ca, certificate }
  const plain = await plainHttp(place, paths)
  if (greeting.kind === 'foreign') return withoutTls(known, plain)
  const negotiated = await negotiate(place, until)
  const { versions, refusedVersions, preferred, ciphers } = negotiated
  const seen = await serverCertificate(place, trusting)
  const strict = browsers ? await transportSecurity(place, paths[0] ?? '/', trusting) : undefined
  const { untrusted, expires } = seen
  return {
    listener: {
      ...{ ...known, versions, refusedVersions, preferred, ciphers, untrusted, expires },
      strictTransportSecurity: strict?.header,
      plain: plain.plain,
    },
    untried: {
      ...negotiated.untried,
      ...(versions.length === 0 && { ciphers: 'no version of TLS was accepted', preferred: 'no version of TLS was accepted' }),
      ...(seen.untried !== undefined && { untrusted: seen.untried, expires: seen.untried }),
      ...(strict?.untried !== undefined && { strictTransportSecurity: strict.untried }),
    },
    evidence: {
      ...negotiated.evidence,
      untrusted: [seen.evidence],
      expires: [seen.evidence],
      strictTransportSecurity: strict ? [strict.evidence] : [],
      plain: plain.evidence,
    },
    handshakes: 1 + negotiated.handshakes + 1 + (strict ? 1 : 0),
  }
}

type Known = Pick<Listener, 'host' | 'browsers' | 'clients'>

/** Nobody answers: nothing is known, and nothing else is tried. */
function unknown(known: Known, greeting: Greeting): Probed {
  const why = inWords(greeting)
  const facts = ['versions', 'preferred', 'ciphers', 'untrusted', 'expires', 'strictTransportSecurity', 'plain'] as const
  return {
    listener: { ...known, versions: [], refusedVersions: [], ciphers: [], ...NO_FACTS },
    untried: Object.fromEntries(facts.map((fact) => [fact, why])),
    evidence: Object.fromEntries(facts.map((fact) => [fact, [`TLSv1.3 and TLSv1.2 offered → ${why}`]])),
    handshakes: 1,
  }
}

/** Somebody answers, but does not speak TLS: every version is refused, and there is no certificate to look at. */
function withoutTls(
  known: Known,
  { plain, evidence }: { readonly plain: Listener['plain']; readonly evidence: readonly string[] },
): Probed {
  const why = 'the listener does not speak TLS'
  return {
    listener: { ...known, versions: [], refusedVersions: VERSION_NAMES, ciphers: [], ...NO_FACTS, plain },
    untried: { preferred: why, ciphers: why, untrusted: why, expires: why, strictTransportSecurity: why },
    evidence: { versions: ['TLSv1.3 and TLSv1.2 offered → answered something that is not TLS'], plain: evidence },
    handshakes: 1,
  }
}

function faultsOf({ host, port, timeout = 5, paths = [] }: ProbeOptions): ConfigurationFault[] {
  const wrongPath = paths.find((path) => !/^\/[\x21-\x7e]*$/.test(path))
  return [
    ...(/^[\w.:%-]{1,255}$/.test(host) ? [] : [{ option: 'host', got: host, allowed: 'must be a host name or an address' }]),
    ...(Number.isInteger(port) && port > 0 && port < 65_536
      ? []
      : [{ option: 'port', got: port, allowed: 'must be a port from 1 to 65535' }]),
    ...(timeout > 0 && timeout <= 60 ? [] : [{ option: 'timeout', got: timeout, allowed: 'must be a number of seconds up to 60' }]),
    ...(wrongPath === undefined ? [] : [{ option: 'paths', got: wrongPath, allowed: 'must be paths that begin with /' }]),
  ]
}
