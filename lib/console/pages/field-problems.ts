import { CHOICE_FIELDS } from '../../readiness/choice-fields.js'
import { SUBJECT_FIELDS } from '../application-fields.js'
import { LOGOUT } from './application-logout.js'

/** Fields that are folded, unless something is wrong with one. */
export const ASIDE = ['client_uri', 'logo_uri', 'policy_uri', 'tos_uri', 'initiate_login_uri', 'contacts']

/** What all the names of a certificate begin with: which of them is missing cannot be told. */
export const ANY_SUBJECT = 'tls_client_auth_'

const FIELDS = [
  ...['client_name', 'redirect_uris', 'scope', 'jwks_uri', 'jwks', 'default_max_age', 'sector_identifier_uri'],
  ...ASIDE,
  ...LOGOUT.map(([name]) => name),
  ...['default_acr_values', 'request_uris'],
  ...SUBJECT_FIELDS,
  ANY_SUBJECT,
  ...CHOICE_FIELDS.map(({ field }) => field),
]

/** What is wrong, by the field that each problem names first. */
export function problemsByField(problems: readonly string[]): Readonly<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const problem of problems) {
    const field = problem.match(/\b[a-z]+(?:_[a-z]*)*\b/g)?.find((word) => FIELDS.includes(word))
    if (field !== undefined && found[field] === undefined) found[field] = problem
  }
  return found
}
