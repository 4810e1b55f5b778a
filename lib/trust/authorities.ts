import { X509Certificate } from 'node:crypto'
import type { ConfigurationFault } from '../core/errors.js'
import { weakPublicKey } from '../core/key-strength.js'
import { allowsUsage, extensionsFlaw, USAGE } from './extensions.js'
import { type Link, linkOf } from './link.js'
import { causeText } from './wording.js'

/** Certificates of authorities: PEM text, which may hold several, or certificates. */
export type AuthorityCertificates = string | X509Certificate | readonly (string | X509Certificate)[]

export interface Authorities {
  /** Trusted for what they are. */
  readonly anchors: readonly Link[]
  /** Known, but to be proven. */
  readonly intermediates: readonly Link[]
}

const PEM = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g

/** Reads the authorities of an option, and says what is wrong with it. */
export function readAuthorities(
  option: string,
  given: unknown,
): { readonly links: readonly Link[]; readonly faults: ConfigurationFault[] } {
  const items: readonly unknown[] = Array.isArray(given) ? given : [given]
  const read = items.map((item, at) => {
    const name = Array.isArray(given) ? `${option}[${at}]` : option
    try {
      return { links: certificatesIn(item).map(authority), faults: [] }
    } catch (cause) {
      return { links: [], faults: [{ option: name, got: shown(item), allowed: causeText(cause) }] }
    }
  })
  return { links: read.flatMap(({ links }) => links), faults: read.flatMap(({ faults }) => faults) }
}

function certificatesIn(item: unknown): readonly X509Certificate[] {
  if (item instanceof X509Certificate) return [item]
  const blocks = typeof item === 'string' ? (item.match(PEM) ?? []) : []
  if (typeof item !== 'string' || blocks.length === 0 || blocks.length !== item.split('-----BEGIN').length - 1)
    throw new TypeError('must be the certificate of an authority, or several: PEM text or X509Certificate')
  return blocks.map((block) => new X509Certificate(block))
}

function authority(x509: X509Certificate): Link {
  const link = linkOf(x509)
  const name = `must be the certificate of an authority that may issue certificates, but ${link.name}`
  if (!x509.ca || !allowsUsage(link.fields, USAGE.keyCertSign)) throw new TypeError(`${name} is none`)
  const flaw = extensionsFlaw(link.fields)
  if (flaw) throw new TypeError(`${name} ${flaw}`)
  const weak = weakPublicKey(x509.publicKey, 'its key', 256)
  if (weak) throw new TypeError(`must be the certificate of an authority with a strong key, but of ${link.name} ${weak}`)
  return link
}

/** Enough to recognise what was given; a private key given by mistake is not printed. */
const shown = (item: unknown): unknown =>
  item instanceof X509Certificate ? item.subject : typeof item === 'string' ? item.split('\n')[0]?.slice(0, 40) : item
