import { BaseStringBlock, fromBER, ObjectIdentifier, Sequence, Set as SetOf } from 'asn1js'
import type { RelativeDistinguishedNames } from 'pkijs'

/**
 * The RDNs of a name, each as one comparable text: pkijs forgets which attributes belong to one RDN. Case and space do not count,
 * nor which kind of string it is (RFC 5280 §7.1). Throws a `TypeError` for what is no name.
 */
export function rdnsOf({ valueBeforeDecode }: RelativeDistinguishedNames): readonly string[] {
  const { result } = fromBER(valueBeforeDecode)
  if (!(result instanceof Sequence)) throw new TypeError('a name is not a sequence of RDNs')
  return result.valueBlock.value.map((rdn) => {
    if (!(rdn instanceof SetOf)) throw new TypeError('an RDN is not a set of attributes')
    return JSON.stringify(rdn.valueBlock.value.map(attributeText).sort())
  })
}

function attributeText(attribute: unknown): string {
  const [type, value] = attribute instanceof Sequence ? attribute.valueBlock.value : []
  if (!(type instanceof ObjectIdentifier) || !value) throw new TypeError('an attribute is not a type with a value')
  const text = value instanceof BaseStringBlock ? folded(value.getValue()) : `#${Buffer.from(value.toBER()).toString('hex')}`
  return `${type.getValue()}=${text}`
}

const folded = (text: string): string => text.trim().replaceAll(/\s+/g, ' ').toLowerCase()
