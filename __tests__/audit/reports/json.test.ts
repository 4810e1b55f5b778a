import { jsonReport } from '../../../lib/audit/reports/json.js'
import { empty, hostile, realistic } from './sample-reports.js'

test('the shape is what is documented', () => {
  const read = JSON.parse(jsonReport(realistic))
  expect(Object.keys(read)).toEqual([
    'schema',
    'version',
    'issuer',
    'profile',
    'startedAt',
    'took',
    'with',
    'without',
    'counts',
    'findings',
  ])
  expect(read).toMatchObject({ schema: 1, counts: { failed: 2, warned: 1, unjudged: 3, passed: 10 } })
  expect(Object.keys(read.findings[1])).toEqual([
    ...['area', 'id', 'rule', 'title', 'status', 'clauses', 'expected', 'got', 'mend', 'evidence'],
  ])
  expect(read.findings[0]).not.toHaveProperty('mend')
})

test.each([
  ['realistic', realistic],
  ['empty', empty],
])('the %s report comes back as it was', (_name, report) => {
  const { schema: _schema, counts: _counts, ...read } = JSON.parse(jsonReport(report))
  expect(read).toEqual(JSON.parse(JSON.stringify(report)))
})

test('a hostile report is whole, and commands no terminal', () => {
  const json = jsonReport(hostile)
  expect(json.replaceAll('\n', '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u)
  const { schema: _schema, counts: _counts, ...read } = JSON.parse(json)
  expect(read).toEqual(JSON.parse(JSON.stringify(hostile)))
})

test('what is no part of a report does not get in', () => {
  const [first] = realistic.findings
  const more = { ...realistic, token: 'secret-of-somebody', findings: [{ ...first, body: 'secret-of-somebody' }] }
  expect(jsonReport(more as typeof realistic)).not.toContain('secret-of-somebody')
})
