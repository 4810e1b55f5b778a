import { AREAS, type Area, countsOf, type Finding, type Progress } from '../finding.js'
import { checksText } from './summary.js'
import { type Terminal, widthOf } from './terminal-look.js'

/** Tells how far an audit is. `done` is called once, before anything else is written. */
export interface TerminalProgress {
  readonly tell: Progress
  done(): void
}

/**
 * How far an audit is, a line for each area. On a terminal they share one line, which goes when the audit is done; elsewhere a line begins
 * with its area and ends when the next begins.
 */
export function terminalProgress(write: (text: string) => void, terminal: Terminal): TerminalProgress {
  return terminal.isTTY && terminal.TERM !== 'dumb' ? oneLine(write, widthOf(terminal)) : manyLines(write)
}

function oneLine(write: (text: string) => void, width: number): TerminalProgress {
  const found: Finding[] = []
  let area: Area | undefined
  return {
    tell(event) {
      if ('found' in event) found.push(event.found)
      else area = event.started
      if (area === undefined) return
      // One column is left, since some terminals begin a new line with the last.
      const here = found.filter((finding) => finding.area === area)
      write(`\r${`${placeOf(area)}: ${soFar(here)}`.slice(0, width - 1)}\x1b[K`)
    },
    done: () => write('\r\x1b[K'),
  }
}

function manyLines(write: (text: string) => void): TerminalProgress {
  let found: Finding[] | undefined
  const end = () => {
    if (found) write(`${soFar(found)}\n`)
    found = undefined
  }
  return {
    tell(event) {
      if ('found' in event) return void found?.push(event.found)
      end()
      write(`${placeOf(event.started)}: `)
      found = []
    },
    done: end,
  }
}

const placeOf = (area: Area) => {
  const areas = Object.keys(AREAS)
  return `[${areas.indexOf(area) + 1}/${areas.length}] ${AREAS[area]}`
}

const soFar = (findings: readonly Finding[]) => {
  const { failed } = countsOf({ findings })
  return `${checksText(findings.length)}${failed > 0 ? `, ${failed} failed` : ''}`
}
