import { lookup } from 'node:dns/promises'
import { isIP, type LookupFunction } from 'node:net'
import { kindOfAddress } from '../readers/private-addresses.js'

/* Metadata come from the server that is audited, and the audit runs inside somebody's network: it goes where its user sent it, and not everywhere. */

/** Looks at a URL before anything is sent there. Resolves to the addresses that were looked at, or to nothing where any may be taken; rejects where it must not be asked. */
export type Reach = (url: URL) => Promise<LookupFunction | undefined>

type Resolve = (hostname: string) => Promise<readonly string[]>

const resolveBySystem: Resolve = async (hostname) => (await lookup(hostname, { all: true })).map(({ address }) => address)

const LOOPBACK = /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

/**
 * Where an audit may send requests. `given` are the URLs that its user named: their hosts are asked wherever they are. Others only over https (or http on this
 * machine, where a given one is there), never with credentials in the URL, and at private addresses only where a given host is at one, too.
 */
export function reachFrom(given: readonly URL[], resolve: Resolve = resolveBySystem): Reach {
  const hosts = new Set(given.map(({ hostname }) => hostname))
  const isPlain = given.length === 0 || given.some(({ protocol }) => protocol === 'http:')
  const addressesOf = async (hostname: string) => {
    const name = hostname.replaceAll(/^\[|\]$/g, '')
    // What cannot be resolved cannot be connected to either, and says so there.
    return isIP(name) ? [name] : await resolve(name).catch(() => [])
  }
  const lookInside = async () => {
    const all = await Promise.all([...hosts].map(addressesOf))
    return all.flat().some((address) => kindOfAddress(address) === 'private')
  }
  let inside: Promise<boolean> | undefined
  return async (url) => {
    const { protocol, hostname, username, password } = url
    if (protocol !== 'https:' && !(protocol === 'http:' && isPlain && LOOPBACK.test(hostname)))
      throw new Error('not sent: the URL is not https')
    if (username !== '' || password !== '') throw new Error('not sent: the URL has a user or password in it')
    if (given.length === 0 || hosts.has(hostname)) return undefined
    const addresses = await addressesOf(hostname)
    for (const address of addresses) {
      const kind = kindOfAddress(address)
      inside ??= lookInside()
      if (kind === 'metadata' || (kind === 'private' && !(await inside)))
        throw new Error('not sent: the metadata lead to a private address, which no URL that was given is at')
    }
    return addresses.length === 0 ? undefined : always(addresses)
  }
}

/** Looks nothing up: connects to what was looked at. */
function always(addresses: readonly string[]): LookupFunction {
  const found = addresses.map((address) => ({ address, family: isIP(address) }))
  return (_hostname, { all }, done) => (all ? done(null, found) : done(null, found[0]?.address ?? '', found[0]?.family))
}
