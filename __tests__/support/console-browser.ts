import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import type { Role } from '../../examples/bank/operators.js'
import { type Flow, type Harvest, walk } from '../../examples/tpp/flows.js'
import { signingKey } from '../../examples/tpp/signing-key.js'
import { findChromium, launchChromium } from '../../scripts/chromium.js'
import { type ConsoleBank, openConsoleBank } from '../../scripts/console-scene.js'

/** Whether a real browser can be driven here: Debian's chromium, which `.ci/run` installs. */
export const hasChromium = findChromium() !== undefined
if (!hasChromium) console.log('skipped: no chromium on this machine')

/** `test`, where there is a browser. */
export const browserTest = hasChromium ? globalThis.test : globalThis.test.skip

/** Somebody who is signed in, with one window. */
export interface Visitor {
  readonly page: Page
  /** What the browser complained of: errors in its console, and what the Content-Security-Policy kept from happening. */
  readonly complaints: readonly string[]
  /** Opens a page of the console. */
  open(path: string): Promise<number>
  /** Presses a button or follows a link that leads to another page, and says its status. */
  press(name: string | RegExp, kind?: 'button' | 'link'): Promise<number>
  close(): Promise<void>
}

/** A bank and a browser in front of its console. */
export interface ConsoleDesk {
  readonly bank: ConsoleBank
  visitor(role: Role, options?: BrowserContextOptions): Promise<Visitor>
  /** Somebody who is not signed in. */
  stranger(options?: BrowserContextOptions): Promise<Visitor>
  close(): Promise<void>
}

/** Opens a bank on free ports, and a browser. */
export async function openConsoleDesk(): Promise<ConsoleDesk> {
  const [bank, browser] = await Promise.all([openConsoleBank(), launchChromium()])
  return {
    bank,
    async visitor(role, options = {}) {
      const visitor = await enter(browser, bank, options)
      await signIn(visitor, role, bank.passwords[role])
      return visitor
    },
    stranger: (options = {}) => enter(browser, bank, options),
    async close() {
      await browser.close()
      await bank.close()
    },
  }
}

/** A refusal that is shown as a page has its status, which Chromium finds worth a line. */
const STATUS = /^Failed to load resource: the server responded with a status of 4\d\d/

async function enter(browser: Browser, { consoleUrl }: ConsoleBank, options: BrowserContextOptions): Promise<Visitor> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, reducedMotion: 'reduce', ...options })
  context.setDefaultTimeout(60_000)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !STATUS.test(message.text())) complaints.push(`${page.url()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => void complaints.push(`${page.url()}: ${error.message}`))
  return {
    ...{ page, complaints },
    async open(path) {
      const response = await page.goto(consoleUrl + path)
      return response?.status() ?? 0
    },
    async press(name, kind = 'button') {
      const answered = page.waitForResponse((response) => isPage(page, response.request()) && ![301, 302, 303].includes(response.status()))
      await page.getByRole(kind, { name, exact: typeof name === 'string' }).click()
      const response = await answered
      await response.finished()
      await page.waitForLoadState()
      return response.status()
    },
    close: () => context.close(),
  }
}

async function signIn({ page, open }: Visitor, role: Role, password: string): Promise<void> {
  await open('')
  await page.getByLabel('User name').fill(role)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { level: 1, name: 'Applications' }).waitFor()
}

const isPage = (page: Page, request: { isNavigationRequest(): boolean; frame(): unknown }) =>
  request.isNavigationRequest() && request.frame() === page.mainFrame()

/** The keys of a client, none of which the console is shown. */
export interface ClientKeys {
  readonly privateJwk: object
  /** PEM, where it has a certificate. */
  readonly certificate: string
  readonly key: string
}

/** Puts what a client knows of itself where flows look for it, and walks one. */
export function walkWith(bank: ConsoleBank, metadata: object, keys: ClientKeys, flow: Omit<Flow, 'title' | 'clause'>): Promise<Harvest> {
  const home = `clients/${flow.clientId}`
  bank.folder.writeSecret(`${home}/metadata.json`, JSON.stringify(metadata))
  bank.folder.writeSecret(`${home}/private.jwk.json`, JSON.stringify(keys.privateJwk))
  bank.folder.writeSecret(`${home}/certificate.pem`, keys.certificate)
  bank.folder.writeSecret(`${home}/key.pem`, keys.key)
  return walk(bank, { title: '', clause: '', ...flow })
}

export type DraftProfile = 'fapi1-advanced' | 'fapi2-security'

/** Opens the form of a new application with all that it needs: what is entered after that is the only thing that can be wrong. */
export async function openDraft({ page, open }: Visitor, name: string, profile: DraftProfile = 'fapi2-security'): Promise<void> {
  const first = { client_name: name, fapi_profile: profile, redirect_uris: 'https://planner.example/cb' }
  await open(`/applications/new/settings?${new URLSearchParams(first)}`)
  const { publicJwk } = await signingKey(profile === 'fapi1-advanced' ? 'PS256' : 'ES256')
  await page.getByLabel('Pasted or from a file').check()
  await page.getByLabel('Public keys').fill(JSON.stringify(publicJwk))
  if (profile === 'fapi1-advanced') await page.getByRole('checkbox', { name: /^jwt/ }).check()
}

/** The names of the applications that have this text in their metadata. */
export async function namesWith(bank: ConsoleBank, text: string): Promise<readonly unknown[]> {
  const { items } = await bank.ask('GET', `/applications?${new URLSearchParams({ search: text })}`)
  return Array.isArray(items) ? items.map(({ client_name }) => client_name) : []
}
