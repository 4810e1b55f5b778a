import { type Attributes, SpanStatusCode, type TracerProvider, trace } from '@opentelemetry/api'
import type { Judging } from '../core/recorder.js'
import type { Verdict } from '../core/verdict.js'
import { shownInteraction } from './interaction.js'
import { SCOPE } from './metrics.js'
import { type Decided, outcomeOfViolation } from './outcome.js'

/**
 * Leaves a span for each verdict, as a child of the span that is active. It says what was broken by names only: sentences may repeat
 * what a request said, and are for the log and the journal, under the same interaction id.
 */
export function tracing(provider: TracerProvider | undefined): (verdict: Verdict, judging: Judging, decided: Decided) => void {
  // The global provider hands on to the one that is set later.
  const tracer = (provider ?? trace).getTracer(SCOPE)
  return function leaveSpan(verdict, { took = 0 }, { outcome, by }) {
    const { stage, violations, rejection } = verdict
    // The clock that spans are measured with: the wall clock may have been set meanwhile.
    const end = performance.now()
    const attributes = attributesOf(verdict, { outcome, by })
    const span = tracer.startSpan(`fapi.judge ${stage}`, { startTime: end - took * 1000, attributes })
    if (span.isRecording()) {
      for (const violation of violations) {
        const { rule, error, clauses } = violation
        const what = { 'fapi.rule': rule, 'fapi.clauses': [...clauses], 'fapi.outcome': outcomeOfViolation(violation, outcome) }
        span.addEvent('fapi.violation', { ...what, 'error.type': error }, end)
      }
      if (rejection) span.setStatus({ code: SpanStatusCode.ERROR, message: `${rejection.error}: ${rejection.rule}` })
    }
    span.end(end)
  }
}

function attributesOf({ stage, profile, client, interaction, mode, rejection }: Verdict, { outcome, by }: Decided): Attributes {
  return {
    'fapi.stage': stage,
    'fapi.mode': mode,
    'fapi.outcome': outcome,
    ...(profile !== undefined && { 'fapi.profile': profile }),
    ...(client !== undefined && { 'fapi.client': client }),
    ...(by && { 'fapi.rule': by.rule }),
    ...(rejection && { 'error.type': rejection.error }),
    ...interactionOf(shownInteraction(interaction)),
  }
}

const interactionOf = (id: string | undefined): Attributes => (id === undefined ? {} : { 'fapi.interaction_id': id })
