import { ignoresCase, TELEPHONE_NUMBER } from './attribute-types.js'

/** A value that is no text, or none that can be read: its DER in lower-case hexadecimal. */
export interface EncodedValue {
  readonly der: string
}

/** The value of an attribute, its string type left behind: `BR` is `BR` as PrintableString and as UTF8String. */
export type AttributeValue = string | EncodedValue

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Text that was written as UTF-8; `undefined` for what is none. */
export function utf8(octets: Uint8Array): string | undefined {
  try {
    return UTF8.decode(octets)
  } catch {
    return undefined
  }
}

const characters = (codes: readonly number[]) => codes.map((code) => String.fromCharCode(code)).join('')
const latin1 = (octets: Uint8Array) => characters([...octets])
const ascii = (octets: Uint8Array) => (octets.every((octet) => octet < 0x80) ? latin1(octets) : undefined)

/** Numbers of so many octets, the most significant first; `undefined` where some are left over. */
function numbers(octets: Uint8Array, size: number): readonly number[] | undefined {
  if (octets.length % size !== 0) return undefined
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength)
  return Array.from({ length: octets.length / size }, (_, index) => (size === 2 ? view.getUint16(2 * index) : view.getUint32(4 * index)))
}

function bmp(octets: Uint8Array): string | undefined {
  const codes = numbers(octets, 2)
  return codes && characters(codes)
}

function universal(octets: Uint8Array): string | undefined {
  const codes = numbers(octets, 4)
  return codes?.every(isCharacter) ? codes.map((code) => String.fromCodePoint(code)).join('') : undefined
}

const isCharacter = (code: number) => code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)

/** The string types of X.680, by tag. What TeletexString holds in practice is Latin-1. */
const STRINGS: Readonly<Record<number, (octets: Uint8Array) => string | undefined>> = {
  12: utf8, // UTF8String
  18: ascii, // NumericString
  19: ascii, // PrintableString
  20: latin1, // TeletexString
  22: ascii, // IA5String
  26: ascii, // VisibleString
  28: universal, // UniversalString
  30: bmp, // BMPString
}

/** Half of a UTF-16 pair without the other half. */
export const LONE_SURROGATE = /\p{Cs}/u

/** The value of an attribute from its DER; `undefined` for octets that are not exactly one element. */
export function attributeValue(der: Uint8Array): AttributeValue | undefined {
  const content = contentOf(der)
  if (content === undefined) return undefined
  const text = STRINGS[der[0] ?? 0]?.(content)
  return text === undefined || LONE_SURROGATE.test(text) ? { der: hex(der) } : text
}

/** X.690 §8.1: tag, length, content, and nothing after it. Of the tags with several octets none is a value's. */
function contentOf(der: Uint8Array): Uint8Array | undefined {
  const [tag = 0x1f, short = 0x80] = der
  const lengthOctets = short > 0x80 ? short - 0x80 : 0
  if ((tag & 0x1f) === 0x1f || short === 0x80) return undefined
  const content = der.subarray(2 + lengthOctets)
  const length = lengthOctets === 0 ? short : der.subarray(2, 2 + lengthOctets).reduce((sum, octet) => sum * 256 + octet, 0)
  return content.length === length ? content : undefined
}

/** Octets in lower-case hexadecimal. */
export const hex = (octets: Uint8Array): string => Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join('')

/** The octets that pairs of hexadecimal digits stand for. */
export const fromHex = (digits: string): Uint8Array => Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))

/** Controls, all separators but the space, and what has no width or turns the direction of writing; the Braille blank is none of these. */
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/gu

/** Text without characters that hide: each is written as its octets of UTF-8, escaped. */
export const visible = (text: string): string =>
  text.replaceAll(INVISIBLE, (character) =>
    hex(new TextEncoder().encode(character)).replaceAll(/../g, (octet) => `\\${octet.toUpperCase()}`),
  )

/**
 * A string that two values of a type share when the type's equality rule says that they are the same: caseIgnoreMatch with the
 * preparation of RFC 4518 for types known here, otherwise the characters themselves; octets for what is no text.
 */
export function comparableValue(type: string, value: AttributeValue): string {
  if (typeof value !== 'string') return `#${value.der}`
  if (!ignoresCase(type)) return `=${value}`
  const prepared = prepare(value)
  // RFC 4518 §2.6.3: the hyphens that NFKC leaves.
  return `=${type === TELEPHONE_NUMBER ? prepared.replaceAll(/[ \-\u058a\u2010\u2212]/g, '') : prepared}`
}

/**
 * RFC 4518 §2, but for two steps that would let names pass for others: what §2.2 maps to nothing (controls, zero-width and
 * other invisible characters) counts like any letter, and what §2.4 prohibits is equal to itself and to nothing else.
 */
const prepare = (text: string) => fold(spaced(text).normalize('NFKC')).normalize('NFKC').replaceAll(/ +/g, ' ').replaceAll(/^ | $/g, '')

/** RFC 4518 §2.2: tabs, line ends and all separators are spaces. */
const spaced = (text: string) => text.replaceAll(/[\t-\r\x85\p{Z}]/gu, ' ')

/** Case folding in full (ß is ss), which upper case of lower case does for all letters but the dotless i. */
const fold = (text: string) =>
  text
    .split('ı')
    .map((part) => part.toLowerCase().toUpperCase().toLowerCase())
    .join('ı')
