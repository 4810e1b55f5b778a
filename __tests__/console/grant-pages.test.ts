import { jest } from '@jest/globals'
import { memoryStore, type Store } from 'express-fapi'
import type { Role } from 'express-fapi/console'
import { GRANT_MODELS } from '../../lib/stores/grant-models.js'
import type { StoredRecord } from '../../lib/stores/store.js'
import { describeEach, type Place, postgresDatabases } from '../stores/databases.js'
import { type ConsoleDesk, consoleDesk } from '../support/console-desk.js'

const SCRIPT = '<script>alert(1)</script>"\'><img src=x onerror=alert(2)>'
const ROLES: readonly Role[] = ['viewer', 'operator', 'admin']

let store: Store
let desk: ConsoleDesk
beforeEach(() => {
  jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
  store = memoryStore()
  desk = consoleDesk(store)
})

const NOW = Math.floor(Date.now() / 1000)
const LATER = NOW + 3600

/** A grant with one of each that the provider issues under it. */
async function give(id: string, user: string, client: string, more: StoredRecord = {}): Promise<void> {
  const openid = { scope: 'openid accounts', claims: ['email'] }
  await store.upsert(
    'Grant',
    id,
    { jti: id, kind: 'Grant', accountId: user, clientId: client, iat: NOW, exp: LATER, openid, ...more },
    LATER,
  )
  for (const model of GRANT_MODELS) await store.upsert(model, `${model} of ${id}`, { jti: `${model} of ${id}`, grantId: id }, LATER)
}
const tokensOf = async (id: string) =>
  (await Promise.all(GRANT_MODELS.map(async (model) => ((await store.find(model, `${model} of ${id}`)) ? [model] : [])))).flat()
const left = async () => (await store.list('Grant', { limit: 1000 })).items.map(({ jti }) => jti)
const audited = async () => (await desk.api('viewer', 'get', '/audit')).body.items
const idsOf = (answer: { readonly body: { readonly items: readonly { readonly id: string }[] } }) => answer.body.items.map(({ id }) => id)
const query = (named: Record<string, string>) => `?${new URLSearchParams(named)}`

/** Three grants: two of one user, two of one application. */
async function giveThree(): Promise<void> {
  await give('a', 'anna', 'shop')
  await give('b', 'anna', 'books')
  await give('c', 'bert', 'shop')
}

