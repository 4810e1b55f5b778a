import { attributeType } from './attribute-types.js'
import { type AttributeValue, attributeValue, fromHex, LONE_SURROGATE, utf8 } from './attribute-values.js'
import { type Attribute, attributeKey, type DistinguishedName, type Rdn } from './distinguished-name.js'

/** What is wrong with a distinguished name as it is written, and where: `position` counts characters from 1. */
export class DistinguishedNameError extends Error {
  override readonly name = 'DistinguishedNameError'
  readonly code = 'ERR_FAPI_DISTINGUISHED_NAME'
  readonly position: number

  constructor(reason: string, position: number) {
    super(`${reason} (at character ${position})`)
    this.position = position
  }
}

/** Characters, our choice: more than any name needs that people write. */
const LONGEST = 8192

/** A text and how far it has been read. */
interface Reading {
  readonly text: string
  at: number
}

/**
 * Reads a distinguished name as RFC 4514 writes it, and as RFC 2253 did (semicolons, quotation marks, spaces around separators).
 * Throws a `DistinguishedNameError` that says what is wrong and where.
 */
export function parseDistinguishedName(text: string): DistinguishedName {
  if (text.trim() === '') throw new DistinguishedNameError('it is empty', 1)
  if (text.length > LONGEST) throw new DistinguishedNameError(`it has more than ${LONGEST} characters`, LONGEST + 1)
  const surrogate = text.search(LONE_SURROGATE)
  if (surrogate !== -1) throw new DistinguishedNameError('half of a UTF-16 pair is no character', surrogate + 1)
  const reading: Reading = { text, at: 0 }
  const rdns: Rdn[] = []
  do rdns.push(readRdn(reading))
  while (skip(reading, ',;'))
  return Object.freeze(rdns.reverse())
}

function readRdn(reading: Reading): Rdn {
  const attributes: Attribute[] = []
  const seen = new Set<string>()
  do {
    const from = nextOf(reading)
    const attribute = readAttribute(reading)
    const key = attributeKey(attribute)
    if (seen.has(key)) throw new DistinguishedNameError('the same attribute stands twice in one RDN', from + 1)
    seen.add(key)
    attributes.push(attribute)
  } while (skip(reading, '+'))
  return Object.freeze(attributes)
}

function readAttribute(reading: Reading): Attribute {
  const type = readType(reading)
  const value = readValue(reading)
  const from = nextOf(reading)
  const next = reading.text[from]
  if (next !== undefined && !',;+'.includes(next)) fail(reading, 'a separator (comma or plus sign) must follow the value')
  return Object.freeze({ type, value })
}

/** Passes over spaces. */
function nextOf(reading: Reading): number {
  while (reading.text[reading.at] === ' ') reading.at += 1
  return reading.at
}

/** Passes over one of these characters if it comes next. */
function skip(reading: Reading, characters: string): boolean {
  const next = reading.text[reading.at]
  const found = next !== undefined && characters.includes(next)
  if (found) reading.at += 1
  return found
}

function fail({ at }: Reading, reason: string): never {
  throw new DistinguishedNameError(reason, at + 1)
}

/** What comes next in the text and matches; the expression is a sticky one. */
function take(reading: Reading, expression: RegExp): string {
  expression.lastIndex = reading.at
  const [found = ''] = expression.exec(reading.text) ?? []
  reading.at += found.length
  return found
}

function readType(reading: Reading): string {
  const from = nextOf(reading)
  if (from === 0 && reading.text[0] === '/')
    fail(reading, 'a name with slashes is not in the form of RFC 4514, which begins with the last RDN: CN=...,O=...,C=...')
  const written = take(reading, /[A-Za-z0-9.-]*/y)
  const type = attributeType(written)
  if (written === '') fail(reading, 'an attribute type is missing (CN, O, an object identifier, ...)')
  if (type === undefined) {
    reading.at = from
    fail(reading, `${written.slice(0, 40)} is no attribute type that is known by name: write its object identifier`)
  }
  nextOf(reading)
  if (!skip(reading, '=')) fail(reading, `an equals sign must follow the attribute type ${written.slice(0, 40)}`)
  return type
}

function readValue(reading: Reading): AttributeValue {
  nextOf(reading)
  if (skip(reading, '#')) return readEncoded(reading)
  if (skip(reading, '"')) return readQuoted(reading)
  return readString(reading)
}

/** RFC 4514 §2.4: the value's BER in hexadecimal. */
function readEncoded(reading: Reading): AttributeValue {
  const from = reading.at
  const digits = take(reading, /[0-9A-Fa-f]*/y)
  const value = digits.length % 2 === 0 ? attributeValue(fromHex(digits)) : undefined
  if (value !== undefined) return value
  reading.at = from
  fail(reading, 'after # must stand one DER value in hexadecimal; a # that is a character must be escaped by a backslash')
}

/** RFC 2253 §4. */
function readQuoted(reading: Reading): string {
  const from = reading.at
  let value = ''
  while (!skip(reading, '"')) {
    value += take(reading, /[^"\\\0]*/y)
    if (reading.at >= reading.text.length) {
      reading.at = from - 1
      fail(reading, 'the quotation mark is never closed')
    }
    if (reading.text[reading.at] !== '"') value += readEscaped(reading)
  }
  return value
}

/** RFC 4514 §3: up to a separator, without the spaces around it that are not escaped. */
function readString(reading: Reading): string {
  let value = ''
  for (;;) {
    const plain = take(reading, /[^,;+"<>\\\0]*/y)
    const next = reading.text[reading.at]
    if (next === undefined || ',;+'.includes(next)) return value + plain.replace(/(?<! ) +$/, '')
    value += plain + readEscaped(reading)
  }
}

/** Characters that are escaped by a backslash, or octets of UTF-8 that are, as many as follow each other. */
function readEscaped(reading: Reading): string {
  const from = reading.at
  const octets = take(reading, /(?:\\[0-9A-Fa-f]{2})+/y)
  if (octets !== '') {
    const value = utf8(fromHex(octets.replaceAll('\\', '')))
    if (value !== undefined) return value
    reading.at = from
    fail(reading, 'the escaped octets are not UTF-8')
  }
  const [, character] = take(reading, /\\[ "#+,;<=>\\]/y)
  if (character !== undefined) return character
  if (reading.text[from] === '\\') fail(reading, 'after a backslash must stand two hexadecimal digits or a character that needs escaping')
  fail(reading, 'this character must be escaped by a backslash')
}
