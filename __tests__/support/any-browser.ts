import { type Browser, openBrowser, type User } from './browser.js'
import type { Params, Wire } from './wire.js'

/** A browser for the pages of any server: hidden fields go back as they came. `origin` is the server's. */
export function openAnyBrowser(wire: Wire, origin: string): Browser {
  const browser = openBrowser(wire, origin)
  return {
    ...browser,
    async journey(url, user = {}) {
      const redirects: number[] = []
      let [at, answer] = [url, await browser.open(url)]
      for (let steps = 0; steps < 20; steps += 1) {
        const { location } = answer.headers
        if (typeof location === 'string') {
          redirects.push(answer.status)
          const target = new URL(location, at)
          if (target.origin !== origin) return { location: target, answer, redirects }
          at = target.href
          answer = await browser.open(at)
          continue
        }
        const form = fillIn(answer.text, user)
        if (!form) return { location: undefined, answer, redirects }
        at = new URL(form.action, at).href
        answer = await browser.open(at, form.fields)
      }
      throw new Error('the journey goes round in circles')
    },
  }
}

/** What the user enters on a login or a consent page; nothing on another. */
function fillIn(page: string, { login = 'alice', decision = 'approve' }: User): { action: string; fields: Params } | undefined {
  const [, action] = /<form method="post" action="([^"]*)"/.exec(page) ?? []
  if (action === undefined || decision === 'leave') return undefined
  const fields = { ...valuesOf(page, 'type="hidden" name="([^"]*)" value="([^"]*)"') }
  const filled = page.includes('name="password"')
    ? { login, password: login }
    : { ...valuesOf(page, 'name="(accounts)" value="([^"]*)"'), decision }
  return { action: plainText(action), fields: { ...fields, ...filled } }
}

/** The fields whose name and value a pattern captures; a name that is there often has them all. */
function valuesOf(page: string, pattern: string): Params {
  const found = [...page.matchAll(new RegExp(pattern, 'g'))].map(([, ...parts]) => parts.map(plainText))
  return Object.fromEntries(found.map(([name = '']) => [name, found.filter(([other]) => other === name).map(([, value = '']) => value)]))
}

const plainText = (html: string) =>
  html
    .replaceAll('&#x2F;', '/')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
