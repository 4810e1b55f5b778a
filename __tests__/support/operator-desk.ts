import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import express from 'express'
import { type Store, securityHeaders } from 'express-fapi'
import { assets } from '../../examples/bank/assets.js'
import { createAuthority, issueCertificate } from '../../examples/bank/certificates.js'
import { type DataFolder, openDataFolder } from '../../examples/bank/data-folder.js'
import { showFailure } from '../../examples/bank/failures.js'
import { operatorSignIn, SIGN_IN_PATH } from '../../examples/bank/operator-sign-in.js'
import { loadOperators } from '../../examples/bank/operators.js'
import { type Browser, openBrowser } from './browser.js'
import './clock.js'
import { type Answer, openWire, type Params, type Wire } from './wire.js'

export interface DeskOptions {
  readonly store: Store
  /** Where the operators are kept, and who made it removes it. A folder of the desk's own when not given. */
  readonly folder?: DataFolder
  readonly behindProxy?: boolean
}

/** The sign-in of the bank's operators over https, and behind it a page that says who is there. */
export interface Desk {
  readonly origin: string
  readonly wire: Wire
  readonly folder: DataFolder
  /** The password of `admin`, where the folder was new. */
  readonly firstPassword: string
  browser(): Browser
  /** Sends the form; as `admin` unless told otherwise. */
  signIn(browser: Browser, form?: Params): Promise<Answer>
  /** Who a browser, or whoever sends these headers, is for the console. */
  who(browser: Browser | Readonly<Record<string, string>>): Promise<unknown>
  close(): Promise<void>
}

/** What scripts of the desk's console send. */
export const DESK_TOKEN = 'the-token-of-the-operator-of-this-desk'

/** An empty data folder. */
export function newFolder(): DataFolder {
  return openDataFolder(mkdtempSync(join(tmpdir(), 'operators-')))
}

async function identity() {
  const authority = await createAuthority('CN=Test CA')
  const names = [{ type: 'dns' as const, value: 'localhost' }]
  return { ...(await issueCertificate(authority, { subject: 'CN=localhost', usage: 'server', names, keyType: 'EC' })), authority }
}

/** Opens a desk on a free port. */
export async function openDesk({ store, folder: given, behindProxy = false }: DeskOptions): Promise<Desk> {
  const folder = given ?? newFolder()
  const { certificate, key, authority } = await identity()
  const { operators, firstPassword = '' } = await loadOperators(folder)
  const { router, authorize } = operatorSignIn({ operators, store, operatorToken: DESK_TOKEN, behindProxy })
  const app = express()
  app.use(securityHeaders(), assets(), router)
  app.get('/console/who', async (req, res) => void res.json({ who: await authorize(req) }))
  app.use(showFailure)
  const server = createServer({ cert: certificate, key }, app).unref()
  await new Promise<void>((resolve) => server.listen(0, resolve))
  const address = server.address()
  const origin = `https://localhost:${typeof address === 'object' && address ? address.port : 0}`
  const wire = openWire(authority.certificate)
  return {
    ...{ origin, wire, folder, firstPassword },
    browser: () => openBrowser(wire, origin),
    signIn: (browser, form) => browser.open(origin + SIGN_IN_PATH, { user: 'admin', password: firstPassword, ...form }),
    async who(from) {
      const url = `${origin}/console/who`
      const { json } = isBrowser(from) ? await from.open(url) : await wire.send(url, { headers: from })
      return json.who
    },
    async close() {
      await wire.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      if (!given) rmSync(folder.path, { recursive: true, force: true })
    },
  }
}

const isBrowser = (from: Browser | Readonly<Record<string, string>>): from is Browser => typeof from.open === 'function'
