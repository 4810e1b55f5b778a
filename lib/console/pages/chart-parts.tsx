import type { ComponentChildren } from 'preact'
import type { TallyBucket } from '../../stores/store.js'

/** What the pages call what came of a request. */
export const REFUSED = 'Refused'
export const BROKEN = 'Would have been refused'

/** In units of the drawing. */
export interface Rectangle {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** What was refused, and with stripes what would have been. */
export const Bar = ({
  pattern,
  words,
  parts: [refused, broken],
}: {
  readonly pattern: string
  readonly words: string
  readonly parts: readonly [Rectangle, Rectangle]
}) => (
  <g>
    <title>{words}</title>
    {isSeen(refused) && <rect class="bar-refused" {...rounded(refused)} />}
    {isSeen(broken) && <rect class="bar-broken" {...rounded(broken)} />}
    {isSeen(broken) && <rect fill={`url(#${pattern}-stripes)`} {...rounded(broken)} />}
  </g>
)

const isSeen = ({ width, height }: Rectangle) => width > 0 && height > 0
const rounded = (rectangle: Rectangle) => Object.fromEntries(Object.entries(rectangle).map(([name, value]) => [name, value.toFixed(2)]))

/** The stripes of a drawing; each drawing has its own. */
export const Hatch = ({ id }: { readonly id: string }) => (
  <defs>
    <pattern id={`${id}-stripes`} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <rect class="bar-stripe" width="2.5" height="6" fill="Canvas" />
    </pattern>
  </defs>
)

/** Which is which. */
export const Legend = ({ pattern, refused, broken }: { readonly pattern: string; readonly refused?: number; readonly broken?: number }) => (
  <ul class="legend">
    <li>
      <Swatch className="bar-refused" /> {REFUSED}
      {refused !== undefined && `: ${refused}`}
    </li>
    <li>
      <Swatch className="bar-broken" stripes={`url(#${pattern}-stripes)`} /> {BROKEN} (striped)
      {broken !== undefined && `: ${broken}`}
    </li>
  </ul>
)

const Swatch = ({ className, stripes }: { readonly className: string; readonly stripes?: string }) => (
  <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true" focusable="false">
    <rect class={className} width="14" height="14" />
    {stripes !== undefined && <rect width="14" height="14" fill={stripes} />}
  </svg>
)

/** What is drawn, for those who do not see it. */
export const Numbers = ({ children }: { readonly children: ComponentChildren }) => (
  <details>
    <summary>The same as a table</summary>
    {children}
  </details>
)

/** How many a bar stands for. */
export const heightOf = ({ refused, broken }: Pick<TallyBucket, 'refused' | 'broken'>) => refused + broken

/** The same in words. */
export const countsOf = ({ refused, broken }: Pick<TallyBucket, 'refused' | 'broken'>) =>
  `${refused} refused, ${broken} would have been refused`
