import { createServer, request } from 'node:https'
import { createRequire } from 'node:module'
import type express5 from 'express'
import { createPolicy, memoryStore, profiles, type Registration, type RegistrationOptions, registration, type Store } from 'express-fapi'
import { type Authorize, adminConsole, type ConsoleOptions, type Person, type Role } from 'express-fapi/console'
import { createAuthority, issueCertificate } from '../../../examples/bank/certificates.js'
import { portOf } from '../../readers/loopback.js'
import { choose, inStore, UNLIMITED } from '../../registration/registration-server.js'
import { mintKey } from '../../support/keys.js'
import { honestMetadata, type Metadata } from '../../support/registration.js'
import { elementsIn } from './html.js'

const load = createRequire(import.meta.url)
export const FRAMEWORKS = [
  ['Express 5', load('express') as typeof express5],
  ['Express 4', load('express4') as typeof express5],
] as const

/** The address that the console is told; it listens elsewhere, so that whatever is made of `Host` shows. */
export const ORIGIN = 'https://bank.example'

export type Headers = Readonly<Record<string, string | readonly string[]>>

/** What came back, as it came. */
export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly cookies: readonly string[]
  readonly text: string
  readonly json: Readonly<Record<string, unknown>>
}

/** What a form sends; a name may be there several times. */
export type Fields = Readonly<Record<string, string>> | readonly (readonly [string, string])[]

export interface Sent {
  readonly method?: string
  readonly headers?: Headers
  readonly body?: string
}

export interface SecureDeskOptions {
  readonly express?: typeof express5
  readonly store?: Store
  /** What stands between the console and its store. */
  readonly wrap?: (store: Store) => Store
  readonly options?: Partial<ConsoleOptions>
  readonly registering?: Partial<RegistrationOptions>
  /** Where the console is mounted. */
  readonly path?: string
  /** What the application does before the console. */
  readonly before?: (app: express5.Express, express: typeof express5) => void
}

export interface SecureDesk {
  readonly origin: string
  readonly store: Store
  readonly registering: Registration
  /** The path goes out letter by letter. */
  send(path: string, sent?: Sent): Promise<Reply>
  /** What a script with a token of its own sends. */
  script(who: Role, method: string, path: string, body?: unknown): Promise<Reply>
  /** A browser in which somebody has signed in. */
  browser(session?: string): DeskBrowser
  /** From now on this says who asks; the desk's own again when not given. */
  steer(authorize?: Authorize): void
  close(): Promise<void>
}

/** What a browser sends by itself with what somebody does on a page of the console. */
export interface DeskBrowser {
  cookie(): string
  open(path: string, headers?: Headers): Promise<Reply>
  /** The token of a page. */
  token(path?: string): Promise<string>
  post(path: string, fields: Fields, headers?: Headers): Promise<Reply>
}

/** Who signed in: `ada.admin` is Ada, an admin. */
const personIn = (text: string | undefined): Person | null => {
  const [id, ...roles] = text?.split('.') ?? []
  return id ? { id, roles: roles as Role[] } : null
}

const byHeaders: Authorize = ({ headers: { cookie = '', authorization = '' } }) =>
  personIn(/(?:^|; )session=([^;]*)/.exec(cookie)?.[1]) ?? personIn(/^Bearer (.+)$/.exec(authorization)?.[1])

let identity: Promise<{ readonly certificate: string; readonly key: string }> | undefined
async function mintIdentity() {
  const authority = await createAuthority('CN=Desk CA')
  return issueCertificate(authority, {
    ...{ subject: 'CN=localhost', usage: 'server', keyType: 'EC' },
    names: [{ type: 'dns', value: 'localhost' }],
  })
}

