import { randomBytes } from 'node:crypto'
import { OctetString } from 'asn1js'
import { Extension, InfoAccess, OCSPRequest } from 'pkijs'
import { urlOf } from '../core/claims.js'
import type { CrlSource } from './crl-finding.js'
import { EXTENSION, extensionOf } from './extensions.js'
import { type Finding, unknown } from './finding.js'
import type { Link } from './link.js'
import { postOcsp } from './ocsp-exchange.js'
import { type Answer, judgeOcsp } from './ocsp-response.js'
import { createMemory } from './remembered.js'
import { engine } from './signatures.js'
import { causeText, printable } from './wording.js'

export interface OcspOptions {
  /** The http or https URL of the one responder that is asked about every certificate. */
  readonly responder?: string
  /**
   * The hosts, with a port where it is not the usual one, that a certificate may name as its responder (RFC 5280 §4.2.2.1). No other is
   * ever asked: a certificate must not make this server call where it likes.
   */
  readonly hosts?: readonly string[]
  /** Seconds until a responder counts as silent. Default 2, at most 30, both our choice. */
  readonly timeout?: number
}

/** Says what a responder knows of a certificate that this authority issued; `now` is in epoch seconds. */
export type OcspSource = (link: Link, issuer: Link, now: number) => Promise<Finding>

/**
 * Seconds for which an answer is used though it would hold longer, so that a revocation is heeded soon; for which a failure is not
 * tried again, so that not every request waits for a silent responder; and answers remembered. All three are our choice.
 */
const LONGEST = 300
const AFTER_FAILURE = 10
const REMEMBERED = 1000

/** RFC 9654 §2.1 wants 32 octets. */
const NONCE = 32

/** Asks OCSP responders (RFC 6960), about one certificate once at a time, and remembers what they say for a while. */
export function ocspSource({ responder, hosts = [], timeout = 2 }: OcspOptions, crls: CrlSource | undefined): OcspSource {
  const memory = createMemory<Finding>(REMEMBERED)
  const asking = new Map<string, Promise<Finding>>()
  const askable = new Set(hosts.map((host) => host.toLowerCase()))

  return async function askOcsp(link, issuer, now) {
    const key = `${link.x509.fingerprint256} ${issuer.x509.fingerprint256}`
    const remembered = memory.recall(key, now) ?? asking.get(key)
    if (remembered) return remembered
    const asked = ask(link, issuer, now)
      .then(({ finding, until }) => {
        memory.keep(key, finding, now, finding.status === 'unknown' ? now + AFTER_FAILURE : Math.min(until, now + LONGEST))
        return finding
      })
      .finally(() => asking.delete(key))
    asking.set(key, asked)
    return asked
  }

  async function ask(link: Link, issuer: Link, now: number): Promise<Answer> {
    const url = addressOf(link)
    if (typeof url === 'string') return { finding: unknown(url), until: now }
    try {
      const nonce = new Uint8Array(randomBytes(NONCE))
      const isRevoked = async (delegate: Link) => (await crls?.(delegate, issuer, now))?.status === 'revoked'
      return await judgeOcsp(await postOcsp(url, await requestFor(link, issuer, nonce), timeout), { link, issuer, nonce, now, isRevoked })
    } catch (cause) {
      return { finding: unknown(`OCSP responder ${printable(url.href)} ${causeText(cause)}`), until: now }
    }
  }

  /** Whom to ask about a certificate, or why nobody. Of several responders in a certificate the first that may be asked is. */
  function addressOf({ fields: { extensions }, name }: Link): URL | string {
    if (responder !== undefined) return new URL(responder)
    const access = extensionOf(extensions, EXTENSION.authorityInfoAccess, InfoAccess)?.accessDescriptions ?? []
    const named = access
      .filter(({ accessMethod, accessLocation }) => accessMethod === OCSP && accessLocation.type === URI)
      .map(({ accessLocation }) => String(accessLocation.value))
    if (named.length === 0) return `${name} names no OCSP responder`
    const allowed = named.map(urlOf).find((url) => url && isAskable(url) && askable.has(url.host))
    return allowed ?? `${name} names the OCSP responder ${printable(named.join(', '))}, which is not among the hosts that may be asked`
  }
}

const OCSP = '1.3.6.1.5.5.7.48.1'
const URI = 6

/** Whether a responder may be asked at such an address at all. */
export const isAskable = ({ protocol, username, password }: URL): boolean =>
  (protocol === 'http:' || protocol === 'https:') && username === '' && password === ''

/**
 * An OCSP request with a nonce (RFC 6960 §4.1). The identifier is made with SHA-1, which every responder knows (RFC 5019 §2.1.1): it
 * says which certificate is meant and proves nothing.
 */
async function requestFor(link: Link, issuer: Link, nonce: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const request = new OCSPRequest()
  await request.createForCertificate(link.fields, { hashAlgorithm: 'SHA-1', issuerCertificate: issuer.fields }, engine)
  const extnValue = new OctetString({ valueHex: nonce }).toBER()
  request.tbsRequest.requestExtensions = [new Extension({ extnID: EXTENSION.ocspNonce, extnValue })]
  return new Uint8Array(request.toSchema(true).toBER())
}
