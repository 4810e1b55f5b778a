import { type ComponentChildren, Fragment, type VNode } from 'preact'

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

/** A part of a page. */
export const Panel = ({ title, children, id }: Children & { readonly title: ComponentChildren; readonly id?: string }) => (
  <section class="panel" {...(id !== undefined && { id })}>
    <h2>{title}</h2>
    {children}
  </section>
)
