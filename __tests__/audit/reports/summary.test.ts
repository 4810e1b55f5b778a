import type { Status } from '../../../lib/audit/finding.js'
import { byArea, conclusion, countsText, isoOf, momentText, reasonsOf } from '../../../lib/audit/reports/summary.js'
import { empty, realistic } from './sample-reports.js'

const withStatuses = (...statuses: readonly Status[]) => {
  const [first] = realistic.findings
  if (!first) throw new Error('no finding')
  return { ...realistic, findings: statuses.map((status) => ({ ...first, status })) }
}

test.each<[readonly Status[], string, string]>([
  [[], 'nothing was tried', 'Nothing was tried, so nothing is known.'],
  [['unjudged'], '1 not judged', 'Nothing could be judged, so nothing is known.'],
  [['passed', 'passed'], '2 passed', 'Everything that could be judged passed under FAPI 2.0 Security Profile.'],
  [
    ['passed', 'unjudged'],
    '1 not judged, 1 passed',
    'Everything that could be judged passed under FAPI 2.0 Security Profile. 1 could not be judged.',
  ],
  [['warned', 'passed'], '1 warned, 1 passed', 'Nothing failed under FAPI 2.0 Security Profile, with one warning.'],
  [['warned', 'warned'], '2 warned', 'Nothing failed under FAPI 2.0 Security Profile, with 2 warnings.'],
  [
    ['passed', 'unjudged', 'failed', 'warned'],
    '1 failed, 1 warned, 1 not judged, 1 passed',
    'The server does not comply with FAPI 2.0 Security Profile: 1 of 4 checks failed. 1 could not be judged.',
  ],
])('%j', (statuses, counts, sentence) => {
  const report = withStatuses(...statuses)
  expect(countsText(report.findings)).toBe(counts)
  expect(conclusion(report)).toBe(sentence)
})

test('areas come in their order, and only those that were looked at', () => {
  expect(byArea(empty)).toEqual([])
  const turned = { ...realistic, findings: realistic.findings.toReversed().filter(({ area }) => area !== 'par') }
  expect(byArea(turned).map(([area]) => area)).toEqual([
    ...['discovery', 'tls', 'registration', 'authentication', 'authorization', 'token', 'dpop', 'resource'],
  ])
})

test('the reason of most comes first', () => {
  expect(reasonsOf(realistic.findings)).toEqual([
    { reason: 'There was no client to try it with.', count: 2 },
    { reason: 'There was no initial access token to register a client with.', count: 1 },
  ])
})

test('times that are none are said to be', () => {
  expect(isoOf(0)).toBe('1970-01-01T00:00:00Z')
  expect(momentText(1_795_392_000)).toBe('2026-11-23 00:00:00 UTC')
  expect(isoOf(Number.NaN)).toBeUndefined()
  expect(momentText(1e20)).toBe('an unknown time')
})
