import { createHash } from 'node:crypto'
import { htmlReport } from '../../../lib/audit/reports/html.js'
import { HTML_STYLE } from '../../../lib/audit/reports/html-style.js'
import { compliant, empty, hostile, realistic } from './sample-reports.js'

const REPORTS = [
  ['realistic', realistic],
  ['compliant', compliant],
  ['empty', empty],
  ['hostile', hostile],
] as const

const valuesOf = (html: string, pattern: RegExp) => [...html.matchAll(pattern)].map(([, value = '']) => value)

const plain = (html: string) => html.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&amp;', '&')

describe.each(REPORTS)('the %s report', (_name, report) => {
  const html = htmlReport(report)

  test('allows its stylesheet by the digest of what stands in the page, and nothing else', () => {
    expect(valuesOf(html, /<style>([\s\S]*?)<\/style>/g)).toEqual([HTML_STYLE])
    const digest = createHash('sha256').update(HTML_STYLE).digest('base64')
    expect(html.indexOf('<style>')).toBeGreaterThan(html.indexOf('http-equiv="Content-Security-Policy"'))
    expect(html).toContain(`content="default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'sha256-${digest}'"`)
  })

  test('loads and runs nothing', () => {
    expect(html).not.toMatch(/<(script|img|iframe|object|embed|link|form|audio|video|base)\b/i)
    expect(html).not.toMatch(/<[^>]*\s(on\w+|style|srcset|xlink:href)=/i)
    expect(HTML_STYLE).not.toMatch(/@import|url\(|expression/)
  })

  test('links to its own parts, all of which there are, and to clauses', () => {
    const ids = valuesOf(html, /<[^>]*\sid="([^"]*)"/g)
    const links = valuesOf(html, /<[^>]*\shref="([^"]*)"/g)
    expect(new Set(ids).size).toBe(ids.length)
    expect(links.filter((link) => link.startsWith('#') && !ids.includes(link.slice(1)))).toEqual([])
    const others = new Set(links.filter((link) => !link.startsWith('#')).map(plain))
    const allowed = report.findings.flatMap(({ clauses }) => clauses.map(({ link }) => link))
    expect([...others].filter((link) => !/^https:\/\//.test(link) || !allowed.includes(link))).toEqual([])
  })

  test('has one title and one first heading, and no heading is left out', () => {
    expect(html).toMatch(/^<!doctype html>\n<html lang="en">/)
    const levels = valuesOf(html, /<h([1-6])\b/g).map(Number)
    expect(levels.filter((level) => level === 1)).toHaveLength(1)
    expect(levels.filter((level, index) => level > (levels[index - 1] ?? 0) + 1)).toEqual([])
    expect(valuesOf(html, /<title>([^<]*)<\/title>/g)).toHaveLength(1)
  })

  test('holds nothing that hides', () => {
    expect(html.replaceAll('\n', '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u)
  })
})

test('every finding is there, folded where nothing is wrong', () => {
  const html = htmlReport(realistic)
  expect(valuesOf(html, /<details class="finding (\w+)" id="[\w-]+"(?: open)?>/g)).toEqual(realistic.findings.map(({ status }) => status))
  expect(valuesOf(html, /<details class="finding (\w+)" id="[\w-]+" open>/g).sort()).toEqual(['failed', 'failed', 'warned'])
})

test.each([
  ['Expected', 'The server offers PKCE by the method S256, and no other.'],
  ['Received', '<bdi>code_challenge_methods_supported is ['],
  ['How to mend it', 'Offer S256 alone'],
  ['Missing', '<bdi>There was no client to try it with.</bdi>'],
  [
    'Clauses',
    '<ul class="plain"><li><a href="https://openid.net/specs/fapi-security-profile-2_0-final.html" rel="noreferrer">FAPI2-SP-5.3.2.2-5</a>',
  ],
  ['Check', '<code>pkce-s256/plain</code>'],
  ['Evidence', '<ol class="plain"><li><code><bdi>POST https://bank.example/par: 201</bdi></code></li>'],
])('%s: %s', (name, text) => {
  expect(htmlReport(realistic)).toContain(`<dt>${name}</dt><dd>${text}`)
})
