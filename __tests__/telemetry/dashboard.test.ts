import { readFileSync } from 'node:fs'
import { telemetry } from '../../lib/telemetry/telemetry.js'
import { collecting } from './collected.js'
import { MOMENTS, policyFor } from './moments.js'
import { samplesOf } from './prometheus.js'

interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly description?: string
  readonly datasource?: unknown
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets?: readonly {
    readonly refId: string
    readonly expr: string
    readonly legendFormat?: string
    readonly datasource: unknown
  }[]
  readonly fieldConfig?: { readonly defaults: { readonly unit: string } }
  readonly transformations?: readonly { readonly options: { readonly renameByName: Readonly<Record<string, string>> } }[]
}

interface Variable {
  readonly name: string
  readonly type: string
  readonly query: string | { readonly query: string }
  readonly allValue?: string
}

interface Dashboard {
  readonly id: null
  readonly schemaVersion: number
  readonly templating: { readonly list: readonly Variable[] }
  readonly panels: readonly Panel[]
}

const text = readFileSync('docs/grafana/express-fapi.json', 'utf8')
const dashboard: Dashboard = JSON.parse(text)
const panels = dashboard.panels.filter(({ type }) => type !== 'row')
const targets = panels.flatMap(({ title, targets = [] }) => targets.map((target) => ({ title, ...target })))
const variables = new Map(dashboard.templating.list.map((variable) => [variable.name, variable]))
const queries = [...variables.values()].flatMap(({ query }) => (typeof query === 'object' ? [query.query] : []))

/** What Prometheus adds by itself: who was asked, and the upper bound of a bucket. */
const OF_PROMETHEUS = ['job', 'le']
const SOURCE = { type: 'prometheus', uid: expect.stringMatching(/^\$\{datasource\}$/) }

/** The series that all outcomes leave, as Prometheus names them: the labels of each metric, and the values of each label. */
const emitted = new Map<string, Map<string, Set<string>>>()
beforeAll(async () => {
  const collected = collecting()
  for (const [, more, act] of MOMENTS) act(policyFor(telemetry(collected.providers), more))
  for (const { name, labels } of samplesOf(await collected.metrics())) {
    const known = emitted.get(name) ?? new Map<string, Set<string>>()
    emitted.set(name, known)
    for (const [label, value] of Object.entries(labels)) known.set(label, (known.get(label) ?? new Set()).add(value))
  }
  await collected.close()
})

/** The series a query selects: the metric, and what it says of each label. */
const selectorsIn = (query: string) =>
  [...query.matchAll(/\b(fapi_\w+?)(?:\{([^}]*)\}|(?=[,)]))/g)]
    .filter(([all, , labels]) => labels !== undefined || /_(total|bucket|sum|count)$/.test(all))
    .map(([, metric = '', labels = '']) => ({
      metric,
      labels: [...labels.matchAll(/(\w+)(=~|!=|=|!~)"([^"]*)"/g)].map(([, label = '', how = '', value = '']) => ({ label, how, value })),
    }))
/** The labels a query groups by. */
const groupsIn = (query: string) => [...query.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, names = '']) => names.split(/,\s*/))

test('Prometheus has the names that the documentation says', () => {
  expect([...emitted.keys()].sort()).toEqual([
    ...['fapi_judge_duration_seconds_bucket', 'fapi_judge_duration_seconds_count', 'fapi_judge_duration_seconds_sum'],
    ...['fapi_verdict_total', 'fapi_violation_total'],
  ])
})

test('there are queries, and each has series to look at', () => {
  expect(targets.length).toBeGreaterThan(15)
  expect(queries).toHaveLength(5)
  for (const query of [...targets.map(({ expr }) => expr), ...queries]) expect(selectorsIn(query).length).toBeGreaterThan(0)
})

