import { isDeepStrictEqual } from 'node:util'
import { ANONYMOUS_RULE } from '../admission.js'
import type { SettingsView, TermsView } from '../operations/registration.js'
import { Choice, Select } from './choosing.js'
import { ChangeForm, TextField } from './fields.js'
import type { Form } from './form.js'
import type { Visit } from './page.js'

/** What stands in the form of the settings. */
export interface TypedSettings {
  readonly revision: string
  readonly authentication_required: string
  readonly software_statement_required: string
  readonly issuers: readonly TypedIssuer[]
  readonly enforce_fapi: string
  /** Empty for the default. */
  readonly fapi_profile: string
  readonly fapi_profiles: readonly string[]
}

interface TypedIssuer {
  readonly issuer: string
  readonly jwks_uri: string
  readonly removed: boolean
}

/** Rows to add issuers in, our choice: who has more sends the form again. */
const EMPTY_ROWS = 2

export const typedOf = ({ revision, settings }: SettingsView): TypedSettings => ({
  revision: String(revision),
  authentication_required: yesOrNo(settings.authentication_required),
  software_statement_required: yesOrNo(settings.software_statement_required),
  issuers: settings.software_statement_issuers.map((one) => ({ ...one, removed: false })),
  enforce_fapi: yesOrNo(settings.enforce_fapi),
  fapi_profile: settings.fapi_profile ?? '',
  fapi_profiles: settings.fapi_profiles,
})

const yesOrNo = (value: boolean) => (value ? 'yes' : 'no')

export const typedIn = (form: Form): TypedSettings => ({
  revision: form.one('revision'),
  authentication_required: form.one('authentication_required'),
  software_statement_required: form.one('software_statement_required'),
  issuers: form.names.flatMap((name) => {
    const [, number] = /^issuer-(\d{1,2})$/.exec(name) ?? []
    if (number === undefined) return []
    const row = { issuer: form.one(name), jwks_uri: form.one(`jwks_uri-${number}`), removed: form.has(`remove-${number}`) }
    return row.issuer === '' && row.jwks_uri === '' ? [] : [row]
  }),
  enforce_fapi: form.one('enforce_fapi'),
  fapi_profile: form.one('fapi_profile'),
  fapi_profiles: form.all('fapi_profiles'),
})

/** What was typed that is not so yet, for `changeSettings`. What makes no sense goes along, and is refused there. */
export function patchOf(typed: TypedSettings, { settings }: SettingsView): Readonly<Record<string, unknown>> {
  const offered = [
    ...settings.fapi_profiles.filter((name) => typed.fapi_profiles.includes(name)),
    ...typed.fapi_profiles.filter((name) => !settings.fapi_profiles.includes(name)),
  ]
  const wanted: [keyof typeof settings, unknown][] = [
    ['authentication_required', flag(typed.authentication_required)],
    ['software_statement_required', flag(typed.software_statement_required)],
    ['software_statement_issuers', typed.issuers.flatMap(({ removed, ...one }) => (removed ? [] : [one]))],
    ['enforce_fapi', flag(typed.enforce_fapi)],
    ['fapi_profile', typed.fapi_profile === '' ? null : typed.fapi_profile],
    ['fapi_profiles', offered],
  ]
  return Object.fromEntries(wanted.filter(([name, value]) => !isDeepStrictEqual(value, settings[name])))
}

const flag = (text: string) => (text === 'yes' ? true : text === 'no' ? false : text)

export interface SettingsFormProps extends Pick<Visit, 'href' | 'token'> {
  readonly typed: TypedSettings
  readonly terms: TermsView
  /** What is wrong with what was typed; each begins with the name of its setting. */
  readonly faults?: readonly string[]
}

