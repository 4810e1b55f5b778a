import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  type MetricData,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'

/** One series: its attributes and where it stands. */
export type Series = readonly [attributes: Readonly<Record<string, unknown>>, value: number]

/** The real SDK, which keeps in memory what it would export. `close` ends it. */
export function collecting() {
  const reader = new PeriodicExportingMetricReader({
    exporter: new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE),
    exportIntervalMillis: 2 ** 30,
  })
  const meterProvider = new MeterProvider({ readers: [reader] })
  const exporter = new InMemorySpanExporter()
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })

  async function metrics(): Promise<readonly MetricData[]> {
    const { resourceMetrics, errors } = await reader.collect()
    expect(errors).toEqual([])
    return resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics)
  }

  return {
    providers: { meterProvider, tracerProvider },
    metrics,
    /** The series of a counter. */
    async series(name: string): Promise<readonly Series[]> {
      const points = (await metrics()).find(({ descriptor }) => descriptor.name === name)?.dataPoints ?? []
      return points.map(({ attributes, value }): Series => [attributes, typeof value === 'number' ? value : value.count])
    },
    spans: () => exporter.getFinishedSpans(),
    async close() {
      await meterProvider.shutdown()
      await tracerProvider.shutdown()
    },
  }
}

export type Collected = ReturnType<typeof collecting>
