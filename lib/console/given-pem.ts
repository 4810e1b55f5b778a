import { createPublicKey, type KeyObject, type X509Certificate } from 'node:crypto'
import type { Jwk } from '../core/facts.js'
import { isIssuedBy } from './given-certificate.js'
import { type Candidate, certificateIn, FORMS, insistOnFew, MOST_ISSUERS, unreadable, weaknesses } from './given-key.js'
import { keyThumbprint } from './key-thumbprint.js'
import { type PemBlock, pemBlocks } from './pem-blocks.js'

/** Reads public keys and certificates in PEM. Throws a `GivenError`. */
export function keysInPem(text: string): readonly Candidate[] {
  const blocks = pemBlocks(text)
  // Some directories show the base64 of a certificate alone; that of a private key must not go unnoticed.
  if (blocks.length === 0 && BASE64.test(text)) return keysOfCertificates([certificateIn(text, 'the certificate')])
  if (blocks.length === 0) throw unreadable(mistaken(text))
  insistOnFew(blocks.length)
  const other = blocks.find(({ label }) => !PUBLIC_KEYS.includes(label) && label !== 'CERTIFICATE')
  if (other) throw unreadable(`the text holds a PEM block ${other.label}${OTHER_BLOCKS[other.label] ?? ''}. It should be ${FORMS}`)
  const keys = blocks.filter(({ label }) => label !== 'CERTIFICATE').map(readPublicKey)
  const certificates = blocks
    .filter(({ label }) => label === 'CERTIFICATE')
    .map(({ text: pem }, index) => certificateIn(pem, `certificate ${index + 1}`))
  return [...keysOfCertificates(certificates), ...keys]
}

/** DER begins with a sequence, which is an M in base64. Ed25519 has the shortest keys. */
const BASE64 = /^M[A-Za-z0-9+/=\s]{50,}$/
const PUBLIC_KEYS = ['PUBLIC KEY', 'RSA PUBLIC KEY']
const OTHER_BLOCKS: Readonly<Record<string, string>> = {
  'CERTIFICATE REQUEST': ', which only asks for a certificate: give the one that the authority issued for it',
  'NEW CERTIFICATE REQUEST': ', which only asks for a certificate: give the one that the authority issued for it',
  PKCS7: ', a bundle that is not read: give its certificates one by one',
}

/** What people have at hand instead. */
function mistaken(text: string): string {
  if (text === '') return `nothing was given. It should be ${FORMS}`
  if (/^https?:\/\/\S+$/i.test(text)) return 'an address was given, not keys: register it as jwks_uri, or give what is found there'
  if (/^(ssh-|ecdsa-sha2-)/.test(text)) return `a key of SSH was given; ssh-keygen -e -m PKCS8 writes it as PEM. It should be ${FORMS}`
  if (/^eyJ[\w-]*\./.test(text)) return `a JWT was given, not a key. It should be ${FORMS}`
  return `no key was found in the text. It should be ${FORMS}`
}

function readPublicKey({ text }: PemBlock, index: number): Candidate {
  const name = `public key ${index + 1}`
  return keyOf(publicKeyIn(text, name), name)
}

function publicKeyIn(pem: string, name: string): KeyObject {
  try {
    return createPublicKey({ key: pem, format: 'pem' })
  } catch {
    throw unreadable(`${name} cannot be read: it should be the whole block as it was written, from BEGIN to END`)
  }
}

function keyOf(key: KeyObject, name: string): Candidate {
  const jwk = jwkOf(key)
  const thumbprint = jwk && keyThumbprint(jwk)
  if (!jwk || thumbprint === undefined) {
    const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key
    throw unreadable(
      `${name} (${details?.namedCurve ?? type}) cannot be written as a JWK: it should be RSA (rsaEncryption), EC on P-256, or Ed25519`,
    )
  }
  return { jwk, thumbprint, issuers: [], warnings: weaknesses(key, jwk.crv) }
}

function jwkOf(key: KeyObject): Jwk | undefined {
  try {
    return { ...key.export({ format: 'jwk' }) }
  } catch {
    return undefined
  }
}

/** A certificate that issued another one that was given belongs behind that one, and its key is not the client's. */
function keysOfCertificates(certificates: readonly X509Certificate[]): readonly Candidate[] {
  const distinct = certificates.filter((one, index) => certificates.findIndex((other) => other.raw.equals(one.raw)) === index)
  // Two certificates of one key and name, the old and the new one, look as if each had issued the other.
  const issuerOf = (one: X509Certificate) => distinct.find((other) => !other.publicKey.equals(one.publicKey) && isIssuedBy(one, other))
  const issuers = new Map(distinct.map((one) => [one, issuerOf(one)]))
  const issuing = new Set(issuers.values())
  const owned = distinct.filter((one) => !issuing.has(one))
  if (owned.length === 0 && distinct.length > 0) throw unreadable("the certificates issued each other: give the client's own alone")
  return owned.map((own) => {
    const chain = [own]
    for (let next = issuers.get(own); next && !chain.includes(next) && chain.length <= MOST_ISSUERS; next = issuers.get(next))
      chain.push(next)
    const { jwk, ...key } = keyOf(own.publicKey, `the key of certificate ${certificates.indexOf(own) + 1}`)
    return { ...key, jwk: { ...jwk, x5c: chain.map(({ raw }) => raw.toString('base64')) }, own, issuers: chain.slice(1) }
  })
}
