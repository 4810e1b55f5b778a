import { isText } from './claims.js'

/* What a description or a detail repeats may come from a request, and in requests stand credentials. */

/** A piece of text, what comes before it, and what becomes of it. */
type Step = (text: string) => string

/** Stands for what was taken out until all steps are done: no later step takes it for text. */
const [OPEN, CLOSE] = ['\uE000', '\uE001']
const sealed = (secret: string) => `${OPEN}${secret.length}${CLOSE}`

/** Parameters and fields whose value is a credential, in their usual spellings. */
const CREDENTIALS = [
  ...['client', 'shared'].map((of) => `${of}[_-]?secret`),
  ...['access', 'refresh', 'id', 'registration[_-]?access', 'initial[_-]?access', 'subject', 'actor', 'login[_-]?hint'].map(
    (of) => `${of}[_-]?token(?:[_-]?hint)?`,
  ),
  ...['client[_-]?assertion', 'software[_-]?statement', 'code[_-]?verifier', 'authorization[_-]?code', 'device[_-]?code', 'user[_-]?code'],
  ...['auth[_-]?req[_-]?id', 'api[_-]?key', 'private[_-]?key', 'password', 'passwd', 'pwd', 'passphrase'],
].join('|')

/** These are words as well: a value follows them only after `=`, or in JSON. */
const WORDS = 'code|token|secret|assertion|request|state|nonce|session|sid|key|otp|pin'
/** RFC 7518 §6: of these a private or symmetric key is made. */
const KEY_MEMBERS = 'd|k|p|q|dp|dq|qi|priv'

