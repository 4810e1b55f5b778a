import type { TermsView } from '../operations/registration.js'
import { Select } from './choosing.js'
import { ChangeForm, TextArea, TextField } from './fields.js'
import type { Form } from './form.js'
import type { Visit } from './page.js'

/** What stands in the form of a new token. */
export interface TypedToken {
  readonly label: string
  /** Empty for any. */
  readonly profile: string
  /** Empty for any number. */
  readonly uses: string
  /** Empty for ever. */
  readonly lifetime: string
  readonly unit: string
  readonly software_id: string
  readonly metadata: string
}

/** Our choice: a token for one client, and a week to use it. */
const FRESH: TypedToken = { label: '', profile: '', uses: '1', lifetime: '7', unit: 'days', software_id: '', metadata: '' }

/** Seconds. */
const UNITS: Readonly<Record<string, number>> = { hours: 3600, days: 86_400 }

export const typedToken = (form: Form): TypedToken => ({
  label: form.one('label'),
  profile: form.one('profile'),
  uses: form.one('uses'),
  lifetime: form.one('lifetime'),
  unit: form.one('unit'),
  software_id: form.one('software_id'),
  metadata: form.one('metadata'),
})

/** What was typed, for `createInitialAccessToken`. What makes no sense goes along, and is refused there. */
export function tokenAsked({ label, profile, uses, lifetime, unit, software_id, metadata }: TypedToken): Readonly<Record<string, unknown>> {
  const asked: Readonly<Record<string, unknown>> = {
    ...{ label, profile, software_id },
    uses: numberIn(uses),
    expires_in: lifetime === '' ? '' : numberIn(lifetime, Object.hasOwn(UNITS, unit) ? UNITS[unit] : Number.NaN),
    metadata: metadata === '' ? '' : parsed(metadata),
  }
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== ''))
}

const numberIn = (text: string, factor = 1) => (text === '' ? '' : /^\d{1,12}$/.test(text) ? Number(text) * factor : Number.NaN)

/** What is no JSON stays the text it is, which no metadata are. */
function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return value === '' ? text : value
  } catch {
    return text
  }
}

export interface InitialAccessFormProps extends Pick<Visit, 'href' | 'token'>, Pick<TermsView, 'profiles'> {
  readonly typed: TypedToken | undefined
  /** Each begins with the name of what it is about. */
  readonly faults: readonly string[] | undefined
}

/** Makes a token. */
export function InitialAccessForm({ href, token, profiles, typed = FRESH, faults = [] }: InitialAccessFormProps) {
  const problem = (name: string) => {
    const found = faults.filter((fault) => fault.startsWith(`${name} `))
    return found.length > 0 ? { problem: found.join('; ') } : {}
  }
  return (
    <ChangeForm action={href('/initial-access-tokens')} token={token}>
      <TextField name="label" label="Label" hint="Whom it is for, so that you know it again." value={typed.label} {...problem('label')} />
      <Select
        name="profile"
        label="Profile"
        hint="What its clients are held to, whatever they name."
        options={[
          { value: '', label: 'Any that is offered' },
          ...profiles.map(({ name, title }) => ({ value: name, label: `${title} (${name})` })),
        ]}
        value={typed.profile}
        {...problem('profile')}
      />
      <TextField
        name="uses"
        label="Number of uses"
        hint="How many clients may be registered with it, from 1 to 10000. Empty: any number."
        keyboard="numeric"
        value={typed.uses}
        {...problem('uses')}
      />
      <div class="pair">
        <TextField
          name="lifetime"
          label="Lifetime"
          metadata="expires_in"
          hint="Empty: it never expires."
          keyboard="numeric"
          value={typed.lifetime}
          {...problem('expires_in')}
        />
        <Select
          name="unit"
          label="Unit of the lifetime"
          metadata=""
          hint="What the number counts."
          options={Object.keys(UNITS).map((unit) => ({ value: unit, label: unit }))}
          value={typed.unit}
        />
      </div>
      <TextField
        name="software_id"
        label="Software"
        hint="The software that it is for alone, as software statements name it. Empty: any."
        value={typed.software_id}
        {...problem('software_id')}
      />
      <TextArea
        name="metadata"
        label="Forced metadata, as JSON"
        metadata=""
        hint={'What its clients are registered with for good, whatever they ask for, such as {"scope":"openid accounts"}. May be empty.'}
        value={typed.metadata}
        {...problem('metadata')}
      />
      <div class="actions">
        <button type="submit" class="button primary">
          Make the token
        </button>
      </div>
    </ChangeForm>
  )
}
