import type { ComponentChildren } from 'preact'

type Children = { readonly children?: ComponentChildren }

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

/** A value as JSON, for whoever wants to see it all. */
export const Code = ({ label, children }: Children & { readonly label: string }) => (
  <section class="scroll" aria-label={label} {...SCROLLABLE}>
    <pre>
      <code>{children}</code>
    </pre>
  </section>
)
