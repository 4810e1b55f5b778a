import { urlOf } from '../core/claims.js'
import { LOOPBACK } from '../core/redirect-uri.js'
import type { Metadata, MetadataFault } from './metadata.js'
import { faultsOfEach, invalid, invalidRedirect, isGiven, shown } from './metadata-fault.js'
import { grantsIn } from './metadata-grants.js'
import { inLanguages, textIn, textsIn } from './metadata-kinds.js'

/** Characters of a URI and redirect URIs of a client, our choice. */
const LONGEST = 2000
const MOST = 100

const WEB_PAGES = ['client_uri', 'logo_uri', 'policy_uri', 'tos_uri']
const LOGOUT_URIS = ['frontchannel_logout_uri', 'backchannel_logout_uri']
/** OpenID Connect Registration §2, RFC 7591 §2, CIBA §4. */
const HTTPS_URIS = ['jwks_uri', 'sector_identifier_uri', 'initiate_login_uri', 'backchannel_client_notification_endpoint']

/** What is wrong with the addresses in metadata. */
export function uriFaults(metadata: Metadata): MetadataFault[] {
  const pages = [...inLanguages(metadata, WEB_PAGES), ...LOGOUT_URIS]
  const single = (names: readonly string[], check: (uri: string) => string | undefined) =>
    names.flatMap((name) => {
      const uri = textIn(metadata, name)
      const fault = uri === undefined ? undefined : check(uri)
      return fault === undefined ? [] : [invalid(`${name} ${fault}`)]
    })
  const listed = (name: string, check: (uri: string) => string | undefined) =>
    faultsOfEach(name, textsIn(metadata, name) ?? [], (uri) => prefixed(`${shown(uri)} in ${name}`, check(uri))).map(invalid)
  return [
    ...redirectFaults(metadata),
    ...single(pages, (uri) => webFault(uri, ['https:', 'http:'])),
    ...single(HTTPS_URIS, (uri) => webFault(uri, ['https:'])),
    ...listed('request_uris', (uri) => webFault(uri, ['https:', 'http:'])),
    ...listed('post_logout_redirect_uris', returnFault),
    ...sectorFaults(metadata),
  ]
}

const prefixed = (name: string, fault: string | undefined) => (fault === undefined ? undefined : `${name} ${fault}`)

/** RFC 7591 §2 and §5, RFC 6749 §3.1.2, RFC 8252 §7, OpenID Connect Registration §2. */
function redirectFaults(metadata: Metadata): MetadataFault[] {
  const uris = textsIn(metadata, 'redirect_uris')
  if (!uris?.length) {
    const isNeeded = grantsIn(metadata).some((grant) => grant === 'authorization_code' || grant === 'implicit')
    const isMissing = !isGiven(metadata.redirect_uris) || uris !== undefined
    return isNeeded && isMissing ? [invalidRedirect('redirect_uris must name at least one URI, which the browser is sent back to')] : []
  }
  if (uris.length > MOST) return [invalidRedirect(`redirect_uris has ${uris.length} URIs, at most ${MOST} are taken`)]
  const check = (uri: string) => returnFault(uri) ?? (uri.includes('#') ? 'must have no fragment' : undefined) ?? kindFault(uri, metadata)
  const twice = [...new Set(uris.filter((uri, index) => uris.indexOf(uri) !== index))]
  return [
    ...faultsOfEach('redirect_uris', uris, (uri) => prefixed(`${shown(uri)} in redirect_uris`, check(uri))),
    ...faultsOfEach('redirect_uris', twice, (uri) => `${shown(uri)} in redirect_uris must be there only once`),
  ].map(invalidRedirect)
}

/** RFC 3986 §2: the characters that a URI may have. */
const CHARACTERS = /^(?:[A-Za-z0-9._~:/?#[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+$/
const SCHEME = /^[a-z][a-z0-9+.-]*:/i
/** What a browser runs or reads by itself, whoever sent it there. */
const SELF_CONTAINED = ['javascript:', 'data:', 'vbscript:', 'blob:', 'file:', 'filesystem:', 'about:', 'view-source:']

/** Why a browser may not be sent back to a URI. */
function returnFault(uri: string): string | undefined {
  if (uri.length > LONGEST) return `must have at most ${LONGEST} characters`
  if (!CHARACTERS.test(uri)) return 'must have only the characters of a URI (RFC 3986 section 2), others percent-encoded'
  const url = SCHEME.test(uri) ? urlOf(uri) : undefined
  if (!url) return 'must be an absolute URI'
  if (SELF_CONTAINED.includes(url.protocol)) return `must not have the scheme ${url.protocol}`
  if (/^https?:$/.test(url.protocol) && !/^https?:\/\/[^/?#]/i.test(uri)) return 'must name a host behind ://'
  if (hasUserInfo(uri)) return 'must have no user name or password'
  // The host as parsers read it: they decode it.
  return /^[^?#]*\*/.test(uri) || url.hostname.includes('*') ? 'must have no wildcard: each URI is compared as it is' : undefined
}

const hasUserInfo = (uri: string) => /^[^:/?#]+:\/\/[^/?#]*@/.test(uri)

/** OpenID Connect Registration §2 (`application_type`), RFC 8252 §7.1 to §7.3. */
function kindFault(uri: string, metadata: Metadata): string | undefined {
  const { protocol, hostname } = new URL(uri)
  switch (textIn(metadata, 'application_type') ?? 'web') {
    case 'web':
      if (protocol !== 'https:' && protocol !== 'http:') return 'must be an https URL: schemes of its own are for application_type native'
      return grantsIn(metadata).includes('implicit') && (protocol !== 'https:' || hostname === 'localhost')
        ? 'must be an https URL of another host than localhost, because grant_types has implicit'
        : undefined
    case 'native':
      if (protocol === 'https:' || LOOPBACK.test(uri)) return undefined
      return protocol !== 'http:' && protocol.includes('.')
        ? undefined
        : 'must be an https URL, an http URL of a loopback address, or have a scheme made of a domain name of yours (com.example.app:/)'
    default:
      return undefined
  }
}

/** What people or servers follow. Letters beyond ASCII are for a browser to encode. */
function webFault(uri: string, schemes: readonly string[]): string | undefined {
  if (uri.length > LONGEST) return `must have at most ${LONGEST} characters`
  const url = /^https?:\/\/[^/\\?#][^\\\s\p{Cc}]*$/iu.test(uri) ? urlOf(uri) : undefined
  if (!url || !schemes.includes(url.protocol)) return schemes.includes('http:') ? 'must be an http or https URL' : 'must be an https URL'
  return hasUserInfo(uri) ? 'must have no user name or password' : undefined
}

/** OpenID Connect Core §8.1: users are one and the same to all hosts of a client only where a document says so. */
function sectorFaults(metadata: Metadata): MetadataFault[] {
  if (textIn(metadata, 'subject_type') !== 'pairwise' || isGiven(metadata.sector_identifier_uri)) return []
  const hosts = new Set((textsIn(metadata, 'redirect_uris') ?? []).slice(0, MOST).map((uri) => urlOf(uri)?.hostname ?? ''))
  return hosts.size > 1 || hosts.has('')
    ? [invalid('sector_identifier_uri is required, because subject_type is pairwise and redirect_uris are not of one and the same host')]
    : []
}