describe('grants, by the API', () => {
  test.each<[string, Record<string, string>, readonly string[]]>([
    ['all', {}, ['a', 'b', 'c']],
    ['of a user', { user: 'anna' }, ['a', 'b']],
    ['of an application', { client: 'shop' }, ['a', 'c']],
    ['of both', { user: 'anna', client: 'shop' }, ['a']],
    ['of a user by other letters', { user: 'Anna' }, []],
    ['of a part of a name', { user: 'ann' }, []],
    ['of a user with the name of an application', { user: 'shop' }, []],
    ['of a user with a space', { user: 'anna ' }, []],
  ])('are listed: %s', async (_what, filter, ids) => {
    await giveThree()
    for (const who of ROLES) {
      const answer = await desk.api(who, 'get', `/grants${query(filter)}`)
      expect([answer.status, idsOf(answer)]).toEqual([200, ids])
    }
  })

  test('say what was allowed, and nothing that opens anything', async () => {
    await give('a', 'anna', 'shop', {
      resources: { 'https://api.example': 'read' },
      rar: [{ type: 'payment', iban: 'DE02' }],
      secret: 's3',
    })
    const { body, text } = await desk.api('viewer', 'get', '/grants')
    expect(body.items).toEqual([
      {
        ...{ id: 'a', user: 'anna', client: 'shop', claims: ['email'], authorization_details: ['payment'] },
        ...{ scopes: { openid: ['openid', 'accounts'], resources: { 'https://api.example': ['read'] } } },
        ...{ issued_at: NOW, expires_at: LATER },
      },
    ])
    expect(text).not.toMatch(/DE02|s3/)
  })

  test('are listed page by page, each once', async () => {
    for (let index = 0; index < 7; index++) await give(`g${index}`, index % 2 ? 'anna' : 'joanna', 'shop')
    const seen: string[] = []
    for (let cursor = ''; ; ) {
      const answer = await desk.api('viewer', 'get', `/grants${query({ user: 'anna', limit: '2', cursor })}`)
      seen.push(...idsOf(answer))
      cursor = answer.body.cursor
      if (cursor === undefined) break
    }
    expect(seen).toEqual(['g1', 'g3', 'g5'])
  })

  test.each([
    ['none at a time', 'limit=0', /limit/],
    ['too many at a time', 'limit=201', /limit/],
    ['words for a number', 'limit=many', /limit/],
    ['two users', 'user=a&user=b', /user must be there once/],
    ['a parameter that is none', 'sub=anna', /there is no parameter sub/],
    ['a user that is too long', `user=${'u'.repeat(2049)}`, /user must be a text of 1 to 2048/],
  ])('are not listed by %s', async (_what, asked, expected) => {
    const { status, body } = await desk.api('viewer', 'get', `/grants?${asked}`)
    expect([status, body.error]).toEqual([400, 'invalid_request'])
    expect(body.error_description).toMatch(expected)
  })

  test('one is revoked by an operator with all its tokens, and written down with user and application alone', async () => {
    await giveThree()
    const { status, text } = await desk.api('operator', 'delete', '/grants/a')
    expect([status, text]).toEqual([204, ''])
    expect([await left(), await tokensOf('a'), await tokensOf('b')]).toEqual([['b', 'c'], [], GRANT_MODELS])
    expect(await audited()).toMatchObject([
      { by: 'operator@bank.example', action: 'revoke grant', subject: { kind: 'grant', id: 'a' }, outcome: 'done' },
    ])
    expect((await audited())[0].detail).toEqual({ user: 'anna', client: 'shop' })
  })

  test('one that is not there is not revoked, and nothing is written down', async () => {
    await giveThree()
    for (const id of ['d', 'A', 'a%00', '%20a', 'x'.repeat(3000), '..%2fa']) {
      const { status, body } = await desk.api('operator', 'delete', `/grants/${id}`)
      expect([status, body.error]).toEqual([404, 'not_found'])
    }
    expect([await left(), await audited()]).toEqual([['a', 'b', 'c'], []])
  })

  test.each<[string, object, readonly string[], string]>([
    ['of a user', { user: 'anna' }, ['c'], 'all of user anna'],
    ['of an application', { client: 'shop' }, ['b'], 'all of application shop'],
    ['of both', { user: 'anna', client: 'shop' }, ['b', 'c'], 'all of user anna and application shop'],
  ])('all %s are revoked', async (_what, filter, remaining, subject) => {
    await giveThree()
    const { status, body } = await desk.api('operator', 'post', '/grant-revocations', filter)
    const revoked = 3 - remaining.length
    expect([status, body]).toEqual([200, { revoked }])
    expect(await left()).toEqual(remaining)
    for (const id of ['a', 'b', 'c']) expect(await tokensOf(id)).toEqual(remaining.includes(id) ? GRANT_MODELS : [])
    expect(await audited()).toMatchObject([{ subject: { kind: 'grant', id: subject }, outcome: 'done', detail: { ...filter, revoked } }])
  })

  test('of nobody none are revoked, and nothing is written down', async () => {
    await giveThree()
    expect((await desk.api('operator', 'post', '/grant-revocations', { user: 'carl' })).body).toEqual({ revoked: 0 })
    expect([await left(), await audited()]).toEqual([['a', 'b', 'c'], []])
  })

  test.each<[RegExp, unknown]>([
    [/user or client must be given/, {}],
    [/user must be a text/, { user: '' }],
    [/user must be a text/, { user: null }],
    [/user must be a text/, { user: ['anna'] }],
    [/client must be a text/, { user: 'anna', client: { $ne: '' } }],
    [/client must be a text/, { client: 7 }],
    [/no all: it may have user, client/, { user: 'anna', all: true }],
    [/no __proto__: it may have/, JSON.parse('{"__proto__": {"user": "anna"}}')],
    [/user must be a text of 1 to 2048/, { user: 'u'.repeat(2049) }],
    [/JSON object/, ['anna']],
    [/cannot be read/, 'anna'],
  ])('are not all revoked: %s', async (expected, sent) => {
    await giveThree()
    const { status, body } = await desk.api('operator', 'post', '/grant-revocations', sent)
    expect([status, body.error]).toEqual([400, 'invalid_request'])
    expect(body.error_description).toMatch(expected)
    expect([await left(), await audited()]).toEqual([['a', 'b', 'c'], []])
  })

  test('a viewer revokes nothing', async () => {
    await giveThree()
    const answers = [
      await desk.api('viewer', 'delete', '/grants/a'),
      await desk.api('viewer', 'post', '/grant-revocations', { user: 'anna' }),
    ]
    for (const { status, body } of answers) expect([status, body.error]).toEqual([403, 'access_denied'])
    expect([await left(), await tokensOf('a'), await audited()]).toEqual([['a', 'b', 'c'], GRANT_MODELS, []])
  })

  test('of two revocations at once at least one is told that it did it, and nothing is left', async () => {
    await giveThree()
    const answers = await Promise.all([
      ...Array.from({ length: 6 }, () => desk.api('operator', 'delete', '/grants/a')),
      desk.api('admin', 'post', '/grant-revocations', { user: 'anna' }),
    ])
    expect(answers.map(({ status }) => status)).toContain(204)
    for (const { status } of answers) expect([200, 204, 404]).toContain(status)
    expect([await left(), await tokensOf('a'), await tokensOf('b')]).toEqual([['c'], [], []])
    expect((await audited()).filter(({ outcome }: { outcome: string }) => outcome === 'begun')).toEqual([])
  })

  test('a revocation that fails says so, is written down as failed, and can be tried again', async () => {
    const broken: Store = { ...store, revokeGrant: () => Promise.reject(new Error('the disk of db-7 is full')) }
    await giveThree()
    const { status, text } = await consoleDesk(broken).api('operator', 'delete', '/grants/a')
    expect(status).toBe(503)
    expect(text).not.toContain('db-7')
    expect(await audited()).toMatchObject([{ subject: { kind: 'grant', id: 'a' }, outcome: 'failed' }])
    expect((await desk.api('operator', 'delete', '/grants/a')).status).toBe(204)
    expect(await tokensOf('a')).toEqual([])
  })
})

