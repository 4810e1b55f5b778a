import { OctetString } from 'asn1js'
import { GeneralName, GeneralSubtree, NameConstraints, RelativeDistinguishedNames } from 'pkijs'
import { extension, x509 } from './pki.js'

/** Forms of a name by their tags (RFC 5280 §4.2.1.6). */
const FORMS = { email: 1, dns: 2, dn: 4, url: 6, ip: 7, id: 8 } as const

/** One name; an address is written with its mask, all octets with dots between them. */
export type Name = { readonly [form in keyof typeof FORMS]?: string }

export interface Limits {
  readonly permitted?: readonly Name[]
  readonly excluded?: readonly Name[]
}

/** Name constraints as an extension (RFC 5280 §4.2.1.10). */
export function constraints({ permitted, excluded }: Limits): x509.Extension {
  const made = new NameConstraints({
    ...(permitted && { permittedSubtrees: permitted.map(subtree) }),
    ...(excluded && { excludedSubtrees: excluded.map(subtree) }),
  })
  return extension('2.5.29.30', true, made.toSchema().toBER())
}

function subtree(name: Name): GeneralSubtree {
  const [[form, text] = ['', '']] = Object.entries(name)
  const base = new GeneralName()
  base.type = FORMS[form as keyof typeof FORMS]
  base.value = form === 'dn' ? directory(text) : form === 'ip' ? octets(text) : text
  return new GeneralSubtree({ base })
}

const directory = (text: string) => RelativeDistinguishedNames.fromBER(new Uint8Array(new x509.Name(text).toArrayBuffer()))
const octets = (text: string) => new OctetString({ valueHex: new Uint8Array(text.split('.').map(Number)) })
