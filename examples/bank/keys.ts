import { createPrivateKey, createPublicKey, randomBytes, X509Certificate } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose'
import { type DataFolder, prettyJson } from './data-folder.js'
import { StartError } from './start-error.js'

export type SigningAlgorithm = 'PS256' | 'ES256'

/** What requests to the bank are encrypted with. */
export const ENCRYPTION_ALGORITHM = 'RSA-OAEP-256'

/** Makes a private signing key (RSA keys have 2048 bits); its thumbprint is its `kid`. */
async function generateSigningKey(alg: SigningAlgorithm): Promise<JWK> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true, modulusLength: 2048 })
  const jwk = await exportJWK(privateKey)
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg, use: 'sig' }
}

/** Makes the key that requests are encrypted to (RFC 9101 §6.1). */
async function generateEncryptionKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair(ENCRYPTION_ALGORITHM, { extractable: true, modulusLength: 2048 })
  const jwk = await exportJWK(privateKey)
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: ENCRYPTION_ALGORITHM, use: 'enc' }
}

/** A client's private signing key, kept as JSON; made on first use. Throws a `StartError` when the file holds something else. */
export async function loadSigningKey(folder: DataFolder, name: string, alg: SigningAlgorithm): Promise<JWK> {
  const kept = folder.readJson(name)
  if (kept !== undefined) return checkedKey(folder, name, kept)
  const key = await generateSigningKey(alg)
  folder.writeSecret(name, prettyJson(key))
  return key
}

/** The server's private keys, one per signing algorithm and one for encryption, kept in `jwks.json`; made on first use. Throws a `StartError` like {@link loadSigningKey}. */
export async function loadServerKeys(folder: DataFolder): Promise<{ keys: JWK[] }> {
  const kept = folder.readJson('jwks.json')
  if (kept !== undefined) {
    const keys = isRecord(kept) && Array.isArray(kept.keys) ? kept.keys : []
    if (keys.length === 0) throw new StartError(`jwks.json in ${folder.path} has no keys: delete it and the bank makes it anew`)
    const checked = keys.map((key) => checkedKey(folder, 'jwks.json', key))
    // A folder of an older bank has keys for signatures alone.
    return checked.some(({ use }) => use === 'enc') ? { keys: checked } : written(folder, [...checked, await generateEncryptionKey()])
  }
  return written(folder, await Promise.all([generateSigningKey('PS256'), generateSigningKey('ES256'), generateEncryptionKey()]))
}

function written(folder: DataFolder, keys: JWK[]): { keys: JWK[] } {
  folder.writeSecret('jwks.json', prettyJson({ keys }))
  return { keys }
}

/** The public half of a private key, under the same `kid`, `alg` and `use`. */
export function publicKey(key: JWK): JWK {
  const { kid, alg, use } = key
  const half = createPublicKey(createPrivateKey({ key, format: 'jwk' })).export({ format: 'jwk' })
  return { ...half, ...(kid && { kid }), ...(alg && { alg }), ...(use && { use }) }
}

/** A certificate as a public key with `x5c`, the way `self_signed_tls_client_auth` registers it (RFC 8705 §2.2.2). */
export async function certificateKey(pem: string): Promise<JWK> {
  const certificate = new X509Certificate(pem)
  const jwk = certificate.publicKey.export({ format: 'jwk' })
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), x5c: [certificate.raw.toString('base64')] }
}

const SECRETS = ['cookies', 'pairwise', 'initialAccessToken', 'operator', 'plainClient', 'store'] as const

/** Random strings that have to outlive a restart. */
export type Secrets = Readonly<Record<(typeof SECRETS)[number], string>>

/** The secrets kept in `secrets.json`; what is missing there is made. */
export function loadSecrets(folder: DataFolder): Secrets {
  const kept = folder.readJson('secrets.json')
  const known = isRecord(kept) ? kept : {}
  const secret = (name: (typeof SECRETS)[number]) => {
    const value = known[name]
    return typeof value === 'string' && value.length >= 43 ? value : randomBytes(32).toString('base64url')
  }
  const secrets = {
    cookies: secret('cookies'),
    pairwise: secret('pairwise'),
    initialAccessToken: secret('initialAccessToken'),
    operator: secret('operator'),
    plainClient: secret('plainClient'),
    store: secret('store'),
  }
  if (SECRETS.some((name) => known[name] !== secrets[name])) folder.writeSecret('secrets.json', prettyJson(secrets))
  return secrets
}

/** Keeps the initial access token for the next start. */
export function keepInitialAccessToken(folder: DataFolder, initialAccessToken: string): void {
  folder.writeSecret('secrets.json', prettyJson({ ...loadSecrets(folder), initialAccessToken }))
}

function checkedKey(folder: DataFolder, name: string, value: unknown): JWK {
  if (isPrivateKey(value)) return value
  throw new StartError(`${name} in ${folder.path} does not hold a private JWK: delete it and the bank makes it anew`)
}

function isPrivateKey(value: unknown): value is JWK {
  if (!isRecord(value)) return false
  try {
    createPrivateKey({ key: value, format: 'jwk' })
    return true
  } catch {
    return false
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
