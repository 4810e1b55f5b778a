import type { Response } from 'undici'
import type { Party } from './party.js'

/** Where a walk through the server's pages ended: at the client's redirect URI, or on a page. */
export interface Arrival {
  readonly url: URL
  /** The heading of the page where the server did not send the user back. */
  readonly page?: string
}

const CREDENTIALS = { login: 'alice', password: 'alice' }

/** Opens an authorization URL as a user's browser does, logs in and consents on the pages there are, and says where that ended. */
export async function browse(party: Party, start: URL, origin: string): Promise<Arrival> {
  const cookies = new Map<string, string>()
  const open = async (url: URL, form?: URLSearchParams): Promise<Arrival> => {
    if (url.origin !== origin) return { url }
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await party.send(url, {
      method: form ? 'POST' : 'GET',
      headers: { accept: 'text/html', cookie, ...(form && { 'content-type': 'application/x-www-form-urlencoded', origin }) },
      ...(form && { body: form.toString() }),
    })
    keepCookies(cookies, response)
    const location = response.headers.get('location')
    if (location) return open(new URL(location, url))
    const page = await response.text()
    const action = /<form[^>]*action="([^"]*)"/.exec(page)?.[1]
    if (!response.ok || action === undefined) return { url, page: /<h1[^>]*>([^<]*)/.exec(page)?.[1] ?? `status ${response.status}` }
    return open(new URL(unescapeHtml(action), url), fillIn(page))
  }
  return open(start)
}

/** Login and consent forms have stable field names; hidden fields go back as they came, and of the consent form all accounts are taken. */
function fillIn(page: string): URLSearchParams {
  const hidden = [...page.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)].map(
    ([, name = '', value = '']): [string, string] => [unescapeHtml(name), unescapeHtml(value)],
  )
  if (page.includes('name="password"')) return new URLSearchParams([...hidden, ...Object.entries(CREDENTIALS)])
  const accounts = [...page.matchAll(/name="accounts"[^>]*value="([^"]*)"|value="([^"]*)"[^>]*name="accounts"/g)].map(
    ([, before, after]): [string, string] => ['accounts', unescapeHtml(before ?? after ?? '')],
  )
  return new URLSearchParams([...hidden, ...accounts, ['decision', 'approve']])
}

function keepCookies(cookies: Map<string, string>, response: Response): void {
  for (const line of response.headers.getSetCookie()) {
    const [pair = ''] = line.split(';')
    const name = pair.slice(0, pair.indexOf('='))
    const value = pair.slice(pair.indexOf('=') + 1)
    if (value === '' || /expires=thu, 01 jan 1970/i.test(line)) cookies.delete(name)
    else cookies.set(name, value)
  }
}

const unescapeHtml = (text: string) =>
  text
    .replaceAll('&#x2F;', '/')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
