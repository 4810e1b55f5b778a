import { createServer } from 'node:http'
import { jest } from '@jest/globals'
import type { Store } from 'express-fapi'
import { memoryStore } from 'express-fapi'
import { portOf } from '../../readers/loopback.js'
import { later } from '../../support/clock.js'
import { mintKey } from '../../support/keys.js'
import { formsIn } from './html.js'
import { createdBy, metadata, ORIGIN, openedDesks, type SecureDesk } from './secure-desk.js'

/* What changes, changes whole, once, for one person, and written down; and nothing secret is told twice. */

const opened = openedDesks()
const emitted = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
beforeEach(() => void emitted.mockClear())
const warnings = () => emitted.mock.calls.map(([message]) => String(message))

interface Entry {
  readonly action: string
  readonly outcome: string
  readonly by: string
  readonly subject: { readonly kind: string; readonly id: string }
  readonly detail?: unknown
}
const audited = async (desk: SecureDesk) => (await desk.script('viewer', 'GET', '/audit?limit=200')).json.items as readonly Entry[]
const read = async (desk: SecureDesk, id: string) => (await desk.script('viewer', 'GET', `/applications/${id}`)).json
const change = (desk: SecureDesk, id: string, revision: number, more = {}) =>
  desk.script('admin', 'PUT', `/applications/${id}`, { revision, metadata: metadata(more) })

/** Everything that is kept, as text. */
async function everything(store: Store, models: readonly string[]): Promise<string> {
  const all = await Promise.all(models.map((model) => store.list(model, { limit: 1000 })))
  return JSON.stringify(all)
}

describe('two at once', () => {
  test('change one application: one does, the other is told, nothing is lost', async () => {
    const desk = await opened()
    const id = await createdBy(desk)
    const names = Array.from({ length: 8 }, (_, index) => `name ${index}`)
    const replies = await Promise.all(names.map((client_name) => change(desk, id, 0, { client_name })))
    expect(replies.map(({ status }) => status).sort()).toEqual([200, ...names.slice(1).map(() => 412)])
    const won = names[replies.findIndex(({ status }) => status === 200)]
    expect(await read(desk, id)).toMatchObject({ client_name: won, revision: 1 })
    expect((await change(desk, id, 0)).json.error).toBe('stale_revision')
    expect((await change(desk, id, 1, { client_name: 'later' })).status).toBe(200)
  })

  test('change one that the server got to know in another way', async () => {
    const desk = await opened()
    await desk.store.upsert('Client', 'old', { ...metadata(), client_id: 'old' }, undefined)
    const replies = await Promise.all([0, 1, 2, 3].map((index) => change(desk, 'old', 0, { client_name: `name ${index}` })))
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412])
    expect(await read(desk, 'old')).toMatchObject({
      revision: 1,
      client_name: `name ${replies.findIndex(({ status }) => status === 200)}`,
    })
  })

  test('who reads while somebody changes it never holds old metadata under a new revision', async () => {
    const desk = await opened()
    const id = await createdBy(desk, { client_name: 'name 0' })
    let over = false
    const reading = (async () => {
      while (!over) {
        const { client_name, revision } = await read(desk, id)
        expect(Number(String(client_name).split(' ')[1])).toBeGreaterThanOrEqual(Number(revision))
      }
    })()
    for (let revision = 0; revision < 20; revision += 1)
      expect((await change(desk, id, revision, { client_name: `name ${revision + 1}` })).status).toBe(200)
    over = true
    await reading
  })

  test('change and delete: it is gone, and does not come back', async () => {
    for (let round = 0; round < 5; round += 1) {
      const desk = await opened()
      const id = await createdBy(desk)
      const [changed, deleted, suspended] = await Promise.all([
        change(desk, id, 0, { client_name: 'changed' }),
        desk.script('admin', 'DELETE', `/applications/${id}?confirm=${id}`),
        desk.script('operator', 'PUT', `/applications/${id}/suspension`, { reason: 'x' }),
      ])
      expect([200, 404, 412]).toContain(changed.status)
      expect(deleted.status).toBe(204)
      expect([204, 404]).toContain(suspended.status)
      expect(await desk.store.find('Client', id)).toBeUndefined()
      expect((await desk.script('viewer', 'GET', `/applications/${id}`)).status).toBe(404)
    }
  })

  test('delete: it is deleted once', async () => {
    const desk = await opened()
    const id = await createdBy(desk)
    const remove = () => desk.script('admin', 'DELETE', `/applications/${id}?confirm=${id}`)
    const replies = await Promise.all([remove(), remove(), remove()])
    expect(replies.map(({ status }) => status).sort()).toEqual([204, 404, 404])
    const entries = (await audited(desk)).filter(({ action }) => action === 'delete application')
    expect(entries.filter(({ outcome }) => outcome === 'done')).toHaveLength(1)
    expect((await remove()).status).toBe(404)
  })

  test('fifty create: fifty are there, each written down', async () => {
    const desk = await opened()
    const ids = await Promise.all(Array.from({ length: 50 }, (_, index) => createdBy(desk, { client_name: `number ${index}` })))
    expect(new Set(ids).size).toBe(50)
    const { items } = (await desk.script('viewer', 'GET', '/applications?limit=200')).json as { items: unknown[] }
    expect(items).toHaveLength(50)
    const done = (await audited(desk)).filter(({ outcome, action }) => outcome === 'done' && action === 'create application')
    expect(done).toHaveLength(50)
    expect(new Set(done.map(({ subject }) => subject.id))).toEqual(new Set(ids))
  })

  test('revoke one initial access token: one of them does', async () => {
    const desk = await opened()
    const { json } = await desk.script('operator', 'POST', '/initial-access-tokens', { label: 'x' })
    const revoke = () => desk.script('operator', 'DELETE', `/initial-access-tokens/${json.id}`)
    await Promise.all([revoke(), revoke()])
    expect((await revoke()).status).toBe(404)
    expect((await desk.script('viewer', 'GET', `/initial-access-tokens/${json.id}`)).json.state).toBe('revoked')
  })
})

