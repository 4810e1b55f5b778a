import { audit } from './audit.js'
import { auditOptionsOf } from './audit-options.js'
import { CommandError } from './command-error.js'
import { type Given, valueGiven } from './command-line.js'
import { countsOf, type Report } from './finding.js'
import { openOutput } from './output-file.js'
import { htmlReport } from './reports/html.js'
import { jsonReport } from './reports/json.js'
import { junitReport } from './reports/junit.js'
import { sarifReport } from './reports/sarif.js'
import { terminalReport } from './reports/terminal.js'
import { terminalProgress } from './reports/terminal-progress.js'
import type { ExitCode, Surroundings } from './surroundings.js'

/** The reports that can be written, by their flags. */
const REPORTS: Readonly<Record<string, (report: Report) => string>> = {
  json: jsonReport,
  junit: junitReport,
  sarif: sarifReport,
  html: htmlReport,
}

/** Audits a server, shows what was found and writes the reports that were asked for. */
export async function auditCommand(issuer: string, flags: Given, surroundings: Surroundings): Promise<ExitCode> {
  const options = await auditOptionsOf(issuer, flags, surroundings.version)
  const paths = Object.keys(REPORTS).flatMap((name) => valueGiven(flags, name) ?? [])
  const twice = paths.find((path, index) => paths.indexOf(path) !== index)
  if (twice !== undefined)
    throw new CommandError(`two reports go to ${twice === '-' ? 'standard output' : twice}: give each a file of its own`)
  // Before anything is asked of a server: a report that cannot be written is no use after minutes.
  const outputs = Object.entries(REPORTS).flatMap(([name, print]) => {
    const path = valueGiven(flags, name)
    return path === undefined ? [] : [{ print, output: openOutput(name, path, surroundings) }]
  })
  const progress = terminalProgress((text) => void surroundings.tell(text), surroundings.beside)
  const stopping = new AbortController()
  const running = audit({ ...options, signal: stopping.signal }, progress.tell).finally(progress.done)
  // What the audit registered is deleted again, also when it is stopped.
  surroundings.atEnd(async () => {
    stopping.abort()
    await running
  })
  const report = await running
  for (const { print, output } of outputs) {
    await output.write(print(report))
    await output.finish()
  }
  if (!paths.includes('-')) await surroundings.say(terminalReport(report, surroundings.terminal))
  return countsOf(report).failed > 0 ? 1 : 0
}