describe('names of all kinds', () => {
  test.each([
    ['unicode', 'Zoë 🚀 Ünïcøde \u202eevil'],
    ['spaces around', ' anna '],
    ['what means something in addresses', 'a/b?c=d&e#f%2e+g'],
    ['what means something in pages', SCRIPT],
    ['a surrogate pair where the audit trail cuts', `${'u'.repeat(99)}🚀🚀`],
    ['a line break', 'anna\nbert'],
  ])('%s: are listed, filtered and revoked, by page and by API', async (_what, user) => {
    await give('a', user, 'shop')
    await give('b', `${user}x`, 'shop')
    expect(idsOf(await desk.api('viewer', 'get', `/grants${query({ user })}`))).toEqual(['a'])
    const { status, text } = await desk.page('operator', `/grants${query({ user })}`)
    expect([status, [...text.matchAll(/<tr>/g)].length]).toEqual([200, 2])
    const to = /href="\/console(\/grants\/revocation\?[^"]+)"/.exec(text)?.[1]?.replaceAll('&amp;', '&') ?? ''
    expect(to).toBe(`/grants/revocation${query({ user })}`)
    expect((await desk.page('operator', to)).text).toContain('Revoke the grant')
    const done = await desk.send('operator', to)
    expect([done.status, done.headers.location]).toEqual([303, `/console/grants${query({ user, revoked: '1' })}`])
    expect([await left(), await tokensOf('a'), await tokensOf('b')]).toEqual([['b'], [], GRANT_MODELS])
    expect((await audited())[0]).toMatchObject({ outcome: 'done', detail: { user, revoked: 1 } })
    expect((await desk.page('viewer', '/audit')).status).toBe(200)
  })

  test('half a character is no name that is there', async () => {
    await give('a', 'anna', 'shop')
    expect((await desk.api('operator', 'post', '/grant-revocations', { user: '\ud83d' })).body).toEqual({ revoked: 0 })
  })

  test('half a character at the end of a name does not stop its revocation', async () => {
    await give('a', 'anna\ud83d', 'shop')
    const { status, body } = await desk.api('operator', 'post', '/grant-revocations', { user: 'anna\ud83d' })
    expect([status, body]).toEqual([200, { revoked: 1 }])
  })
})

