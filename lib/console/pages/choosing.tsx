import { described, type FieldProps, idOf, Labelled } from './fields.js'

export interface Option {
  readonly value: string
  readonly label: string
  /** Why it cannot be chosen; then it is shown, and cannot. */
  readonly why?: string | undefined
}

/** One of several, in a list that folds. Why some cannot be chosen stands below it. */
export const Select = ({ options, ...props }: FieldProps & { readonly options: readonly Option[] }) => {
  const refused = options.filter(({ why }) => why !== undefined)
  return (
    <Labelled {...props}>
      <select {...described(props)} disabled={props.disabled ?? false}>
        {options.map(({ value, label, why }) => (
          <option key={value} value={value} selected={value === (props.value ?? '')} disabled={why !== undefined}>
            {label}
          </option>
        ))}
      </select>
      <Refused refused={refused} />
    </Labelled>
  )
}

/** Values that cannot be chosen and stand in sight all the same, our choice; more of them fold. */
const FEW = 1

/** One or some of several; what cannot be chosen comes last and says why. */
export const Choice = ({
  type,
  name,
  label,
  hint,
  options,
  chosen,
  problem,
  metadata = name,
  disabled = false,
}: Omit<FieldProps, 'value'> & {
  readonly type: 'radio' | 'checkbox'
  readonly options: readonly Option[]
  readonly chosen: readonly string[]
}) => {
  const offered = options.filter(({ why }) => why === undefined)
  const refused = options.filter(({ why }) => why !== undefined)
  const row = (option: Option) => {
    const id = `${idOf(name)}-${options.indexOf(option)}`
    const { value, label: text, why } = option
    return (
      <div class="option" key={value}>
        <input
          type={type}
          id={id}
          name={name}
          value={value}
          checked={chosen.includes(value)}
          disabled={disabled || why !== undefined}
          {...(why !== undefined && { 'aria-describedby': `${id}-why` })}
        />
        <label for={id}>{text}</label>
        {why !== undefined && (
          <p class="why" id={`${id}-why`}>
            {why}
          </p>
        )}
      </div>
    )
  }
  return (
    <fieldset
      class={problem === undefined ? 'choice' : 'choice wrong'}
      aria-describedby={problem === undefined ? undefined : `${idOf(name)}-problem`}
    >
      <legend>
        {label}
        {metadata !== '' && <code class="metadata">{metadata}</code>}
      </legend>
      {hint !== undefined && <p class="hint">{hint}</p>}
      {offered.map(row)}
      {refused.length > FEW ? (
        <details class="refused">
          <summary>{refused.length} values are not offered: why</summary>
          {refused.map(row)}
        </details>
      ) : (
        refused.map(row)
      )}
      {problem !== undefined && (
        <p class="problem" id={`${idOf(name)}-problem`}>
          {problem}
        </p>
      )}
    </fieldset>
  )
}

/** What a list does not offer, and why. */
const Refused = ({ refused }: { readonly refused: readonly Option[] }) =>
  refused.length === 0 ? null : (
    <details class="refused">
      <summary>{refused.length === 1 ? 'One value is not offered' : `${refused.length} values are not offered`}: why</summary>
      <ul>
        {refused.map(({ value, label, why }) => (
          <li key={value}>
            <strong>{label}</strong>: {why}
          </li>
        ))}
      </ul>
    </details>
  )
