import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Bank, startBank } from '../../examples/bank/bank.js'
import { hasBrowser, openBrowser, type Page } from './webdriver.js'

/* The pages in a real Chromium, which holds a page's form-action against the redirects after the form. */

const test = hasBrowser ? globalThis.test : globalThis.test.skip
if (!hasBrowser) console.log('skipped: no chromedriver on this machine')

let bank: Bank
let page: Page
let client: Server
let redirectUri: string
const arrivals: string[] = []
const dataDir = mkdtempSync(join(tmpdir(), 'express-fapi-browser-'))

beforeAll(async () => {
  if (!hasBrowser) return
  // Certificates come with the data folder; the client borrows the bank's, under another port and so another origin.
  const first = await startBank({ port: 0, mtlsPort: 0, dataDir, quiet: true })
  await first.close()
  const tls = { cert: readFileSync(join(dataDir, 'server.pem')), key: readFileSync(join(dataDir, 'server-key.pem')) }
  client = createServer(tls, async (req, res) => {
    let body = ''
    for await (const chunk of req) body += String(chunk)
    arrivals.push(`${req.method} ${req.url} ${body}`)
    res.end('arrived')
  }).listen(0)
  redirectUri = `https://localhost:${(client.address() as AddressInfo).port}/cb`
  bank = await startBank({
    ...{ port: 0, mtlsPort: 0, dataDir, quiet: true },
    clients: [
      {
        client_id: 'web',
        client_secret: 's'.repeat(40),
        client_name: '<b>Web & Co</b>',
        fapi_profile: 'none',
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: 'client_secret_basic',
        id_token_signed_response_alg: 'PS256',
      },
    ],
  })
  page = await openBrowser()
})

afterAll(async () => {
  await page?.close()
  await bank?.close()
  client?.close()
  rmSync(dataDir, { recursive: true, force: true })
})

beforeEach(async () => {
  arrivals.splice(0)
  await page?.forget()
})

const start = (more: Record<string, string> = {}) =>
  `${bank.issuer}/auth?${new URLSearchParams({ client_id: 'web', redirect_uri: redirectUri, response_type: 'code', scope: 'openid accounts', state: 'xyz', prompt: 'login consent', ...more })}`

async function logInAndDecide(decision: 'approve' | 'deny'): Promise<void> {
  await page.type('[name=login]', 'alice')
  await page.type('[name=password]', 'alice')
  await page.click('form button:not([name])')
  if (decision === 'approve') await page.click('[name=accounts]')
  await page.click(`[name=decision][value=${decision}]`)
}

describe('after consent Chromium gets back to the client, on another origin', () => {
  test('by a redirect', async () => {
    await page.open(start())
    await logInAndDecide('approve')
    expect(await page.arrive(redirectUri)).toMatch(/[?&]code=.+/)
    expect(arrivals[0]).toContain('state=xyz')
  })

  test('by a form (form_post)', async () => {
    await page.open(start({ response_mode: 'form_post' }))
    await logInAndDecide('approve')
    await page.arrive(redirectUri)
    expect(arrivals[0]).toMatch(/^POST .*code=/)
  })

  test('after a refusal, with access_denied', async () => {
    await page.open(start())
    await logInAndDecide('deny')
    expect(await page.arrive(redirectUri)).toContain('error=access_denied')
  })
})

test('a client name is text, not markup', async () => {
  await page.open(start())
  await page.type('[name=login]', 'alice')
  await page.type('[name=password]', 'alice')
  await page.click('form button:not([name])')
  expect(await page.textWith('[name=decision]')).toContain('<b>Web & Co</b>')
})
