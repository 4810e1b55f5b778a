import { BlockList, isIP, isIPv4, type Server, type Socket, SocketAddress } from 'node:net'
import type { ConfigurationFault } from '../core/errors.js'

/**
 * Who is trusted: addresses (`10.0.0.2`), CIDR blocks (`10.0.0.0/24`, `2001:db8::/64`), `unix` for whoever reaches a server that
 * listens on a path, and BlockLists, which are asked as they are. A BlockList may stand alone.
 */
export type Trusts = BlockList | readonly (string | BlockList)[]

/** A range of addresses of one family. */
interface Block {
  readonly address: string
  readonly family: 'ipv4' | 'ipv6'
  readonly prefix: number
}

const ALLOWED = "must be an address, a CIDR block, 'unix' or a BlockList"

/** What is wrong with a list of trusted peers, all of it. */
export function trustFaults(trusts: unknown): readonly ConfigurationFault[] {
  if (trusts instanceof BlockList) return []
  if (!Array.isArray(trusts) || trusts.length === 0) {
    const allowed = "must list the addresses or CIDR blocks of the proxies, 'unix' or a BlockList; there is no default"
    return [{ option: 'trusts', got: trusts, allowed }]
  }
  return trusts.flatMap((entry: unknown) => {
    if (entry instanceof BlockList || entry === 'unix') return []
    const block = blockOf(entry)
    if (block && block.prefix > 0) return []
    return [{ option: 'trusts', got: entry, allowed: block ? 'must not trust everybody' : ALLOWED }]
  })
}

/**
 * Tells whether the other end of a socket is trusted, by the address the kernel states and by nothing that was sent. The list has
 * passed {@link trustFaults}.
 */
export function trustedPeers(trusts: Trusts): (socket: Socket) => boolean {
  const entries: readonly (string | BlockList)[] = trusts instanceof BlockList ? [trusts] : trusts
  // Apart, because a BlockList takes an IPv4 address to lie in `::/1`.
  const own = { ipv4: new BlockList(), ipv6: new BlockList() }
  for (const entry of entries) {
    const block = blockOf(entry)
    if (block) own[block.family].addSubnet(block.address, block.prefix, block.family)
  }
  const given = entries.filter((entry) => entry instanceof BlockList)
  const trustsUnix = entries.includes('unix')

  return function isTrusted(socket) {
    const { remoteAddress } = socket
    if (remoteAddress === undefined) return trustsUnix && isUnixSocket(socket)
    const address = plainAddress(remoteAddress)
    if (address === undefined) return false
    const family = familyOf(address)
    return own[family].check(address, family) || given.some((list) => list.check(address, family))
  }
}

/** The end of a TCP connection that broke has no address either: what tells a unix socket is that its server listens on a path. */
function isUnixSocket(socket: Socket): boolean {
  const { server } = socket as { readonly server?: Server }
  return !socket.destroyed && typeof server?.address?.() === 'string'
}

function blockOf(entry: unknown): Block | undefined {
  if (typeof entry !== 'string') return undefined
  const [written = '', length, ...rest] = entry.split('/')
  // A zone says which interface, and that cannot be promised.
  const address = written.includes('%') ? undefined : plainAddress(written)
  if (address === undefined || rest.length > 0) return undefined
  const family = familyOf(address)
  const bits = family === 'ipv4' ? 32 : 128
  if (length === undefined) return { address, family, prefix: bits }
  const prefix = /^(0|[1-9]\d{0,2})$/.test(length) ? Number(length) - (isIPv4(written) ? 0 : 128 - bits) : -1
  return prefix >= 0 && prefix <= bits ? { address, family, prefix } : undefined
}

/** An address as it is compared: without its zone, and an IPv4 address mapped into IPv6 (RFC 4291 §2.5.5.2) as the IPv4 address it is. */
function plainAddress(text: string): string | undefined {
  const [written = ''] = text.split('%', 1)
  const version = isIP(written)
  if (version !== 6) return version === 4 ? written : undefined
  const { address } = new SocketAddress({ address: written, family: 'ipv6' })
  const mapped = address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : ''
  return isIPv4(mapped) ? mapped : address
}

const familyOf = (address: string) => (isIPv4(address) ? 'ipv4' : 'ipv6')
