import type { Profile } from './profile.js'

/** Where a clause stands. */
export interface Specification {
  readonly title: string
  /** The document, for a link. */
  readonly link: string
}

/** The documents of FAPI by the beginning of their clauses: a profile names clauses of those it builds upon, too. */
const DOCUMENTS: readonly (readonly [beginning: string, document: Specification])[] = [
  ['FAPI1-BASE-', { title: 'FAPI 1.0 Part 1: Baseline', link: 'https://openid.net/specs/openid-financial-api-part-1-1_0.html' }],
  ['FAPI1-ADV-', { title: 'FAPI 1.0 Part 2: Advanced', link: 'https://openid.net/specs/openid-financial-api-part-2-1_0.html' }],
  ['FAPI2-SP-', { title: 'FAPI 2.0 Security Profile', link: 'https://openid.net/specs/fapi-security-profile-2_0-final.html' }],
  ['FAPI2-MS-', { title: 'FAPI 2.0 Message Signing', link: 'https://openid.net/specs/fapi-message-signing-2_0-final.html' }],
]

/** The document in which a clause of a profile stands; `undefined` for a clause of nobody's. */
export function specificationOf(clause: string, profile: Profile | undefined): Specification | undefined {
  const [, document] = DOCUMENTS.find(([beginning]) => clause.startsWith(beginning)) ?? []
  if (document) return document
  const [, rfc] = /^RFC(\d{3,5})(?:-|$)/.exec(clause) ?? []
  if (rfc) return { title: `RFC ${rfc}`, link: `https://www.rfc-editor.org/rfc/rfc${rfc}` }
  return profile && { title: profile.title, link: profile.spec }
}
