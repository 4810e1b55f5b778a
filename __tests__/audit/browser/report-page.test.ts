import axe from 'axe-core'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import type { Report } from '../../../lib/audit/finding.js'
import { htmlReport } from '../../../lib/audit/reports/html.js'
import { junitReport } from '../../../lib/audit/reports/junit.js'
import { launchChromium } from '../../../scripts/chromium.js'
import { hasChromium, browserTest as test } from '../../support/console-browser.js'
import { empty, hostile, realistic } from '../reports/sample-reports.js'

/* The page of an audit in a real browser, which is also a real parser of XML. */

let browser: Browser

beforeAll(async () => {
  if (hasChromium) browser = await launchChromium()
})

afterAll(() => browser?.close())

const REPORTS: readonly (readonly [name: string, report: Report])[] = [
  ['realistic', realistic],
  ['empty', empty],
  ['hostile', hostile],
]

type Look = BrowserContextOptions & { readonly media?: 'print' }

const LOOKS: readonly (readonly [name: string, look: Look])[] = [
  ['light', { colorScheme: 'light' }],
  ['dark', { colorScheme: 'dark' }],
  ['390 px', { viewport: { width: 390, height: 844 } }],
  ['320 px', { viewport: { width: 320, height: 600 } }],
  ['2,560 px', { viewport: { width: 2560, height: 1440 } }],
  ['in print', { viewport: { width: 794, height: 1123 }, colorScheme: 'dark', media: 'print' }],
]

/** Opens a page as a file is opened, and says what the browser complained of and asked for. */
async function show(html: string, { media, ...options }: Look = {}) {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  const complaints: string[] = []
  const wanted: string[] = []
  page.on('console', (message) => void complaints.push(message.text()))
  page.on('pageerror', (error) => void complaints.push(error.message))
  page.on('request', (request) => void wanted.push(request.url()))
  await page.emulateMedia({ media: media ?? null })
  await page.setContent(html)
  return { page, complaints, wanted, close: () => context.close() }
}

interface Violation {
  readonly id: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[]
}

/** What axe finds, in a line each. */
async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source)
  const found = (await page.evaluate(
    'axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations)',
  )) as readonly Violation[]
  return found.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 150)} ${failureSummary}`).join('\n')}`,
  )
}

describe.each(REPORTS)('the %s report', (_name, report) => {
  test.each(LOOKS)('%s: axe finds nothing, it fits, loads nothing and the browser has nothing to complain of', async (_look, look) => {
    const { page, complaints, wanted, close } = await show(htmlReport(report), look)
    await page.evaluate("for (const details of document.querySelectorAll('details')) details.open = true")
    expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true)
    expect(await page.evaluate('window.owned')).toBeUndefined()
    // What the stylesheet says holds, so the policy let it through.
    expect(await page.evaluate("getComputedStyle(document.querySelector('h1')).lineHeight !== 'normal'")).toBe(true)
    expect(complaints).toEqual([])
    expect(wanted).toEqual([])
    expect(await violations(page)).toEqual([])
    await close()
  })

  test('as JUnit is XML', async () => {
    const { page, close } = await show('<title>XML</title>')
    const read = await page.evaluate(
      `(() => {
        const xml = new DOMParser().parseFromString(${JSON.stringify(junitReport(report))}, 'application/xml')
        const all = (name) => xml.getElementsByTagName(name).length
        return [xml.documentElement.tagName, all('parsererror'), all('testcase'), all('failure'), all('skipped')]
      })()`,
    )
    const count = (status: string) => report.findings.filter((finding) => finding.status === status).length
    expect(read).toEqual(['testsuites', 0, report.findings.length, count('failed'), count('unjudged')])
    await close()
  })
})

test('a page that is not well-formed is told from one that is', async () => {
  const { page, close } = await show('<title>XML</title>')
  const read = await page.evaluate(
    `['<a>\\u0000</a>', '<a>]]></a>', '<a b="&"/>', '<a/>'].map((text) => new DOMParser().parseFromString(text, 'application/xml').getElementsByTagName('parsererror').length > 0)`,
  )
  expect(read).toEqual([true, true, true, false])
  await close()
})

test('texts of the server are shown as texts', async () => {
  const { page, close } = await show(htmlReport(hostile))
  const shown = await page.locator('#discovery-1').textContent()
  expect(shown).toContain('<script>window.owned = true</script>')
  expect(await page.locator('h1').textContent()).toContain('\\1B[31m\\E2\\80\\AE')
  await close()
})

describe('the filter', () => {
  const seen = (page: Page) =>
    page.evaluate("[...document.querySelectorAll('.finding')].filter((one) => one.checkVisibility()).map((one) => one.className.slice(8))")
  const statusesOf = (report: Report, without: string) => report.findings.map(({ status }) => status).filter((status) => status !== without)

  test.each([
    ['passed', '10 passed'],
    ['failed', '2 failed'],
    ['warned', '1 warned'],
    ['unjudged', '3 not judged'],
  ])('leaves out what %s, and shows it again', async (status, label) => {
    const { page, close } = await show(htmlReport(realistic))
    await page.getByRole('checkbox', { name: label }).uncheck()
    expect(await seen(page)).toEqual(statusesOf(realistic, status))
    await page.getByRole('checkbox', { name: label }).check()
    expect(await seen(page)).toEqual(statusesOf(realistic, ''))
    await close()
  })

  test('works by keyboard', async () => {
    const { page, close } = await show(htmlReport(realistic))
    await page.getByRole('checkbox', { name: '2 failed' }).focus()
    await page.keyboard.press('Space')
    expect(await seen(page)).toEqual(statusesOf(realistic, 'failed'))
    await close()
  })

  test('leaves nothing out in print', async () => {
    const { page, close } = await show(htmlReport(realistic))
    await page.getByRole('checkbox', { name: '2 failed' }).uncheck()
    await page.emulateMedia({ media: 'print' })
    expect(await seen(page)).toEqual(statusesOf(realistic, ''))
    expect(await page.locator('nav').isVisible()).toBe(false)
    await close()
  })
})

test('a problem is found from the list at the top', async () => {
  const { page, close } = await show(htmlReport(realistic))
  await page.getByRole('link', { name: 'A client assertion is taken once' }).click()
  expect(await page.evaluate("document.querySelector(':target h3').textContent")).toBe('A client assertion is taken once')
  await close()
})

test('in print it is light, whatever the theme', async () => {
  const { page, close } = await show(htmlReport(realistic), { colorScheme: 'dark' })
  const ground = () => page.evaluate('getComputedStyle(document.body).backgroundColor')
  expect(await ground()).toBe('rgb(15, 19, 27)')
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
  expect(await ground()).toBe('rgb(255, 255, 255)')
  await close()
})