describe('a store that fails', () => {
  /** A store that takes no more of a model after so many writes. */
  const failing =
    (isBad: (model: string, value: Readonly<Record<string, unknown>>) => boolean) =>
    (store: Store): Store => ({
      ...store,
      upsert: async (model, id, value, until) => {
        if (isBad(model, value)) throw new Error('the disk is full')
        return store.upsert(model, id, value, until)
      },
    })

  const CHANGES: readonly (readonly [string, (desk: SecureDesk, id: string, token: string) => ReturnType<SecureDesk['script']>])[] = [
    ['create', (desk) => desk.script('admin', 'POST', '/applications', { metadata: metadata({ client_name: 'another' }) })],
    ['change', (desk, id) => change(desk, id, 0, { client_name: 'another' })],
    ['disable', (desk, id) => desk.script('operator', 'PUT', `/applications/${id}/suspension`, { reason: 'x' })],
    ['delete', (desk, id) => desk.script('admin', 'DELETE', `/applications/${id}?confirm=${id}`)],
    ['settings', (desk) => desk.script('admin', 'PATCH', '/registration/settings', { revision: 0, enforce_fapi: false })],
    ['create a token', (desk) => desk.script('operator', 'POST', '/initial-access-tokens', { label: 'another' })],
    ['revoke a token', (desk, _id, token) => desk.script('operator', 'DELETE', `/initial-access-tokens/${token}`)],
    ['revoke a grant', (desk) => desk.script('operator', 'DELETE', '/grants/grant')],
    ['revoke grants', (desk) => desk.script('operator', 'POST', '/grant-revocations', { user: 'somebody' })],
  ]
  const MODELS = ['Client', 'Registration', 'InitialAccess', 'Grant']

  async function setting(wrap: (store: Store) => Store) {
    const store = memoryStore({ capacity: 100_000 })
    const good = await opened({ store })
    const id = await createdBy(good)
    const { json } = await good.script('operator', 'POST', '/initial-access-tokens', { label: 'x' })
    await store.upsert('Grant', 'grant', { jti: 'grant', accountId: 'somebody', clientId: id, openid: { scope: 'openid' } }, undefined)
    return { desk: await opened({ store, wrap }), good, id, token: String(json.id), store }
  }

  test.each(CHANGES)('before it is written down, stops it: %s', async (_what, work) => {
    const { desk, good, id, token, store } = await setting(failing((model) => model === 'Audit'))
    const [before, settings] = [await everything(store, MODELS), (await good.script('viewer', 'GET', '/registration/settings')).text]
    const entries = (await audited(good)).length
    const reply = await work(desk, id, token)
    expect({ status: reply.status, error: reply.json.error }).toEqual({ status: 503, error: 'temporarily_unavailable' })
    expect(reply.text).not.toContain('the disk is full')
    expect(await everything(store, MODELS)).toBe(before)
    expect((await good.script('viewer', 'GET', '/registration/settings')).text).toBe(settings)
    expect(await audited(good)).toHaveLength(entries)
    expect((await work(good, id, token)).status).toBeLessThan(300)
    const written = await audited(good)
    expect(written.length).toBeGreaterThan(entries)
    expect(written[0]).toMatchObject({ outcome: 'done' })
  })

  test.each(CHANGES)('when it is to be written down how it ended, leaves it begun: %s', async (_what, work) => {
    const { desk, good, id, token } = await setting(failing((model, { outcome }) => model === 'Audit' && outcome !== 'begun'))
    expect((await later(1, () => work(desk, id, token))).status).toBeLessThan(300)
    expect((await audited(good))[0]).toMatchObject({ outcome: 'begun' })
    expect(warnings()).toContainEqual(expect.stringMatching(/^how a change ended could not be written down/))
  })

  test('in the middle, is written down as failed, and leaves nothing of a new application', async () => {
    const { desk, good } = await setting(failing((model) => model === 'Client'))
    const { status, text } = await later(1, () =>
      desk.script('admin', 'POST', '/applications', { metadata: metadata({ client_name: 'half' }) }),
    )
    expect(status).toBe(503)
    expect(text).not.toContain('the disk is full')
    expect((await audited(good))[0]).toMatchObject({ action: 'create application', outcome: 'failed' })
    expect(await everything(good.store, ['Client', 'Registration'])).not.toContain('half')
  })

  test('in the middle of a change, leaves the application where it is: also one of which there was no record', async () => {
    const { desk, good, id, store } = await setting(failing((model) => model === 'Client'))
    await store.upsert('Client', 'old', { ...metadata(), client_id: 'old' }, undefined)
    for (const one of [id, 'old']) {
      expect((await change(desk, one, 0, { client_name: 'half' })).status).toBe(503)
      const { client_name, revision } = await read(good, one)
      expect(client_name).toBe('a client that registers')
      expect((await change(good, one, Number(revision), { client_name: 'whole' })).status).toBe(200)
      expect((await read(good, one)).client_name).toBe('whole')
    }
  })

  test('after a new application is there, does not keep its secret from who made it', async () => {
    let entries = 0
    const { desk, good } = await setting(failing((model, { outcome }) => model === 'Audit' && outcome === 'done' && ++entries > 0))
    const { status, json } = await desk.script('admin', 'POST', '/applications', { metadata: metadata({ client_name: 'whole' }) })
    expect(status).toBe(201)
    expect(entries).toBe(1)
    expect(await read(good, String(json.client_id))).toMatchObject({ client_name: 'whole' })
  })
})

