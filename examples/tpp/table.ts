/** One line of the result. */
export interface Row {
  readonly step: string
  readonly seconds: number
  readonly ok: boolean
  readonly outcome: string
  readonly clause: string
}

/** Runs a step and makes a row of it; what it throws is its outcome. */
export async function timed(step: string, clause: string, work: () => Promise<{ ok: boolean; outcome: string }>): Promise<Row> {
  const started = performance.now()
  const result = await work().catch((error: unknown) => ({ ok: false, outcome: `failed: ${explain(error)}` }))
  return { step, clause, seconds: (performance.now() - started) / 1000, ...result }
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { error: code, error_description: description } = error as { error?: unknown; error_description?: unknown }
  return [error.message, code, description, error.cause instanceof Error ? error.cause.message : undefined].filter(Boolean).join('; ')
}

/** Prints rows and what they come to; says whether all are as expected. */
export function printResult(rows: readonly Row[], what: string): boolean {
  printTable(rows)
  const failed = rows.filter(({ ok }) => !ok).length
  console.log(`\n${what}: ${failed === 0 ? 'all as expected' : `${failed} not as expected`}.`)
  return failed === 0
}

/** Prints rows as columns. */
function printTable(rows: readonly Row[]): void {
  const cells = rows.map(({ step, seconds, ok, outcome, clause }) => [ok ? 'ok' : 'NOT OK', step, seconds.toFixed(2), outcome, clause])
  const lines = [['', 'step', 'seconds', 'outcome', 'clause'], ...cells]
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? []
  for (const line of lines)
    console.log(
      line
        .map((cell, column) => (column === 2 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
}
