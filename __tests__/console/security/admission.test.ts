import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { jest } from '@jest/globals'
import type { Authorize, Role } from 'express-fapi/console'
import { operations } from '../../../lib/console/operations/index.js'
import { pages } from '../../../lib/console/pages/index.js'
import { elementsIn } from './html.js'
import { createdBy, FORM, FRAMEWORKS, type Headers, JSON_BODY, ORIGIN, openedDesks, type SecureDesk, tokenIn } from './secure-desk.js'

/* Who is let in, to what, and from where. Whatever is refused here stands beside what is not. */

const opened = openedDesks()
const emitted = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
beforeEach(() => void emitted.mockClear())

/** A path with something in the place of each name. */
const filled = (pattern: string) => pattern.replaceAll(/\{\w+\}/g, 'nothing')
const BELOW: Readonly<Record<Role, readonly (Role | '')[]>> = { viewer: [''], operator: ['', 'viewer'], admin: ['', 'viewer', 'operator'] }
const person = (role: Role | '') => (role === '' ? 'ada' : `ada.${role}`)

const PAGES = pages.flatMap(({ path, get, post, role, postRole }): (readonly ['GET' | 'POST', string, Role])[] => [
  ...(get ? [['GET', path, role] as const] : []),
  ...(post ? [['POST', path, postRole ?? role] as const] : []),
])
const OPERATIONS = operations.map(({ method, path, role }) => [method, path, role] as const)

