import { isHttpsUrl, isText } from '../core/claims.js'
import type { ConfigurationFault } from '../core/errors.js'
import { FAPI_ALGORITHMS } from '../core/jwk.js'
import { type Check, checked, flag, isData, listOf, members, oneOf, optional, recordOf, seconds, setOf, text } from './data-checks.js'
import type { Ecosystem } from './ecosystem.js'
import { contradictions } from './ecosystem-contradictions.js'
import { SAID_BY_SERVER } from './metadata.js'
import { isScope } from './metadata-shapes.js'

/** Seconds in a day and in ten years, our choice: what a signed request and a statement may last at the most. */
const DAY = 86_400
const TEN_YEARS = 315_576_000

/** RFC 7591 §4.1 leaves the names open; those of every object would be found where nobody wrote them. */
const isField = (value: unknown): boolean => isText(value) && /^[\w-]+$/.test(value) && !(value in {})

const field = checked(isField, 'must be the name of metadata')
const settable = checked(
  (value) => isField(value) && !SAID_BY_SERVER.some((name) => name === value),
  'must be the name of metadata that a client may have',
)
const attribute = /^certificate:(?:[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+)$/
const matched = checked(
  (value) => (isField(value) && !SAID_BY_SERVER.some((name) => name === value)) || (isText(value) && attribute.test(value)),
  "must be the name of metadata, or 'certificate:' and an attribute such as UID",
)

const claim: Check = checked(
  (value) => isText(value) || (Array.isArray(value) && value.length > 0 && Array.from<unknown>(value).every(isText)),
  'must be the name of a claim, or names from the outside in',
)
const algorithms = setOf(oneOf(...FAPI_ALGORITHMS), 1)
const scopes = setOf(checked(isScope, 'must be a scope (RFC 6749 §3.3)'))
const error = oneOf('invalid_redirect_uri', 'invalid_client_metadata', 'invalid_webhook_uris', 'invalid_software_statement')

const isDay = (value: unknown) =>
  isText(value) && /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value)) && new Date(value).toISOString().startsWith(value)

/** Levels that a default may have, our choice. */
const DEEPEST = 5

/** What JSON can say, and says: nothing is absent in it. */
const isJson = (value: unknown, depth = 0): boolean => {
  if (depth > DEEPEST) return false
  if (Array.isArray(value)) return Array.from<unknown>(value).every((entry) => isJson(entry, depth + 1))
  if (isData(value))
    return (
      [Object.prototype, null].includes(Object.getPrototypeOf(value)) && Object.values(value).every((entry) => isJson(entry, depth + 1))
    )
  return typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))
}

const SIGNED_REQUEST = members({
  algorithms,
  keysClaim: claim,
  issuerClaim: claim,
  audience: flag,
  maxLifetime: seconds(DAY),
  jti: oneOf('uuid', 'text'),
})

const STATEMENT = members({
  required: flag,
  algorithms,
  maxAge: optional(seconds(TEN_YEARS)),
  expires: flag,
  claims: setOf(text),
  softwareId: claim,
  organisationId: optional(claim),
  once: flag,
})

const SCOPES = members({
  claim,
  role: optional(text),
  active: optional(
    members({
      field: text,
      value: checked((value) => isJson(value) && typeof value !== 'object', 'must be a text, a number or true or false'),
    }),
  ),
  always: scopes,
  table: recordOf(scopes),
})

const byScope = members({ scope: checked(isScope, 'must be a scope (RFC 6749 §3.3)') })
const byToken = checked(
  (value) => value === 'registration_access_token',
  "must be 'registration_access_token', or { scope } of access tokens",
)

const MANAGEMENT = members({
  by: (option, value) => (isData(value) ? byScope(option, value) : byToken(option, value)),
  statementOnUpdate: flag,
  rotate: flag,
  methods: setOf(oneOf('GET', 'PUT', 'DELETE')),
})

const ECOSYSTEM = members({
  name: checked((value) => isText(value) && /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(value), "must be a name in small letters, such as 'uk-obie'"),
  title: text,
  source: members({
    url: checked(isHttpsUrl, 'must be an https URL'),
    version: text,
    date: checked(isDay, 'must be a day, such as 2026-01-31'),
  }),
  body: oneOf('json', 'jwt'),
  signedRequest: optional(SIGNED_REQUEST),
  certificate: oneOf('required', 'optional'),
  statement: STATEMENT,
  claims: recordOf(claim, settable),
  precedence: oneOf('statement', 'request'),
  matches: listOf(members({ field: matched, how: oneOf('subset', 'equals'), claim, error })),
  scopes: optional(SCOPES),
  required: setOf(settable),
  forbidden: listOf(members({ field, error, why: text })),
  allowed: recordOf(setOf(text, 1), settable),
  sameHost: setOf(settable),
  defaults: recordOf(
    checked((value) => isJson(value) && value !== '', 'must be what JSON can say, and not empty'),
    settable,
  ),
  management: MANAGEMENT,
  duplicates: oneOf('reject', 'return-existing', 'new'),
  status: optional(members({ list: listOf(text), id: text, status: text, active: setOf(text, 1) })),
})

const isEcosystem = (value: unknown): value is Ecosystem => ECOSYSTEM('ecosystem', value).length === 0

/** What is wrong with the description of an ecosystem, all of it. What contradicts itself is looked for once everything has its type. */
export function ecosystemFaults(ecosystem: unknown): ConfigurationFault[] {
  return isEcosystem(ecosystem) ? contradictions(ecosystem) : [...ECOSYSTEM('ecosystem', ecosystem)]
}