const VALUE = `("[^"]*"?|'[^']*'?|[^\\s&${OPEN}]+)`
const LABELLED = [
  new RegExp(`((?<![a-z])(?:${CREDENTIALS})\\\\?["']?\\s{0,3}(?:[=:]|%3D)\\s{0,3})${VALUE}`, 'gi'),
  new RegExp(`((?<![a-z_-])(?:${WORDS})(?:=|%3D))${VALUE}`, 'gi'),
  new RegExp(`(["'](?:${WORDS}|${KEY_MEMBERS})\\\\?["']\\s{0,3}:\\s{0,3})${VALUE}`, 'gi'),
  /((?<![a-z])(?:proxy-)?authorization\s{0,3}[=:]\s{0,3})((?:(?:bearer|dpop|basic|digest)\s{1,3})?[^\s\uE000]+)/gi,
  /((?<![a-z])(?:set-)?cookie\s{0,3}[=:]\s{0,3})([^\r\n\uE000]+)/gi,
  // A sentence may speak of a DPoP proof or of a bearer token: a credential has digits or mixed letters.
  /((?<![A-Za-z])(?:[Bb]earer|BEARER|DPoP|DPOP|dpop|[Bb]asic|BASIC)\s{1,3})((?=\S*(?:\d|[a-z][A-Z]|=))[\w.~+/=-]{8,})/g,
]
const PEM = /-----BEGIN [A-Z0-9 ]{1,40}-----[\s\S]*?(?:-----END [A-Z0-9 ]{1,40}-----|$)/g
/** Where JSON is wrong, the error of Node repeats what stands around the place. */
const JSON_ERROR = /(Unexpected (?:token '[^']{1,2}'|[a-z -]{1,40}), )((?:\.{3})?"[\s\S]{0,200}?"(?:\.{3})?)(?= is not valid JSON)/g
const URLS = /\b([a-z][a-z0-9+.-]{0,30}:\/\/)([^\s"'<>\uE000]+)/gi
const BASE64 = /[A-Za-z0-9+/]{32,}={0,2}/g
/** Runs of the base64url alphabet, with dots between: JWTs, tokens, and most names. */
const RUNS = /[\w-]+(?:\.[\w-]*)*/g

/**
 * Text without what may be a credential in it: JWTs, values of parameters that are secret, the query and fragment of URLs, PEM, and
 * runs of 32 or more characters of base64url or hex become `[redacted, 43 characters]`, as do shorter ones that look random. Names
 * of the protocol, algorithms, times, certificate subjects and URLs stay, and what is `known` to be no secret, such as a `client_id`.
 */
export function redacted(text: string, known: readonly string[] = []): string {
  const steps: Step[] = [
    withoutPem,
    withoutValues(JSON_ERROR),
    withoutUrlSecrets,
    ...LABELLED.map(withoutValues),
    withoutJwts,
    withoutBase64,
    withoutRuns(known),
  ]
  // What was taken out before stays as it was: a detail is made of such text, and is looked through again when it is recorded.
  const sent = text.replaceAll(/[\uE000\uE001]/g, '?').replaceAll(/\[redacted, (\d{1,9}) characters\]/g, `${OPEN}$1${CLOSE}`)
  const done = steps.reduce((so, step) => step(so), sent)
  return done.replaceAll(/\uE000(\d+)\uE001/g, '[redacted, $1 characters]')
}

const withoutPem: Step = (text) => text.replaceAll(PEM, sealed)

const withoutValues =
  (pattern: RegExp): Step =>
  (text) =>
    text.replaceAll(pattern, (_all, label: string, value: string) => label + sealed(value))

const withoutUrlSecrets: Step = (text) =>
  text.replaceAll(URLS, (_all, scheme: string, rest: string) => {
    const [, authority = '', path = '', more = ''] = /^([^/?#]*)([^?#]*)([\s\S]*)$/.exec(rest) ?? []
    const at = authority.lastIndexOf('@')
    const host = at < 0 ? authority : `${sealed(authority.slice(0, at))}${authority.slice(at)}`
    return scheme + host + path + (more.length > 1 ? more.slice(0, 1) + sealed(more.slice(1)) : more)
  })

const withoutJwts: Step = (text) => text.replaceAll(RUNS, (word) => (isJwt(word.split('.')) ? sealed(word) : word))

const withoutBase64: Step = (text) => text.replaceAll(BASE64, (found) => (looksEncoded(found) ? sealed(found) : found))

/** A path has slashes too, but no such end, and hardly ever a plus. */
const looksEncoded = (run: string) => looksRandom(run) && /[+=]/.test(run)

const looksRandom = (run: string) => /[a-z]/.test(run) && /[A-Z]/.test(run) && /\d/.test(run)

const withoutRuns =
  (known: readonly string[]): Step =>
  (text) =>
    text.replaceAll(RUNS, (word, offset: number) => {
      if (text[offset - 1] === OPEN || known.includes(word)) return word
      const isSubject = SUBJECT.test(text.slice(Math.max(0, offset - 60), offset))
      return word
        .split('.')
        .map((part) => (isReadable(part, isSubject) || known.includes(part) ? part : sealed(part)))
        .join('.')
    })

/** The first octet of a JWT is a brace, which base64url turns into `e` and one of a few letters. */
const isJwt = (parts: readonly string[]) =>
  parts.some((part) => /eyJ[\w-]{5}/.test(part)) ||
  (parts.length > 2 && parts.some((part) => /^e[wy][\w-]{6,}$/.test(part) && /[A-Z\d]/.test(part)))

/** What stands in the subject of a certificate is public, and what an operator has to compare. */
const SUBJECT = /(?:^|[\s,;+/])(?:CN|OU?|UID|DC|C|L|ST|SN|serialNumber|organizationIdentifier|\d+(?:\.\d+){2,12})=$/
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

function isReadable(run: string, isSubject: boolean): boolean {
  if (run.length < 16 || isName(run)) return true
  if (isSubject && (run.length < 32 || UUID.test(run))) return true
  return run.length < 32 && !looksRandom(run)
}

/** Whether a run is made of words of the protocol, as the names of metadata, options and rules are. */
const isName = (run: string) => run.split(/[_-]|(?<=[a-z])(?=[A-Z])/).every((word) => isText(word) && VOCABULARY.has(word.toLowerCase()))

const VOCABULARY: ReadonlySet<string> = new Set(
  `accept access acr acrs alg algorithms alias aliases allow allowed always api apis application are as assertion assertions at
  audience auth authenticated authentication authorization authz backchannel base based bearer before binding body bound by
  certificate certificates cha cha20 chain challenge change check checks ciba claim claims client clients clock code codes confidential
  conform constrained content credential credentials critical data default defaulted defaults delivery detail details dev
  development device discovery display dn dns dpop duplicate email enabled enc encoded encrypted encryption endpoint endpoints error
  exactly expiration expired expires fapi features fetch for form format formats forms from front frontchannel given grant grants
  has header headers hint holder https id ids ietf in initial initiate interaction interactions introspection invalid ip is iss issuer
  jar jarm jwa jwk jwks jwt key keys kid length lifetime location login logout loopback max media metadata method methods missing
  mode modes mtls must name names needs no nonce not notification object objects of offered omitted omitting on one only openid
  operator or origin origins own pages pairwise par param parameter parameters params party password pattern pkce plain policy poly1305 post
  prefix private profile prompt proof proofs property protected provider public push pushed query readable recipient redirect
  refresh refused register registered registration rejected replay replayed report request requested requests require required
  requires resource resources response responses result revocation rotate rotation rsa rule rules san scope scopes secret sector
  self sender sent server service session set sha256 shared sign signature signed signer signers signing single size software some
  state statement status strong subject supported suspended target test timeout tls to token tokens tolerance type types unapproved
  unregistered unsigned unsupported update uri uris url urls urn use used user userinfo value values verification verified verifier
  version weakening web webhook with without www x509`.split(/\s+/),
)
