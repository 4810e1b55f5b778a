import type { TallyBucket, TallyRule } from '../../stores/store.js'
import type { VerdictTally } from '../verdict-tallies.js'
import { Bar, BROKEN, countsOf, Hatch, heightOf, Legend, Numbers, REFUSED } from './chart-parts.js'
import { Time } from './components.js'
import { Table } from './tables.js'

/* Charts are drawn by the server. What is in one stands beside it in words and in a table, and colour never tells anything alone. */

/* Units of the drawings, our choice: letters of 12 units can be read where the whole is as wide as a phone. */
const WIDTH = 320
const LEFT = 34
const PLOT = 150
const TOP = 12
const ROW = 40

/** Refusals, and what would have been refused, over time. The table leaves out when nothing was judged. */
export const OverTime = ({ tally }: { readonly tally: VerdictTally }) => {
  const { buckets, total } = tally
  const most = Math.max(0, ...buckets.map(heightOf))
  const title = 'Refusals over time'
  return (
    <figure>
      <figcaption>
        <h3>{title}</h3>
      </figcaption>
      {most === 0 ? (
        <p class="empty">Nothing was refused in this time, and nothing would have been.</p>
      ) : (
        <>
          <Bars tally={tally} title={title} description={inWords(tally)} />
          <Legend pattern="over-time" refused={total.refused} broken={total.broken} />
        </>
      )}
      <Numbers>
        <Table
          caption={title}
          head={['From', REFUSED, BROKEN, 'Passed']}
          empty="There was nothing to judge."
          rows={buckets.filter(isCounted).map(({ from, refused, broken, passed }) => ({
            key: String(from),
            cells: [<Time key="from" at={from} />, refused, broken, passed],
          }))}
        />
      </Numbers>
    </figure>
  )
}

const Bars = ({ tally, title, description }: { readonly tally: VerdictTally; readonly title: string; readonly description: string }) => {
  const { buckets, from, until } = tally
  const top = roundUp(Math.max(...buckets.map(heightOf)))
  const step = (WIDTH - LEFT) / buckets.length
  const y = (count: number) => TOP + PLOT - (count / top) * PLOT
  return (
    <svg
      class="chart"
      viewBox={`0 0 ${WIDTH} ${TOP + PLOT + 22}`}
      role="img"
      aria-labelledby="over-time-title"
      aria-describedby="over-time-description"
    >
      <title id="over-time-title">{title}</title>
      <desc id="over-time-description">{description}</desc>
      <Hatch id="over-time" />
      {marksOf(top).map((mark) => (
        <g key={mark}>
          <line class="grid" x1={LEFT} x2={WIDTH} y1={y(mark)} y2={y(mark)} stroke="currentColor" stroke-opacity="0.25" />
          <text x={LEFT - 6} y={y(mark) + 4} text-anchor="end" font-size="12">
            {short(mark)}
          </text>
        </g>
      ))}
      {buckets.map((bucket, index) =>
        heightOf(bucket) === 0 ? null : (
          <Bar
            key={bucket.from}
            pattern="over-time"
            words={`${momentOf(bucket.from)}: ${countsOf(bucket)}`}
            parts={[
              { x: LEFT + index * step, y: y(bucket.refused), width: step * 0.8, height: y(0) - y(bucket.refused) },
              { x: LEFT + index * step, y: y(heightOf(bucket)), width: step * 0.8, height: y(bucket.refused) - y(heightOf(bucket)) },
            ]}
          />
        ),
      )}
      <text x={LEFT} y={TOP + PLOT + 17} font-size="12">
        {momentOf(from)}
      </text>
      <text x={WIDTH} y={TOP + PLOT + 17} text-anchor="end" font-size="12">
        {momentOf(until)} UTC
      </text>
    </svg>
  )
}

/** Rules that are drawn at the most, our choice: the table has the others. */
const MOST_RULES = 10