describe('the page', () => {
  test('shows grants with links to their user and application', async () => {
    await giveThree()
    const { status, text } = await desk.page('viewer', '/grants')
    expect(status).toBe(200)
    expect(text).toContain('<a href="/console/grants?user=anna"><bdi>anna</bdi></a>')
    expect(text).toContain('<a href="/console/applications/shop"><bdi>shop</bdi></a>')
    expect(text).toContain('openid accounts')
    expect(text).toMatch(/JWT access tokens that APIs check by themselves live on until they expire/)
    expect(text).toMatch(/keeps them elsewhere/)
  })

  test('offers a revocation only to who may do it, and that of all only where there is a filter', async () => {
    await giveThree()
    for (const who of ROLES) {
      const [all, some] = [await desk.page(who, '/grants'), await desk.page(who, '/grants?user=anna')]
      const may = who !== 'viewer'
      expect([all.text.includes('Revoke this grant'), all.text.includes('Revoke all of')]).toEqual([may, false])
      expect([some.text.includes('Revoke this grant'), some.text.includes('Revoke all of')]).toEqual([may, may])
    }
  })

  test('shows whatever stands in a grant as text', async () => {
    const openid = { scope: `openid ${SCRIPT.replaceAll(' ', '')}`, claims: [SCRIPT] }
    await give(SCRIPT, SCRIPT, SCRIPT, { openid, resources: { [SCRIPT]: SCRIPT }, rar: [{ type: SCRIPT }] })
    for (const path of ['/grants', `/grants${query({ user: SCRIPT, client: SCRIPT })}`, `/grants/revocation${query({ user: SCRIPT })}`]) {
      const { status, text } = await desk.page('operator', path)
      expect(status).toBe(200)
      expect(text).toContain('&lt;script')
      expect(text).not.toMatch(/<script>|<img/)
    }
    const { status } = await desk.send('operator', `/grants/${encodeURIComponent(SCRIPT)}/revocation`)
    expect([status, await left()]).toEqual([303, []])
  })

  test('goes on where there are more, with the filter', async () => {
    for (let index = 0; index < 51; index++) await give(`g${String(index).padStart(2, '0')}`, 'anna', 'shop')
    const first = await desk.page('viewer', '/grants?user=anna')
    const next = /href="\/console(\/grants\?[^"]+)" rel="next"/.exec(first.text)?.[1]?.replaceAll('&amp;', '&') ?? ''
    expect(next).toBe('/grants?user=anna&cursor=g49')
    const second = await desk.page('operator', next)
    expect([...second.text.matchAll(/Revoke this grant/g)]).toHaveLength(1)
    expect(second.text).toContain('href="/console/grants?user=anna">First page')
    await desk.send('operator', `/grants/g50/revocation?user=anna&cursor=g49`)
    expect((await desk.page('viewer', next)).text).toContain('There are no more grants.')
  })

  test('says how many grants there are before all are revoked', async () => {
    for (let index = 0; index < 201; index++) await give(`g${String(index).padStart(3, '0')}`, 'anna', index < 200 ? 'shop' : 'books')
    expect((await desk.page('operator', '/grants/revocation?client=shop')).text).toContain('Revoke 200 grants')
    expect((await desk.page('operator', '/grants/revocation?user=anna')).text).toContain('Revoke more than 200 grants')
    expect((await desk.page('operator', '/grants/revocation?client=books')).text).toContain('Revoke the grant')
    expect((await desk.page('operator', '/grants/revocation?user=bert')).text).toContain('There is nothing to revoke')
    expect(await left()).toHaveLength(201)
  })

  test('revokes one, and comes back to where it was', async () => {
    await giveThree()
    const { status, headers } = await desk.send('operator', '/grants/a/revocation?client=shop')
    expect([status, headers.location]).toEqual([303, '/console/grants?client=shop&revoked=1'])
    expect([await left(), await tokensOf('a')]).toEqual([['b', 'c'], []])
    const back = await desk.page('operator', '/grants?client=shop&revoked=1')
    expect(back.text).toContain('The grant is revoked.')
  })

  test('says that somebody else was faster', async () => {
    await giveThree()
    await desk.api('operator', 'delete', '/grants/a')
    const { status, text } = await desk.send('operator', '/grants/a/revocation?user=anna')
    expect(status).toBe(404)
    expect(text).toMatch(/The grant was not revoked.*there is no such grant, or it is there no more/s)
    expect(text).toContain('books')
  })

  test.each([
    ['to revoke all there is', '/grants/revocation', 400, /user or client must be given/],
    ['to revoke all of an empty name', '/grants/revocation?user=', 400, /user or client must be given/],
    ['a user that is too long', `/grants?user=${'u'.repeat(2049)}`, 400, /user must be a text of 1 to 2048/],
    ['to revoke one by a link', '/grants/a/revocation', 405, /cannot be asked for in this way/],
  ])('refuses %s', async (_what, path, expected, reason) => {
    const { status, text } = await desk.page('operator', path)
    expect(status).toBe(expected)
    expect(text).toMatch(reason)
  })

  test('says nothing of its own that stands in an address', async () => {
    expect((await desk.page('viewer', '/grants?revoked=all+of+your+money')).text).not.toContain('money')
  })

  test.each(['/grants/a/revocation', '/grants/revocation?user=anna'])('%s is refused from whoever may not', async (path) => {
    await giveThree()
    const refused = [
      await desk.send('viewer', path),
      await desk.send('operator', path, { csrf_token: '' }),
      await desk.send('operator', path, {}, { tokenOf: 'admin' }),
      await desk.send('operator', path, {}, { more: { cookie: '' } }),
      await desk.send('operator', path, {}, { more: { origin: 'https://evil.example' } }),
      await desk.send('operator', path, {}, { more: { 'sec-fetch-site': 'same-site' } }),
    ]
    expect(refused.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403, 403])
    expect((await desk.send('operator', path, {}, { more: { 'x-who': '' } })).status).toBe(401)
    expect([await left(), await audited()]).toEqual([['a', 'b', 'c'], []])
    expect((await desk.send('operator', path)).status).toBe(303)
    expect(await left()).not.toContain('a')
  })

  test('is for nobody who is not signed in, and its confirmation for no viewer', async () => {
    expect((await desk.page(undefined, '/grants')).status).toBe(401)
    expect((await desk.page('viewer', '/grants/revocation?user=anna')).status).toBe(403)
  })
})

