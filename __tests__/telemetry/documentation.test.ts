import { readFileSync } from 'node:fs'
import { Writable } from 'node:stream'
import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { pino } from 'pino'
import { logEvents } from '../../lib/telemetry/log-events.js'
import { METRICS } from '../../lib/telemetry/metrics.js'
import { telemetry } from '../../lib/telemetry/telemetry.js'
import { collecting } from './collected.js'
import { MOMENTS, policyFor, unchallengedPar } from './moments.js'
import { samplesOf } from './prometheus.js'

/* docs/observability.md says what the code does. */

const page = readFileSync('docs/observability.md', 'utf8')

/** The cells of the table under a heading, without the marks of code. */
function tableUnder(heading: string): readonly (readonly string[])[] {
  const lines = page.slice(page.indexOf(`| ${heading} |`)).split('\n')
  const rows = lines.slice(
    2,
    lines.findIndex((line) => !line.startsWith('|')),
  )
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  )
}

/** All that the moments leave. */
async function measured() {
  const collected = collecting()
  for (const [, more, act] of MOMENTS) act(policyFor(telemetry(collected.providers), more))
  const [metrics, spans] = [await collected.metrics(), collected.spans()]
  await collected.close()
  return { metrics, spans }
}

test('the table of metrics has their names, their units, and what Prometheus makes of them', async () => {
  const names = new Set(samplesOf((await measured()).metrics).map(({ name }) => name.replace(/_(bucket|sum|count)$/, '')))
  expect(tableUnder('metric').map(([name, unit]) => [name, unit])).toEqual(Object.values(METRICS).map(({ name, unit }) => [name, unit]))
  expect(tableUnder('metric').map(([, , name]) => name)).toEqual([...names])
})

test('the table of attributes has those that are there, on the metrics they are on', async () => {
  const on = new Map<string, Set<string>>()
  for (const { descriptor, dataPoints } of (await measured()).metrics)
    for (const { attributes } of dataPoints)
      for (const name of Object.keys(attributes)) on.set(name, (on.get(name) ?? new Set()).add(descriptor.name))
  const expected = [...on].map(([name, metrics]) => [name, name.replaceAll('.', '_'), metrics.size === 3 ? 'all three' : 'the counters'])
  expect(
    tableUnder('attribute')
      .map((cells) => cells.slice(0, 3))
      .sort(),
  ).toEqual(expected.sort())
})

test('the page names all that spans have', async () => {
  const { spans } = await measured()
  const names = spans.flatMap(({ attributes, events }) => [
    ...Object.keys(attributes),
    ...events.flatMap((event) => [event.name, ...Object.keys(event.attributes ?? {})]),
  ])
  expect([...new Set(names)].filter((name) => !page.includes(`\`${name}\``))).toEqual([])
})

test('the level of each outcome is the one it is logged at', () => {
  const levels = new Map<string, string>()
  const at = (level: string) => (event: { readonly outcome: string }) => void levels.set(event.outcome, level)
  const record = logEvents({ debug: at('debug'), info: at('info'), warn: at('warn') }, { level: 'debug' })
  for (const [, more, act] of MOMENTS) act(policyFor(record, more))
  expect(tableUnder('outcome').toSorted()).toEqual([...levels].sort())
})

test('the event on the page is the event of pino', () => {
  const lines: string[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk))
      done()
    },
  })
  policyFor(logEvents(pino({ base: null }, stream))).decide('par', unchallengedPar)
  const [, shown = ''] = /```json\n([\s\S]*?)```/.exec(page) ?? []
  const [logged, onPage] = [JSON.parse(lines.join('')), JSON.parse(shown)]
  expect(Object.keys(logged)).toEqual(Object.keys(onPage))
  expect({ ...logged, time: 0, mend: '' }).toEqual({ ...onPage, time: 0, mend: '' })
})

test('the view for the exporter that leaves units out makes the same name of it', async () => {
  const [, view = ''] = /```js\n(\{ instrumentName.*\})\n/.exec(page) ?? []
  const [instrumentName = '', name = ''] = [...view.matchAll(/'([^']+)'/g)].map(([, text]) => text)
  const reader = new PeriodicExportingMetricReader({
    exporter: new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE),
    exportIntervalMillis: 2 ** 30,
  })
  const meterProvider = new MeterProvider({ readers: [reader], views: [{ instrumentName, name }] })
  policyFor(telemetry({ meterProvider })).decide('par', unchallengedPar)
  const { resourceMetrics } = await reader.collect()
  await meterProvider.shutdown()
  const names = resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics.map(({ descriptor }) => descriptor.name.replaceAll('.', '_')))
  expect(names).toContain('fapi_judge_duration_seconds')
})

test('the queries of the page ask for what there is', async () => {
  const samples = samplesOf((await measured()).metrics)
  const known = new Set(samples.flatMap(({ name, labels }) => [name, ...Object.keys(labels)]))
  const [, queries = ''] = /```promql\n([\s\S]*?)```/.exec(page) ?? []
  const asked = queries.match(/\bfapi_\w+/g) ?? []
  expect(asked.length).toBeGreaterThan(5)
  expect(asked.filter((name) => !known.has(name))).toEqual([])
})
