import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject, sign, verify, X509Certificate } from 'node:crypto'
import { calculateJwkThumbprint } from 'jose'
import { isText, urlOf } from '../core/claims.js'
import type { Jwk } from '../core/facts.js'
import { PRIVATE_MEMBERS } from '../core/jwk.js'
import { isKeySet } from '../readers/client-metadata.js'
import type { AuditOptions } from './audit.js'
import { CommandError } from './command-error.js'
import { type Given, valueGiven } from './command-line.js'
import type { CertificateWithKey } from './exchange.js'
import { isObject, jsonIn, kindOf, textIn } from './given-files.js'
import { profileOf } from './judging-flags.js'

/** What an audit is asked for on the command line, read from all the files it names. Throws a `CommandError` for the first thing wrong. */
export async function auditOptionsOf(issuer: string, flags: Given, version: string): Promise<AuditOptions> {
  const profile = profileOf(flags)
  const resource = valueGiven(flags, 'resource')
  const mtls = mtlsOf(flags)
  return {
    ...{ issuer: issuerOf(issuer), profile, version, mtls, ca: authoritiesOf(flags), client: await clientOf(flags, mtls) },
    resource:
      resource === undefined ? undefined : addressOf('--resource', resource, 'the URL of an API, such as https://api.example/accounts'),
    metadata: objectOf(flags, 'metadata'),
    initialAccessToken: tokenOf(flags),
    allClients: flags['all-clients'] !== undefined,
  }
}