test.each([...targets.map(({ title, expr }) => [title, expr]), ...queries.map((query) => ['a variable', query])])(
  '%s asks for metrics, labels and values that exist: %s',
  (_title, query) => {
    // All names of ours in the query, wherever they stand, are among those that were looked at.
    const [metrics, labels] = [selectorsIn(query).map(({ metric }) => metric), [...emitted.values()].flatMap((of) => [...of.keys()])]
    expect((query.match(/\bfapi_\w+/g) ?? []).filter((name) => !metrics.includes(name) && !labels.includes(name))).toEqual([])
    for (const { metric, labels: asked } of selectorsIn(query)) {
      const known = emitted.get(metric)
      expect([metric, known !== undefined]).toEqual([metric, true])
      const names = [...asked.map(({ label }) => label), ...groupsIn(query)]
      expect(names.filter((name) => !known?.has(name) && !OF_PROMETHEUS.includes(name))).toEqual([])
      for (const { label, how, value } of asked) {
        if (value.startsWith('$')) expect([how, variables.has(value.slice(1))]).toEqual(['=~', true])
        else if (value !== '') expect(known?.get(label)).toContain(value)
      }
    }
  },
)

test.each(targets)('$title: brackets close, and the legend names what the query groups by', ({ expr, legendFormat = '' }) => {
  for (const [open, close] of ['()', '{}', '[]']) expect(expr.split(open ?? '')).toHaveLength(expr.split(close ?? '').length)
  const named = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name)
  expect(groupsIn(expr)).toEqual(expect.arrayContaining(named))
})

test.each(panels)(
  '$title has a unit, a description and the data source that is chosen',
  ({ description = '', datasource, fieldConfig, targets = [] }) => {
    expect(fieldConfig?.defaults.unit).toMatch(/^(short|cps|percentunit|s)$/)
    expect(description).toMatch(/^[A-Z0-9].*\.$/)
    for (const source of [datasource, ...targets.map((target) => target.datasource)]) expect(source).toEqual(SOURCE)
    expect(targets.map(({ refId }) => refId)).toEqual([...new Set(targets.map(({ refId }) => refId))])
  },
)

test('a table names the columns that its query has', () => {
  const tables = panels.filter(({ type }) => type === 'table')
  expect(tables.length).toBeGreaterThan(2)
  for (const { targets: [target] = [], transformations: [organize] = [] } of tables)
    expect(Object.keys(organize?.options.renameByName ?? {}).sort()).toEqual(['Value', ...groupsIn(target?.expr ?? '')].sort())
})

test('times are seconds, shares are of one, rates are per second', () => {
  for (const { title, fieldConfig, targets = [] } of panels) {
    const query = targets.map(({ expr }) => expr).join()
    const unit = fieldConfig?.defaults.unit
    const expected = /duration/.test(query) ? 's' : / \/ sum/.test(query) ? 'percentunit' : /\brate\(/.test(query) ? 'cps' : 'short'
    expect([title, unit]).toEqual([title, expected])
  }
})

test('ids are unique, and no panel lies on another or beside the grid', () => {
  const ids = dashboard.panels.map(({ id }) => id)
  expect(ids).toEqual([...new Set(ids)])
  const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
  )
  expect(cells).toHaveLength(new Set(cells).size)
  for (const { gridPos } of dashboard.panels)
    expect([gridPos.x >= 0, gridPos.x + gridPos.w <= 24, gridPos.h > 0]).toEqual([true, true, true])
})

test('it is made for a Grafana of today, and for whichever data source, clients, stages, modes and profiles are chosen', () => {
  expect(dashboard).toMatchObject({ id: null, schemaVersion: 41 })
  expect([...variables.values()].map(({ name, type }) => [name, type])).toEqual([
    ['datasource', 'datasource'],
    ...['job', 'profile', 'mode', 'stage', 'client'].map((name) => [name, 'query']),
  ])
  // Series without a label have to be among all.
  for (const { type, allValue } of variables.values()) if (type === 'query') expect(allValue).toBe('.*')
  const used = new Set(text.match(/\$(?:\{\w+\}|(?!__)\w+)/g)?.map((name) => name.replaceAll(/[${}]/g, '')))
  expect([...used].sort()).toEqual([...variables.keys()].sort())
})
