import { isText } from '../core/claims.js'
import type { Jwk } from '../core/facts.js'
import { thumbprint as certificateThumbprint } from '../readers/certificate.js'
import { publicKeyOf } from '../readers/public-key.js'
import { describeCertificate, type GivenCertificate } from './given-certificate.js'
import { keysInJson } from './given-jwks.js'
import { type Candidate, unreadable } from './given-key.js'
import { keysInPem } from './given-pem.js'

/** A key that was found in what was given. */
export interface GivenKey {
  readonly kid: string
  readonly kty: string
  /** Of an RSA key. */
  readonly bits?: number
  readonly crv?: string
  readonly alg?: string
  readonly use?: string
  /** RFC 7638. */
  readonly thumbprint: string
  /** The key's own, where there is one. */
  readonly certificate?: GivenCertificate
  /** The subjects of the certificates above its own, which stand in `x5c` and are no keys of the client. */
  readonly issuers?: readonly string[]
  /** Why rules may refuse it. */
  readonly warnings: readonly string[]
}

/** The public keys of a client, as metadata have them, and what was found in each. */
export interface GivenKeys {
  readonly jwks: { readonly keys: readonly Jwk[] }
  readonly found: readonly GivenKey[]
}

/** Characters of text, our choice: fifty keys with their certificates. */
const LONGEST = 200_000

/**
 * Reads the public keys of a client: a JWK Set, a JWK, or PEM with public keys and certificates; a certificate stands in `x5c` of
 * its key, and one that issued another of them behind it. `now` in epoch seconds. A weak key is told and not refused. Throws a
 * `GivenError`, of kind `secret` for private and symmetric keys.
 */
export function readGivenKeys(text: string, now: number = Date.now() / 1000): GivenKeys {
  if (text.length > LONGEST)
    throw unreadable(`the text has ${text.length} characters, at most ${LONGEST} are read: give the keys of one client`)
  const trimmed = text.replace(/^\uFEFF/, '').trim()
  const candidates = /^[{[]/.test(trimmed) ? keysInJson(trimmed) : keysInPem(trimmed)
  const keys = named(withoutRepeats(candidates))
  return Object.freeze({
    jwks: Object.freeze({ keys: Object.freeze(keys.map(({ jwk }) => Object.freeze(jwk))) }),
    found: Object.freeze(keys.map((key) => Object.freeze(describeKey(key, now)))),
  })
}

/** The same key twice is one; a certificate, or a kid, sets them apart. */
function withoutRepeats(candidates: readonly Candidate[]): readonly Candidate[] {
  return candidates.filter(
    (one, index) =>
      !candidates.some(
        (other, at) =>
          one.thumbprint === other.thumbprint &&
          ((at < index && isSame(one, other)) || (at !== index && !one.own && other.own && one.jwk.kid === undefined)),
      ),
  )
}

const isSame = (one: Candidate, other: Candidate) =>
  one.jwk.kid === other.jwk.kid && (one.own === other.own || (other.own !== undefined && one.own?.raw.equals(other.own.raw) === true))

interface Named extends Candidate {
  readonly kid: string
}

/** A kid for who has none: its thumbprint (RFC 7638), or that of its certificate where two certificates are of one key. */
function named(candidates: readonly Candidate[]): readonly Named[] {
  const taken = new Set(candidates.map(({ jwk }) => jwk.kid))
  return candidates.map((candidate) => {
    const { jwk, thumbprint, own } = candidate
    const kid = isText(jwk.kid) ? jwk.kid : own && taken.has(thumbprint) ? certificateThumbprint(own) : thumbprint
    taken.add(kid)
    return { ...candidate, kid, jwk: { kid, ...jwk, ...purposeOf(jwk) } }
  })
}

/** RFC 7518 §3.4: a key of these curves that signs can do so in one way only. */
const ONLY_ALGORITHM: ReadonlyMap<unknown, string> = new Map([
  ['P-256', 'ES256'],
  ['P-384', 'ES384'],
  ['P-521', 'ES512'],
  ['secp256k1', 'ES256K'],
])
/** RFC 8037 §3: these sign and do nothing else, or do all but sign. */
const ONLY_USE: ReadonlyMap<unknown, string> = new Map([
  ['Ed25519', 'sig'],
  ['Ed448', 'sig'],
  ['X25519', 'enc'],
  ['X448', 'enc'],
])

/** What a key is for, where its curve or its use leaves no choice. */
function purposeOf({ kty, crv, use, alg, key_ops: operations }: Jwk): Jwk {
  const [onlyUse, onlyAlgorithm] = [ONLY_USE.get(crv), ONLY_ALGORITHM.get(crv)]
  if (kty === 'OKP' && onlyUse && use === undefined && operations === undefined) return { use: onlyUse }
  return kty === 'EC' && onlyAlgorithm && use === 'sig' && alg === undefined ? { alg: onlyAlgorithm } : {}
}

function describeKey({ jwk, kid, thumbprint, own, issuers, warnings }: Named, now: number): GivenKey {
  const { kty, crv, alg, use } = jwk
  const bits = kty === 'RSA' ? publicKeyOf(jwk)?.asymmetricKeyDetails?.modulusLength : undefined
  return {
    ...{ kid, kty: String(kty), thumbprint, warnings: Object.freeze(warnings) },
    ...(bits !== undefined && { bits }),
    ...(isText(crv) && { crv }),
    ...(isText(alg) && { alg }),
    ...(isText(use) && { use }),
    ...(own && { certificate: describeCertificate(own, now) }),
    ...(issuers.length > 0 && { issuers: Object.freeze(issuers.map((one) => describeCertificate(one, now).subject_dn)) }),
  }
}
