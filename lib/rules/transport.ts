import { isText } from '../core/claims.js'
import { defineRule } from '../core/rule.js'

const OLD_VERSIONS = ['SSLv3', 'TLSv1', 'TLSv1.1']
const NEW_VERSIONS = ['TLSv1.2', 'TLSv1.3']

/** BCP 195, RFC 8996: TLS 1.0 and 1.1 are obsolete. */
export const tlsVersions = defineRule({
  id: 'tls-versions',
  summary: 'TLS 1.2 and TLS 1.3 are accepted, and no version before them.',
  mend: 'Allow TLSv1.2 and TLSv1.3 only at the listener or the proxy: ssl_protocols TLSv1.2 TLSv1.3 in nginx, minVersion: "TLSv1.2" in Node.',
  at: ['tls'],
  check({ listener: { versions, refusedVersions } }) {
    const old = versions.filter((version) => OLD_VERSIONS.includes(version))
    if (old.length > 0) return `accepts ${wordsFor(old)}, only TLS 1.2 and TLS 1.3 may be accepted`
    const none = NEW_VERSIONS.every((version) => refusedVersions.includes(version))
    return none ? 'accepts neither TLS 1.2 nor TLS 1.3' : undefined
  },
})

/** A SHOULD of BCP 195 (RFC 9325 §3.1.1), of which conformance tests warn. */
export const tls13Offered = defineRule({
  id: 'tls-1-3-offered',
  summary: 'TLS 1.3 is accepted.',
  mend: 'Allow TLSv1.3 at the listener or the proxy, next to TLSv1.2.',
  advises: true,
  at: ['tls'],
  check: ({ listener: { refusedVersions } }) => (refusedVersions.includes('TLSv1.3') ? 'refuses TLS 1.3' : undefined),
})

/** BCP 195 (RFC 9325 §3.1.1): the newest version that both sides know is used. */
export const tls13Preferred = defineRule({
  id: 'tls-1-3-preferred',
  summary: 'TLS 1.3 is chosen wherever both sides offer it.',
  mend: 'Let the listener or the proxy choose the newest version that the client offers; nothing may hold TLS 1.3 back.',
  at: ['tls'],
  check: ({ listener: { versions, preferred } }) =>
    versions.includes('TLSv1.3') && preferred !== undefined && preferred !== 'TLSv1.3'
      ? `chooses ${wordsFor([preferred])} although TLS 1.3 is offered and accepted`
      : undefined,
})

/** What FAPI1-ADV-8.5-1 lists for TLS 1.2. */
export const FAPI1_SUITES: readonly string[] = [
  'TLS_DHE_RSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
  'TLS_DHE_RSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
]

/** What the IANA registry recommends for TLS 1.2 without keys shared beforehand, but for DHE, which RFC 9325 §4.1 advises against. */
export const FAPI2_SUITES: readonly string[] = ['ECDSA', 'RSA'].flatMap((key) =>
  ['AES_128_GCM_SHA256', 'AES_256_GCM_SHA384', 'CHACHA20_POLY1305_SHA256'].map((cipher) => `TLS_ECDHE_${key}_WITH_${cipher}`),
)

/** Where clients come without a browser, TLS 1.2 is spoken with these cipher suites only. */
export const tlsCiphers = (allowed: readonly string[]) =>
  defineRule({
    id: 'tls-ciphers',
    summary: `For TLS 1.2, endpoints that clients call directly accept only ${inWords(allowed)}.`,
    mend: `Name only the allowed cipher suites at the listener or the proxy, such as ECDHE-RSA-AES128-GCM-SHA256 and ECDHE-RSA-AES256-GCM-SHA384${allowed.length > 4 ? ', or ECDHE-ECDSA for an ECDSA certificate' : ''}.`,
    at: ['tls'],
    check: ({ listener: { clients, ciphers } }) =>
      clients ? refusal(ciphers, (suite) => !allowed.includes(suite), 'which are not allowed for TLS 1.2') : undefined,
  })

/** No encryption, no authentication, or keys that can be found by trying: RFC 9325 §4.1 says MUST NOT. */
const BROKEN = /NULL|anon|EXPORT|RC4|RC2|_DES_|DES40|IDEA|MD5/
/** What RFC 9325 §4.1 still has nothing against: forward secrecy by elliptic curves, and a cipher of 128 bits or more. */
const CURRENT = /^TLS_ECDHE_(?:ECDSA|RSA)_WITH_(?:AES|ARIA|CAMELLIA|CHACHA20)_/

/** RFC 9325 §4.1. */
export const tlsCiphersUnbroken = defineRule({
  id: 'tls-ciphers-unbroken',
  summary: 'No cipher suite is accepted that is without encryption or authentication, or broken.',
  mend: 'Take suites with NULL, anon, EXPORT, RC4, RC2, DES, IDEA and MD5 out at the listener or the proxy; ECDHE with AES-GCM is enough for every client of today.',
  at: ['tls'],
  check: ({ listener: { ciphers } }) => refusal(ciphers, (suite) => BROKEN.test(suite), 'which are broken'),
})

