import type { Browser, Landing, User } from '../support/browser.js'
import { type Answer, formOf, type Params, type Wire } from '../support/wire.js'

/** A browser of one user: cookies are kept, the login and the consent form of the plain server are filled in. */
export function openFormBrowser(wire: Wire, origin: string): Browser {
  const jar = new Map<string, string>()

  async function open(url: string, form?: Params): Promise<Answer> {
    const answer = await wire.send(new URL(url, origin).href, {
      method: form ? 'POST' : 'GET',
      headers: {
        cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...(form && { body: formOf(form) }),
    })
    for (const line of [answer.headers['set-cookie'] ?? []].flat()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      jar.set(name, value)
    }
    return answer
  }

  async function journey(url: string, { login = 'alice', decision = 'approve' }: User = {}): Promise<Landing> {
    const redirects: number[] = []
    let answer = await open(url)
    for (let steps = 0; steps < 10; steps += 1) {
      const { location } = answer.headers
      const form = formIn(answer)
      if (typeof location === 'string') {
        redirects.push(answer.status)
        const target = new URL(location, origin)
        if (target.origin !== origin) return { location: target, answer, redirects }
        answer = await open(target.href)
      } else if (form && decision !== 'leave') {
        const entered = form.action.startsWith('/login') ? { login, password: login } : { decision }
        answer = await open(form.action, { ...form.fields, ...entered })
      } else return { location: undefined, answer, redirects }
    }
    throw new Error('the journey goes round in circles')
  }

  return { open, journey, cookies: () => [...jar.values()] }
}

function formIn({ text }: Answer): { readonly action: string; readonly fields: Params } | undefined {
  const [, action] = /<form method="post" action="([^"]*)"/.exec(text) ?? []
  const fields = [...text.matchAll(/type="hidden" name="([^"]*)" value="([^"]*)"/g)]
  return action === undefined
    ? undefined
    : { action: plain(action), fields: Object.fromEntries(fields.map(([, name = '', value]) => [name, plain(value)])) }
}

const plain = (html = '') =>
  html.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