export async function openSecureDesk(wanted: SecureDeskOptions = {}): Promise<SecureDesk> {
  const {
    express = FRAMEWORKS[0][1],
    store = memoryStore({ capacity: 1_000_000 }),
    wrap = (one) => one,
    path = '/console',
    before,
  } = wanted
  identity ??= mintIdentity()
  const { certificate: cert, key } = await identity
  const listing = { ...inStore(wrap(store)), list: (paging: Parameters<Store['list']>[1]) => store.list('Client', paging) }
  const policy = createPolicy({ profiles, choose, record: (verdict) => store.append(verdict) })
  const registering = registration(policy, {
    ...{ issuer: ORIGIN, publicUrl: `${ORIGIN}/register`, clients: listing, store: wrap(store), rateLimits: UNLIMITED },
    ...wanted.registering,
  })
  let authorize = byHeaders
  const router = adminConsole({
    ...{ registration: registering, store: wrap(store), authorize: (req) => authorize(req), publicUrl: ORIGIN + path },
    ...{ signInPath: '/sign-in', signOutPath: '/sign-out' },
    ...wanted.options,
  })
  const app = express()
  before?.(app, express)
  app.use(path || '/', router)
  const server = createServer({ cert, key }, app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const port = portOf(server)

  const send: SecureDesk['send'] = (at, { method = 'GET', headers = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      const out = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]))
      const sent = request(
        { host: '127.0.0.1', port, path: at, method, headers: out, rejectUnauthorized: false, agent: false },
        (answer) => {
          const chunks: Buffer[] = []
          answer.on('data', (chunk: Buffer) => chunks.push(chunk))
          answer.on('error', reject)
          answer.on('end', () => {
            const text = Buffer.concat(chunks).toString()
            const { 'set-cookie': cookies = [], ...rest } = answer.headers
            const single = Object.fromEntries(
              Object.entries(rest).map(([name, value]) => [name, value === undefined ? undefined : String(value)]),
            )
            resolve({ status: answer.statusCode ?? 0, headers: single, cookies, text, json: objectIn(text) })
          })
        },
      )
      sent.on('error', reject)
      sent.end(body)
    })

  return {
    ...{ origin: `https://127.0.0.1:${port}`, store, registering, send },
    script: (who, method, at, body) =>
      send(`${path}/api${at}`, {
        method,
        headers: { authorization: `Bearer script.${who}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    browser(session) {
      let own = ''
      const cookie = () => [session === undefined ? '' : `session=${session}`, own].filter(Boolean).join('; ')
      const keep = (reply: Reply) => {
        own = reply.cookies.find((one) => one.startsWith('__Host-fapi-console='))?.split(';', 1)[0] ?? own
        return reply
      }
      const open: DeskBrowser['open'] = async (at, headers) => keep(await send(path + at, { headers: { cookie: cookie(), ...headers } }))
      return {
        ...{ cookie, open },
        token: async (at = '/applications') => tokenIn(await open(at)),
        post: async (at, fields, headers) =>
          keep(
            await send(path + at, {
              method: 'POST',
              headers: { cookie: cookie(), origin: ORIGIN, 'sec-fetch-site': 'same-origin', ...FORM, ...headers },
              body: new URLSearchParams(Array.isArray(fields) ? fields : Object.entries(fields)).toString(),
            }),
          ),
      }
    },
    steer(other = byHeaders) {
      authorize = other
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
export const JSON_BODY = { 'content-type': 'application/json' }

/** Desks that are closed when their test is over. To be called where `beforeAll` is. */
export function openedDesks(): typeof openSecureDesk {
  const desks: SecureDesk[] = []
  afterEach(async () => {
    await Promise.all(desks.splice(0).map((one) => one.close()))
  })
  return async function opened(options) {
    const desk = await openSecureDesk(options)
    desks.push(desk)
    return desk
  }
}

/** The token that stands in the forms of a page. */
export const tokenIn = ({ text }: Reply): string =>
  elementsIn(text).find(({ name, attributes }) => name === 'input' && attributes.name === 'csrf_token')?.attributes.value ?? ''

const KEY = mintKey()

/** What an application of FAPI 2.0 is created with. */
export const metadata = (more: Metadata = {}): Metadata => ({ ...honestMetadata(KEY, 'fapi2-security'), ...more })

/** Creates an application by the API, and resolves its `client_id`. */
export async function createdBy(desk: SecureDesk, more: Metadata = {}): Promise<string> {
  const reply = await desk.script('admin', 'POST', '/applications', { metadata: metadata(more) })
  expect({ status: reply.status, error: reply.json.error_description }).toEqual({ status: 201, error: undefined })
  return String(reply.json.client_id)
}

function objectIn(text: string): Reply['json'] {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}