/** RFC 9325 §4.1: a SHALL NOT for browsers in FAPI 2.0 (FAPI2-SP-5.2.3-2); the edition that FAPI 1.0 knew was milder. */
export const tlsCiphersUndeprecated = (asks: 'shall' | 'should') =>
  defineRule({
    id: 'tls-ciphers-undeprecated',
    summary: 'No cipher suite is accepted that BCP 195 advises against: static RSA, DHE and 3DES.',
    mend: 'Keep only suites that begin with ECDHE at the listener or the proxy: they alone have forward secrecy that BCP 195 has nothing against.',
    ...(asks === 'should' && { advises: true as const }),
    at: ['tls'],
    check: ({ listener: { ciphers } }) =>
      refusal(ciphers, (suite) => !CURRENT.test(suite) && !BROKEN.test(suite), 'which BCP 195 advises against'),
  })

/** RFC 9525: a client that checks certificates, as it must, does not connect otherwise. */
export const serverCertificateTrusted = defineRule({
  id: 'server-certificate-trusted',
  summary: 'The server shows a certificate for its host name that a trusted authority issued.',
  mend: 'Install a certificate that is valid now, names this host as a subjectAltName, and is sent with its intermediate certificates. Where clients trust a private authority, give its certificate with --ca.',
  at: ['tls'],
  check: ({ listener: { untrusted } }) => (untrusted === undefined ? undefined : `the certificate is not accepted: ${untrusted}`),
})

const DAY = 86_400
/** Days before its end at which a certificate should have been renewed: our choice, after the 30 of most renewals. */
const RENEWED = 14

/** Nothing asks for it, but whoever audits wants to know before the clients do. */
export const serverCertificateLasting = defineRule({
  id: 'server-certificate-lasting',
  summary: `The certificate of the server is valid for ${RENEWED} days more.`,
  mend: 'Renew the certificate, and see why that did not happen by itself.',
  advises: true,
  at: ['tls'],
  check({ now, listener: { expires } }) {
    if (expires === undefined || expires - now >= RENEWED * DAY) return undefined
    const days = Math.floor((expires - now) / DAY)
    if (days < 0) return 'the certificate has expired'
    return days === 0 ? 'the certificate expires within a day' : `the certificate expires in ${days} ${days === 1 ? 'day' : 'days'}`
  },
})

const MAX_AGE = /(?:^|;)\s*max-age\s*=\s*"?0*(\d{1,15})"?\s*(?:;|$)/i

/** RFC 6797, where browsers come: FAPI2-SP-5.2.3-1 asks for protection from TLS stripping, FAPI1-BASE-7.1 recommends it. */
export const strictTransportSecurity = (asks: 'shall' | 'should') =>
  defineRule({
    id: 'strict-transport-security',
    summary: 'Browsers are told to come by https only.',
    mend: 'Send Strict-Transport-Security: max-age=31536000; includeSubDomains with every answer over https: securityHeaders() does. Preload the host where that is possible.',
    ...(asks === 'should' && { advises: true as const }),
    at: ['tls'],
    check({ listener: { browsers, strictTransportSecurity: header } }) {
      if (!browsers) return undefined
      if (!isText(header)) return 'answers browsers without Strict-Transport-Security'
      const [, seconds = ''] = MAX_AGE.exec(header.slice(0, 1000)) ?? []
      return Number(seconds) > 0 ? undefined : 'Strict-Transport-Security must have a max-age above 0'
    },
  })

/** Whoever listens can read and change what goes over plain http. */
export const noPlainHttp = defineRule({
  id: 'no-plain-http',
  summary: 'Nothing is served over plain http.',
  mend: 'Close the plain http listener, or let it answer nothing but redirects to https.',
  at: ['tls'],
  check: ({ listener: { plain } }) => (plain === 'content' ? 'serves content over plain http' : undefined),
})

const VERSION_WORDS: ReadonlyMap<string, string> = new Map([
  ['SSLv3', 'SSL 3.0'],
  ['TLSv1', 'TLS 1.0'],
  ['TLSv1.1', 'TLS 1.1'],
  ['TLSv1.2', 'TLS 1.2'],
  ['TLSv1.3', 'TLS 1.3'],
])
const wordsFor = (versions: readonly string[]) => versions.map((version) => VERSION_WORDS.get(version) ?? version).join(' and ')

const inWords = (allowed: readonly string[]) =>
  allowed.some((suite) => suite.includes('_DHE_'))
    ? 'DHE or ECDHE with RSA and AES-GCM'
    : 'ECDHE with RSA or ECDSA and AES-GCM or ChaCha20-Poly1305'

/** Suites that a sentence names; the rest is counted. */
const NAMED = 6

function refusal(ciphers: readonly string[], wrong: (suite: string) => boolean, why: string): string | undefined {
  const found = ciphers.filter(wrong)
  if (found.length === 0) return undefined
  const more = found.length > NAMED ? ` and ${found.length - NAMED} more` : ''
  return `accepts ${found.slice(0, NAMED).join(', ')}${more}, ${why}`
}
