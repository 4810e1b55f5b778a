import { type ComponentChildren, Fragment, type VNode } from 'preact'
import { TOKEN_FIELD } from '../request-guard.js'

type Children = { readonly children?: ComponentChildren }

/** The top of a page: where it belongs, what it is, and what can be done here. */
export const Heading = ({
  title,
  trail = [],
  lead,
  children,
}: Children & {
  readonly title: ComponentChildren
  /** The pages above. */
  readonly trail?: readonly { readonly label: string; readonly href: string }[]
  readonly lead?: ComponentChildren
}) => (
  <div class="heading">
    {trail.length > 0 && (
      <nav aria-label="Breadcrumb" class="trail">
        <ol>
          {trail.map(({ label, href }) => (
            <li key={href}>
              <a href={href}>{label}</a>
            </li>
          ))}
        </ol>
      </nav>
    )}
    <div class="headline">
      <h1>{title}</h1>
      <div class="actions">{children}</div>
    </div>
    {lead !== undefined && <p class="lead">{lead}</p>}
  </div>
)

export type Tone = 'good' | 'bad' | 'warning' | 'neutral'

/** A word that says how something stands; never by its colour alone. */
export const Badge = ({ tone = 'neutral', children }: Children & { readonly tone?: Tone }) => (
  <span class={`badge ${tone}`}>{children}</span>
)

/** Something to be noticed. What is wrong is read out at once. */
export const Notice = ({ tone = 'neutral', title, children }: Children & { readonly tone?: Tone; readonly title?: ComponentChildren }) => (
  <div class={`notice ${tone}`} role={tone === 'bad' ? 'alert' : 'status'}>
    {title !== undefined && <p class="notice-title">{title}</p>}
    {children}
  </div>
)

/** What is wrong with what was sent. */
export const Problems = ({ title, problems }: { readonly title: string; readonly problems: readonly string[] }) =>
  problems.length === 0 ? null : (
    <Notice tone="bad" title={title}>
      <ul>
        {problems.map((problem) => (
          <li key={problem}>{problem}</li>
        ))}
      </ul>
    </Notice>
  )

/** A form that changes something. */
export const ChangeForm = ({
  action,
  token,
  live,
  children,
  className,
}: Children & {
  readonly action: string
  readonly token: string
  /** The address whose answer is shown in the element with the id `live` while somebody writes. */
  readonly live?: string | undefined
  readonly className?: string
}) => (
  <form method="post" action={action} class={className} {...(live !== undefined && { 'data-live': live })} autocomplete="off">
    <input type="hidden" name={TOKEN_FIELD} value={token} />
    {children}
  </form>
)

export interface FieldProps {
  readonly name: string
  readonly label: string
  /** What it is for, below the label. */
  readonly hint?: ComponentChildren
  readonly value?: string | undefined
  readonly problem?: string | undefined
  readonly required?: boolean
  readonly disabled?: boolean
  /** The metadata name, shown beside the label. Default the name; empty for none. */
  readonly metadata?: string
}

const idOf = (name: string) => `field-${name}`

/** What names and explains a field, around its input. */
export const Labelled = ({
  name,
  label,
  hint,
  problem,
  metadata = name,
  required = false,
  children,
}: Children & Omit<FieldProps, 'value'>) => (
  <div class={problem === undefined ? 'field' : 'field wrong'}>
    <label for={idOf(name)}>
      {label}
      {required && <span class="required"> (required)</span>}
      {metadata !== '' && <code class="metadata">{metadata}</code>}
    </label>
    {hint !== undefined && (
      <p class="hint" id={`${idOf(name)}-hint`}>
        {hint}
      </p>
    )}
    {children}
    {problem !== undefined && (
      <p class="problem" id={`${idOf(name)}-problem`}>
        {problem}
      </p>
    )}
  </div>
)

const described = ({ name, hint, problem }: FieldProps) => {
  const ids = [hint !== undefined && `${idOf(name)}-hint`, problem !== undefined && `${idOf(name)}-problem`].filter(Boolean)
  return {
    id: idOf(name),
    name,
    'aria-describedby': ids.join(' ') || undefined,
    'aria-invalid': problem === undefined ? undefined : ('true' as const),
  }
}

/** One line. `keyboard`: what a phone shows to write it with. */
export const TextField = ({
  keyboard = 'text',
  ...props
}: FieldProps & { readonly keyboard?: 'text' | 'search' | 'url' | 'email' | 'numeric' }) => (
  <Labelled {...props}>
    <input
      type="text"
      inputMode={keyboard}
      {...described(props)}
      value={props.value ?? ''}
      required={props.required ?? false}
      disabled={props.disabled ?? false}
      spellcheck={false}
      autocomplete="off"
    />
  </Labelled>
)

