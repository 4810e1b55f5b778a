import { BlockList, isIP, isIPv4 } from 'node:net'

/** Not reachable from everywhere, from the registry of special addresses (RFC 6890), or not for one host alone. */
const PRIVATE_IPV4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24'],
  ...['192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
]

/** What is handed out to hosts (RFC 4291 §2.4): whatever lies outside is private. */
const GLOBAL_IPV6 = ['2000::/3']
/** What is special inside of it: protocols and Teredo, documentation, 6to4. */
const SPECIAL_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']

/**
 * Where clouds hand out credentials: link-local (AWS, Azure, Google, Oracle, OpenStack and others), Alibaba, Oracle's former one,
 * Azure's wire server; in IPv6 AWS, Google and Scaleway.
 */
const METADATA_IPV4 = ['169.254.0.0/16', '100.100.100.200/32', '192.0.0.192/32', '168.63.129.16/32']
const METADATA_IPV6 = ['fe80::/10', 'fd00:ec2::/32', 'fd20:ce::254/128', 'fd00:42::42/128']

/**
 * What kind of an address it is, in whatever spelling: `metadata` of a cloud, which nobody outside of it has any business with;
 * `private`, which includes IPv6 addresses that stand for an IPv4 address; or `public`. What is no address is of no kind.
 */
export function kindOfAddress(text: string): 'metadata' | 'private' | 'public' | undefined {
  const [address = ''] = text.split('%', 1)
  const version = isIP(address)
  if (version === 4) return kindOfIPv4(address)
  return version === 6 ? kindOfIPv6(address) : undefined
}

function kindOfIPv4(address: string) {
  if (metadataIPv4.check(address, 'ipv4')) return 'metadata'
  return privateIPv4.check(address, 'ipv4') ? 'private' : 'public'
}

function kindOfIPv6(address: string) {
  const inside = embeddedIPv4(groupsOf(address))
  if (inside !== undefined) return kindOfIPv4(inside) === 'metadata' ? 'metadata' : 'private'
  if (metadataIPv6.check(address, 'ipv6')) return 'metadata'
  return globalIPv6.check(address, 'ipv6') && !specialIPv6.check(address, 'ipv6') ? 'public' : 'private'
}

/**
 * The IPv4 address that a gateway, or the kernel, would take an IPv6 address for: mapped, compatible or translated (all in `::/64`),
 * NAT64 (RFC 6052 and RFC 8215, the latter as it is with 96 bits) and 6to4.
 */
function embeddedIPv4(groups: readonly number[]): string | undefined {
  const [first, second] = groups
  if (first === 0x2002) return dotted(groups.slice(1, 3))
  const isTranslated = first === 0x64 && second === 0xff9b
  return isTranslated || groups.slice(0, 4).every((group) => group === 0) ? dotted(groups.slice(6)) : undefined
}

const dotted = (groups: readonly number[]) => groups.flatMap((group) => [group >> 8, group & 255]).join('.')

/** The eight numbers of an IPv6 address. */
function groupsOf(address: string): readonly number[] {
  // A URL has each address in one spelling, without dotted parts.
  const [head = '', tail = ''] = new URL(`https://[${address}]`).hostname.slice(1, -1).split('::')
  const [front, back] = [head, tail].map((part) => part.split(':').filter(Boolean)) as [string[], string[]]
  const zeros = Array<string>(8 - front.length - back.length).fill('0')
  return [...front, ...zeros, ...back].map((group) => Number.parseInt(group, 16))
}

// Apart by family, because a BlockList takes an IPv4 address to lie in `::/1`.
const privateIPv4 = listOf(PRIVATE_IPV4)
const metadataIPv4 = listOf(METADATA_IPV4)
const metadataIPv6 = listOf(METADATA_IPV6)
const globalIPv6 = listOf(GLOBAL_IPV6)
const specialIPv6 = listOf(SPECIAL_IPV6)

function listOf(blocks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const block of blocks) {
    const [address = '', length] = block.split('/')
    list.addSubnet(address, Number(length), isIPv4(address) ? 'ipv4' : 'ipv6')
  }
  return list
}