describe('what is written down', () => {
  test.each([
    ['cut in the middle of a character', `${'x'.repeat(99)}😀`],
    ['half a character', 'x\ud800y'],
    ['a separator', 'all 000/../%20'],
    ['no letters', '\u202e\u2066'],
  ])('a name that is %s', async (_what, client_name) => {
    const desk = await opened()
    const { status } = await desk.script('admin', 'POST', '/applications', { metadata: metadata({ client_name }) })
    expect([201, 400]).toContain(status)
    expect((await audited(desk)).at(-1)).toMatchObject({ action: 'create application', outcome: status === 201 ? 'done' : 'failed' })
    const { status: made } = await desk.script('operator', 'POST', '/initial-access-tokens', { label: client_name })
    expect([201, 400]).toContain(made)
  })

  test('a change of what is gone meanwhile is no change that was done', async () => {
    const desk = await opened()
    const id = await createdBy(desk)
    const [changed] = await Promise.all([change(desk, id, 0), desk.script('admin', 'DELETE', `/applications/${id}?confirm=${id}`)])
    const entries = (await audited(desk)).filter(({ action }) => action === 'change application')
    for (const { outcome } of entries) expect(outcome).toBe(changed.status === 200 ? 'done' : 'failed')
  })

  test('cannot be changed or removed by anything that the console offers', async () => {
    const desk = await opened()
    await createdBy(desk)
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const { status, headers } = await desk.script('admin', method, '/audit', method === 'DELETE' ? undefined : {})
      expect([status, headers.allow]).toEqual([405, 'GET, HEAD'])
    }
    expect(await audited(desk)).toHaveLength(1)
  })
})

