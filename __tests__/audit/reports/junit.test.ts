import { junitReport } from '../../../lib/audit/reports/junit.js'
import { empty, hostile, realistic } from './sample-reports.js'

/* That it is well-formed is asked of a real XML parser, in ../browser. */

test('suites are areas, cases are findings, and the numbers agree', () => {
  const xml = junitReport(realistic)
  expect(xml).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?>\n<testsuites /)
  expect(xml).toContain(
    '<testsuites name="FAPI 2.0 Security Profile: https://bank.example" tests="16" failures="2" errors="0" skipped="3" time="12.345">',
  )
  expect(xml).toContain(
    '<testsuite name="Metadata and keys" tests="3" failures="1" errors="0" skipped="0" time="0" timestamp="2026-11-23T00:00:00" hostname="https://bank.example">',
  )
  const count = (pattern: RegExp) => xml.match(pattern)?.length
  expect([count(/<testsuite /g), count(/<testcase /g), count(/<failure /g), count(/<skipped /g)]).toEqual([9, 16, 2, 3])
})

test.each([
  [
    'what failed',
    '<testcase name="PKCE is offered by S256 alone (pkce-s256/plain)" classname="fapi2-security.discovery" time="0"><failure message="code_challenge_methods_supported is [&quot;S256&quot;,&quot;plain&quot;]" type="pkce-s256">Expected: ',
  ],
  ['what was not judged', '<skipped message="There was no initial access token to register a client with."/></testcase>'],
  ['what is warned of', 'classname="fapi2-security.tls" time="0"><system-out>Warning\nExpected: '],
  ['what passed', '<testcase name="TLS 1.1 is not spoken (tls-versions/1.1)" classname="fapi2-security.tls" time="0"/>'],
])('%s', (_what, xml) => {
  expect(junitReport(realistic)).toContain(xml)
})

test('an empty report has no suites', () => {
  expect(junitReport(empty)).toContain('<testsuites name="FAPI 2.0 Security Profile: https://bank.example" tests="0"')
  expect(junitReport(empty)).not.toContain('<testsuite ')
})

test('nothing of a hostile report is markup or no character of XML', () => {
  const xml = junitReport(hostile)
  const names = [...xml.matchAll(/<[/?]?([^\s/?>]*)/g)].map(([, name]) => name)
  expect([...new Set(names)].sort()).toEqual(['failure', 'skipped', 'system-out', 'testcase', 'testsuite', 'testsuites', 'xml'])
  expect(xml).not.toContain(']]>')
  expect(xml.replaceAll('\n', '')).not.toMatch(/[^\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u)
  expect(xml).not.toContain('timestamp')
})
