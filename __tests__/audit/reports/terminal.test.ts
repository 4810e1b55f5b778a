import type { Finding } from '../../../lib/audit/finding.js'
import { terminalReport } from '../../../lib/audit/reports/terminal.js'
import { hasColours, type Terminal, widthOf } from '../../../lib/audit/reports/terminal-look.js'
import { terminalProgress } from '../../../lib/audit/reports/terminal-progress.js'
import { columnsOf, wrapped } from '../../../lib/audit/reports/terminal-text.js'
import { compliant, empty, hostile, realistic } from './sample-reports.js'

const PLAIN: Terminal = { isTTY: false }
const ESCAPE = String.fromCharCode(0x1b)
/** Colours of the foreground, weights, and the end of both. */
const LOOKS = new RegExp(`${ESCAPE}\\[(?:0|1|2|3[1-6])m`, 'g')

describe('colours', () => {
  test.each<[Terminal, boolean]>([
    [{ isTTY: true }, true],
    [{ isTTY: false }, false],
    [{ isTTY: true, NO_COLOR: '1' }, false],
    [{ isTTY: true, NO_COLOR: '' }, true],
    [{ isTTY: true, TERM: 'dumb' }, false],
    [{ isTTY: false, FORCE_COLOR: '1' }, true],
    [{ isTTY: false, FORCE_COLOR: '1', NO_COLOR: '1' }, true],
    [{ isTTY: true, FORCE_COLOR: '0' }, false],
    [{ isTTY: false, FORCE_COLOR: '' }, false],
  ])('%j: %s', (terminal, expected) => {
    expect(hasColours(terminal)).toBe(expected)
    expect(terminalReport(realistic, terminal).includes(ESCAPE)).toBe(expected)
  })

  test('change nothing but colours', () => {
    const coloured = terminalReport(realistic, { isTTY: true, columns: 100 })
    expect(coloured.replaceAll(LOOKS, '')).toBe(terminalReport(realistic, { isTTY: false, columns: 100 }))
  })
})

describe('the report', () => {
  const text = terminalReport(realistic, { ...PLAIN, columns: 110 })

  test.each([
    ['a mark and a word for what passed', /^ {2}✓ passed {6}TLS 1\.1 is not spoken +FAPI2-SP-5\.2\.1-1$/m],
    ['for what failed', /^ {2}✗ failed {6}PKCE is offered by S256 alone +FAPI2-SP-5\.3\.2\.2-5 \+1$/m],
    ['for what is warned of', /^ {2}! warned {6}TLS 1\.2 is spoken/m],
    ['for what was not judged', /^ {2}– not judged {2}A DPoP proof is taken once/m],
    ['what would be right', /^ {4}Expected {4}The server offers PKCE by the method S256, and no other\.$/m],
    ['what was found', /^ {4}Got {9}code_challenge_methods_supported is \["S256","plain"\]$/m],
    ['what to do', /^ {4}Mend {8}Offer S256 alone/m],
    ['where it is said', /^ {16}https:\/\/www\.rfc-editor\.org\/rfc\/rfc9700$/m],
    ['what showed it', /^ {4}Evidence {4}POST https:\/\/bank\.example\/par: 201\n {16}POST/m],
    ['what was missing', /^ {4}Missing {5}There was no client to try it with\.$/m],
    ['the numbers of an area', /^Metadata and keys +1 failed, 2 passed$/m],
    ['what failed, once more', /^What failed\n {2}– Metadata and keys: PKCE is offered by S256 alone \(pkce-s256\/plain\)$/m],
    ['what could not be judged', /^What could not be judged\n {2}– 2 checks: There was no client to try it with\.$/m],
    ['what it would take', /^What the audit went without\n {2}– a client certificate: --mtls CERT KEY$/m],
    ['the result at the end', /\n✗ 2 failed, 1 warned, 3 not judged, 10 passed\nThe server does not comply with [^\n]*\n$/],
  ])('says %s', (_what, pattern) => {
    expect(text).toMatch(pattern)
  })

  test('says nothing of what was not there', () => {
    expect(terminalReport(compliant, PLAIN)).not.toMatch(/What failed|What could not|What the audit|Mend|Evidence/)
    expect(terminalReport(compliant, PLAIN)).toMatch(/✓ 10 passed\nEverything that could be judged passed/)
    expect(terminalReport(empty, PLAIN)).toMatch(/– nothing was tried\nNothing was tried, so nothing is known\.\n$/)
  })

  test.each([[120], [100], [80], [76], [75], [60], [40]])('fits into %d columns, with everything that it says', (columns) => {
    const words = (one: string) => one.replaceAll(/[\s:]+/g, '')
    const lines = terminalReport(realistic, { ...PLAIN, columns }).split('\n')
    expect(lines.filter((line) => columnsOf(line) > columns)).toEqual([])
    expect(lines.filter((line) => /\s$/.test(line))).toEqual([])
    for (const { got } of realistic.findings.filter(({ status }) => status === 'unjudged'))
      expect(words(lines.join(''))).toContain(words(`Missing${got}`))
  })

  test.each([
    [undefined, 80],
    [0, 80],
    [Number.NaN, 80],
    [10, 40],
    [100, 100],
    [400, 120],
  ])('of %s columns uses %d', (columns, expected) => {
    expect(widthOf({ isTTY: true, columns })).toBe(expected)
  })
})

