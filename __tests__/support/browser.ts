import type { Answer, Wire } from './wire.js'
import { formOf, type Params } from './wire.js'

/** Where a journey through the bank's pages ended. */
export interface Landing {
  /** Where the bank sent the browser away to; `undefined` when it ended on a page. */
  readonly location: URL | undefined
  /** The last answer of the bank: the redirect away, or the page. */
  readonly answer: Answer
  /** The statuses of the redirects on the way, the last one included. */
  readonly redirects: readonly number[]
}

/** What the user does. */
export interface User {
  readonly login?: string
  /** `leave` stops at the first page. */
  readonly decision?: 'approve' | 'deny' | 'cancel login' | 'leave'
}

/** A browser of one user at one bank: cookies are kept, forms are filled in. */
export interface Browser {
  journey(url: string, user?: User): Promise<Landing>
  /** One request, redirects not followed. */
  open(url: string, form?: Params): Promise<Answer>
  /** The values of its cookies. */
  cookies(): string[]
}

interface Cookie {
  readonly name: string
  readonly value: string
  readonly path: string
}

export function openBrowser(wire: Wire, origin: string): Browser {
  const jar = new Map<string, Cookie>()

  async function open(url: string, form?: Params): Promise<Answer> {
    const answer = await wire.send(url, {
      method: form ? 'POST' : 'GET',
      headers: { accept: 'text/html', cookie: cookiesFor(jar, new URL(url).pathname), ...(form && FORM), ...(form && { origin }) },
      ...(form && { body: formOf(form) }),
    })
    keep(jar, answer)
    return answer
  }

  return {
    open,
    cookies: () => [...jar.values()].map(({ value }) => value),
    async journey(url, user = {}) {
      const redirects: number[] = []
      let answer = await open(url)
      for (let steps = 0; steps < 20; steps += 1) {
        const { location } = answer.headers
        if (typeof location === 'string') {
          redirects.push(answer.status)
          const target = new URL(location, url)
          if (target.origin !== origin) return { location: target, answer, redirects }
          answer = await open(target.href)
          continue
        }
        const form = fillIn(answer.text, user)
        if (!form) return { location: undefined, answer, redirects }
        answer = await open(new URL(form.action, origin).href, form.fields)
      }
      throw new Error('the journey goes round in circles')
    },
  }
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' }

/** What the user enters on a page; nothing on a page without a form of the bank's own. */
function fillIn(page: string, { login = 'alice', decision = 'approve' }: User): { action: string; fields: Params } | undefined {
  const [, action] = /<form method="post" action="(\/interaction\/[^"]+)"/.exec(page) ?? []
  if (!action || decision === 'leave') return undefined
  if (action.endsWith('/login')) {
    if (decision === 'cancel login') return { action, fields: { decision: 'deny' } }
    return { action, fields: { login, password: login } }
  }
  const accounts = [...page.matchAll(/name="accounts" value="([^"]+)"/g)].map(([, id = '']) => id)
  return { action, fields: decision === 'deny' ? { decision } : { accounts, decision: 'approve' } }
}

function cookiesFor(jar: Map<string, Cookie>, path: string): string | undefined {
  const fitting = [...jar.values()].filter((cookie) => path === cookie.path || path.startsWith(cookie.path.replace(/\/?$/, '/')))
  return fitting.length ? fitting.map(({ name, value }) => `${name}=${value}`).join('; ') : undefined
}

function keep(jar: Map<string, Cookie>, { headers }: Answer): void {
  for (const line of [headers['set-cookie'] ?? []].flat()) {
    const [pair = '', ...attributes] = line.split('; ')
    const [name = '', value = ''] = pair.split(/=(.*)/s)
    const path = attributes.find((attribute) => attribute.startsWith('path='))?.slice('path='.length) ?? '/'
    if (value === '') jar.delete(`${name} ${path}`)
    else jar.set(`${name} ${path}`, { name, value, path })
  }
}
