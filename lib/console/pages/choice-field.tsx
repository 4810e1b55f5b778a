import { bindingIn } from '../../readiness/choice-fields.js'
import type { FieldChoices, Choice as Value } from '../../readiness/choices.js'
import type { Metadata } from '../../registration/metadata.js'
import type { ApplicationFormProps } from './application-form-props.js'
import { Choice, type Option, Select } from './choosing.js'

/** Two choices that go together. */
export const Pair = ({
  of,
  ...rest
}: { readonly of: readonly [string, string] } & Pick<ApplicationFormProps, 'choices' | 'metadata' | 'problems'>) => (
  <div class="pair">
    {of.map((field) => (
      <ChoiceField key={field} field={field} {...rest} />
    ))}
  </div>
)

/** Values that are all in sight, our choice; more of them fold into a list. */
const IN_SIGHT = 7

export const ChoiceField = ({
  field,
  choices,
  metadata,
  problems,
}: { readonly field: string } & Pick<ApplicationFormProps, 'choices' | 'metadata' | 'problems'>) => {
  const found = choices.find((one) => one.field === field)
  if (!found) return null
  const { label, takes, options, byDefault } = found
  const current = currentOf(field, takes, metadata)
  const shown = options.map((option) => optionOf(option, current))
  const isBinding = field === 'binding'
  const props = {
    name: field,
    label,
    problem: problems[field],
    ...(isBinding && { metadata: 'tls_client_certificate_bound_access_tokens, dpop_bound_access_tokens' }),
  }
  // Boxes that nobody ticked are not sent: this says that they were there.
  const marker = <input type="hidden" name={`${field}-shown`} value="1" />
  if (takes === 'several')
    return (
      <>
        {marker}
        <Choice type="checkbox" {...props} options={shown} chosen={current} />
      </>
    )
  if (isBinding || takes === 'flag' || (options.length <= IN_SIGHT && !field.includes('encrypt')))
    return (
      <Choice
        type="radio"
        {...props}
        options={shown}
        chosen={current.length > 0 ? current : byDefault === undefined ? [] : [String(byDefault)]}
      />
    )
  const none = field.includes('encrypt')
    ? field.endsWith('_alg')
      ? 'Not encrypted'
      : 'Default'
    : byDefault === undefined
      ? 'Default'
      : `Default (${byDefault})`
  return <Select {...props} options={[{ value: '', label: none }, ...shown]} value={current[0] ?? ''} />
}

/** What metadata have in a field, as a form has it. */
function currentOf(field: string, takes: FieldChoices['takes'], metadata: Metadata): readonly string[] {
  if (field === 'binding') return [bindingIn(metadata)]
  const value = metadata[field]
  if (value === undefined) return []
  return takes === 'several' ? [value].flat().map(String) : [String(value)]
}

/** What an application has already can be left as it is, though it would not be offered: the verdict says that it does not comply. */
function optionOf({ value, label, available, why, clauses = [], needs = [] }: Value, current: readonly string[]): Option {
  const text = String(value)
  if (available) return { value: text, label: needs.length === 0 ? label : `${label} – needs ${needs.map(needed).join(', ')}` }
  const reason = `${why ?? 'Not available.'}${clauses.length > 0 ? ` (${clauses.join(', ')})` : ''}`
  return current.includes(text)
    ? { value: text, label: `${label} – now, and not compliant: ${reason}` }
    : { value: text, label, why: reason }
}

const needed = ({ field, values }: { readonly field: string; readonly values?: readonly (string | boolean)[] }) =>
  values === undefined ? field : `${field} ${values.join(' or ')}`
