import express, { type Express } from 'express'
import request from 'supertest'
import { allowFormTarget, securityHeaders } from '../../lib/express/security-headers.js'

const POLICY = 'content-security-policy'

/** A server whose page is about a client with that redirect URI. */
const pageAbout = (redirectUri: string, headers = securityHeaders()): Express =>
  express()
    .use(headers)
    .get('/', (_req, res) => {
      allowFormTarget(res, redirectUri)
      res.send('<form method="post"></form>')
    })

async function directivesOf(app: Express): Promise<Readonly<Record<string, string>>> {
  const { headers } = await request(app).get('/')
  return Object.fromEntries((headers[POLICY] ?? '').split(';').map((directive) => directive.trim().split(/ (.*)/s)))
}

const plain = express()
  .use(securityHeaders())
  .get('/', (_req, res) => void res.send('a page'))

describe('securityHeaders', () => {
  test('keeps everything from elsewhere out of the page', async () => {
    expect(await directivesOf(plain)).toEqual({
      'default-src': "'none'",
      'style-src': "'self'",
      'script-src': "'self'",
      'img-src': "'self' data: https:",
      'font-src': "'self'",
      'base-uri': "'none'",
      'frame-ancestors': "'none'",
      'form-action': "'self' https:",
    })
  })

  test.each([
    ['strict-transport-security', 'max-age=63072000; includeSubDomains'],
    ['referrer-policy', 'no-referrer'],
    ['x-content-type-options', 'nosniff'],
    ['x-frame-options', 'SAMEORIGIN'],
  ])('sends %s: %s', async (name, value) => {
    const { headers } = await request(plain).get('/')
    expect(headers[name]).toBe(value)
    expect(headers['x-powered-by']).toBeUndefined()
  })

  test('is on pages that are not there', async () => {
    const { status, headers } = await request(plain).get('/nowhere')
    expect([status, headers['strict-transport-security']]).toEqual([404, 'max-age=63072000; includeSubDomains'])
  })
})

describe('allowFormTarget', () => {
  test.each([
    ['https://app.example/cb?brand=1', "'self' https://app.example"],
    ['https://app.example:8443/cb', "'self' https://app.example:8443"],
    ['https://app.example:443/cb', "'self' https://app.example"],
    ['http://127.0.0.1:49152/cb', "'self' http://127.0.0.1:49152"],
    ['http://[::1]:49152/cb', "'self' http://[::1]:49152"],
    ['https://bücher.example/cb', "'self' https://xn--bcher-kva.example"],
    ['com.example.app:/cb', "'self' com.example.app:"],
    ['https://user:password@app.example/cb', "'self' https://app.example"],
  ])('lets a form lead to %s', async (redirectUri, formAction) => {
    expect((await directivesOf(pageAbout(redirectUri)))['form-action']).toBe(formAction)
  })

  test('changes no other directive', async () => {
    const { 'form-action': _before, ...before } = await directivesOf(plain)
    const { 'form-action': _after, ...after } = await directivesOf(pageAbout('https://app.example/cb'))
    expect(after).toEqual(before)
  })

  test.each([
    ['https://app.example;script-src-elem/cb'],
    ['https://app.example;sandbox/x'],
    ['https://app.example,evil.example/cb'],
    ['https://$&.example/cb'],
    ["https://$'.example/cb"],
    ['https://$`.example/cb'],
    ["https://'unsafe-inline'/cb"],
    ['https://*.example/cb'],
  ])('lets %s write nothing into the policy', async (redirectUri) => {
    const { 'form-action': formAction, ...others } = await directivesOf(pageAbout(redirectUri))
    const { 'form-action': _before, ...before } = await directivesOf(plain)
    expect(formAction).toBe("'self'")
    expect(others).toEqual(before)
  })

  test.each([[''], ['nonsense'], ['/cb'], ['https://'], ['https://[']])(
    'leaves the policy as it is for %j, which is no URL',
    async (redirectUri) => {
      expect(await directivesOf(pageAbout(redirectUri))).toEqual(await directivesOf(plain))
    },
  )

  test('can narrow a page twice: the last one counts', async () => {
    const app = express()
      .use(securityHeaders())
      .get('/', (_req, res) => {
        allowFormTarget(res, 'https://one.example/cb')
        allowFormTarget(res, 'https://two.example/cb')
        res.send('a page')
      })
    expect((await directivesOf(app))['form-action']).toBe("'self' https://two.example")
  })

  test('does nothing where there is no policy, or one without form-action', async () => {
    const none = express().get('/', (_req, res) => {
      allowFormTarget(res, 'https://app.example/cb')
      res.send('a page')
    })
    expect((await request(none).get('/')).headers[POLICY]).toBeUndefined()
    const own = pageAbout('https://app.example/cb', (_req, res, next) => {
      res.setHeader(POLICY, "default-src 'self'")
      next()
    })
    expect(await directivesOf(own)).toEqual({ 'default-src': "'self'" })
  })
})
