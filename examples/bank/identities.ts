import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { type AlternativeName, createAuthority, type Identity, issueCertificate } from './certificates.js'
import type { DataFolder } from './data-folder.js'
import { StartError } from './start-error.js'

/** Where an identity is kept. */
export interface IdentityFiles {
  readonly certificate: string
  readonly key: string
}

const AUTHORITY: IdentityFiles = { certificate: 'ca.pem', key: 'ca-key.pem' }
const SERVER: IdentityFiles = { certificate: 'server.pem', key: 'server-key.pem' }
const DAY = 86_400_000

/** The authority of this data folder, made on first use; `ca.pem` is its certificate. */
export async function loadAuthority(folder: DataFolder): Promise<Identity> {
  return (
    readIdentity(folder, AUTHORITY) ?? writeIdentity(folder, AUTHORITY, await createAuthority('O=First Example Bank, CN=Development CA'))
  )
}

/** The listeners' certificate from this data folder: made anew when it runs out or does not cover the host. */
export async function loadServerIdentity(folder: DataFolder, authority: Identity, host: string): Promise<Identity> {
  const kept = readIdentity(folder, SERVER)
  if (kept && isIssuedBy(authority, kept) && covers(new X509Certificate(kept.certificate), host)) return kept
  const values = [...new Set(['localhost', '127.0.0.1', '::1', host])]
  const names = values.map((value): AlternativeName => ({ type: isIP(value) ? 'ip' : 'dns', value }))
  return writeIdentity(
    folder,
    SERVER,
    await issueCertificate(authority, { subject: 'CN=First Example Bank', usage: 'server', names, keyType: 'RSA' }),
  )
}

/** Reads a server certificate the operator brought. Throws a `StartError` when the listeners could not use it. */
export function readServerIdentity(certificatePath: string, keyPath: string, host: string): Identity {
  const identity = { certificate: readPem('--tls-cert', certificatePath), key: readPem('--tls-key', keyPath) }
  const certificate = opened('--tls-cert', certificatePath, () => new X509Certificate(identity.certificate))
  const key = opened('--tls-key', keyPath, () => createPrivateKey(identity.key))
  // The cipher suites FAPI allows for TLS 1.2 here are ECDHE-RSA ones.
  if (key.asymmetricKeyType !== 'rsa' || (key.asymmetricKeyDetails?.modulusLength ?? 0) < 2048) {
    throw new StartError(`--tls-key ${keyPath} is not an RSA key of at least 2048 bits: the cipher suites FAPI allows for TLS 1.2 need one`)
  }
  if (!certificate.checkPrivateKey(key))
    throw new StartError(`--tls-key ${keyPath} is not the key of --tls-cert ${certificatePath}: give a pair`)
  if (!covers(certificate, host)) {
    throw new StartError(
      `--tls-cert ${certificatePath} does not name ${host}: give a certificate for the issuer's host, or another --issuer`,
    )
  }
  return identity
}

/** A certificate and key; `undefined` when one is missing, they are no pair, or the certificate is about to run out. */
export function readIdentity(folder: DataFolder, files: IdentityFiles): Identity | undefined {
  const certificate = folder.read(files.certificate)
  const key = folder.read(files.key)
  if (certificate === undefined || key === undefined) return undefined
  try {
    const parsed = new X509Certificate(certificate)
    const lasts = Date.parse(parsed.validTo) > Date.now() + DAY
    return lasts && parsed.checkPrivateKey(createPrivateKey(key)) ? { certificate, key } : undefined
  } catch {
    return undefined
  }
}

export function writeIdentity(folder: DataFolder, files: IdentityFiles, identity: Identity): Identity {
  folder.writeSecret(files.key, identity.key)
  folder.write(files.certificate, identity.certificate)
  return identity
}

/** Whether the authority signed a certificate. */
export function isIssuedBy(authority: Identity, { certificate }: Identity): boolean {
  return new X509Certificate(certificate).verify(new X509Certificate(authority.certificate).publicKey)
}

const covers = (certificate: X509Certificate, host: string) =>
  (isIP(host) ? certificate.checkIP(host) : certificate.checkHost(host)) !== undefined

function readPem(flag: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new StartError(`${flag} ${path} cannot be read: give the path of a PEM file (${cause instanceof Error ? cause.message : cause})`)
  }
}

function opened<T>(flag: string, path: string, open: () => T): T {
  try {
    return open()
  } catch {
    throw new StartError(`${flag} ${path} is not PEM that can be used: give an unencrypted PEM file`)
  }
}
