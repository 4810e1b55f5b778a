import type { ConfigurationFault } from '../core/errors.js'
import type { Ecosystem } from './ecosystem.js'
import { formOf, listed, shapeOf, valuesOf } from './metadata-shapes.js'
import { CERTIFICATE } from './statement-fields.js'

type Contradiction = readonly [option: string, got: unknown, allowed: string] | false

/** What in a description cannot hold together, all of it; everything has its type already. */
export function contradictions(ecosystem: Ecosystem): ConfigurationFault[] {
  return [
    ...betweenParts(ecosystem),
    ...ecosystem.forbidden.flatMap((one) => aboutForbidden(ecosystem, one.field)),
    ...aboutValues(ecosystem),
  ]
    .filter((one) => one !== false)
    .map(([option, got, allowed]) => ({ option: `ecosystem.${option}`, got, allowed }))
}

function betweenParts({ body, signedRequest, certificate, statement, claims, matches, scopes, management }: Ecosystem): Contradiction[] {
  const { required, maxAge, expires } = statement
  const isTokenOfClient = typeof management.by === 'object'
  return [
    body === 'jwt' && !signedRequest && ['signedRequest', undefined, "must say what a signed request is, because body is 'jwt'"],
    body === 'json' && signedRequest !== undefined && ['signedRequest', 'given', "must be left out, because body is 'json'"],
    body === 'jwt' &&
      !required && ['statement.required', required, 'must be true, because the keys to a signed request are where the statement says'],
    maxAge === undefined &&
      !expires && ['statement.maxAge', maxAge, 'must be given, or expires be true: otherwise statements never grow old'],
    certificate !== 'required' &&
      matches.some(({ field }) => field.startsWith(CERTIFICATE)) && [
        'certificate',
        certificate,
        "must be 'required', because matches look into it",
      ],
    !required &&
      matches.some(({ field }) => field.startsWith(CERTIFICATE)) && [
        'statement.required',
        required,
        'must be true, because a certificate must fit it',
      ],
    scopes !== undefined &&
      Object.hasOwn(claims, 'scope') && ['claims.scope', claims.scope, 'must be left out, because scope follows from roles'],
    scopes?.active !== undefined &&
      scopes.role === undefined && ['scopes.role', undefined, 'must name the role, because roles are objects of which some are active'],
    scopes !== undefined &&
      [scopes.always, ...Object.values(scopes.table)].flat().length === 0 && [
        'scopes',
        scopes,
        'must give a scope to somebody, or be left out',
      ],
    isTokenOfClient && management.rotate && ['management.rotate', true, 'must be false, because there is no registration access token'],
    management.statementOnUpdate &&
      !management.methods.includes('PUT') && ['management.statementOnUpdate', true, 'must be false, because there are no updates'],
  ]
}

function aboutForbidden({ required, claims, matches, allowed, defaults, scopes, forbidden }: Ecosystem, field: string): Contradiction[] {
  const option = `forbidden (${field})`
  const isFilled = Object.hasOwn(claims, field) || Object.hasOwn(defaults, field) || (field === 'scope' && scopes !== undefined)
  return [
    required.includes(field) && !isFilled && [option, field, 'must not be required as well, where nothing else sets it'],
    matches.some((match) => match.field === field) && [option, field, 'must not be matched as well: nobody may send it'],
    Object.hasOwn(allowed, field) && !isFilled && [option, field, 'must not have allowed values as well: nobody may send it'],
    forbidden.filter((other) => other.field === field).length > 1 && [option, field, 'must not be forbidden twice'],
  ]
}

function aboutValues({ allowed, defaults, scopes }: Ecosystem): Contradiction[] {
  return Object.entries(defaults).flatMap(([field, value]): Contradiction[] => {
    const option = `defaults.${field}`
    const some = Object.hasOwn(allowed, field) ? allowed[field] : undefined
    const values = valuesOf(field, value)
    const needsForm = some !== undefined || shapeOf(field) !== 'open'
    return [
      needsForm && !values && [option, value, `must be ${formOf(field)}`],
      some !== undefined &&
        values?.some((one) => !some.includes(one)) === true && [option, value, `must be among what is allowed: ${listed(some)}`],
      field === 'scope' && scopes !== undefined && [option, value, 'must be left out, because scope follows from roles'],
    ]
  })
}
