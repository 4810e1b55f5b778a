import type { ComponentChildren } from 'preact'
import { TOKEN_FIELD } from '../request-guard.js'

type Children = { readonly children?: ComponentChildren }

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

export const idOf = (name: string) => `field-${name}`

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

/** What an input has of its field: an id, and what explains it to those who do not see it. */
export const described = ({ name, hint, problem }: FieldProps) => {
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