/** A moment, in UTC: `2026-11-22T09:30`. */
export const MomentField = (props: FieldProps) => (
  <Labelled {...props}>
    <input type="datetime-local" {...described(props)} value={props.value ?? ''} disabled={props.disabled ?? false} />
  </Labelled>
)

/** Several lines. `upload` lets a file be put in, by the script of the pages. */
export const TextArea = ({ rows = 4, upload, ...props }: FieldProps & { readonly rows?: number; readonly upload?: string }) => (
  <Labelled {...props}>
    <textarea
      {...described(props)}
      rows={rows}
      required={props.required ?? false}
      disabled={props.disabled ?? false}
      spellcheck={false}
      autocomplete="off"
    >
      {props.value ?? ''}
    </textarea>
    {upload !== undefined && (
      <p class="upload">
        <label for={`${idOf(props.name)}-file`}>{upload}</label>
        <input
          type="file"
          id={`${idOf(props.name)}-file`}
          data-into={idOf(props.name)}
          accept=".pem,.crt,.cer,.json,.jwk,.jwks,.txt,.jwt"
        />
      </p>
    )}
  </Labelled>
)

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

/** What scrolls is reached by the keyboard too (WCAG 2.1.1). */
const SCROLLABLE = { tabIndex: 0 }

/** A table. Where there is little room its cells stand below each other if every head is a text, and else it scrolls sideways. */
export const Table = ({
  caption,
  head,
  rows,
  empty,
}: {
  /** What it is a table of, for those who do not see it. */
  readonly caption: string
  readonly head: readonly ComponentChildren[]
  readonly rows: readonly { readonly key: string; readonly cells: readonly ComponentChildren[] }[]
  /** What stands here when there are no rows. */
  readonly empty: ComponentChildren
}) =>
  rows.length === 0 ? (
    <p class="empty">{empty}</p>
  ) : (
    <section class="scroll" aria-label={caption} {...SCROLLABLE}>
      <table {...(head.every((cell) => typeof cell === 'string') && { class: 'stacks' })}>
        <caption class="hidden">{caption}</caption>
        <thead>
          <tr>
            {head.map((cell, index) => (
              <th scope="col" key={String(index)}>
                {cell}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, cells }) => (
            <tr key={key}>
              {cells.map((cell, index) => (
                <td key={String(index)} {...(typeof head[index] === 'string' && { 'data-label': head[index] })}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )

/** Where a listing goes on. */
export const Pager = ({ first, next }: { readonly first: string | undefined; readonly next: string | undefined }) =>
  first === undefined && next === undefined ? null : (
    <nav class="pager" aria-label="Pages">
      {first !== undefined && <a href={first}>First page</a>}
      {next !== undefined && (
        <a href={next} rel="next">
          Next page
        </a>
      )}
    </nav>
  )

/** A metadata name, which goes on in the next line after one of its parts where there is no room. */
export const Name = ({ children }: { readonly children: string }) => (
  <code>
    {children.split(/(?<=_)/).map((part, index) => (
      <Fragment key={String(index)}>
        {index > 0 && <wbr />}
        {part}
      </Fragment>
    ))}
  </code>
)

/** Names and values. */
export const Facts = ({ facts }: { readonly facts: readonly (readonly [name: ComponentChildren, value: ComponentChildren])[] }) => (
  <dl class="facts">
    {facts.map(([name, value], index) => (
      <div key={String(index)}>
        <dt>{name}</dt>
        <dd>{value ?? '–'}</dd>
      </div>
    ))}
  </dl>
)

/** A moment, in UTC, since those who read it sit in different places. `at`: epoch seconds. */
export const Time = ({ at }: { readonly at: number | undefined }): VNode => {
  const date = at === undefined ? undefined : new Date(at * 1000)
  if (!date || Number.isNaN(date.getTime())) return <span>–</span>
  const iso = date.toISOString()
  return <time dateTime={iso}>{`${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`}</time>
}

/** A value as JSON, for whoever wants to see it all. */
export const Code = ({ label, children }: Children & { readonly label: string }) => (
  <section class="scroll" aria-label={label} {...SCROLLABLE}>
    <pre>
      <code>{children}</code>
    </pre>
  </section>
)

/** A part of a page. */
export const Panel = ({ title, children, id }: Children & { readonly title: ComponentChildren; readonly id?: string }) => (
  <section class="panel" {...(id !== undefined && { id })}>
    <h2>{title}</h2>
    {children}
  </section>
)