describe('secrets', () => {
  test('a client secret and a token are told once, and stand nowhere else', async () => {
    const desk = await opened()
    await desk.script('admin', 'PATCH', '/registration/settings', { revision: 0, enforce_fapi: false })
    const { jwks: _jwks, fapi_profile: _profile, ...open } = metadata({ token_endpoint_auth_method: 'client_secret_basic' })
    const created = await desk.script('admin', 'POST', '/applications', { metadata: open })
    const byPage = desk.browser('ada.admin')
    const csrf_token = await byPage.token('/applications/new/settings')
    const made = await byPage.post('/applications/create', { csrf_token, metadata: JSON.stringify(open) })
    const shown = /<code id="secret">([\w-]{43})<\/code>/.exec(made.text)?.[1] ?? ''
    const { json: token } = await desk.script('operator', 'POST', '/initial-access-tokens', { label: 'x' })
    const secrets = [String(created.json.client_secret), shown, String(token.token)]
    for (const secret of secrets) expect(secret).toMatch(/^[\w-]{20,}/)
    expect(created.status).toBe(201)

    const id = String(created.json.client_id)
    const { metadata: view, revision } = await read(desk, id)
    await desk.script('admin', 'PUT', `/applications/${id}`, { metadata: { ...Object(view), client_name: 'another' }, revision })
    const paths = [
      ...['/applications', '/audit', '/initial-access-tokens', '/registration', `/applications/${id}`, `/applications/${id}/edit`],
      ...['metadata.json', 'history', 'try', 'readiness'].map((part) => `/applications/${id}/${part}`),
      `/applications/new/settings?from=${id}`,
    ]
    const api = [
      '/applications',
      `/applications/${id}`,
      `/applications/${id}/history`,
      '/audit',
      '/initial-access-tokens',
      `/initial-access-tokens/${token.id}`,
    ]
    const texts = await Promise.all([
      ...paths.map(async (path) => (await byPage.open(path)).text),
      ...api.map(async (path) => (await desk.script('admin', 'GET', path)).text),
    ])
    const kept = await everything(desk.store, ['Audit', 'Registration'])
    for (const secret of secrets) {
      for (const text of [...texts, kept, ...warnings()]) expect(text).not.toContain(secret)
      // Nor can it be found out letter by letter.
      for (const listing of ['applications', 'initial-access-tokens']) {
        const found = await desk.script('viewer', 'GET', `/${listing}?search=${encodeURIComponent(secret.slice(-6))}`)
        expect(found.json.items).toEqual([])
      }
    }
    expect((await desk.store.find('Client', id))?.client_secret).toBe(created.json.client_secret)
  })

  test('what an older version or the configuration kept of keys and tokens is not shown', async () => {
    const { d, ...publicJwk } = { ...mintKey().publicJwk, d: 'the-private-part-of-a-key' }
    const kept = {
      ...metadata(),
      ...{ client_secret: 'a-secret-of-old', registration_access_token: 'a-token-of-old', jwks: { keys: [{ ...publicJwk, d }] } },
    }
    const desk = await opened({ options: { configuredClients: [{ ...kept, client_id: 'configured' }] } })
    await desk.store.upsert('Client', 'old', { ...kept, client_id: 'old' }, undefined)
    for (const id of ['old', 'configured']) {
      expect(await read(desk, id)).toMatchObject({ has_client_secret: true, metadata: { jwks: { keys: [publicJwk] } } })
      const browser = desk.browser('ada.admin')
      for (const path of ['', '/metadata.json', '/try', '/readiness', '/edit', '/delete']) {
        const { text, status } = await browser.open(`/applications/${id}${path}`)
        expect(status).toBe(200)
        expect(text).not.toMatch(/the-private-part|a-secret-of-old|a-token-of-old/)
      }
      expect((await desk.script('viewer', 'GET', `/applications/${id}`)).text).not.toMatch(
        /the-private-part|a-secret-of-old|a-token-of-old/,
      )
      for (const text of ['the-private', 'a-secret-of', 'a-token-of'])
        expect((await desk.script('viewer', 'GET', `/applications?search=${text}`)).json).toMatchObject(
          text === 'a-token-of' ? {} : { items: [], configured: [] },
        )
    }
  })
})

