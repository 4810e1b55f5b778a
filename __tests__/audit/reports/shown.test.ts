import { shown, shownReport } from '../../../lib/audit/reports/shown.js'
import { HOSTILE, hostile, realistic } from './sample-reports.js'

/** What commands a terminal, turns a line round, hides, or is no character of XML. */
const HARMFUL = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u

describe('a text of a server', () => {
  test.each([
    ['plain text stays', 'aud must be "https://bank.example" – não é', 'aud must be "https://bank.example" – não é'],
    ['an escape sequence is told', '\x1b[31mred', '\\1B[31mred'],
    ['a C1 control', 'a\x9b31m', 'a\\C2\\9B31m'],
    ['a bidi override', 'user\u202egnp.exe', 'user\\E2\\80\\AEgnp.exe'],
    ['NUL', 'a\0b', 'a\\00b'],
    ['half a pair', 'a\ud800b', 'a\\EF\\BF\\BDb'],
    ['line ends are spaces', 'first \r\n\tsecond', 'first second'],
    ['four marks on a letter', 'e\u0301\u0301\u0301\u0301s', 'e\u0301\u0301\u0301\u0301s'],
    ['more of them', `e${'\u0301'.repeat(500)}s`, 'e\u0301\u0301\u0301\u0301…s'],
    ['2,000 characters stay', 'x'.repeat(2000), 'x'.repeat(2000)],
    ['longer is cut', 'x'.repeat(2003), `${'x'.repeat(2000)}… (3 characters more)`],
    ['no pair is cut in two', `${'x'.repeat(1999)}🎉`, `${'x'.repeat(1999)}… (2 characters more)`],
  ])('%s', (_what, text, expected) => {
    expect(shown(text)).toBe(expected)
  })

  test.each(HOSTILE.map((text) => [JSON.stringify(text.slice(0, 30)), text]))('%s holds nothing harmful afterwards', (_name, text) => {
    expect(shown(text)).not.toMatch(HARMFUL)
    expect(shown(text).length).toBeLessThan(8100)
  })
})

describe('a report', () => {
  test('that is harmless stays as it is', () => {
    expect(shownReport(realistic)).toEqual(realistic)
  })

  test('that is hostile has no harmful text anywhere, and is not written to', () => {
    const before = JSON.stringify(hostile)
    const texts: string[] = []
    JSON.stringify(shownReport(hostile), (_key, value) => {
      if (typeof value === 'string') texts.push(value)
      return value
    })
    expect(texts.length).toBeGreaterThan(200)
    expect(texts.filter((text) => HARMFUL.test(text))).toEqual([])
    expect(JSON.stringify(hostile)).toBe(before)
  })

  test.each([
    ['https://www.rfc-editor.org/rfc/rfc9449', true],
    ['https://openid.net:8443/specs/a.html#section-5', true],
    ['http://openid.net/specs', false],
    ['javascript:alert(1)', false],
    ['data:text/html,<script>', false],
    ['https://user@evil.example/', false],
    ['https://evil.example/\u202e', false],
    ['https://evil.example\n/', false],
    [`https://openid.net/${'x'.repeat(2000)}`, false],
    ['', false],
  ])('links to %s: %s', (link, isKept) => {
    const [first] = realistic.findings
    if (!first) throw new Error('no finding')
    const report = { ...realistic, findings: [{ ...first, clauses: [{ clause: 'RFC9449-4.3', specification: 'RFC 9449', link }] }] }
    expect(shownReport(report).findings[0]?.clauses[0]?.link).toBe(isKept ? link : undefined)
  })
})
