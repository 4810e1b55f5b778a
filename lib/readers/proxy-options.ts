import { ConfigurationError, type ConfigurationFault } from '../core/errors.js'
import { encodings, hasChainHeader } from './certificate-encodings.js'
import type { RecordDropped } from './dropped-headers.js'
import { PROXY_KINDS, type ProxyHeaders, type ProxyKind, type ProxyName, type Says, type Verified } from './proxy-kinds.js'
import { type Trusts, trustFaults } from './trusted-peers.js'

export interface FromProxyOptions {
  /**
   * The proxies, by the address their connections come from: addresses, CIDR blocks, BlockLists, and `unix` for a server that listens
   * on a path. There is no default, and everybody is no answer: who is trusted here can pass for any client.
   */
  readonly trusts: Trusts
  /** The name of the certificate's header, where whoever sets the proxy up chooses it (nginx, haproxy, apache, caddy, aws-alb, aws-alb-verify). */
  readonly header?: string | undefined
  /** The name of the chain's header: `%[ssl_c_chain_der,base64]` of haproxy. No default, since a header that the proxy does not set is set by the client. */
  readonly chainHeader?: string | undefined
  /** How the proxy says that it verified the certificate. Default per kind. */
  readonly verified?: Verified | undefined
  /**
   * Told once per request of every header that would have been read, had it not come from elsewhere. Default: a process warning
   * `FAPI_UNTRUSTED_CERTIFICATE_HEADER`, one a minute. What it throws, or rejects with, is a process warning.
   */
  readonly record?: RecordDropped | undefined
}

/** Which headers to read and how to trust them. Throws a `ConfigurationError` with everything that is wrong. */
export function proxyHeaders(kind: ProxyKind, options: FromProxyOptions): ProxyHeaders {
  if (typeof options !== 'object' || options === null) {
    const allowed = 'must be given: who may send certificate headers (trusts) has no default'
    throw new ConfigurationError([{ option: 'options', got: options, allowed }])
  }
  const known = knownHeaders(kind)
  const faults = [...trustFaults(options.trusts), ...recordFaults(options.record)]
  if (!known) throw new ConfigurationError([...faults, wrongKind(kind)])

  const { header = known.header, chainHeader = known.chainHeader, verified = known.verified } = options
  const headers = { ...known, header, chainHeader, verified }
  const fixed = fixedFaults(known, options)
  faults.push(...(fixed.length > 0 ? fixed : encodingFaults(headers)), ...verifiedFaults(verified))
  if (faults.length === 0) faults.push(...nameFaults(headers))
  if (faults.length > 0) throw new ConfigurationError(faults)
  return { ...headers, verified: typeof verified === 'string' ? verified : saysOf(verified).map((says) => ({ ...says })) }
}

/** The names of the headers with which a proxy says that it verified a certificate. */
export const saysOf = (verified: Verified): readonly Says[] => (typeof verified === 'string' ? [] : [verified].flat())

function knownHeaders(kind: unknown): ProxyHeaders | undefined {
  if (typeof kind === 'string') return Object.hasOwn(PROXY_KINDS, kind) ? PROXY_KINDS[kind as ProxyName] : undefined
  if (typeof kind !== 'object' || kind === null || !('header' in kind) || !('encoding' in kind)) return undefined
  const { header, encoding, chainHeader } = kind as Exclude<ProxyKind, string>
  return { header, encoding, chainHeader, verified: 'never', none: [''], renamable: false }
}

const wrongKind = (got: unknown): ConfigurationFault => ({
  option: 'kind',
  got,
  allowed: `must be one of ${Object.keys(PROXY_KINDS).join(', ')}, or { header, encoding }`,
})

const recordFaults = (record: unknown): ConfigurationFault[] =>
  record === undefined || typeof record === 'function' ? [] : [{ option: 'record', got: record, allowed: 'must be a function' }]

function fixedFaults({ renamable, header, chainHeader }: ProxyHeaders, options: FromProxyOptions): ConfigurationFault[] {
  if (renamable) return []
  const allowed = `must be left out: it is ${header}${chainHeader === undefined ? '' : ` and ${chainHeader}`}`
  const given = (['header', 'chainHeader'] as const).filter((option) => options[option] !== undefined)
  return given.map((option) => ({ option, got: options[option], allowed }))
}

function encodingFaults({ encoding, chainHeader }: ProxyHeaders): ConfigurationFault[] {
  const all = encodings()
  if (!all.includes(encoding)) return [{ option: 'encoding', got: encoding, allowed: `must be one of ${all.join(', ')}` }]
  if (chainHeader === undefined || hasChainHeader(encoding)) return []
  const having = all.filter((one) => hasChainHeader(one))
  return [{ option: 'chainHeader', got: chainHeader, allowed: `goes with the encodings ${having.join(', ')} only` }]
}

function verifiedFaults(verified: unknown): ConfigurationFault[] {
  if (verified === 'always' || verified === 'never') return []
  const says: readonly unknown[] = [verified].flat()
  if (says.length > 0 && says.every(isSays)) return []
  const allowed = "must be { header, value }, a list of them, 'always' or 'never'; a value is printable ASCII without space around it"
  return [{ option: 'verified', got: verified, allowed }]
}

const isSays = (value: unknown): value is Says =>
  typeof value === 'object' &&
  value !== null &&
  'header' in value &&
  typeof value.header === 'string' &&
  'value' in value &&
  typeof value.value === 'string' &&
  /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value.value)

/** A field name (RFC 9110 §5.1); its length is our choice. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/

/** Names with a meaning of their own, which clients send. */
const TAKEN = new Set([
  ...['accept', 'authorization', 'connection', 'content-length', 'content-type', 'cookie', 'date', 'dpop', 'expect', 'forwarded', 'from'],
  ...['host', 'keep-alive', 'origin', 'proxy-authorization', 'proxy-connection', 'range', 'referer', 'set-cookie', 'te', 'trailer'],
  ...['transfer-encoding', 'upgrade', 'user-agent', 'via', 'x-fapi-interaction-id', 'x-forwarded-for', 'x-forwarded-host'],
  ...['x-forwarded-proto', 'x-real-ip'],
])

function nameFaults({ header, chainHeader, verified }: ProxyHeaders): ConfigurationFault[] {
  const named: readonly (readonly [option: string, name: unknown])[] = [
    ['header', header],
    ...(chainHeader === undefined ? [] : [['chainHeader', chainHeader] as const]),
    ...saysOf(verified).map((says) => ['verified', says.header] as const),
  ]
  const seen = new Set<string>()
  return named.flatMap(([option, got]) => {
    if (typeof got !== 'string' || !TOKEN.test(got)) return [{ option, got, allowed: 'must be the name of a header' }]
    const name = got.toLowerCase()
    const allowed = TAKEN.has(name)
      ? 'must be a header that has no other meaning'
      : seen.has(name)
        ? 'must not be a header named twice'
        : undefined
    seen.add(name)
    return allowed === undefined ? [] : [{ option, got, allowed }]
  })
}
