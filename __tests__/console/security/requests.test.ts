import { jest } from '@jest/globals'
import { operations } from '../../../lib/console/operations/index.js'
import { pages } from '../../../lib/console/pages/index.js'
import { elementsIn } from './html.js'
import { createdBy, FORM, FRAMEWORKS, JSON_BODY, metadata, ORIGIN, openedDesks, type SecureDesk } from './secure-desk.js'

/* What is sent in a way that nobody honest sends it: it is refused with a reason, or does nothing, and never ends the server. */

const opened = openedDesks()
const emitted = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})

const EVIL = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty']
const viewer = { cookie: 'session=ada.viewer' }
const admin = { authorization: 'Bearer ada.admin', ...JSON_BODY }

describe.each(FRAMEWORKS)('with %s', (_name, express) => {
  let desk: SecureDesk
  beforeEach(async () => {
    desk = await opened({ express })
    // A memory store says what it is.
    emitted.mockClear()
  })

  describe('paths', () => {
    test.each([
      '/console/assets/../console.ts',
      '/console/assets/%2e%2e/console.ts',
      '/console/assets/%2e%2e%2fconsole.ts',
      '/console/assets/..%5cconsole.ts',
      '/console/assets/%252e%252e/console.ts',
      '/console/assets//etc/passwd',
      '/console/assets/%2fetc%2fpasswd',
      '/console/assets/.%00./console.ts',
      '/console/assets/console.js%00.css',
      '/console/assets/%E0%A4%A',
      '/console/assets/.git',
      '/console/../../etc/passwd',
      '/console/applications/%00',
      '/console/applications/a%0d%0aset-cookie:%20a=b',
      '/console/applications/%E0%A4%A',
      '/console/applications/..%2f..%2faudit',
      '/console/applications/__proto__',
      '/console/applications/constructor/edit',
      '/console/profiles/__proto__',
      `/console/applications/${'x'.repeat(10_000)}`,
      '/console/api/applications/%00',
      '/console/api/applications/%E0%A4%A',
      '/console/api/applications/..%2faudit',
      '/console/api/applications/__proto__',
      '/console/api/profiles/constructor',
      `/console/api/applications/${'x'.repeat(10_000)}`,
      '/console/api//applications',
      '/console/api/applications/',
    ])('%#: what is not there is not there', async (path) => {
      for (const headers of [viewer, { cookie: 'session=ada.admin' }]) {
        const reply = await desk.send(path, { headers })
        // A viewer is not told whether what only admins see is there.
        expect(headers === viewer ? [400, 403, 404] : [400, 404]).toContain(reply.status)
        expect(reply.headers['set-cookie']).toBeUndefined()
        expect(reply.text).not.toMatch(/import \{|root:/)
      }
      expect(emitted).not.toHaveBeenCalled()
    })

    test('an id with a slash in it is one id, and is found', async () => {
      await desk.store.upsert('Client', 'a/../b?c', { ...metadata(), client_id: 'a/../b?c' }, undefined)
      const { json, status } = await desk.send(`/console/api/applications/${encodeURIComponent('a/../b?c')}`, { headers: viewer })
      expect([status, json.client_id]).toEqual([200, 'a/../b?c'])
      const { text } = await desk.send(`/console/applications/${encodeURIComponent('a/../b?c')}`, { headers: viewer })
      expect(text).toContain('/console/applications/a%2F..%2Fb%3Fc/history')
    })

    test('a download has the name of a file, whatever the id is', async () => {
      const id = 'a"; filename=evil.exe\u00e9/..'
      await desk.store.upsert('Client', id, { ...metadata(), client_id: id }, undefined)
      const { status, headers } = await desk.send(`/console/applications/${encodeURIComponent(id)}/metadata.json`, { headers: viewer })
      expect(status).toBe(200)
      expect(headers['content-disposition']).toMatch(/^attachment; filename="[\w.-]+"$/)
      expect([headers['content-type'], headers['x-content-type-options'], headers['cache-control']]).toEqual([
        'application/json; charset=utf-8',
        'nosniff',
        'no-store',
      ])
    })
  })

  describe('methods', () => {
    test.each(pages.map(({ path, get, post }) => [path, [...(get ? ['GET', 'HEAD'] : []), ...(post ? ['POST'] : [])]] as const))(
      '%s takes %j',
      async (path, methods) => {
        for (const method of ['HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE', 'PATCH', 'PROPFIND']) {
          if (methods.includes(method)) continue
          const { status, headers } = await desk.send(`/console${path.replaceAll(/\{\w+\}/g, 'x')}`, {
            method,
            headers: { cookie: 'session=ada.admin' },
          })
          expect({ method, status, allow: headers.allow }).toEqual({ method, status: 405, allow: methods.join(', ') })
        }
      },
    )

    test('what the API is asked in another way says how it may be asked', async () => {
      for (const path of new Set(operations.map((one) => one.path))) {
        const allowed = operations.filter((one) => one.path === path).map(({ method }) => method as string)
        for (const method of ['OPTIONS', 'TRACE', 'PUT', 'DELETE', 'POST', 'PATCH']) {
          if (allowed.includes(method)) continue
          const { status, headers } = await desk.send(`/console/api${path.replaceAll(/\{\w+\}/g, 'x')}`, {
            method,
            headers: { authorization: 'Bearer ada.admin' },
          })
          expect(status).toBe(405)
          expect(headers.allow?.split(', ').sort()).toEqual([...allowed, ...(allowed.includes('GET') ? ['HEAD'] : [])].sort())
        }
      }
    })

    test('HEAD is answered as GET, with nothing in it', async () => {
      for (const path of ['/console/applications', '/console/api/applications', '/console/assets/console.js'])
        expect(await desk.send(path, { method: 'HEAD', headers: viewer })).toMatchObject({ status: 200, text: '' })
    })

    test('a header, parameter or field that names another method is nothing', async () => {
      const id = await createdBy(desk)
      const override = { 'x-http-method-override': 'DELETE', 'x-method-override': 'DELETE', 'x-http-method': 'DELETE' }
      await desk.send(`/console/api/applications/${id}?confirm=${id}&_method=DELETE`, { headers: { ...admin, ...override } })
      await desk.send(`/console/api/applications/${id}?confirm=${id}`, {
        method: 'POST',
        headers: { ...admin, ...override },
        body: '{"_method":"DELETE"}',
      })
      expect((await desk.send(`/console/api/applications/${id}`, { headers: viewer })).status).toBe(200)
    })

    test('no GET changes anything', async () => {
      const id = await createdBy(desk)
      await desk.script('operator', 'POST', '/initial-access-tokens', { label: 'x' })
      const kept = async () =>
        JSON.stringify(
          await Promise.all(
            ['Client', 'Registration', 'InitialAccess', 'Grant', 'Audit'].map((one) => desk.store.list(one, { limit: 200 })),
          ),
        )
      const before = await kept()
      const query = `standing=disabled&reason=x&confirm=${id}&intent=review&client_name=x&csrf_token=x`
      for (const { path, get } of pages)
        if (get) await desk.send(`/console${path.replaceAll(/\{\w+\}/g, id)}?${query}`, { headers: { cookie: 'session=ada.admin' } })
      for (const { path, method } of operations)
        if (method === 'GET') await desk.send(`/console/api${path.replaceAll(/\{\w+\}/g, id)}`, { headers: admin })
      expect(await kept()).toBe(before)
    })
  })

  describe('metadata that are not for whoever asks to set', () => {
    const OF_SERVER = {
      ...{ client_id: 'mine', client_secret: 'mine', client_status: 'suspended', client_id_issued_at: 1, client_secret_expires_at: 1 },
      ...{ registration_access_token: 'mine', registration_client_uri: 'https://evil.example/', software_statement: 'a.b.c' },
    }

    test('of the server: left out, in a new one and in a change', async () => {
      const id = await createdBy(desk, OF_SERVER)
      expect(id).not.toBe('mine')
      const changed = await desk.script('admin', 'PUT', `/applications/${id}`, { revision: 0, metadata: metadata(OF_SERVER) })
      expect(changed.status).toBe(200)
      const kept = { ...(await desk.store.find('Client', id)) }
      for (const name of Object.keys(OF_SERVER)) if (name !== 'client_id') expect([name, kept[name]]).toEqual([name, undefined])
      expect(kept.client_id).toBe(id)
      expect(await desk.store.find('Client', 'mine')).toBeUndefined()
    })

    test.each(['unknown_metadata', 'isAdmin', 'revision', 'record', 'settled', 'set', ...EVIL])('%s: refused', async (name) => {
      const id = await createdBy(desk)
      const text = JSON.stringify({ metadata: { ...metadata(), X: { isAdmin: true } } }).replace('"X"', JSON.stringify(name))
      const made = await desk.send('/console/api/applications', { method: 'POST', headers: admin, body: text })
      expect({ status: made.status, error: made.json.error }).toEqual({ status: 400, error: 'invalid_client_metadata' })
      const beside = await desk.send(`/console/api/applications/${id}`, {
        ...{ method: 'PUT', headers: admin },
        body: JSON.stringify({ metadata: metadata(), revision: 0, X: 1 }).replace(
          '"X"',
          JSON.stringify(name === 'revision' ? 'revisions' : name),
        ),
      })
      expect({ status: beside.status, error: beside.json.error }).toEqual({ status: 400, error: 'invalid_request' })

      const browser = desk.browser('ada.admin')
      const csrf_token = await browser.token()
      const json = JSON.stringify({ ...metadata(), X: { isAdmin: true } }).replace('"X"', JSON.stringify(name))
      for (const [path, field] of [
        ['/applications/create', 'metadata'],
        [`/applications/${id}/save`, 'metadata'],
        ['/applications/new/settings', 'base'],
        [`/applications/${id}/edit`, 'base'],
        ['/application-drafts', 'base'],
      ] as const) {
        const reply = await browser.post(path, { csrf_token, [field]: json, revision: '0', [name]: 'x' })
        expect([200, 400]).toContain(reply.status)
        if (path !== '/application-drafts') expect(reply.status).toBe(400)
      }
      expect(Reflect.get({}, 'isAdmin')).toBeUndefined()
      expect((await desk.script('viewer', 'GET', `/applications/${id}`)).json.revision).toBe(0)
      expect((await desk.store.list('Client', { limit: 10 })).items).toHaveLength(1)
    })

    test.each(EVIL)('fields of forms and parameters called %s are nothing', async (name) => {
      const browser = desk.browser('ada.admin')
      const csrf_token = await browser.token()
      const body = { csrf_token, [name]: 'x', [`${name}[isAdmin]`]: 'true', [`a[${name}][isAdmin]`]: 'true', label: 'x' }
      expect((await browser.post('/initial-access-tokens', body)).status).toBeLessThan(500)
      expect((await browser.open(`/applications?${name}[isAdmin]=true&done=${name}&${name}=x`)).status).toBe(200)
      expect((await desk.send(`/console/api/applications?${name}[isAdmin]=true&a=b`, { headers: viewer })).status).toBe(400)
      expect(Reflect.get({}, 'isAdmin')).toBeUndefined()
    })

    test('an initial access token sets none of the server’s either', async () => {
      for (const name of [...Object.keys(OF_SERVER), ...EVIL.slice(0, 1)]) {
        const body = `{"metadata":{${JSON.stringify(name)}:"x"}}`
        const { status } = await desk.send('/console/api/initial-access-tokens', { method: 'POST', headers: admin, body })
        expect([name, status]).toEqual([name, 400])
      }
      expect((await desk.script('operator', 'POST', '/initial-access-tokens', { metadata: { scope: 'openid' } })).status).toBe(201)
    })
  })

  describe('bodies that are none', () => {
    test.each([
      ['a list', '[]'],
      ['a text', '"a"'],
      ['a number', '7'],
      ['null', 'null'],
      ['nothing', ''],
      ['no JSON', '{"metadata":'],
      ['another encoding', '\xff\xfe{'],
      ['too much', JSON.stringify({ metadata: { client_name: 'x'.repeat(400_000) } })],
      ['metadata that are a list', '{"metadata":[],"revision":0}'],
      ['metadata that are a text', '{"metadata":"a","revision":0}'],
      ['metadata that are null', '{"metadata":null,"revision":0}'],
    ])('%s', async (_what, body) => {
      for (const { method, path, body: schema } of operations) {
        // Without a member is without a body, where none is needed.
        if (!schema || (body === '' && !schema.required && !schema.anyOf)) continue
        const { status, json } = await desk.send(`/console/api${path.replaceAll(/\{\w+\}/g, 'x')}`, { method, headers: admin, body })
        expect([400, 404, 415]).toContain(status)
        expect(json.error_description).toEqual(expect.any(String))
      }
      expect(emitted).not.toHaveBeenCalled()
    })

    test.each([
      ['lists', (depth: number) => '['.repeat(depth) + ']'.repeat(depth)],
      ['objects', (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`],
    ])('%s in each other, more than anybody can write again', async (_what, nested) => {
      const id = await createdBy(desk)
      for (const depth of [50, 1000, 7000, 40_000]) {
        for (const name of ['jwks', 'client_name', 'redirect_uris', 'authorization_details_types']) {
          const draft = JSON.stringify({ metadata: metadata({ [name]: 'HERE' }) }).replace('"HERE"', nested(depth))
          for (const path of ['/applications', '/application-drafts']) {
            const { status } = await desk.send(`/console/api${path}`, { method: 'POST', headers: admin, body: draft })
            expect({ depth, name, path, status }).toEqual({ depth, name, path, status: 400 })
          }
          const body = draft.replace(/}$/, ',"revision":0}')
          expect((await desk.send(`/console/api/applications/${id}`, { method: 'PUT', headers: admin, body })).status).toBe(400)
        }
        const token = `{"metadata":{"a":${nested(depth)}}}`
        const { status } = await desk.send('/console/api/initial-access-tokens', { method: 'POST', headers: admin, body: token })
        expect({ depth, status }).toEqual({ depth, status: expect.any(Number) })
        expect([201, 400]).toContain(status)
      }
      for (const path of ['/audit', '/initial-access-tokens', '/applications'])
        expect((await desk.send(`/console${path}`, { headers: viewer })).status).toBe(200)
      expect((await desk.send('/console/api/audit', { headers: viewer })).status).toBe(200)
    })

    test('a form with ten thousand fields, or more than it may have', async () => {
      const browser = desk.browser('ada.admin')
      const csrf_token = await browser.token()
      const fields = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`f${index}`, 'x']))
      for (const more of [fields, { text: 'x'.repeat(400_000) }]) {
        const { status, text } = await browser.post('/applications/create', { csrf_token, metadata: JSON.stringify(metadata()), ...more })
        expect([status, text.includes('the form cannot be read')]).toEqual([400, true])
      }
      expect((await browser.post('/applications/create', { csrf_token, metadata: JSON.stringify(metadata()) })).status).toBe(303)
    })

    test('a form whose hidden fields are none of ours', async () => {
      const browser = desk.browser('ada.admin')
      const csrf_token = await browser.token()
      for (const text of ['[]', '"a"', 'null', '{', '7']) {
        for (const path of ['/applications/create', '/applications/new/settings', '/application-drafts'])
          expect((await browser.post(path, { csrf_token, metadata: text, base: text })).status).toBe(400)
      }
    })
  })

  test('a parameter that is there twice, or is none, is refused by the API and read over by pages', async () => {
    for (const query of [
      'limit=1&limit=2',
      'search=a&search=b',
      'limit=0',
      'limit=1e9',
      'limit=x',
      'unknown=1',
      'search[]=a',
      'search[a]=b',
    ]) {
      expect([query, (await desk.send(`/console/api/applications?${query}`, { headers: viewer })).status]).toEqual([query, 400])
      expect((await desk.send(`/console/applications?${query}`, { headers: viewer })).status).toBe(200)
    }
    expect((await desk.send('/console/api/applications?limit=1&search=a&cursor=', { headers: viewer })).status).toBe(200)
  })

  describe('where it leads', () => {
    const HOSTS = [
      { host: 'evil.example' },
      { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http', 'x-forwarded-port': '81' },
      { forwarded: 'host=evil.example;proto=http' },
      { 'x-original-url': '/console/evil', 'x-rewrite-url': '/console/evil' },
    ]
    test.each(HOSTS)('%o: to nowhere else', async (headers) => {
      const id = await createdBy(desk)
      for (const path of ['/', '/applications', `/applications/${id}`, '/audit', '/no-such-page', '/api/openapi.json']) {
        for (const by of [{}, { cookie: 'session=ada.admin' }]) {
          const reply = await desk.send(`/console${path}`, { headers: { ...headers, ...by } })
          expect(reply.headers.location ?? '/').toMatch(/^\/(?!\/)/)
          expect(reply.text + JSON.stringify(reply.headers)).not.toContain('evil')
          const addresses = elementsIn(reply.text).flatMap(({ attributes: { href, src, action, formaction } }) => [
            href,
            src,
            action,
            formaction,
          ])
          for (const address of addresses) if (address !== undefined) expect(address).toMatch(/^(?:\/(?![/\\])|#)/)
        }
      }
    })

    test.each([
      ['//evil.example/x', '/evil.example/x'],
      ['///evil.example/x', '/evil.example/x'],
      ['/\\evil.example/x', '/evil.example/x'],
      ['//evil.example/x?a=//evil.example', '/evil.example/x?a=//evil.example'],
      ['/applications?search=https://evil.example', '/applications?search=https://evil.example'],
    ])('%s after the sign-in is a page of this server, also where the console is all there is of it', async (asked, expected) => {
      for (const path of ['', '/console']) {
        const root = await opened({ express, path })
        const { status, headers } = await root.send(path + asked)
        expect(status).toBe(303)
        const target = new URL(headers.location ?? '', ORIGIN)
        expect(target.origin + target.pathname).toBe(`${ORIGIN}/sign-in`)
        const returnTo = target.searchParams.get('return_to') ?? ''
        expect(new URL(returnTo, ORIGIN).origin).toBe(ORIGIN)
        if (path === '') expect(returnTo).toBe(expected)
      }
    })

    test('the whole address in the request line is no other server', async () => {
      const root = await opened({ express, path: '' })
      const { headers } = await root.send('https://evil.example/applications')
      const returnTo = new URL(headers.location ?? '', ORIGIN).searchParams.get('return_to') ?? ''
      expect(new URL(returnTo, ORIGIN).origin).toBe(ORIGIN)
    })
  })

  test('two consoles in one application serve one browser', async () => {
    const both = await opened({ express, path: '/console' })
    const browser = both.browser('ada.admin')
    const one = await browser.token('/applications')
    expect(await browser.token('/audit')).toBe(one)
  })

  describe('headers', () => {
    test('of every answer', async () => {
      const id = await createdBy(desk)
      const answers = [
        ...(await Promise.all(
          [
            ...pages.map(({ path }) => path.replaceAll(/\{\w+\}/g, id)),
            '/no-such-page',
            '/api/applications',
            '/api/none',
            '/assets/console.js',
            '/',
          ].flatMap((path) =>
            [{}, viewer, { cookie: 'session=ada.admin' }, { cookie: 'session=ada.admin', 'sec-fetch-site': 'cross-site' }].map((headers) =>
              desk.send(`/console${path}`, { headers }),
            ),
          ),
        )),
        await desk.send('/console/applications/create', { method: 'POST', headers: { ...viewer, ...FORM }, body: 'a=b' }),
      ]
      desk.steer(() => Promise.reject(new Error('away')))
      answers.push(await desk.send('/console/applications'), await desk.send('/console/api/applications'))
      for (const { headers, text, cookies } of answers) {
        const csp = headers['content-security-policy'] ?? ''
        expect(csp).toContain("default-src 'none'")
        expect(csp).toContain("frame-ancestors 'none'")
        expect(csp).toContain("base-uri 'none'")
        expect(csp).not.toMatch(/unsafe|\*|data:|https?:/)
        expect(headers).toMatchObject({
          // What is the same for everybody may be kept, and is asked about again.
          'cache-control': /^text\/(css|javascript)|^image/.test(headers['content-type'] ?? '') ? 'no-cache' : 'no-store',
          ...{ 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY' },
          ...{
            'referrer-policy': 'same-origin',
            'cross-origin-opener-policy': 'same-origin',
            'cross-origin-resource-policy': 'same-origin',
          },
        })
        expect(headers['strict-transport-security']).toMatch(/max-age=\d{8}/)
        expect(headers['access-control-allow-origin']).toBeUndefined()
        for (const cookie of cookies) expect(cookie).toMatch(/; Secure; HttpOnly; SameSite=Strict$/)
        if (!headers['content-type']?.startsWith('text/html')) continue
        for (const { name, attributes } of elementsIn(text)) {
          expect(Object.keys(attributes).filter((one) => one === 'style' || one.startsWith('on') || one === 'srcdoc')).toEqual([])
          expect(['style', 'iframe', 'object', 'embed', 'base']).not.toContain(name)
          if (name === 'script') expect(attributes.src).toBe('/console/assets/console.js')
        }
      }
    })

    test('not those that the application has for its own pages', async () => {
      const lax = await opened({
        express,
        before: (app) =>
          app.use((_req, res, next) => {
            res.set('content-security-policy', "default-src * 'unsafe-inline'").set('cache-control', 'public, max-age=9')
            next()
          }),
      })
      const { headers } = await lax.send('/console/applications', { headers: viewer })
      expect(headers['content-security-policy']).not.toContain('unsafe')
      expect(headers['cache-control']).toBe('no-store')
    })
  })

  test('an application that has read the body before changes nothing about that', async () => {
    const reading = await opened({
      express,
      before: (app, { json, urlencoded }) =>
        app.use(json({ limit: '1mb' }), urlencoded({ extended: true, limit: '1mb', parameterLimit: 50_000 })),
    })
    const id = await createdBy(reading)
    const browser = reading.browser('ada.admin')
    const csrf_token = await browser.token()
    expect((await browser.post(`/applications/${id}/standing`, { standing: 'disabled', reason: 'x' })).status).toBe(403)
    expect(
      (await browser.post(`/applications/${id}/standing`, { 'csrf_token[]': csrf_token, standing: 'disabled', reason: 'x' })).status,
    ).toBeGreaterThanOrEqual(303)
    expect(
      (await browser.post(`/applications/${id}/standing`, { csrf_token, '__proto__[isAdmin]': 'x', standing: 'disabled', reason: 'x' }))
        .status,
    ).toBe(303)
    expect(
      (await reading.send('/console/api/applications', { method: 'POST', headers: { ...admin, ...FORM }, body: 'metadata=x' })).status,
    ).toBe(415)
    expect(Reflect.get({}, 'isAdmin')).toBeUndefined()
  })
})
