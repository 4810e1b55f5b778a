import { randomUUID } from 'node:crypto'
import { type Identity, issueCertificate } from '../bank/certificates.js'
import type { Claims, Directory } from './directory.js'
import { type SigningAlgorithm, type SigningKey, signingKey } from './signing-key.js'

/** A third party's software, before any bank knows it. */
export interface Software {
  readonly id: string
  readonly organisation: string
  readonly name: string
  /** It registers with the first, and adds the second later. */
  readonly redirectUris: readonly [string, string]
  readonly key: SigningKey
  readonly jwksUri: string
  readonly sectorUri: string
  /** The subject of its certificate as RFC 4514 writes it: what is encoded last comes first. */
  readonly distinguishedName: string
  /** Its client certificate, which the bank's authority issued. */
  readonly identity: Identity
}

export interface SoftwareOptions {
  readonly directory: Directory
  /** Who issues its certificate. */
  readonly authority: Identity
  readonly name: string
  readonly country: string
  readonly alg: SigningAlgorithm
}

/** Makes a software with a key that the directory publishes, and a certificate with its id in the subject. */
export async function makeSoftware({ directory, authority, name, country, alg }: SoftwareOptions): Promise<Software> {
  const id = randomUUID()
  const origin = `https://${name.toLowerCase().replaceAll(' ', '-')}.example`
  const redirectUris = [`${origin}/cb`, `${origin}/second`] as const
  const key = await signingKey(alg)
  const identity = await issueCertificate(authority, {
    // UID by its number (RFC 4519 §2.39): who makes the certificate does not know the name.
    ...{ subject: `C=${country}, O=Example TPP, CN=${name}, 0.9.2342.19200300.100.1.1=${id}` },
    ...{ usage: 'client', keyType: 'EC' },
  })
  directory.list({ id, keys: [key.publicJwk], redirectUris })
  return {
    ...{ id, organisation: randomUUID(), name, redirectUris, key, identity },
    ...{ jwksUri: directory.keysOf(id), sectorUri: directory.sectorOf(id) },
    distinguishedName: `UID=${id},CN=${name},O=Example TPP,C=${country}`,
  }
}

/** The pages that a directory knows of, under the names of the ecosystem's statements. */
export function pagesOf({ redirectUris: [first] }: Software, prefix = ''): Claims {
  const { origin } = new URL(first)
  const pages = { client_uri: origin, logo_uri: `${origin}/logo.png`, policy_uri: `${origin}/policy`, tos_uri: `${origin}/terms` }
  return Object.fromEntries(Object.entries(pages).map(([name, uri]) => [`${prefix}${name}`, uri]))
}
