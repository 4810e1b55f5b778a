import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { compactDecrypt, decodeProtectedHeader, type JWTPayload, SignJWT } from 'jose'
import { ConfigurationError } from '../core/errors.js'
import type { Jwk } from '../core/facts.js'
import { canServe, FAPI_ALGORITHMS, PRIVATE_MEMBERS } from '../core/jwk.js'
import { listed, shown } from '../core/shown.js'

/** A server's own keys at work. */
export interface ServerKeys {
  /** The public parts, as they are published. */
  readonly jwks: { readonly keys: readonly Jwk[] }
  /** The JWS algorithms of FAPI that there is a key for. */
  readonly algorithms: readonly string[]
  /** The JWE key management algorithms that request objects may be encrypted with; none without a key for it. */
  readonly encryption: readonly string[]
  /** Signs claims with the algorithm a client registered, or else with the first there is a key for. */
  sign(alg: unknown, typ: string | undefined, claims: JWTPayload): Promise<string>
  /** The algorithm that `sign` would use. */
  algorithmFor(alg: unknown): string
  /** Opens a compact JWE; rejects when none of the keys opens it. */
  decrypt(jwe: string): Promise<string>
}

/** The header of a JWE. Throws a `TypeError` for what has none. */
function headerOf(jwe: string) {
  try {
    return decodeProtectedHeader(jwe)
  } catch {
    throw new TypeError('its header is no JSON object in base64url')
  }
}

/** For the operator: a key to encrypt to. */
const nameOf = ({ jwk }: OwnKey): string =>
  `${jwk.kid === undefined ? 'a key without kid' : `kid ${shown(jwk.kid)}`} (${managementOf(jwk).join(' or ')})`

/** For the operator. */
function whyNot(fitting: readonly OwnKey[], enc: unknown): string {
  if (fitting.length === 0) return 'no key of this server is for that'
  if (!CONTENT_ENCRYPTION.some((known) => known === enc)) return `enc must be ${CONTENT_ENCRYPTION.join(' or ')}`
  return 'the key that fits does not open it, so it was encrypted to another one'
}

/** RFC 7518 §4: RSA1_5 is open to padding oracles and is not among them. */
const RSA_ENCRYPTION = ['RSA-OAEP-256']
const EC_ENCRYPTION = ['ECDH-ES', 'ECDH-ES+A128KW', 'ECDH-ES+A256KW']
/** The JWE content encryption algorithms of request objects. */
export const CONTENT_ENCRYPTION = ['A256GCM', 'A128GCM', 'A128CBC-HS256', 'A256CBC-HS512']

interface OwnKey {
  readonly jwk: Jwk
  readonly key: KeyObject
}

/** Takes a private JWK Set into use. Throws a `ConfigurationError` when nothing can be signed with it. */
export function serverKeys(jwks: { readonly keys: readonly Jwk[] }): ServerKeys {
  const keys = (Array.isArray(jwks?.keys) ? jwks.keys : []).flatMap(imported)
  const algorithms = FAPI_ALGORITHMS.filter((alg) => keys.some(({ jwk }) => canServe(jwk, alg)))
  if (algorithms.length === 0) {
    const allowed = `must be a JWK Set with a private key for ${FAPI_ALGORITHMS.join(' or ')}`
    throw new ConfigurationError([{ option: 'keys', got: `${keys.length} keys that can sign`, allowed }])
  }
  const decrypting = keys.filter(({ jwk }) => jwk.use === 'enc')
  const algorithmFor = (alg: unknown) => algorithms.find((one) => one === alg) ?? (algorithms[0] as string)

  return {
    jwks: { keys: keys.map(({ jwk, key }) => published(jwk, key)) },
    algorithms,
    encryption: [...new Set(decrypting.flatMap(({ jwk }) => managementOf(jwk)))],
    algorithmFor,
    async sign(wanted, typ, claims) {
      const alg = algorithmFor(wanted)
      const { jwk, key } = keys.find((one) => canServe(one.jwk, alg)) as OwnKey
      const header = { alg, ...(typeof jwk.kid === 'string' && { kid: jwk.kid }), ...(typ && { typ }) }
      return new SignJWT(claims).setProtectedHeader(header).sign(key)
    },
    async decrypt(jwe) {
      const { kid, alg, enc } = headerOf(jwe)
      const fitting = decrypting.filter(({ jwk }) => (kid === undefined || jwk.kid === kid) && managementOf(jwk).includes(String(alg)))
      for (const { jwk, key } of fitting) {
        const limits = { keyManagementAlgorithms: managementOf(jwk), contentEncryptionAlgorithms: CONTENT_ENCRYPTION }
        const opened = await compactDecrypt(jwe, key, limits).catch(() => undefined)
        if (opened) return Buffer.from(opened.plaintext).toString('utf8')
      }
      throw new TypeError(
        `alg is ${shown(alg)}, enc is ${shown(enc)}, kid is ${shown(kid)}: ${whyNot(fitting, enc)}; known is ${listed(decrypting, 'no key to encrypt to', nameOf)}`,
      )
    },
  }
}

function imported(jwk: Jwk): OwnKey[] {
  try {
    return [{ jwk, key: createPrivateKey({ key: { ...jwk } as JsonWebKey, format: 'jwk' }) }]
  } catch {
    throw new ConfigurationError([{ option: 'keys', got: `a key of kid ${String(jwk?.kid)}`, allowed: 'must be private JWKs (RFC 7517)' }])
  }
}

function managementOf({ kty, alg }: Jwk): string[] {
  const possible = kty === 'RSA' ? RSA_ENCRYPTION : EC_ENCRYPTION
  return possible.filter((one) => alg === undefined || alg === one)
}

function published(jwk: Jwk, key: KeyObject): Jwk {
  const own = Object.fromEntries(Object.entries(jwk).filter(([name]) => !PRIVATE_MEMBERS.includes(name) && name !== 'key_ops'))
  return { ...own, ...createPublicKey(key).export({ format: 'jwk' }) }
}
