import { urlOf } from './claims.js'

/** The kinds of subject alternative names that a client may be known by (RFC 8705 §2.1.2). */
export type AlternativeNameType = 'dns' | 'uri' | 'ip' | 'email'

/** A subject alternative name of a certificate (RFC 5280 §4.2.1.6). An `ip` is written as `comparableName` has it. */
export interface AlternativeName {
  readonly type: AlternativeNameType
  readonly value: string
}

/**
 * The form that two names of a kind share when they are the same name; `undefined` for what is no name of that kind. Each has one
 * spelling of its characters, ASCII: RFC 5280 §7.2 to §7.5 have others converted by whoever writes a certificate.
 */
export function comparableName(type: AlternativeNameType, value: string): string | undefined {
  // Characters, our choice.
  return value.length > 2048 ? undefined : COMPARABLE[type](value)
}

const COMPARABLE: Readonly<Record<AlternativeNameType, (value: string) => string | undefined>> = {
  dns: comparableHost,
  uri: comparableUri,
  ip: comparableAddress,
  email: comparableMailbox,
}

/** How a name of each kind is to be written, for who registers one. */
export const NAME_FORMS: Readonly<Record<AlternativeNameType, string>> = {
  dns: 'a host name in A-labels, without wildcard and without a final dot',
  uri: 'a URI with its scheme, in ASCII',
  ip: 'an IPv4 address in four decimal numbers or an IPv6 address',
  email: 'an email address whose domain is in A-labels',
}

const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/

/**
 * RFC 5280 §7.2: labels regardless of case. The final dot is no part of the preferred name syntax (RFC 1034 §3.5), so a name
 * that has one is no name here; the underscore is no part of it either, but hosts of private networks have it.
 */
function comparableHost(value: string): string | undefined {
  if (value.length > 253 || /[^\0-\x7f]/.test(value)) return undefined
  const name = value.toLowerCase()
  return name.split('.').every((label) => LABEL.test(label)) ? name : undefined
}

/** RFC 5280 §7.5: the local part exactly, the domain regardless of case. */
function comparableMailbox(value: string): string | undefined {
  const at = value.lastIndexOf('@')
  const domain = comparableHost(value.slice(at + 1))
  return at > 0 && domain !== undefined && /^[!-~]+$/.test(value.slice(0, at)) ? `${value.slice(0, at)}@${domain}` : undefined
}

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/

/** RFC 4291 §2.2 and RFC 5952 for IPv6, where an IPv4-mapped address stays what it is: another one than the IPv4 address. */
function comparableAddress(value: string): string | undefined {
  if (IPV4.test(value)) return value
  return /^[0-9a-f:.]+$/i.test(value) ? urlOf(`http://[${value}]`)?.hostname.slice(1, -1) : undefined
}

/** The address that 4 or 16 octets of a certificate stand for; `undefined` for any other number of them. */
export function addressOf(octets: Uint8Array): string | undefined {
  if (octets.length === 4) return octets.join('.')
  if (octets.length !== 16) return undefined
  const view = new DataView(octets.buffer, octets.byteOffset, 16)
  return comparableAddress(Array.from({ length: 8 }, (_, index) => view.getUint16(2 * index).toString(16)).join(':'))
}

/** RFC 3986, appendix B, with the characters that a URI may have. */
const URI = /^([a-z][a-z0-9+.-]*):(?:\/\/([^/?#]*))?([^?#]*)(\?[^#]*)?(#.*)?$/i
const URI_CHARACTERS = /^(?:[A-Za-z0-9._~:/?#[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+$/

const AUTHORITY = /^([^@]*@)?(\[[0-9a-f:.]+\]|[^@:[\]]*)(?::(\d*))?$/i

/** The ports that need not be said, of the schemes that RFC 5280 §7.4 wants to be known. */
const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: '80', https: '443', ftp: '21', ldap: '389' }

/**
 * RFC 5280 §7.4: scheme and host regardless of case, percent-encoding and path segments normalised, and for the schemes it names
 * the default port and the empty path too; everything else exactly.
 */
function comparableUri(value: string): string | undefined {
  const [, written = '', authority, path = '', query = '', fragment = ''] = (URI_CHARACTERS.test(value) && URI.exec(value)) || []
  const scheme = written.toLowerCase()
  const rest = decoded(query) + decoded(fragment)
  if (authority === undefined) return scheme && path ? `${scheme}:${decoded(path)}${rest}` : undefined
  const [found, user = '', host = '', port = ''] = AUTHORITY.exec(decoded(authority)) ?? []
  if (found === undefined) return undefined
  const shownPort = port === '' || port === DEFAULT_PORTS[scheme] ? '' : `:${port}`
  return `${scheme}://${user}${host.toLowerCase()}${shownPort}${withoutDots(decoded(path)) || (Object.hasOwn(DEFAULT_PORTS, scheme) ? '/' : '')}${rest}`
}

/** RFC 3986 §6.2.2: unreserved characters are not encoded, and hexadecimal digits are capitals. */
const decoded = (text: string) =>
  text.replaceAll(/%[0-9a-f]{2}/gi, (octet) => {
    const character = String.fromCharCode(Number.parseInt(octet.slice(1), 16))
    return /[A-Za-z0-9._~-]/.test(character) ? character : octet.toUpperCase()
  })

/** RFC 3986 §5.2.4, for the path of a URI with an authority: empty, or with a slash in front. */
function withoutDots(path: string): string {
  const segments = path.split('/')
  const kept: string[] = []
  for (const [index, segment] of segments.entries()) {
    if (segment === '..' && kept.length > 1) kept.pop()
    if (segment !== '.' && segment !== '..') kept.push(segment)
    else if (index === segments.length - 1) kept.push('')
  }
  return kept.join('/')
}