describeEach<Place>(postgresDatabases.slice(0, 1), (place) => {
  test('grants in a database are listed, revoked by one and all, and written down', async () => {
    store = await place().store()
    desk = consoleDesk(store)
    const [user, other] = ['Zoë 🚀 <b>', 'ü🚀'.repeat(600)]
    for (const [id, whose] of [
      ['pg-a', user],
      ['pg-b', other],
      ['pg-c', other],
    ] as const)
      await give(id, whose, 'shop')
    expect(idsOf(await desk.api('viewer', 'get', `/grants${query({ user })}`))).toEqual(['pg-a'])
    expect((await desk.api('operator', 'delete', '/grants/pg-a%00')).status).toBe(404)
    expect((await desk.api('operator', 'delete', '/grants/pg-a')).status).toBe(204)
    expect((await desk.api('operator', 'post', '/grant-revocations', { user: other })).body).toEqual({ revoked: 2 })
    for (const id of ['pg-a', 'pg-b', 'pg-c']) expect([await store.find('Grant', id), await tokensOf(id)]).toEqual([undefined, []])
    const entries = await audited()
    expect(entries).toHaveLength(2)
    expect(entries).toContainEqual(
      expect.objectContaining({ action: 'revoke grants', outcome: 'done', detail: { user: other, revoked: 2 } }),
    )
    expect(entries).toContainEqual(
      expect.objectContaining({ subject: { kind: 'grant', id: 'pg-a' }, outcome: 'done', detail: { user, client: 'shop' } }),
    )
  })
})
