import { Writable } from 'node:stream'
import { jest } from '@jest/globals'
import { explain, logEvents, memoryStore, profiles, type Recorder, type Store, type Verdict } from 'express-fapi'
import { pino } from 'pino'
import { telemetry } from '../../../lib/telemetry/index.js'
import { collecting } from '../../telemetry/collected.js'

/** Everything that a server writes down of what it decides. */
export interface Outputs {
  readonly store: Store
  /** For the policy of a server that keeps no journal in the store itself. */
  readonly journal: Recorder
  /** The log and telemetry. */
  readonly record: readonly Recorder[]
  /** All entries of the journal, oldest first. */
  verdicts(): Promise<readonly Verdict[]>
  /** What was written, by where. */
  written(): Promise<ReadonlyMap<string, readonly string[]>>
  close(): Promise<void>
}

/** A journal, pino at its lowest level, and the real SDK of OpenTelemetry. */
export function openOutputs(): Outputs {
  const store = memoryStore()
  const lines: string[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk))
      done()
    },
  })
  const collected = collecting()

  async function verdicts(): Promise<readonly Verdict[]> {
    const found: Verdict[] = []
    for (let cursor: string | undefined; ; ) {
      const page = await store.search({ limit: 1000, ...(cursor !== undefined && { cursor }) })
      found.push(...page.items)
      cursor = page.cursor
      if (cursor === undefined) return found.reverse()
    }
  }

  return {
    store,
    journal: (verdict) => store.append(verdict),
    record: [logEvents(pino({ level: 'trace' }, stream)), telemetry(collected.providers)],
    verdicts,
    async written() {
      const entries = await verdicts()
      const metrics = (await collected.metrics()).flatMap(({ descriptor, dataPoints }) =>
        dataPoints.map(({ attributes }) => JSON.stringify([descriptor.name, attributes])),
      )
      const spans = collected
        .spans()
        .map(({ name, attributes, events, status }) => JSON.stringify([name, attributes, events.map((event) => event.attributes), status]))
      return new Map([
        ['the journal', entries.map((entry) => JSON.stringify(entry))],
        ['the explanations', entries.map((entry) => JSON.stringify(explain(entry, profiles)))],
        ['the log', [...lines]],
        ['the spans', spans],
        ['the metrics', metrics],
      ])
    },
    close: () => collected.close(),
  }
}

/** Takes down what this process says on its own, until `end`: what goes to the console, and warnings. */
export function overhear(): { readonly said: readonly string[]; end(): void } {
  const said: string[] = []
  const hear = (...all: readonly unknown[]) =>
    void said.push(all.map((one) => (one instanceof Error ? String(one.stack) : String(one))).join(' '))
  const spies = [
    ...(['log', 'info', 'warn', 'error', 'debug', 'trace'] as const).map((name) => jest.spyOn(console, name).mockImplementation(hear)),
    jest.spyOn(process, 'emitWarning').mockImplementation(hear),
    ...[process.stdout, process.stderr].map((stream) =>
      jest.spyOn(stream, 'write').mockImplementation((chunk: unknown) => {
        hear(typeof chunk === 'string' ? chunk : Buffer.from(chunk as Uint8Array).toString('utf8'))
        return true
      }),
    ),
  ]
  return {
    said,
    end() {
      for (const spy of spies) spy.mockRestore()
    },
  }
}
