import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions } from 'playwright-core'
import type { Report } from '../lib/audit/finding.js'
import { htmlReport } from '../lib/audit/reports/html.js'
import { terminalReport } from '../lib/audit/reports/terminal.js'
import { launchChromium } from './chromium.js'
import { smallPng } from './small-png.js'
import { terminalPage } from './terminal-page.js'

/** Pixels, our choice: what is further down of a long page looks like what is above. Of a terminal the end is seen, where the result is. */
const TALLEST = 1800
/** The columns of a terminal, our choice. */
const COLUMNS = 110

type Look = BrowserContextOptions & { readonly media?: 'screen' | 'print' }

const LOOKS: Readonly<Record<string, Look>> = {
  light: { viewport: { width: 1280, height: 900 }, colorScheme: 'light' },
  dark: { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' },
  phone: { viewport: { width: 390, height: 844 }, colorScheme: 'light' },
  // As wide as A4.
  print: { viewport: { width: 794, height: 1123 }, colorScheme: 'dark', media: 'print' },
}

/** Photographs a report of an audit, as a page and in a terminal. `json`: the file that `--json` wrote. */
async function photograph(name: string, json: string, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const report = JSON.parse(readFileSync(json, 'utf8')) as Report
  const text = terminalReport(report, { isTTY: true, columns: COLUMNS })
  const browser = await launchChromium()
  try {
    for (const [look, options] of Object.entries(LOOKS))
      writeFileSync(join(folder, `${name}-${look}.png`), await picture(browser, htmlReport(report), 'beginning', options))
    for (const theme of ['light', 'dark'] as const)
      writeFileSync(join(folder, `${name}-terminal-${theme}.png`), await picture(browser, terminalPage(text, theme), 'end'))
  } finally {
    await browser.close()
  }
}

async function picture(browser: Browser, html: string, part: 'beginning' | 'end', { media, ...options }: Look = {}): Promise<Buffer> {
  const context = await browser.newContext({ viewport: { width: 1024, height: 600 }, reducedMotion: 'reduce', ...options })
  const page = await context.newPage()
  await page.emulateMedia({ media: media ?? null })
  await page.setContent(html)
  const [wide = 0, tall = 0] = (await page.evaluate(
    '[document.body.offsetWidth, document.documentElement.scrollHeight]',
  )) as readonly number[]
  const shot = await page.screenshot({
    fullPage: true,
    animations: 'disabled',
    clip: { x: 0, y: part === 'end' ? Math.max(0, tall - TALLEST) : 0, width: wide, height: Math.min(TALLEST, tall) },
  })
  await context.close()
  return smallPng(shot)
}

const [name, json, folder = 'docs/audit'] = process.argv.slice(2)
if (name === undefined || json === undefined) throw new Error('wanted: the name of the pictures, and the file that --json wrote')
await photograph(name, json, folder)
