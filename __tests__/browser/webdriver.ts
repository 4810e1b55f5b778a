import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'

/** Whether a real browser can be driven here: Debian's chromium-driver, which `.ci/run` installs. */
export const hasBrowser = spawnSync('chromedriver', ['--version']).status === 0

/**
 * A page in a real Chromium, by the WebDriver protocol (W3C). Selectors are CSS, and whatever is asked for by one is waited
 * for: a click may answer before the next page is there.
 */
export interface Page {
  open(url: string): Promise<void>
  url(): Promise<string>
  /** The text of the page that has such an element. */
  textWith(selector: string): Promise<string>
  type(selector: string, text: string): Promise<void>
  click(selector: string): Promise<void>
  /** Waits until the address starts so; rejects after half a minute with where it was instead. */
  arrive(url: string): Promise<string>
  /** Drops the cookies of the site it is at. */
  forget(): Promise<void>
  close(): Promise<void>
}

const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf'
/** Milliseconds: far longer than a page takes, on a busy machine too. */
const PATIENCE = 30_000
const ARGUMENTS = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--window-size=1000,900']

/** Starts a driver with a browser of its own. */
export async function openBrowser(): Promise<Page> {
  const driver = spawn('chromedriver', ['--port=0'], { stdio: ['ignore', 'pipe', 'ignore'] })
  const [greeting] = await waitFor(driver.stdout, /successfully on port (\d+)/)
  const base = `http://127.0.0.1:${greeting}`

  const call = async (method: string, path: string, body?: object): Promise<unknown> => {
    const response = await fetch(`${base}${path}`, { method, ...(body && { body: JSON.stringify(body) }) })
    const { value } = (await response.json()) as { value: unknown }
    if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(value).slice(0, 300)}`)
    return value
  }
  const capabilities = {
    alwaysMatch: { acceptInsecureCerts: true, timeouts: { implicit: PATIENCE }, 'goog:chromeOptions': { args: ARGUMENTS } },
  }
  const { sessionId } = (await call('POST', '/session', { capabilities })) as { sessionId: string }
  const at = `/session/${sessionId}`
  /** An element that was found may be of a page that just goes away: then what it was for has not been done, and is tried on the next. */
  const withElement = async (selector: string, method: string, what: string, body?: object): Promise<unknown> => {
    for (let tries = 0; ; tries++) {
      const element = (await call('POST', `${at}/element`, { using: 'css selector', value: selector })) as Record<string, string>
      try {
        return await call(method, `${at}/element/${element[ELEMENT]}/${what}`, body)
      } catch (error) {
        if (tries === PATIENCE / 100 || !String(error).includes('"stale element reference"')) throw error
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    }
  }
  const url = async () => String(await call('GET', `${at}/url`))

  return {
    url,
    open: async (target) => void (await call('POST', `${at}/url`, { url: target })),
    textWith: async (selector) => String(await withElement(`body:has(${selector})`, 'GET', 'text')),
    type: async (selector, text) => void (await withElement(selector, 'POST', 'value', { text })),
    click: async (selector) => void (await withElement(selector, 'POST', 'click', {})),
    async arrive(target) {
      for (let tries = 0; tries < PATIENCE / 100; tries++) {
        if ((await url()).startsWith(target)) return url()
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
      throw new Error(`still at ${await url()}`)
    },
    forget: async () => void (await call('DELETE', `${at}/cookie`)),
    async close() {
      await call('DELETE', at)
      driver.kill()
      await once(driver, 'exit')
    },
  }
}

async function waitFor(stream: NodeJS.ReadableStream, pattern: RegExp): Promise<string[]> {
  let text = ''
  for await (const chunk of stream) {
    text += String(chunk)
    const found = pattern.exec(text)
    if (found) return found.slice(1)
  }
  throw new Error(`chromedriver said only: ${text}`)
}
