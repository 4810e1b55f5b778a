import { fromBER, ObjectIdentifier, Sequence, Set as SetOf } from 'asn1js'
import type { RelativeDistinguishedNames } from 'pkijs'
import { attributeValue } from '../core/attribute-values.js'
import { attributeKey } from '../core/distinguished-name.js'

/**
 * The RDNs of a name, each as one comparable text: pkijs forgets which attributes belong to one RDN. Names are compared as they
 * are everywhere here (RFC 5280 §7.1): what passes for a registered subject must not pass by a constraint on that name. Throws a
 * `TypeError` for what is no name.
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
  const [type, encoded] = attribute instanceof Sequence ? attribute.valueBlock.value : []
  const value = encoded && attributeValue(encoded.valueBeforeDecodeView)
  if (!(type instanceof ObjectIdentifier) || value === undefined) throw new TypeError('an attribute is not a type with a value')
  return attributeKey({ type: type.getValue(), value })
}