describe.each(FRAMEWORKS)('with %s', (_name, express) => {
  let desk: SecureDesk
  beforeEach(async () => {
    desk = await opened({ express })
  })

  describe('nobody', () => {
    test.each(PAGES)('%s %s', async (method, path) => {
      const reply = await desk.send(`/console${filled(path)}?a=1`, { method })
      if (method === 'GET') {
        expect(reply.status).toBe(303)
        expect(reply.headers.location).toBe(`/sign-in?${new URLSearchParams({ return_to: `/console${filled(path)}?a=1` })}`)
      } else {
        expect(reply.status).toBe(401)
      }
      expect(reply.cookies).toEqual([])
    })

    test.each(OPERATIONS)('%s /api%s', async (method, path) => {
      const { status, json, headers } = await desk.send(`/console/api${filled(path)}`, { method })
      expect({ status, error: json.error, location: headers.location }).toEqual({
        status: 401,
        error: 'access_denied',
        location: undefined,
      })
    })

    test.each(['/', '/no-such-page', '/api', '/api/openapi.json', '/api/no-such-resource', '/assets', '/assets/', '/assets/none.js'])(
      '%s',
      async (path) => {
        expect((await desk.send(`/console${path}`)).status).toBe(path.startsWith('/api') ? 401 : 303)
        const { status } = await desk.send(`/console${path}`, { headers: { cookie: 'session=ada.viewer' } })
        expect(status).toBe(path === '/api/openapi.json' ? 200 : path === '/' ? 303 : 404)
      },
    )

    test('the assets are everybody’s, and hold nothing of the server', async () => {
      const names = readdirSync(fileURLToPath(new URL('../../../lib/console/assets', import.meta.url)))
      expect(names.sort()).toEqual(['console.css', 'console.js', 'icon.svg'])
      await createdBy(desk, { client_name: 'a name that nobody knows' })
      for (const name of names) {
        const { status, text, headers } = await desk.send(`/console/assets/${name}`)
        expect({ status, nosniff: headers['x-content-type-options'] }).toEqual({ status: 200, nosniff: 'nosniff' })
        expect(text).not.toContain('a name that nobody knows')
      }
    })

    test('is told no more than that without a page to sign in at', async () => {
      const bare = await opened({ express, options: { signInPath: undefined } as never })
      const { status, text } = await bare.send('/console/applications')
      expect(status).toBe(401)
      expect(elementsIn(text).some(({ name }) => name === 'nav')).toBe(false)
    })
  })

  describe('a role that is too low', () => {
    test.each(OPERATIONS)('%s /api%s needs %s', async (method, path, role) => {
      const ask = (who: Role | '') =>
        desk.send(`/console/api${filled(path)}`, {
          ...{ method, headers: { authorization: `Bearer ${person(who)}`, ...JSON_BODY } },
          ...(!['GET', 'DELETE'].includes(method) && { body: '{}' }),
        })
      for (const who of BELOW[role]) {
        const { status, json } = await ask(who)
        expect({ who, status, error: json.error }).toEqual({ who, status: 403, error: 'access_denied' })
      }
      expect([401, 403]).not.toContain((await ask(role)).status)
    })

    test.each(PAGES)('%s %s needs %s', async (method, path, role) => {
      for (const who of [...BELOW[role], role]) {
        const browser = desk.browser(person(who))
        const csrf_token = await browser.token(who === '' ? '/no-such-page' : '/audit')
        // Whoever may not see a page has no token from one; the sign-in is his all the same.
        const reply = method === 'GET' ? await browser.open(filled(path)) : await browser.post(filled(path), { csrf_token })
        if (who === role) expect([401, 403]).not.toContain(reply.status)
        else expect({ who, status: reply.status }).toEqual({ who, status: 403 })
      }
    })

    test('nothing has been changed by all that', async () => {
      const id = await createdBy(desk)
      for (const { method, path, role } of operations) {
        if (method === 'GET') continue
        for (const who of BELOW[role])
          await desk.send(`/console/api${path.replaceAll(/\{\w+\}/g, id)}?confirm=${id}`, {
            ...{ method, headers: { authorization: `Bearer ${person(who)}`, ...JSON_BODY } },
            ...(method !== 'DELETE' && { body: JSON.stringify({ reason: 'x', metadata: {}, revision: 1 }) }),
          })
      }
      const { json } = await desk.script('admin', 'GET', `/applications/${id}`)
      expect(json).toMatchObject({ client_id: id, status: 'active', revision: 0 })
      const { json: audit } = await desk.script('viewer', 'GET', '/audit')
      expect((audit.items as { action: string }[]).map(({ action }) => action)).toEqual(['create application'])
    })

    test('forms of what somebody may not do are not shown', async () => {
      const id = await createdBy(desk)
      const lists = [
        '/applications',
        `/applications/${id}`,
        `/applications/${id}/history`,
        '/initial-access-tokens',
        '/registration',
        '/grants',
      ]
      for (const path of lists) {
        const { status, text } = await desk.browser('ada.viewer').open(path)
        expect(status).toBe(200)
        const changing = elementsIn(text).filter(({ name, attributes }) => name === 'form' && attributes.method === 'post')
        expect(changing.map(({ attributes }) => attributes.action)).toEqual(['/sign-out'])
      }
    })
  })

  describe('a sign-in that cannot be made sense of lets nobody in', () => {
    const BAD: readonly (readonly [string, Authorize])[] = (
      [
        ['throws', () => Promise.reject(new Error('the directory is away'))],
        ['throws no error', () => Promise.reject('away')],
        ['gives undefined', () => undefined],
        ['gives true', () => true],
        ['gives a text', () => 'ada'],
        ['gives no id', () => ({ roles: ['admin'] })],
        ['gives an empty id', () => ({ id: '', roles: ['admin'] })],
        ['gives an id that is no text', () => ({ id: 7, roles: ['admin'] })],
        ['gives an overlong id', () => ({ id: 'a'.repeat(201), roles: ['admin'] })],
        ['gives no roles', () => ({ id: 'ada' })],
        ['gives a role and no list', () => ({ id: 'ada', roles: 'admin' })],
        ['gives an unknown role', () => ({ id: 'ada', roles: ['root'] })],
        ['gives an unknown role among others', () => ({ id: 'ada', roles: ['admin', 'Admin'] })],
        ['gives an inherited name for a role', () => ({ id: 'ada', roles: ['constructor'] })],
        ['gives a list in a list', () => ({ id: 'ada', roles: [['admin']] })],
      ] as const
    ).map(([name, authorize]) => [name, authorize as never])

    test.each(BAD)('%s', async (_what, authorize) => {
      desk.steer(authorize)
      const page = await desk.send('/console/applications')
      const api = await desk.send('/console/api/applications')
      expect([page.status, api.status, page.headers['retry-after']]).toEqual([503, 503, '5'])
      expect(page.text + api.text).not.toContain('the directory is away')
      expect(emitted.mock.calls.map(([message]) => String(message))).toContainEqual(
        expect.stringMatching(/^it could not be decided who uses the console/),
      )
      desk.steer()
      expect((await desk.send('/console/applications', { headers: { cookie: 'session=ada.viewer' } })).status).toBe(200)
    })

    test.each([
      ['no roles', []],
      ['a hole for a role', new Array(2)],
    ])('%s may do nothing', async (_what, roles) => {
      desk.steer(() => ({ id: 'ada', roles }))
      expect((await desk.send('/console/applications')).status).toBe(403)
      expect((await desk.send('/console/api/applications')).status).toBe(403)
      desk.steer(() => ({ id: 'a'.repeat(200), roles: ['viewer', 'viewer'] }))
      expect((await desk.send('/console/applications')).status).toBe(200)
    })

    test('what authorize gave is not looked at again', async () => {
      const roles: Role[] = ['viewer']
      desk.steer(() => ({ id: 'ada', roles }))
      const late = desk.send('/console/applications/new')
      roles.push('admin')
      expect([200, 403]).toContain((await late).status)
      roles.pop()
      expect((await desk.send('/console/applications/new')).status).toBe(403)
    })
  })

  describe('a request from elsewhere', () => {
    const change = (desk: SecureDesk, id: string, headers: Headers, by?: string) =>
      desk.send(`/console/api/applications/${id}/suspension`, {
        ...{ method: 'PUT', body: '{"reason":"x"}' },
        headers: { ...JSON_BODY, ...(by === undefined ? {} : { cookie: by }), ...headers },
      })

    const FOREIGN: readonly (readonly [string, Headers])[] = [
      ['another origin', { origin: 'https://evil.example' }],
      ['a null origin', { origin: 'null' }],
      ['an origin with another port', { origin: `${ORIGIN}:8443` }],
      ['an origin that begins so', { origin: `${ORIGIN}.evil.example` }],
      ['the origin over http', { origin: 'http://bank.example' }],
      ['the origin in capitals', { origin: ORIGIN.toUpperCase() }],
      ['the origin with a slash', { origin: `${ORIGIN}/` }],
      ['an empty origin', { origin: '' }],
      ['two origins', { origin: `${ORIGIN}, https://evil.example` }],
      ['another site', { 'sec-fetch-site': 'cross-site' }],
      ['another host of the site', { 'sec-fetch-site': 'same-site' }],
      ['a site that nobody knows', { 'sec-fetch-site': 'x' }],
      ['its own origin, and from another site', { origin: ORIGIN, 'sec-fetch-site': 'cross-site' }],
      ['another origin, said to be the same', { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' }],
      ['another site, said to be a visit', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }],
    ]
    test.each(FOREIGN)('%s changes nothing, whatever else it has', async (_what, headers) => {
      const id = await createdBy(desk)
      const browser = desk.browser('ada.admin')
      const token = await browser.token()
      const refused = await change(desk, id, { 'x-csrf-token': token, ...headers }, browser.cookie())
      expect({ status: refused.status, error: refused.json.error }).toEqual({ status: 403, error: 'access_denied' })
      expect((await change(desk, id, { authorization: 'Bearer ada.admin', ...headers })).status).toBe(403)
      const form = await browser.post(`/applications/${id}/standing`, { csrf_token: token, standing: 'disabled', reason: 'x' }, headers)
      expect(form.status).toBe(403)
      expect((await desk.script('viewer', 'GET', `/applications/${id}`)).json.status).toBe('active')
      const allowed = await change(desk, id, { 'x-csrf-token': token, origin: ORIGIN, 'sec-fetch-site': 'same-origin' }, browser.cookie())
      expect(allowed.status).toBe(204)
    })

    test.each([
      ['a script of another page', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }, 403],
      ['an old browser’s script of another page', { origin: 'https://evil.example' }, 403],
      ['an image of another page', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }, 403],
      ['a frame of another page', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }, 403],
      ['a link on another page', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }, 200],
      ['the address bar', { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }, 200],
      ['a page of the console', { 'sec-fetch-site': 'same-origin' }, 200],
    ])('%s reads %o: %i', async (_what, headers, expected) => {
      const cookie = 'session=ada.viewer'
      for (const path of ['/console/applications', '/console/api/applications']) {
        const { status, headers: answered } = await desk.send(path, { headers: { cookie, ...headers } })
        expect(status).toBe(expected)
        expect(answered['access-control-allow-origin']).toBeUndefined()
      }
    })

    test('a preflight is answered with nothing that allows anything', async () => {
      for (const path of ['/console/applications', '/console/api/applications']) {
        const { status, headers } = await desk.send(path, {
          method: 'OPTIONS',
          headers: { origin: 'https://evil.example', 'access-control-request-method': 'PUT', cookie: 'session=ada.admin' },
        })
        expect(status).toBe(403)
        expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
      }
    })
  })

  describe('the token of the pages', () => {
    const suspend = (desk: SecureDesk, id: string, headers: Headers) =>
      desk.send(`/console/api/applications/${id}/suspension`, {
        method: 'PUT',
        headers: { origin: ORIGIN, ...JSON_BODY, ...headers },
        body: '{"reason":"x"}',
      })

    test.each([
      ['none', () => ({ 'x-csrf-token': '' })],
      ['one that is no token', () => ({ 'x-csrf-token': 'x'.repeat(43) })],
      ['two', ({ token }) => ({ 'x-csrf-token': [token, token] })],
      ['one of another sign-in', ({ others }) => ({ 'x-csrf-token': others })],
      ['one with no cookie', ({ token }) => ({ 'x-csrf-token': token, cookie: 'session=ada.admin' })],
      [
        'one with the cookie of another browser',
        ({ token, second }) => ({ 'x-csrf-token': token, cookie: `session=ada.admin; ${second}` }),
      ],
      [
        'one whose cookie somebody has set beside',
        ({ token, cookie, second }) => ({ 'x-csrf-token': token, cookie: `${cookie}; ${second}` }),
      ],
      ['one whose cookie stands there twice', ({ token, cookie, own }) => ({ 'x-csrf-token': token, cookie: `${cookie}; ${own}` })],
      ['one whose cookie is empty', ({ token }) => ({ 'x-csrf-token': token, cookie: 'session=ada.admin; __Host-fapi-console=' })],
      ['one in the query', ({ token }) => ({ referer: `${ORIGIN}/console/?csrf_token=${token}` })],
    ] as readonly (readonly [string, (of: Record<'token' | 'others' | 'second' | 'cookie' | 'own', string>) => Headers])[])(
      '%s',
      async (_what, headersOf) => {
        const id = await createdBy(desk)
        const [browser, another, eve] = [desk.browser('ada.admin'), desk.browser('ada.admin'), desk.browser('eve.admin')]
        const [token, , others] = [await browser.token(), await another.token(), await eve.token()]
        const [cookie, second = ''] = [browser.cookie(), another.cookie().split('; ')[1]]
        const own = cookie.split('; ')[1] ?? ''
        const refused = await suspend(desk, id, { cookie, ...headersOf({ token, others, second, cookie, own }) })
        expect({ status: refused.status, error: refused.json.error }).toEqual({ status: 403, error: 'invalid_csrf_token' })
        expect((await suspend(desk, id, { cookie, 'x-csrf-token': token })).status).toBe(204)
      },
    )

    test('a browser that another person has signed in with since does not take the token of before', async () => {
      const id = await createdBy(desk)
      const browser = desk.browser('ada.admin')
      const token = await browser.token()
      const cookie = browser.cookie().replace('ada.admin', 'eve.admin')
      expect((await suspend(desk, id, { cookie, 'x-csrf-token': token })).json.error).toBe('invalid_csrf_token')
      const own = tokenIn(await desk.send('/console/applications', { headers: { cookie } }))
      expect(own).not.toBe(token)
      expect((await suspend(desk, id, { cookie, 'x-csrf-token': own })).status).toBe(204)
    })

    test('its cookie is nobody else’s to read or to set', async () => {
      const { cookies, text } = await desk.browser('ada.viewer').open('/applications')
      expect(cookies).toEqual([expect.stringMatching(/^__Host-fapi-console=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict$/)])
      // What stands in the page is not what stands in the cookie.
      expect(text).not.toContain(cookies[0]?.slice(20, 63))
    })

    test('whoever knows somebody’s token and cookie value still names its origin', async () => {
      const id = await createdBy(desk)
      const browser = desk.browser('ada.admin')
      const token = await browser.token()
      const { status } = await suspend(desk, id, { cookie: browser.cookie(), 'x-csrf-token': token, origin: 'https://evil.example' })
      expect(status).toBe(403)
    })
  })

  describe('what a browser adds by itself is no script’s own', () => {
    beforeEach(() => {
      desk.steer(({ headers: { authorization } }) => (authorization === 'Basic YWRhOnNlY3JldA==' ? { id: 'ada', roles: ['admin'] } : null))
    })
    const basic = { authorization: 'Basic YWRhOnNlY3JldA==' }

    test.each(pages.flatMap(({ path, post }) => (post ? [path] : [])))(
      'a form with remembered credentials and nothing else: %s',
      async (path) => {
        const { status, text } = await desk.send(`/console${filled(path)}`, { method: 'POST', headers: { ...basic, ...FORM }, body: 'a=b' })
        expect(status).toBe(403)
        expect(text).toContain('invalid_csrf_token')
      },
    )

    test('the API takes nothing that a form can send', async () => {
      for (const { method, path, body } of operations) {
        if (method === 'GET') continue
        // A form sends POST and nothing else, and no JSON.
        expect(method === 'POST' ? body : {}).toBeDefined()
        if (method !== 'POST') continue
        for (const type of ['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain', undefined]) {
          const headers = { ...basic, ...(type !== undefined && { 'content-type': type }) }
          const { status } = await desk.send(`/console/api${filled(path)}`, { method, headers, body: '{"metadata":{}}' })
          expect(status).toBe(415)
        }
      }
      const { status } = await desk.send('/console/api/application-drafts', {
        method: 'POST',
        headers: { ...basic, ...JSON_BODY },
        body: '{"metadata":{}}',
      })
      expect(status).toBe(200)
    })

    test('a client certificate of the browser alone does not do', async () => {
      desk.steer(() => ({ id: 'ada', roles: ['admin'] }))
      const sent = { method: 'POST', headers: JSON_BODY, body: '{"metadata":{}}' }
      expect((await desk.send('/console/api/application-drafts', sent)).json.error).toBe('invalid_csrf_token')
      expect(
        (await desk.send('/console/api/application-drafts', { ...sent, headers: { ...JSON_BODY, authorization: 'Own x' } })).status,
      ).toBe(200)
    })
  })
})
