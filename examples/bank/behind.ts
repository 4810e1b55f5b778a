import { isIP } from 'node:net'
import { ConfigurationError, fromProxy, type ProxyName } from 'express-fapi'
import { StartError } from './start-error.js'

/** The proxies the bank can stand behind, by what their headers look like (docs/proxies.md). */
const KINDS = [
  'rfc9440',
  'nginx',
  'haproxy',
  'apache',
  'caddy',
  'envoy',
  'traefik',
  'aws-alb',
  'aws-alb-verify',
  'azure',
  'cloudflare',
] as const satisfies readonly ProxyName[]

/** What is said about the proxy in front; nothing of it goes without `behind`. */
export interface BehindOptions {
  /** The kind of proxy that ends TLS in front of the bank. */
  readonly behind?: string | undefined
  /** Where its requests come from: addresses, CIDR blocks, or `unix`. */
  readonly trustProxy?: readonly string[] | undefined
  /** Whether it lets no certificate through that it has not verified. */
  readonly proxyVerifies?: boolean | undefined
  /** The origin under which the proxy asks for client certificates. Default: the issuer. */
  readonly mtlsOrigin?: string | undefined
  /** The address to listen at. Default 127.0.0.1. */
  readonly host?: string | undefined
  /** The path of a Unix socket to listen at, instead of a port. */
  readonly socket?: string | undefined
}

export interface Behind {
  readonly kind: ProxyName
  readonly trusts: readonly string[]
  readonly verifies: boolean
  readonly mtlsOrigin: string
  readonly host: string
  readonly socket: string | undefined
}

/** Options of the bank that contradict a proxy in front of it. */
interface Others {
  readonly issuer?: string | undefined
  readonly port?: number | undefined
  readonly mtlsPort?: number | undefined
  readonly tlsCert?: string | undefined
  readonly tlsKey?: string | undefined
}

/** Checks what is said about a proxy, and fills in the defaults. Throws a `StartError` that names the flag. */
export function settleBehind(options: BehindOptions, { issuer, port, mtlsPort, tlsCert, tlsKey }: Others): Behind | undefined {
  const { behind, trustProxy, proxyVerifies, mtlsOrigin, host, socket } = options
  if (behind === undefined) {
    const own = {
      '--trust-proxy': trustProxy,
      '--proxy-verifies': proxyVerifies,
      '--mtls-origin': mtlsOrigin,
      '--host': host,
      '--socket': socket,
    }
    const stray = given(own)
    if (stray) throw new StartError(`${stray} is given without --behind: say which kind of proxy ends TLS, or leave ${stray} out`)
    return undefined
  }
  const kind = KINDS.find((name) => name === behind)
  if (!kind) throw new StartError(`--behind is ${JSON.stringify(behind)}: give one of ${KINDS.join(', ')}`)
  const contradiction = given({ '--tls-cert': tlsCert, '--tls-key': tlsKey, '--mtls-port': mtlsPort })
  if (contradiction) throw new StartError(`${contradiction} is given with --behind: the proxy ends TLS, so leave ${contradiction} out`)
  if (issuer === undefined) throw new StartError('--behind is given without --issuer: give the origin that the proxy answers under')
  if (trustProxy === undefined)
    throw new StartError('--behind is given without --trust-proxy: say where the proxy connects from, such as 127.0.0.1/32')
  checkTrusts(kind, trustProxy)
  if (socket !== undefined) checkSocket(socket, { host, port })
  if ((socket !== undefined) !== trustProxy.includes('unix'))
    throw new StartError('--socket PATH and --trust-proxy unix go together: give both, or an address of the proxy')
  if (host !== undefined && isIP(host) === 0)
    throw new StartError(`--host is ${JSON.stringify(host)}: give an IP address, such as 127.0.0.1`)
  return {
    kind,
    trusts: trustProxy,
    verifies: proxyVerifies ?? false,
    mtlsOrigin: mtlsOrigin ?? issuer,
    host: host ?? '127.0.0.1',
    socket,
  }
}

function checkTrusts(kind: ProxyName, trusts: readonly string[]): void {
  try {
    fromProxy(kind, { trusts })
  } catch (cause) {
    if (!(cause instanceof ConfigurationError)) throw cause
    throw new StartError(cause.message.replaceAll(/\btrusts is\b/g, '--trust-proxy is'))
  }
}

function checkSocket(socket: string, { host, port }: { host: string | undefined; port: number | undefined }): void {
  if (socket === '') throw new StartError('--socket is empty: give a path')
  const other = given({ '--host': host, '--port': port })
  if (other) throw new StartError(`--socket and ${other} are both given: the bank listens at one place, so leave one out`)
}

/** The first flag that is there; one that is false says nothing. */
const given = (flags: Readonly<Record<string, unknown>>) =>
  Object.keys(flags).find((flag) => flags[flag] !== undefined && flags[flag] !== false)
