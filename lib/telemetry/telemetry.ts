import type { MeterProvider, TracerProvider } from '@opentelemetry/api'
import { ConfigurationError, type ConfigurationFault } from '../core/errors.js'
import type { Recorder } from '../core/recorder.js'
import { clientNames } from './client-names.js'
import { counting } from './metrics.js'
import { decided } from './outcome.js'
import { tracing } from './spans.js'
import { unharmed } from './unharmed.js'

export interface TelemetryOptions {
  /** Where spans go. Default: the global one. */
  readonly tracerProvider?: TracerProvider
  /** Where metrics go. Default: the global one. */
  readonly meterProvider?: MeterProvider
  /** How many clients get series of their own; all later ones count as `other`. Default 1000, our choice. */
  readonly clients?: number
}

/**
 * Counts verdicts, measures judging and leaves spans, through OpenTelemetry: for the `record` of a policy. Nothing it does, or fails
 * to do, changes an answer; a failure becomes one process warning, `FAPI_TELEMETRY`. Throws a `ConfigurationError`.
 */
export function telemetry(options: TelemetryOptions = {}): Recorder {
  const faults = telemetryFaults(options)
  if (faults.length) throw new ConfigurationError(faults)
  const count = counting(options.meterProvider, clientNames(options.clients ?? 1000))
  const leaveSpan = tracing(options.tracerProvider)
  const [tryCounting, tryTracing] = [unharmed('counting verdicts'), unharmed('tracing verdicts')]
  return function recordTelemetry(verdict, judging) {
    const outcome = decided(verdict)
    tryCounting(() => count(verdict, judging, outcome))
    tryTracing(() => leaveSpan(verdict, judging, outcome))
  }
}

function telemetryFaults({ tracerProvider, meterProvider, clients }: TelemetryOptions): ConfigurationFault[] {
  const faults: ConfigurationFault[] = []
  if (tracerProvider !== undefined && typeof tracerProvider?.getTracer !== 'function')
    faults.push({
      option: 'tracerProvider',
      got: typeof tracerProvider,
      allowed: 'must be a tracer provider of OpenTelemetry, or left out',
    })
  if (meterProvider !== undefined && typeof meterProvider?.getMeter !== 'function')
    faults.push({ option: 'meterProvider', got: typeof meterProvider, allowed: 'must be a meter provider of OpenTelemetry, or left out' })
  if (clients !== undefined && !(Number.isInteger(clients) && clients >= 0))
    faults.push({ option: 'clients', got: clients, allowed: 'must be a number of clients, 0 or more' })
  return faults
}
