import { createHash } from 'node:crypto'
import { malformed, pemCertificates, percentDecoded } from './certificate-bytes.js'

type Pair = readonly [key: string, value: string]

/** What Envoy writes before anything of the certificate's own text: By, Hash, Cert, Chain, and then Subject, URI, DNS. */
const BEFORE_NAMES = ['by', 'hash', 'cert', 'chain']

/**
 * The DER certificates in Envoy's x-forwarded-client-cert, the client's own first. It must be the element of one proxy: an Envoy
 * that appends to what it was sent forwards what anyone may have written. Throws a `CertificateError` without the header's name.
 */
export function xfccCertificates(value: string): readonly Buffer[] {
  const pairs = pairsOf(value)
  const [cert, chain, hash] = [standing(pairs, 'cert'), standing(pairs, 'chain'), standing(pairs, 'hash')]
  const single = cert === undefined ? undefined : pemCertificates(percentDecoded(cert))
  const all = chain === undefined ? single : pemCertificates(percentDecoded(chain))
  const [leaf] = all ?? []

  if (!all || !leaf) throw malformed('has neither Cert nor Chain')
  if (single && single.length > 1) throw malformed(`holds ${single.length} certificates as Cert`)
  if (single?.[0]?.equals(leaf) === false) throw malformed('has a Chain that does not begin with its Cert')
  if (hash !== undefined && hash.toLowerCase() !== createHash('sha256').update(leaf).digest('hex'))
    throw malformed('has the Hash of another certificate')
  return all
}

/** A value that stands once, and before the names: whoever signs a certificate himself chooses them, and Envoy does not escape them all. */
function standing(pairs: readonly Pair[], wanted: string): string | undefined {
  const names = pairs.findIndex(([key]) => !BEFORE_NAMES.includes(key))
  const places = pairs.flatMap(([key], place) => (key === wanted ? [place] : []))
  const [place] = places
  if (place === undefined) return undefined
  if (places.length > 1) throw malformed(`repeats its key ${wanted}`)
  if (names !== -1 && place > names) throw malformed(`has its ${wanted} behind what the client chose`)
  return pairs[place]?.[1]
}

/** Keys are told apart whatever their case. */
function pairsOf(text: string): readonly Pair[] {
  const pairs: Pair[] = []
  for (let at = 0; at < text.length; ) {
    const equals = text.indexOf('=', at)
    const key = text.slice(at, Math.max(at, equals))
    if (!/^[A-Za-z]+$/.test(key)) throw malformed('is no list of keys and values')
    const isQuoted = text[equals + 1] === '"'
    const end = isQuoted ? endOfQuoted(text, equals + 2) : endOfPlain(text, equals + 1)
    pairs.push([key.toLowerCase(), isQuoted ? text.slice(equals + 2, end - 1) : text.slice(equals + 1, end)])
    if (text[end] === ',') throw malformed('has more than one element')
    if (end < text.length && text[end] !== ';') throw malformed('is no list of keys and values')
    at = end + 1
  }
  return pairs
}

function endOfQuoted(text: string, from: number): number {
  for (let at = from; at < text.length; at += text[at] === '\\' ? 2 : 1) if (text[at] === '"') return at + 1
  throw malformed('has a quoted value without its end')
}

function endOfPlain(text: string, from: number): number {
  const length = text.slice(from).search(/[;,"]/)
  return length === -1 ? text.length : from + length
}
