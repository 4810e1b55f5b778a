import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { launchChromium } from './chromium.js'
import { PLACES } from './console-places.js'
import { type ConsoleBank, openConsoleBank, playScene } from './console-scene.js'
import { smallPng } from './small-png.js'

const FOLDER = 'docs/console'
/** Pixels, our choice: what is further down of a long page looks like what is above. */
const TALLEST = 1600

const LOOKS: Readonly<Record<string, BrowserContextOptions>> = {
  light: { viewport: { width: 1280, height: 900 }, colorScheme: 'light' },
  dark: { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' },
  phone: { viewport: { width: 390, height: 844 }, colorScheme: 'light' },
}

/** Photographs every page of the console in every look, of a bank that is made up for it. */
async function photograph(wanted: readonly string[]): Promise<void> {
  mkdirSync(FOLDER, { recursive: true })
  const bank = await openConsoleBank()
  const browser = await launchChromium()
  try {
    const scene = await playScene(bank)
    for (const [look, options] of Object.entries(LOOKS)) {
      const page = await signIn(browser, bank, look, options)
      for (const { name, page: path, at = () => path, act } of PLACES) {
        if (wanted.length > 0 && !wanted.includes(name)) continue
        const response = await page.goto(bank.consoleUrl + at(scene))
        if (response && response.status() >= 500) throw new Error(`${path}: ${response.status()}`)
        await act?.(page)
        await shoot(page, `${name}-${look}`)
      }
      await page.context().close()
    }
  } finally {
    await browser.close()
    await bank.close()
  }
}

async function signIn(
  browser: Browser,
  { consoleUrl, passwords }: ConsoleBank,
  look: string,
  options: BrowserContextOptions,
): Promise<Page> {
  const context = await browser.newContext({ ...options, ignoreHTTPSErrors: true, reducedMotion: 'reduce' })
  const page = await context.newPage()
  await page.goto(consoleUrl)
  await shoot(page, `sign-in-${look}`)
  await page.getByLabel('User name').fill('admin')
  await page.getByLabel('Password').fill(passwords.admin)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { level: 1, name: 'Applications' }).waitFor()
  return page
}

async function shoot(page: Page, name: string): Promise<void> {
  await page.evaluate('window.scrollTo(0, 0)')
  const tall = Number(await page.evaluate('document.documentElement.scrollHeight'))
  const { width = 0 } = page.viewportSize() ?? {}
  const picture = await page.screenshot({
    fullPage: true,
    animations: 'disabled',
    clip: { x: 0, y: 0, width, height: Math.min(TALLEST, tall) },
  })
  writeFileSync(join(FOLDER, `${name}.png`), smallPng(picture))
}

await photograph(process.argv.slice(2))
