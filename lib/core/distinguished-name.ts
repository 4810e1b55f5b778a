import { attributeName } from './attribute-types.js'
import { type AttributeValue, comparableValue, visible } from './attribute-values.js'

/** One attribute of a name: its type as an object identifier, and its value. */
export interface Attribute {
  readonly type: string
  readonly value: AttributeValue
}

/** A relative distinguished name: attributes in no particular order, almost always one. */
export type Rdn = readonly Attribute[]

/** A distinguished name (X.501), its RDNs in the order in which a certificate encodes them. RFC 4514 writes the last one first. */
export type DistinguishedName = readonly Rdn[]

/** A name as RFC 4514 writes it, for people to compare: short names, and nothing invisible in it that is not escaped. */
export const printDistinguishedName = (name: DistinguishedName): string =>
  name
    .map((rdn) => rdn.map(printAttribute).sort().join('+'))
    .reverse()
    .join(',')

const printAttribute = ({ type, value }: Attribute) =>
  `${attributeName(type)}=${typeof value === 'string' ? printValue(value) : `#${value.der}`}`

const printValue = (text: string) => visible(text.replaceAll(/["+,;<>\\]|^[ #]| $/g, '\\$&'))

/**
 * Whether two distinguished names are the same (RFC 4514 §1, RFC 5280 §7.1): as many RDNs, in the same order, each with the same
 * attributes in whatever order, compared by the equality rule of their type.
 */
export const sameDistinguishedName = (one: DistinguishedName, other: DistinguishedName): boolean => comparable(one) === comparable(other)

/** Whether two names would be the same if one of them were written the other way round, which happens to names copied from OpenSSL. */
export const sameTurnedRound = (one: DistinguishedName, other: DistinguishedName): boolean => sameDistinguishedName(one, other.toReversed())

const comparable = (name: DistinguishedName) => JSON.stringify(name.map((rdn) => rdn.map(attributeKey).sort()))

/** A string that two attributes share when they are the same. */
export const attributeKey = ({ type, value }: Attribute) => `${type}${comparableValue(type, value)}`
