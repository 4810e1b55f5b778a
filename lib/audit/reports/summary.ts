import { AREAS, type Area, countsOf, type Finding, type Report, type Status } from '../finding.js'

/* What all reports say in the same words. */

interface Wording {
  readonly word: string
  /** Stands beside the word, never for it. */
  readonly mark: string
}

/** What the reports call each status, the worst first. */
export const STATUSES: Readonly<Record<Status, Wording>> = {
  failed: { word: 'failed', mark: '✗' },
  warned: { word: 'warned', mark: '!' },
  unjudged: { word: 'not judged', mark: '–' },
  passed: { word: 'passed', mark: '✓' },
}

/** All statuses, the worst first. */
export const ORDER: readonly Status[] = ['failed', 'warned', 'unjudged', 'passed']

/** The findings of each area that has some. */
export const byArea = ({ findings }: Report): readonly (readonly [area: Area, title: string, findings: readonly Finding[]])[] =>
  (Object.keys(AREAS) as Area[])
    .map((area) => [area, AREAS[area], findings.filter((finding) => finding.area === area)] as const)
    .filter(([, , found]) => found.length > 0)

/** `1 failed, 12 passed`: the statuses that there are. */
export function countsText(findings: readonly Finding[]): string {
  const counts = countsOf({ findings })
  const parts = ORDER.filter((status) => counts[status] > 0).map((status) => `${counts[status]} ${STATUSES[status].word}`)
  return parts.join(', ') || 'nothing was tried'
}

/** The whole in one sentence. */
export function conclusion({ findings, profile: { title } }: Report): string {
  const { failed, warned, unjudged } = countsOf({ findings })
  const rest = unjudged > 0 ? ` ${unjudged} could not be judged.` : ''
  if (findings.length === 0) return 'Nothing was tried, so nothing is known.'
  if (failed > 0) return `The server does not comply with ${title}: ${failed} of ${findings.length} checks failed.${rest}`
  if (unjudged === findings.length) return 'Nothing could be judged, so nothing is known.'
  if (warned > 0) return `Nothing failed under ${title}, with ${warned === 1 ? 'one warning' : `${warned} warnings`}.${rest}`
  return `Everything that could be judged passed under ${title}.${rest}`
}

/** Why findings could not be judged, the reason of most first. */
export function reasonsOf(findings: readonly Finding[]): readonly { readonly reason: string; readonly count: number }[] {
  const counts = new Map<string, number>()
  for (const { status, got } of findings) if (status === 'unjudged') counts.set(got, (counts.get(got) ?? 0) + 1)
  return [...counts].map(([reason, count]) => ({ reason, count })).sort((one, other) => other.count - one.count)
}

/** A moment in ISO 8601, to the second; `undefined` for what is none. `at`: epoch seconds. */
export function isoOf(at: number): string | undefined {
  const date = new Date(at * 1000)
  return Number.isNaN(date.getTime()) ? undefined : `${date.toISOString().slice(0, 19)}Z`
}

/** `2026-11-23 10:00:00 UTC`. `at`: epoch seconds. */
export const momentText = (at: number): string => isoOf(at)?.replace('T', ' ').replace('Z', ' UTC') ?? 'an unknown time'

/** `12.3 s`. */
export const tookText = (seconds: number): string => `${Number(seconds.toFixed(1))} s`

/** `3 checks`. */
export const checksText = (count: number): string => (count === 1 ? '1 check' : `${count} checks`)
