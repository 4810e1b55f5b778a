import { DataPointType, type MetricData } from '@opentelemetry/sdk-metrics'

/** A sample as Prometheus keeps it. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** The units of OpenTelemetry that Prometheus spells out; what stands in braces is a remark. */
const UNITS: Readonly<Record<string, string>> = { s: 'seconds', ms: 'milliseconds', By: 'bytes', '1': 'ratio' }

const underscored = (name: string) => name.replaceAll(/[^A-Za-z0-9_]/g, '_').replaceAll(/_{2,}/g, '_')

/** What Prometheus makes of metrics that come by OTLP: underscores for dots, the unit and `_total` behind the name, and each histogram as three series. */
export const samplesOf = (metrics: readonly MetricData[]): readonly Sample[] => metrics.flatMap(samplesOfOne)

function samplesOfOne({ descriptor, dataPointType, dataPoints }: MetricData): readonly Sample[] {
  const unit = UNITS[descriptor.unit.replaceAll(/\{.*?\}/g, '')]
  const name = underscored(descriptor.name) + (unit === undefined ? '' : `_${unit}`)
  return dataPoints.flatMap(({ attributes, value }): readonly Sample[] => {
    const labels = Object.fromEntries(Object.entries(attributes).map(([key, of]) => [underscored(key), String(of)]))
    if (typeof value === 'number') return [{ name: dataPointType === DataPointType.SUM ? `${name}_total` : name, labels, value }]
    if (!('buckets' in value)) throw new Error('nothing here is an exponential histogram')
    const { counts, boundaries } = value.buckets
    const upTo = (index: number) => counts.slice(0, index + 1).reduce((total, count) => total + count, 0)
    return [
      ...counts.map((_, index) => ({
        name: `${name}_bucket`,
        labels: { ...labels, le: String(boundaries[index] ?? '+Inf') },
        value: upTo(index),
      })),
      { name: `${name}_sum`, labels, value: value.sum ?? 0 },
      { name: `${name}_count`, labels, value: value.count },
    ]
  })
}
