import type { Status } from '../finding.js'
import { ORDER } from './summary.js'

/** Pixels of the drawing, our choice. */
const HEIGHT = 24
/** Parts of a hundred, our choice: what one finding among hundreds is still seen by. */
const NARROWEST = 1.2

/** How many there are of each status. `words`: the same for those who do not see it. */
export const Bar = ({ counts, words }: { readonly counts: Readonly<Record<Status, number>>; readonly words: string }) => {
  const present = ORDER.filter((status) => counts[status] > 0)
  const total = sumOf(present.map((status) => counts[status]))
  const wanted = present.map((status) => Math.max(NARROWEST, (counts[status] / total) * 100))
  const widths = wanted.map((width) => (width / sumOf(wanted)) * 100)
  const begins = widths.map((_width, index) => sumOf(widths.slice(0, index)))
  return (
    <svg class="bar" width="100%" height={HEIGHT} role="img" aria-label={words}>
      <Patterns />
      {present.map((status, index) => (
        <Filling key={status} status={status} place={{ x: percent(begins[index]), width: percent(widths[index]), height: HEIGHT }} />
      ))}
      {begins.slice(1).map((x) => (
        <rect key={x} class="ground" x={percent(x)} width="2" height={HEIGHT} />
      ))}
    </svg>
  )
}

const sumOf = (numbers: readonly number[]) => numbers.reduce((sum, one) => sum + one, 0)
const percent = (part = 0) => `${part.toFixed(2)}%`

/** Colour, and for all but two of them a pattern, since colour never tells a thing alone. */
const Filling = ({ status, place }: { readonly status: Status; readonly place: Readonly<Record<string, string | number>> }) => (
  <>
    <rect class={`fill-${status}`} {...place} />
    {status === 'warned' && <rect fill="url(#striped)" {...place} />}
    {status === 'unjudged' && <rect fill="url(#dotted)" {...place} />}
  </>
)

const Patterns = () => (
  <defs>
    <pattern id="striped" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <rect class="ground" width="2.5" height="7" />
    </pattern>
    <pattern id="dotted" width="7" height="7" patternUnits="userSpaceOnUse">
      <circle class="ground" cx="3.5" cy="3.5" r="1.4" />
    </pattern>
  </defs>
)

/** How the bar draws a status. The page has a `Bar`, which draws the patterns. */
export const Swatch = ({ status }: { readonly status: Status }) => (
  <svg class="swatch" width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
    <Filling status={status} place={{ width: 16, height: 16 }} />
  </svg>
)
