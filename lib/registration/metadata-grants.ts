import type { Metadata, MetadataFault } from './metadata.js'
import { invalid } from './metadata-fault.js'
import { textsIn } from './metadata-kinds.js'

/** The grants of a client; one that names none has `authorization_code` (RFC 7591 §2). */
export const grantsIn = (metadata: Metadata): readonly string[] => textsIn(metadata, 'grant_types') ?? ['authorization_code']

/** The response types of a client; one that names none has `code` (RFC 7591 §2), unless its grants know no browser. */
export const responseTypesIn = (metadata: Metadata): readonly string[] =>
  textsIn(metadata, 'response_types') ?? (grantsIn(metadata).includes('authorization_code') ? ['code'] : [])

const has = (type: string, ...words: readonly string[]) => type.split(' ').some((word) => words.includes(word))

/**
 * RFC 7591 §2.1: each grant needs a response type and each response type its grant. Of `code id_token` and its like only the grant of
 * the code is asked for, though OpenID Connect Registration §2 lists `implicit` too: directories of open banking do not know that one.
 */
export function grantFaults(metadata: Metadata): MetadataFault[] {
  const [grants, types] = [grantsIn(metadata), responseTypesIn(metadata)]
  const withCode = types.some((type) => has(type, 'code'))
  const withoutCode = types.some((type) => !has(type, 'code') && has(type, 'id_token', 'token'))
  const fromFront = types.some((type) => has(type, 'id_token', 'token'))
  const strange = grants.filter((grant) => !/^(?:[a-z_]{1,40}|[a-z][a-z0-9+.-]*:[\x21-\x7e]{1,200})$/i.test(grant))
  const faults: readonly (readonly [isWrong: boolean, description: string])[] = [
    [strange.length > 0, 'grant_types must be names of grants, or absolute URIs (RFC 6749 section 4.5)'],
    [withCode && !grants.includes('authorization_code'), 'grant_types must have authorization_code, because response_types has code'],
    [
      withoutCode && !grants.includes('implicit'),
      'grant_types must have implicit, because response_types has id_token or token without code',
    ],
    [grants.includes('authorization_code') && !withCode, 'response_types must have code, because grant_types has authorization_code'],
    [grants.includes('implicit') && !fromFront, 'response_types must have id_token or token, because grant_types has implicit'],
  ]
  return faults.filter(([isWrong]) => isWrong).map(([, description]) => invalid(description))
}