/** How often each rule was broken. */
export const ByRule = ({ rules, href }: { readonly rules: readonly TallyRule[]; readonly href: (rule: string) => string }) => {
  const drawn = rules.slice(0, MOST_RULES)
  const title = 'Rules broken'
  const description = drawn.map((one) => `${one.rule}: ${countsOf(one)}.`).join(' ')
  return (
    <figure>
      <figcaption>
        <h3>{title}</h3>
      </figcaption>
      {drawn.length === 0 ? (
        <p class="empty">No rule was broken in this time.</p>
      ) : (
        <>
          <Rows rules={drawn} title={title} description={description} />
          <Legend pattern="by-rule" />
        </>
      )}
      <Numbers>
        <Table
          caption={title}
          head={['Rule', REFUSED, BROKEN]}
          empty="There are no numbers."
          rows={rules.map(({ rule, refused, broken }) => ({
            key: rule,
            cells: [
              <a key="rule" href={href(rule)}>
                <bdi>{rule}</bdi>
              </a>,
              refused,
              broken,
            ],
          }))}
        />
      </Numbers>
      {rules.length > drawn.length && (
        <p class="hint">
          The {drawn.length} rules most often broken are drawn; the table has {rules.length}.
        </p>
      )}
    </figure>
  )
}

const Rows = ({
  rules,
  title,
  description,
}: {
  readonly rules: readonly TallyRule[]
  readonly title: string
  readonly description: string
}) => {
  const most = Math.max(1, ...rules.map(heightOf))
  const width = (count: number) => (count / most) * WIDTH
  return (
    <svg
      class="chart"
      viewBox={`0 0 ${WIDTH} ${rules.length * ROW}`}
      role="img"
      aria-labelledby="by-rule-title"
      aria-describedby="by-rule-description"
    >
      <title id="by-rule-title">{title}</title>
      <desc id="by-rule-description">{description}</desc>
      <Hatch id="by-rule" />
      {rules.map((one, index) => (
        <g key={one.rule}>
          <text x={0} y={index * ROW + 13} font-size="12">
            {nameOf(one.rule)}
          </text>
          <text x={WIDTH} y={index * ROW + 13} text-anchor="end" font-size="12">
            {short(heightOf(one))}
          </text>
          <Bar
            pattern="by-rule"
            words={`${one.rule}: ${countsOf(one)}`}
            parts={[
              { x: 0, y: index * ROW + 18, width: width(one.refused), height: 12 },
              { x: width(one.refused), y: index * ROW + 18, width: width(one.broken), height: 12 },
            ]}
          />
        </g>
      ))}
    </svg>
  )
}

const isCounted = (bucket: TallyBucket) => heightOf(bucket) + bucket.passed > 0

function inWords({ buckets, total, from, until, bucket_seconds: seconds }: VerdictTally): string {
  const highest = buckets.reduce((best, one) => (heightOf(one) > heightOf(best) ? one : best))
  return `From ${momentOf(from)} to ${momentOf(until)} UTC, ${countsOf(total)}. Each of ${buckets.length} bars is ${lengthOf(seconds)}; the highest begins ${momentOf(highest.from)}, with ${countsOf(highest)}.`
}

const UNITS = [
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
] as const

/** `6 hours`. */
export function lengthOf(seconds: number): string {
  const [size, name] = UNITS.find(([one]) => seconds % one === 0) ?? [1, 'second']
  const count = seconds / size
  return count === 1 ? `1 ${name}` : `${count} ${name}s`
}

/** The next of 1, 2, 3, 4, 5, 6, 8, 10, 20, … */
function roundUp(count: number): number {
  const power = 10 ** Math.floor(Math.log10(count))
  return ([1, 2, 3, 4, 5, 6, 8].find((digit) => digit * power >= count) ?? 10) * power
}

/** Where lines are drawn: at whole numbers. */
const marksOf = (top: number) => (top === 1 ? [0, 1] : [0, top / 2, top].filter(Number.isInteger))

/** `1.2k`, as there is room for. */
const short = (count: number) => new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 }).format(count)

const momentOf = (at: number) => {
  const date = new Date(at * 1000)
  return Number.isNaN(date.getTime()) ? 'an unknown time' : date.toISOString().slice(0, 16).replace('T', ' ')
}

/** Characters of a name that there is room for. */
const LONGEST_NAME = 38
const nameOf = (rule: string) => (rule.length > LONGEST_NAME ? `${rule.slice(0, LONGEST_NAME)}…` : rule)