describe('considering', () => {
  let asked: string[] = []
  let publisher: ReturnType<typeof createServer>
  beforeAll(async () => {
    publisher = createServer((req, res) => {
      asked.push(String(req.url))
      res.setHeader('content-type', 'application/json').end('{"keys":[]}')
    })
    await new Promise<void>((resolve) => publisher.listen(0, '127.0.0.1', resolve))
  })
  afterAll(() => new Promise((resolve) => publisher.close(resolve)))
  beforeEach(() => {
    asked = []
  })

  test('keeps nothing, records nothing, and takes nothing from an application', async () => {
    const desk = await opened()
    const id = await createdBy(desk)
    const MODELS = ['Client', 'Registration', 'Audit', 'InitialAccess', 'Grant']
    const [before, verdicts] = [await everything(desk.store, MODELS), JSON.stringify(await desk.store.search({}))]
    for (const body of [
      { metadata: metadata() },
      { metadata: metadata({ token_endpoint_auth_method: 'none' }) },
      { metadata: metadata({ client_name: 'another' }), client_id: id },
      { metadata: {}, client_id: 'nobody' },
    ])
      expect([200, 400]).toContain((await desk.script('viewer', 'POST', '/application-drafts', body)).status)
    expect(await everything(desk.store, MODELS)).toBe(before)
    expect(JSON.stringify(await desk.store.search({}))).toBe(verdicts)
    // A refusal that is meant is recorded.
    await desk.script('admin', 'POST', '/applications', { metadata: metadata({ token_endpoint_auth_method: 'none' }) })
    expect(JSON.stringify(await desk.store.search({}))).not.toBe(verdicts)
  })

  test('who only looks makes the server ask nobody', async () => {
    const desk = await opened({ registering: { outbound: { allowPrivateHosts: [`localhost:${portOf(publisher)}`] } } })
    const at = `https://localhost:${portOf(publisher)}`
    const { jwks: _jwks, ...rest } = metadata()
    const draft = { ...rest, jwks_uri: `${at}/jwks`, subject_type: 'pairwise', sector_identifier_uri: `${at}/sector` }
    let connections = 0
    publisher.on('connection', () => {
      connections += 1
    })
    for (const who of ['viewer', 'operator'] as const) {
      const { status } = await desk.script(who, 'POST', '/application-drafts', { metadata: draft, published: true })
      expect(status).toBe(200)
    }
    await desk.store.upsert('Client', 'old', { ...draft, client_id: 'old' }, undefined)
    for (const path of ['', '/readiness', '/try'])
      expect((await desk.browser('ada.viewer').open(`/applications/old${path}`)).status).toBe(200)
    expect(connections).toBe(0)
    await desk.script('admin', 'POST', '/application-drafts', { metadata: draft, published: true })
    expect(connections).toBeGreaterThan(0)
  })
})

test('a form that was reviewed long ago says so, and loses nothing', async () => {
  const desk = await opened()
  const id = await createdBy(desk)
  const [ada, eve] = [desk.browser('ada.admin'), desk.browser('eve.admin')]
  const fields = async (browser: typeof ada) =>
    formsIn((await browser.open(`/applications/${id}/edit`)).text).find(({ action }) => action.endsWith('/edit'))?.fields ?? []
  const reviews = await Promise.all(
    [ada, eve].map(async (browser, index) => {
      const reply = await browser.post(`/applications/${id}/edit`, [
        ...(await fields(browser)).filter(([name]) => name !== 'client_name'),
        ...([
          ['client_name', `name ${index}`],
          ['intent', 'review'],
        ] as const),
      ])
      expect(reply.status).toBe(200)
      return formsIn(reply.text).find(({ action }) => action.endsWith('/save'))?.fields ?? []
    }),
  )
  const [first, second] = [
    await ada.post(`/applications/${id}/save`, reviews[0] ?? []),
    await eve.post(`/applications/${id}/save`, reviews[1] ?? []),
  ]
  expect([first.status, first.headers.location]).toEqual([303, `/console/applications/${id}?done=saved`])
  expect([second.status, second.text.includes('name 1')]).toEqual([expect.any(Number), true])
  expect(second.status).toBeGreaterThanOrEqual(400)
  expect((await read(desk, id)).client_name).toBe('name 0')
  expect(ORIGIN).toBe('https://bank.example')
})
