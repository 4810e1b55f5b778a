import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { createSecureContext } from 'node:tls'
import { isHttpsUrl, isText, urlOf } from '../core/claims.js'
import type { ConfigurationFault } from '../core/errors.js'
import { kindOfAddress } from './private-addresses.js'

/** How far others may lead this process when it fetches what they publish. */
export interface OutboundOptions {
  /**
   * Hosts that may have private addresses: `idp.internal.example` for port 443, `idp.internal.example:8443` for another. Exact
   * names, and there is none by default. A link-local address, or one where a cloud keeps its metadata, is refused all the same.
   */
  readonly allowPrivateHosts?: readonly string[]
  /** The authorities that may have issued a server's certificate, as PEM, in place of those that Node knows. */
  readonly ca?: string | readonly string[]
  /** A client certificate and its key to show, as PEM. */
  readonly identity?: { readonly cert: string; readonly key: string }
  /** Seconds for everything, from the name to the last octet; 5 when not given, at most 60. */
  readonly timeout?: number
  /** Octets of an answer; 65,536 when not given, at most 10 million. */
  readonly maxBytes?: number
  /** The addresses of a name; those the operating system knows when not given. They are checked all the same, and no others connected to. */
  readonly resolve?: (hostname: string) => Promise<readonly string[]>
}

/** Seconds and octets, our choice: what takes longer or more is no set of keys. */
const MOST_SECONDS = 60
const MOST_BYTES = 10_000_000

/** What is wrong with the options, all of it. */
export function outboundFaults(options: OutboundOptions): ConfigurationFault[] {
  const {
    allowPrivateHosts = [],
    ca,
    identity,
    timeout = 5,
    maxBytes = 65_536,
    resolve,
  }: Readonly<Record<string, unknown>> = { ...options }
  const faults: ConfigurationFault[] = []
  const fault = (option: string, got: unknown, allowed: string) => faults.push({ option, got, allowed })
  if (!Array.isArray(allowPrivateHosts) || !allowPrivateHosts.every((host) => hostOf(host) !== undefined))
    fault('allowPrivateHosts', allowPrivateHosts, "must list exact hosts, with a port where it is not 443: 'idp.internal.example:8443'")
  if (ca !== undefined && !isPem(ca)) fault('ca', ca, 'must be certificates as PEM')
  if (identity !== undefined && !isIdentity(identity)) fault('identity', typeof identity, 'must be a certificate and the key to it, as PEM')
  if (!(typeof timeout === 'number' && timeout > 0 && timeout <= MOST_SECONDS))
    fault('timeout', timeout, `must be seconds, more than 0 and at most ${MOST_SECONDS}`)
  if (!(Number.isInteger(maxBytes) && Number(maxBytes) > 0 && Number(maxBytes) <= MOST_BYTES))
    fault('maxBytes', maxBytes, `must be a whole number of octets from 1 to ${MOST_BYTES}`)
  if (resolve !== undefined && typeof resolve !== 'function') fault('resolve', resolve, 'must be a function from a name to its addresses')
  return faults
}

/** The hosts of `allowPrivateHosts` as URLs have them; what is none is left out. */
export const hostsOf = (allowPrivateHosts: unknown): ReadonlySet<string> =>
  new Set([allowPrivateHosts].flat().flatMap((entry) => hostOf(entry) ?? []))

/** A host, or nothing for what is more than that, or a pattern. */
function hostOf(entry: unknown): string | undefined {
  if (!isText(entry) || /[\p{Cc}\s/\\?#@*]/u.test(entry)) return undefined
  return urlOf(`https://${entry}`)?.host
}

function isIdentity(value: unknown): boolean {
  const { cert, key }: Readonly<Record<string, unknown>> = { ...(typeof value === 'object' ? value : {}) }
  if (!isText(cert) || !isText(key)) return false
  try {
    createSecureContext({ cert, key })
    return true
  } catch {
    return false
  }
}

function isPem(value: unknown): boolean {
  const texts: readonly unknown[] = [value].flat()
  return texts.length > 0 && texts.every((text) => isText(text) && certificatesIn(text) > 0)
}

/** How many certificates there are in a PEM text; none where one of them cannot be read. */
function certificatesIn(text: string): number {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
  try {
    return blocks.map((block) => new X509Certificate(block)).length
  } catch {
    return 0
  }
}

/** Says why a URL is not fetched from, or nothing; `allowed` are {@link hostsOf}. What a name resolves to is seen when it is asked. */
export function urlFault(url: unknown, allowed: ReadonlySet<string>): string | undefined {
  if (!isHttpsUrl(url)) return 'must be an https URL'
  const parsed = new URL(url)
  if (parsed.username || parsed.password) return 'must have no credentials in it'
  const name = nameOf(parsed)
  return isIP(name) ? addressFault(name, parsed, allowed) : undefined
}

/** The name or address in a URL; an address of IPv6 without its brackets. */
export const nameOf = ({ hostname }: URL): string => hostname.replaceAll(/^\[|\]$/g, '')

/** Says why an address is not connected to for a URL, or nothing. */
export function addressFault(address: string, { host }: URL, allowed: ReadonlySet<string>): string | undefined {
  const kind = kindOfAddress(address)
  if (kind === 'public' || (kind === 'private' && allowed.has(host))) return undefined
  if (kind === 'private') return `must not be at the private address ${address} unless allowPrivateHosts has '${host}'`
  return kind === 'metadata' ? `must not be at ${address}, where a machine asks about itself` : 'must not be at what is no address'
}
