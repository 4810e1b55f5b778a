import express, { type Request } from 'express'
import { createPolicy, profiles, registration, type Store } from 'express-fapi'
import { adminConsole, type ConsoleOptions, type Person, type Role } from 'express-fapi/console'
import request from 'supertest'
import { choose, inStore } from '../registration/registration-server.js'

/** Whoever says his role in this header is somebody of that role. */
const WHO = 'x-who'
export const DESK_ORIGIN = 'https://bank.example'
/** A page with a form that everybody may send. */
const FORM = '/keys/certificate'

type Fields = Readonly<Record<string, string>>

/** A console on a store, and everybody who may use it. */
export interface ConsoleDesk {
  /** Asks the JSON API as a script does. */
  api(who: Role, method: 'get' | 'post' | 'put' | 'delete', path: string, body?: unknown): Promise<request.Response>
  page(who: Role | undefined, path: string): Promise<request.Response>
  /** Sends a form as a browser does, with the cookie and token of `tokenOf`; `more` replaces headers. */
  send(
    who: Role,
    path: string,
    fields?: Fields,
    how?: { readonly tokenOf?: Role | undefined; readonly more?: Fields },
  ): Promise<request.Response>
}

export function consoleDesk(store: Store, options: Partial<ConsoleOptions> = {}): ConsoleDesk {
  const registering = registration(createPolicy({ profiles, choose }), {
    ...{ issuer: DESK_ORIGIN, publicUrl: `${DESK_ORIGIN}/register`, clients: inStore(store), store },
  })
  const authorize = (req: Request): Person | null => {
    const role = (['viewer', 'operator', 'admin'] as const).find((one) => one === req.get(WHO))
    return role ? { id: `${role}@bank.example`, roles: [role] } : null
  }
  const publicUrl = `${DESK_ORIGIN}/console`
  const app = express().use('/console', adminConsole({ registration: registering, store, authorize, publicUrl, ...options }))

  const page: ConsoleDesk['page'] = async (who, path) =>
    request(app)
      .get(`/console${path}`)
      .set(who ? { [WHO]: who } : {})
  return {
    page,
    async api(who, method, path, body) {
      const ask = request(app)
        [method](`/console/api${path}`)
        .set({ [WHO]: who, authorization: 'Bearer of-a-script' })
      return body === undefined ? ask : ask.set('content-type', 'application/json').send(JSON.stringify(body))
    },
    async send(who, path, fields = {}, { tokenOf = who, more = {} } = {}) {
      const shown = await page(tokenOf, FORM)
      const cookie = String(shown.headers['set-cookie']).split(';', 1)[0] ?? ''
      const csrf_token = /name="csrf_token" value="([^"]+)"/.exec(shown.text)?.[1] ?? ''
      return request(app)
        .post(`/console${path}`)
        .set({ [WHO]: who, cookie, origin: DESK_ORIGIN, 'content-type': 'application/x-www-form-urlencoded', ...more })
        .send(new URLSearchParams({ csrf_token, ...fields }).toString())
    },
  }
}