/** RFC 8414 §2: https, no query, no fragment. */
function issuerOf(given: string): string {
  const right = 'give the issuer identifier, such as https://as.example'
  const { search, hash } = addressOf('<issuer>', given, right)
  if (search !== '' || hash !== '' || /[?#]/.test(given)) throw new CommandError(`<issuer> has a query or fragment: ${right}`)
  return given
}

/** An https URL; http only where it does not leave this machine. Throws a `CommandError`, which repeats no address that has a password. */
function addressOf(by: string, given: string, right: string): URL {
  const url = urlOf(given)
  const example = right.startsWith('give') ? right : `give ${right}`
  if (!url) throw new CommandError(`${by} is ${given}, which is no URL: ${example}`)
  if (url.username !== '' || url.password !== '') throw new CommandError(`${by} has a user or password in it: leave them out`)
  if (url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.test(url.hostname))) return url
  throw new CommandError(`${by} is ${given}, and must be https; http is for localhost only: ${example}`)
}

const LOOPBACK = /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

function tokenOf(flags: Given): string | undefined {
  const token = valueGiven(flags, 'initial-access-token')
  // RFC 6750 §2.1. What was given is not repeated.
  if (token !== undefined && !/^[\w.~+/-]+=*$/.test(token))
    throw new CommandError('--initial-access-token has characters that no bearer token has: give the token alone')
  return token
}

function authoritiesOf(flags: Given): string | undefined {
  const path = valueGiven(flags, 'ca')
  if (path === undefined) return undefined
  const right = 'give a PEM file with the certificates of authorities'
  const text = textIn({ by: '--ca', path, right })
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []
  if (blocks.length === 0) throw new CommandError(`--ca: ${path} holds no certificate in PEM: ${right}`)
  for (const [index, block] of blocks.entries()) certificateIn(block, `--ca: certificate ${index + 1} in ${path}`, right)
  return text
}

function certificateIn(pem: string, what: string, right: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch {
    throw new CommandError(`${what} cannot be read: ${right}`)
  }
}

function mtlsOf(flags: Given): CertificateWithKey | undefined {
  const [certificatePath, keyPath] = flags.mtls ?? []
  if (certificatePath === undefined || keyPath === undefined) return undefined
  const right = 'give --mtls CERT KEY, a client certificate and its private key, both PEM'
  const certificate = textIn({ by: '--mtls', path: certificatePath, right })
  const key = textIn({ by: '--mtls', path: keyPath, right })
  if (!certificate.includes('-----BEGIN CERTIFICATE-----'))
    throw new CommandError(`--mtls: ${certificatePath} holds no certificate in PEM: ${right}`)
  const x509 = certificateIn(certificate, `--mtls: the certificate in ${certificatePath}`, right)
  if (!x509.checkPrivateKey(privateKeyIn(key, keyPath, right)))
    throw new CommandError(`--mtls: the key in ${keyPath} does not belong to the certificate in ${certificatePath}: ${right}`)
  return { certificate, key }
}

function privateKeyIn(pem: string, path: string, right: string): KeyObject {
  if (/ENCRYPTED/.test(pem)) throw new CommandError(`--mtls: the key in ${path} is encrypted: give it without a passphrase`)
  try {
    return createPrivateKey(pem)
  } catch {
    throw new CommandError(`--mtls: ${path} holds no private key in PEM: ${right}`)
  }
}

function objectOf(flags: Given, flag: string): Readonly<Record<string, unknown>> | undefined {
  const path = valueGiven(flags, flag)
  if (path === undefined) return undefined
  const right = 'give a JSON file with one object'
  const value = jsonIn({ by: `--${flag}`, path, right })
  if (!isObject(value)) throw new CommandError(`--${flag}: ${path} holds ${kindOf(value)}: ${right}`)
  return value
}

async function clientOf(flags: Given, mtls: CertificateWithKey | undefined): Promise<AuditOptions['client']> {
  const metadata = objectOf(flags, 'client')
  const keyPath = valueGiven(flags, 'key')
  if (!metadata) {
    if (keyPath !== undefined)
      throw new CommandError('--key is given without --client: give the metadata of the client whose keys they are')
    return undefined
  }
  const { client_id: id, token_endpoint_auth_method: method = 'client_secret_basic' } = metadata
  if (!isText(id)) throw new CommandError('--client has no client_id: give the metadata of a client that is registered at this server')
  if (method === 'private_key_jwt' && keyPath === undefined)
    throw new CommandError(`--client ${id} authenticates by private_key_jwt: give its private keys with --key`)
  if (isText(method) && /tls_client_auth$/.test(method) && !mtls)
    throw new CommandError(`--client ${id} authenticates by ${method}: give its certificate and key with --mtls`)
  return { metadata, keys: keyPath === undefined ? [] : await keysIn(keyPath, metadata) }
}

/** The private keys of a JWK Set, all of which must be the client's where its metadata say what it has. */
async function keysIn(path: string, { jwks }: Readonly<Record<string, unknown>>): Promise<readonly Jwk[]> {
  const right = 'give a JWK Set with the private keys of the client: {"keys": [...]}'
  const set = jsonIn({ by: '--key', path, right })
  const keys: unknown = isObject(set) && isText(set.kty) ? [set] : isKeySet(set) ? set.keys : undefined
  if (!Array.isArray(keys) || keys.length === 0) throw new CommandError(`--key: ${path} holds no keys: ${right}`)
  const registered = isKeySet(jwks) ? await Promise.all(jwks.keys.map((jwk) => thumbprintOf(jwk))) : undefined
  for (const [index, key] of keys.entries()) {
    const name = isObject(key) && isText(key.kid) ? `the key ${key.kid}` : `key ${index}`
    if (!isObject(key) || !PRIVATE_MEMBERS.some((member) => member in key))
      throw new CommandError(`--key: ${name} in ${path} is no private key: ${right}`)
    const own = await thumbprintOf(key)
    if (own === undefined || !isWhole(key)) throw new CommandError(`--key: ${name} in ${path} cannot be read as a private key: ${right}`)
    if (registered && !registered.includes(own))
      throw new CommandError(`--key: ${name} in ${path} is not among the jwks of --client: give the keys that belong to this client`)
  }
  return keys
}

/** Whether the private half of a key that was read belongs to its public half: nobody has looked so far. */
function isWhole(jwk: Jwk): boolean {
  const key: JsonWebKey = { ...jwk }
  if (!['RSA', 'EC'].includes(String(key.kty)) && key.crv !== 'Ed25519') return true
  const { d: _private, ...publicHalf } = key
  const digest = key.kty === 'OKP' ? null : 'sha256'
  try {
    const signature = sign(digest, Buffer.from('probe'), createPrivateKey({ key, format: 'jwk' }))
    return verify(digest, Buffer.from('probe'), createPublicKey({ key: publicHalf, format: 'jwk' }), signature)
  } catch {
    return false
  }
}

/** The thumbprint of the public half (RFC 7638); `undefined` for what is no asymmetric key. */
async function thumbprintOf(jwk: Jwk): Promise<string | undefined> {
  try {
    const key: JsonWebKey = { ...jwk }
    const publicHalf = createPublicKey('d' in key ? createPrivateKey({ key, format: 'jwk' }) : { key, format: 'jwk' })
    return await calculateJwkThumbprint({ ...publicHalf.export({ format: 'jwk' }) })
  } catch {
    return undefined
  }
}
