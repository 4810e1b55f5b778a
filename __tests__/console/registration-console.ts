import express, { type Express } from 'express'
import type { Registration, Store } from 'express-fapi'
import { adminConsole, type Person, type Role } from 'express-fapi/console'
import request from 'supertest'

/** Whoever says his role in this header is somebody of that role. */
const WHO = 'x-who'
const ORIGIN = 'https://bank.example'

/** The console of a registration, and everybody who may use it. */
export interface RegistrationConsole {
  /** Asks the JSON API. */
  api(who: Role, method: 'get' | 'post' | 'patch' | 'delete', path: string, body?: unknown): Promise<request.Response>
  page(who: Role, path: string): Promise<request.Response>
  /** Sends a form, with a token of the pages. */
  send(who: Role, path: string, fields: Readonly<Record<string, string | readonly string[]>>): Promise<request.Response>
}

export function openRegistrationConsole(registration: Registration, store: Store): RegistrationConsole {
  const authorize = (req: express.Request): Person | null => {
    const role = req.get(WHO) as Role | undefined
    return role ? { id: `${role}@bank.example`, roles: [role] } : null
  }
  const app: Express = express().use('/console', adminConsole({ registration, store, authorize, publicUrl: `${ORIGIN}/console` }))

  const page: RegistrationConsole['page'] = async (who, path) => request(app).get(`/console${path}`).set(WHO, who)
  return {
    page,
    async api(who, method, path, body) {
      const ask = request(app)
        [method](`/console/api${path}`)
        .set({ [WHO]: who, authorization: 'Bearer of-a-script' })
      return body === undefined ? ask : ask.set('content-type', 'application/json').send(JSON.stringify(body))
    },
    async send(who, path, fields) {
      // Everybody may see the form of this page, and its token is good for all others.
      const shown = await page(who, '/registration/statement')
      const cookie = String(shown.headers['set-cookie']).split(';', 1)[0] ?? ''
      const [, token] = /name="csrf_token" value="([^"]+)"/.exec(shown.text) ?? []
      const body = new URLSearchParams([['csrf_token', String(token)]])
      for (const [name, values] of Object.entries(fields)) for (const value of [values].flat()) body.append(name, String(value))
      return request(app)
        .post(`/console${path}`)
        .set({ [WHO]: who, cookie, origin: ORIGIN, 'content-type': 'application/x-www-form-urlencoded' })
        .send(body.toString())
    },
  }
}

/** The fields of the form of the settings, as a browser would send them. */
export function fieldsIn({ text }: request.Response): Record<string, string | readonly string[]> {
  const fields: Record<string, string[]> = {}
  const add = (name: string | undefined, value: string | undefined) => {
    if (name !== undefined) fields[name] = [...(fields[name] ?? []), value ?? '']
  }
  const form = /<form method="post" action="\/console\/registration"[\s\S]*?<\/form>/.exec(text)?.[0] ?? ''
  for (const [input] of form.matchAll(/<input [^>]*>/g)) {
    const attribute = (name: string) => new RegExp(` ${name}="([^"]*)"`).exec(input)?.[1]
    const type = attribute('type')
    const name = attribute('name')
    if (name === 'csrf_token' || ((type === 'radio' || type === 'checkbox') && !/ checked/.test(input))) continue
    add(name, attribute('value'))
  }
  for (const [, name, options = ''] of form.matchAll(/<select [^>]*name="([^"]*)"[^>]*>([\s\S]*?)<\/select>/g))
    add(name, /<option [^>]*selected[^>]*>/.exec(options)?.[0].match(/value="([^"]*)"/)?.[1] ?? '')
  return fields
}