/** All settings, to be changed. It works without scripts: there are empty rows to add issuers in. */
export function SettingsForm({ href, token, typed, terms, faults = [] }: SettingsFormProps) {
  const problem = (name: string) => {
    const found = faults.filter((fault) => fault.startsWith(`${name} `))
    return found.length > 0 ? { problem: found.join('; ') } : {}
  }
  const profiles = terms.profiles.map(({ name, title }) => ({ value: name, label: `${title} (${name})` }))
  return (
    <ChangeForm action={href('/registration')} token={token}>
      <input type="hidden" name="revision" value={typed.revision} />
      <Choice
        type="radio"
        name="authentication_required"
        label="Initial access token"
        hint={ANONYMOUS_RULE}
        options={[
          { value: 'yes', label: 'Whoever registers needs one' },
          { value: 'no', label: 'Registration is anonymous: nobody needs one' },
        ]}
        chosen={[typed.authentication_required]}
        {...problem('authentication_required')}
      />
      <Choice
        type="radio"
        name="software_statement_required"
        label="Software statement"
        hint={ANONYMOUS_RULE}
        options={[
          { value: 'yes', label: 'Mandatory' },
          { value: 'no', label: 'Not needed' },
        ]}
        chosen={[typed.software_statement_required]}
        {...problem('software_statement_required')}
      />
      <Issuers rows={typed.issuers} {...problem('software_statement_issuers')} />
      <Choice
        type="radio"
        name="enforce_fapi"
        label="FAPI"
        hint="With FAPI enforced, a client that names no profile is given the default, and one that cannot be held to any is refused."
        options={[
          { value: 'yes', label: 'Every client that registers is held to a profile' },
          { value: 'no', label: 'A client is held to a profile if it names one' },
        ]}
        chosen={[typed.enforce_fapi]}
        {...problem('enforce_fapi')}
      />
      <Choice
        type="checkbox"
        name="fapi_profiles"
        label="Profiles offered"
        hint="Those that a client may name."
        options={profiles}
        chosen={typed.fapi_profiles}
        {...problem('fapi_profiles')}
      />
      <Select
        name="fapi_profile"
        label="Default profile"
        hint="The profile of clients that name none. It must be one of those offered; where none is set, it is the first of them."
        options={[{ value: '', label: 'As the server is configured' }, ...profiles]}
        value={typed.fapi_profile}
        {...problem('fapi_profile')}
      />
      <div class="actions">
        <button type="submit" class="button primary">
          Save the settings
        </button>
      </div>
    </ChangeForm>
  )
}

const Issuers = ({ rows, problem }: { readonly rows: readonly TypedIssuer[]; readonly problem?: string }) => (
  <fieldset
    class={problem === undefined ? 'choice' : 'choice wrong'}
    aria-describedby={problem === undefined ? undefined : 'field-software_statement_issuers-problem'}
  >
    <legend>
      Issuers of software statements<code class="metadata">software_statement_issuers</code>
    </legend>
    <p class="hint">
      Whose statements are taken, and the https URL of their keys. Empty rows are there to add more; save to get further ones. An issuer is
      removed by its box.
    </p>
    {[...rows, ...Array.from({ length: EMPTY_ROWS }, () => NO_ISSUER)].map((row, index) => (
      <fieldset class="choice" key={String(index)}>
        <legend>{row === NO_ISSUER ? 'Another issuer' : `Issuer ${index + 1}`}</legend>
        <div class="pair">
          <TextField name={`issuer-${index}`} label="Its name" metadata="iss" value={row.issuer} />
          <TextField name={`jwks_uri-${index}`} label="URL of its keys" metadata="jwks_uri" keyboard="url" value={row.jwks_uri} />
        </div>
        {row !== NO_ISSUER && (
          <div class="option">
            <input type="checkbox" id={`field-remove-${index}`} name={`remove-${index}`} value="yes" checked={row.removed} />
            <label for={`field-remove-${index}`}>Remove issuer {index + 1}</label>
          </div>
        )}
      </fieldset>
    ))}
    {problem !== undefined && (
      <p class="problem" id="field-software_statement_issuers-problem">
        {problem}
      </p>
    )}
  </fieldset>
)

const NO_ISSUER: TypedIssuer = { issuer: '', jwks_uri: '', removed: false }
