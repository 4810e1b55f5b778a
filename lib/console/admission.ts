import type { Ecosystem } from '../registration/ecosystem.js'
import type { SettingsValues } from '../registration/settings-values.js'

/** The rule that the settings are held to, as it stands beside both of its switches. */
export const ANONYMOUS_RULE =
  'Registration may be anonymous, without an initial access token, only where a software statement is mandatory.'

type Admitting = Pick<SettingsValues, 'authentication_required' | 'software_statement_required' | 'software_statement_issuers'>

/** Says who may register right now, in one sentence. */
export function admissionOf(settings: Admitting, { certificate, statement }: Pick<Ecosystem, 'certificate' | 'statement'>): string {
  const isCertified = certificate === 'required'
  const isMandatory = settings.software_statement_required || statement.required
  const token = settings.authentication_required
    ? isCertified
      ? 'whoever registers needs a client certificate of a trusted authority, which stands in for an initial access token'
      : 'whoever registers needs an initial access token'
    : isCertified
      ? 'nobody needs an initial access token, but everybody a client certificate of a trusted authority'
      : 'nobody needs an initial access token'
  return `Right now: ${token}; ${statementsOf(settings, isMandatory)}.`
}

function statementsOf({ software_statement_issuers: issuers }: Admitting, isMandatory: boolean): string {
  const names = issuers.map(({ issuer }) => issuer).join(' or ')
  if (isMandatory)
    return issuers.length === 0
      ? 'a software statement is mandatory, and since no issuer of statements is named nobody can register'
      : `a software statement of ${names} is mandatory`
  return issuers.length === 0
    ? 'a software statement is not needed, and none is taken since no issuer is named'
    : `a software statement is not needed, and one of ${names} is taken`
}