describe('a hostile report', () => {
  test.each([[true], [false]])('commands no terminal (colours: %s)', (isTTY) => {
    const text = terminalReport(hostile, { isTTY, columns: 80 })
    expect(text.replaceAll(LOOKS, '').replaceAll('\n', '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u)
    expect(text).toContain('\\1B[2J\\1B]0;owned\\07')
  })

  test.each([[80], [40]])('fits into %d columns', (columns) => {
    const lines = terminalReport(hostile, { ...PLAIN, columns }).split('\n')
    expect(lines.filter((line) => columnsOf(line) > columns)).toEqual([])
  })
})

test.each([
  ['one two three', 7, ['one two', 'three']],
  ['abcdefgh', 3, ['abc', 'def', 'gh']],
  ['a abcdefgh b', 3, ['a', 'abc', 'def', 'gh', 'b']],
  ['汉字汉字', 5, ['汉字', '汉字']],
  ['', 5, ['']],
])('%j in %d columns', (text, columns, lines) => {
  expect(wrapped(text, columns)).toEqual(lines)
})

describe('progress', () => {
  const [passed, failed] = realistic.findings as readonly [Finding, Finding]
  const follow = (terminal: Terminal) => {
    const written: string[] = []
    const { tell, done } = terminalProgress((text) => void written.push(text), terminal)
    tell({ started: 'discovery' })
    tell({ found: passed })
    tell({ found: failed })
    tell({ started: 'dpop' })
    tell({ found: { ...passed, area: 'dpop' } })
    done()
    return written
  }

  test('on a terminal is one line, which goes at the end', () => {
    expect(follow({ isTTY: true, columns: 80 })).toEqual([
      `\r[1/9] Metadata and keys: 0 checks${ESCAPE}[K`,
      `\r[1/9] Metadata and keys: 1 check${ESCAPE}[K`,
      `\r[1/9] Metadata and keys: 2 checks, 1 failed${ESCAPE}[K`,
      `\r[8/9] DPoP: 0 checks${ESCAPE}[K`,
      `\r[8/9] DPoP: 1 check${ESCAPE}[K`,
      `\r${ESCAPE}[K`,
    ])
  })

  test('never reaches the last column', () => {
    const longest = Math.max(...follow({ isTTY: true, columns: 40 }).map((text) => text.replaceAll(`${ESCAPE}[K`, '').slice(1).length))
    expect(longest).toBe(39)
  })

  test.each<[Terminal]>([[{ isTTY: false }], [{ isTTY: true, TERM: 'dumb' }]])('elsewhere (%j) is a line for each area', (terminal) => {
    expect(follow(terminal).join('')).toBe('[1/9] Metadata and keys: 2 checks, 1 failed\n[8/9] DPoP: 1 check\n')
  })

  test('of nothing is nothing', () => {
    const written: string[] = []
    terminalProgress((text) => void written.push(text), { isTTY: false }).done()
    expect(written).toEqual([])
  })
})
