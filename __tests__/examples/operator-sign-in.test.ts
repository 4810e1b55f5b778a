import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { memoryStore, type Store } from 'express-fapi'
import { type Database, openStore } from '../../examples/bank/database.js'
import { operatorAttempts } from '../../examples/bank/operator-attempts.js'
import { operatorSessions } from '../../examples/bank/operator-sessions.js'
import { SIGN_IN_PATH, SIGN_OUT_PATH } from '../../examples/bank/operator-sign-in.js'
import { addOperator, type Operator } from '../../examples/bank/operators.js'
import type { Browser } from '../support/browser.js'
import { later } from '../support/clock.js'
import { DESK_TOKEN, type Desk, newFolder, openDesk } from '../support/operator-desk.js'
import { type Answer, formOf, type Params } from '../support/wire.js'

const ADMIN = { id: 'admin', roles: ['admin'] }
const MINUTE = 60
const HOUR = 3600

const cookiesIn = ({ headers }: Answer): string[] => [headers['set-cookie'] ?? []].flat()
const sessionIn = (answer: Answer): string => {
  const [line = ''] = cookiesIn(answer).filter((one) => one.startsWith('__Host-operator='))
  return line.slice('__Host-operator='.length, line.indexOf(';'))
}
const as = (session: string) => ({ cookie: `__Host-operator=${session}` })
const waitOf = ({ headers }: Answer) => Number(headers['retry-after'])

describe.each(['memory:', 'pglite:'])('on %s', (address) => {
  let database: Database
  let desk: Desk
  beforeEach(async () => {
    database = await openStore(address)
    desk = await openDesk({ store: database.store })
  })
  afterEach(async () => {
    await desk.close()
    await database.close()
  })

  test('a session holds in every process that shares the store, and after a restart, until the sign-out in any of them', async () => {
    const other = await openDesk({ store: database.store, folder: desk.folder })
    const browser = desk.browser()
    const session = sessionIn(await desk.signIn(browser))
    expect(await other.who(as(session))).toEqual(ADMIN)
    expect((await browser.open(desk.origin + SIGN_OUT_PATH, {})).status).toBe(303)
    expect(await other.who(as(session))).toBeNull()
    await other.close()
  })

  test('a hundred guesses at once are no more than six, by two processes neither', async () => {
    const other = await openDesk({ store: database.store, folder: desk.folder })
    const attempt = (at: Desk, index: number) => at.signIn(at.browser(), { password: `guess ${index}` })
    const answers = await Promise.all(Array.from({ length: 100 }, (_, index) => attempt(index % 2 ? desk : other, index)))
    const statuses = answers.map(({ status }) => status)
    expect(statuses.filter((status) => status === 400)).toHaveLength(6)
    expect(statuses.filter((status) => status === 429)).toHaveLength(94)
    await other.close()
  })

  test('a request that is under way does not bring back a session that is over', async () => {
    const browser = desk.browser()
    const session = sessionIn(await desk.signIn(browser))
    await later(2 * MINUTE, async () => {
      await Promise.all([...Array.from({ length: 10 }, () => desk.who(as(session))), browser.open(desk.origin + SIGN_OUT_PATH, {})])
      expect(await desk.who(as(session))).toBeNull()
    })
  })
})

/** A new store for each test, behind one sign-in for all: making passwords takes its time. */
let current: Store
const store = new Proxy({ ...memoryStore() }, { get: (_, method) => Reflect.get(current, method) })
let desk: Desk
beforeAll(async () => {
  desk = await openDesk({ store })
})
beforeEach(() => {
  current = memoryStore()
})
afterAll(() => desk.close())

/** Guesses that often, with a wrong password. */
async function guess(times: number, form: Params = {}, browser: Browser = desk.browser()): Promise<number[]> {
  const statuses: number[] = []
  for (let index = 0; index < times; index++) statuses.push((await desk.signIn(browser, { password: 'a guess', ...form })).status)
  return statuses
}

describe('the page', () => {
  test('is the bank’s own, with labels, and nothing in it that the policy does not let in', async () => {
    const { status, text, headers } = await desk.browser().open(`${desk.origin}${SIGN_IN_PATH}?return_to=/console/verdicts`)
    expect(status).toBe(200)
    expect(text).toContain('<html lang="en">')
    for (const name of ['user', 'password']) {
      expect(text).toContain(`<label for="${name}">`)
      expect(text).toMatch(new RegExp(`<input id="${name}" name="${name}"`))
    }
    expect(text).toContain('autocomplete="username"')
    expect(text).toContain('autocomplete="current-password"')
    expect(text).toContain('<input type="hidden" name="return_to" value="/console/verdicts">')
    expect(text.match(/autofocus/g)).toHaveLength(1)
    expect(text).not.toContain('role="alert"')
    expect(text).not.toMatch(/<script|<style|\sstyle=|\son\w+=/)
    expect(headers['content-security-policy']).toMatch(/style-src 'self'.*form-action 'self' https:\/\/localhost:\d+(;|$)/)
    expect(headers['cache-control']).toBe('no-store')
    const [, stylesheet = ''] = /<link rel="stylesheet" href="([^"]+)"/.exec(text) ?? []
    expect((await desk.browser().open(desk.origin + stylesheet)).status).toBe(200)
  })

  test('says aloud what was wrong, and keeps the name and not the password', async () => {
    const { status, text, headers } = await desk.signIn(desk.browser(), { user: '"><script>x', password: 'not this one' })
    expect(status).toBe(400)
    expect(text).toContain('<p class="alert" role="alert">The user name or the password is not right.</p>')
    expect(text).toContain('value="&quot;&gt;&lt;script&gt;x"')
    expect(text).toMatch(/id="password"[^>]* aria-invalid="true" aria-describedby="problem" autofocus/)
    expect(text).not.toContain('not this one')
    expect(headers['cache-control']).toBe('no-store')
  })

  test('is left at once by somebody who has signed in', async () => {
    const browser = desk.browser()
    await desk.signIn(browser)
    const answer = await browser.open(`${desk.origin}${SIGN_IN_PATH}?return_to=/console/verdicts`)
    expect([answer.status, answer.headers.location]).toEqual([303, '/console/verdicts'])
  })
})

describe('the right password', () => {
  test.each([
    ['the console', undefined, '/console/'],
    ['the page asked for', '/console/applications?page=2', '/console/applications?page=2'],
    ['the console, and not to another site', 'https://evil.example/', '/console/'],
    ['the console, and not to another site without a scheme', '//evil.example/console/', '/console/'],
    ['the console, and not to another site by a backslash', '/\\evil.example', '/console/'],
    ['the console, and does not break the header', '/console/\r\nset-cookie: a=b', '/console/'],
    ['the console, where two pages are asked for', ['/console/a', '/console/b'], '/console/'],
  ])('leads to %s', async (_what, return_to, location) => {
    const answer = await desk.signIn(desk.browser(), { return_to })
    expect([answer.status, answer.headers.location]).toEqual([303, location])
    expect(cookiesIn(answer)).toHaveLength(2)
  })

  test('opens a session by a cookie that no other page, no script and no plain connection gets at', async () => {
    const browser = desk.browser()
    const answer = await desk.signIn(browser)
    expect(cookiesIn(answer)[0]).toMatch(/^__Host-operator=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/)
    expect(cookiesIn(answer)[1]).toMatch(
      /^__Host-operator-browser=[\w-]{43}; Max-Age=7776000; Path=\/; .*HttpOnly; Secure; SameSite=Strict$/,
    )
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(await desk.who(browser)).toEqual(ADMIN)
  })

  test('goes with a name in capitals and spaces, as people type it', async () => {
    expect((await desk.signIn(desk.browser(), { user: ' Admin ' })).status).toBe(303)
  })

  test('gives each operator their own roles', async () => {
    const password = await addOperator(desk.folder, { id: 'vera', roles: ['viewer'] })
    const other = await openDesk({ store, folder: desk.folder })
    const browser = other.browser()
    await other.signIn(browser, { user: 'vera', password })
    expect(await other.who(browser)).toEqual({ id: 'vera', roles: ['viewer'] })
    await other.close()
  })

  test('always opens a session of a new id, and ends the one before: nobody is given theirs by somebody else', async () => {
    const chosen = 'A'.repeat(43)
    const browser = desk.browser()
    const first = sessionIn(await desk.signIn(browser))
    const again = sessionIn(await desk.signIn(browser))
    expect(again).not.toBe(first)
    expect(await desk.who(as(first))).toBeNull()
    expect(await desk.who(as(again))).toEqual(ADMIN)

    const body = formOf({ user: 'admin', password: desk.firstPassword })
    const headers = { ...as(chosen), 'content-type': 'application/x-www-form-urlencoded' }
    const fixed = await desk.wire.send(desk.origin + SIGN_IN_PATH, { method: 'POST', headers, body })
    expect(fixed.status).toBe(303)
    expect(sessionIn(fixed)).not.toBe(chosen)
    expect(await desk.who(as(chosen))).toBeNull()
  })
})

describe('is not let in:', () => {
  test.each<[string, Params]>([
    ['a wrong password', { password: 'wrong' }],
    ['somebody unknown', { user: 'nobody' }],
    ['a name of Object.prototype', { user: '__proto__' }],
    ['the operator’s token as a user', { user: 'operator-token', password: DESK_TOKEN }],
    ['a name too long', { user: 'a'.repeat(65) }],
    ['a password too long', { password: 'x'.repeat(1001) }],
    ['a password with a NUL', { password: '\0' }],
  ])('%s, with one answer for all', async (_what, form) => {
    const browser = desk.browser()
    const { status, text, headers } = await desk.signIn(browser, form)
    expect(status).toBe(400)
    expect(text).toContain('The user name or the password is not right.')
    expect(headers['set-cookie']).toBeUndefined()
    expect(await desk.who(browser)).toBeNull()
  })

  test.each<[string, Params]>([
    ['no user', { user: undefined }],
    ['no password', { password: undefined }],
    ['only spaces for a user', { user: '  ' }],
    ['two users', { user: ['admin', 'admin'] }],
    ['two passwords', { password: ['one', 'two'] }],
    ['an object for a user', { user: undefined, 'user[id]': 'admin' }],
    ['an object for a password', { password: undefined, 'password[$ne]': '' }],
  ])('a form with %s', async (_what, form) => {
    const { status, text, headers } = await desk.signIn(desk.browser(), form)
    expect(status).toBe(400)
    expect(text).toContain('Enter your user name and your password.')
    expect(headers['set-cookie']).toBeUndefined()
  })

  test.each([
    ['JSON', 'application/json', (password: string) => JSON.stringify({ user: 'admin', password })],
    ['JSON that says it is a text', 'text/plain', (password: string) => JSON.stringify({ user: 'admin', password })],
    ['a form that says it is a text', 'text/plain', (password: string) => formOf({ user: 'admin', password })],
  ])('%s', async (_what, type, bodyOf) => {
    const body = bodyOf(desk.firstPassword)
    const { status, headers } = await desk.wire.send(desk.origin + SIGN_IN_PATH, {
      method: 'POST',
      headers: { 'content-type': type },
      body,
    })
    expect([status, headers['set-cookie']]).toEqual([400, undefined])
  })

  test('a form that is too large', async () => {
    expect((await desk.signIn(desk.browser(), { password: 'x'.repeat(21_000) })).status).toBe(413)
    // The longest password there can be is looked at.
    expect((await desk.signIn(desk.browser(), { password: '🔑'.repeat(500) })).status).toBe(400)
  })

  test('the passwords too long are not computed with, and do not count', async () => {
    expect(await guess(10, { password: 'x'.repeat(1001) })).toEqual(Array(10).fill(400))
    expect((await desk.signIn(desk.browser())).status).toBe(303)
  })
})

describe('a form from another site', () => {
  const FOREIGN: [string, Record<string, string>][] = [
    ['another origin', { origin: 'https://evil.example' }],
    ['no origin that can be told', { origin: 'null' }],
    ['the same host over plain http', { origin: 'http://localhost' }],
    ['another port', { origin: 'https://localhost:1' }],
    ['another site, says the browser', { 'sec-fetch-site': 'cross-site' }],
    ['a neighbour, says the browser', { 'sec-fetch-site': 'same-site' }],
  ]
  const FORM = { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' }

  test.each(FOREIGN)('of %s signs nobody in', async (_what, headers) => {
    const body = formOf({ user: 'admin', password: desk.firstPassword })
    const send = (more: Record<string, string>) =>
      desk.wire.send(desk.origin + SIGN_IN_PATH, { method: 'POST', headers: { ...FORM, ...more }, body })
    const refused = await send(headers)
    expect([refused.status, refused.headers['set-cookie']]).toEqual([403, undefined])
    expect((await send({ origin: desk.origin, 'sec-fetch-site': 'same-origin' })).status).toBe(303)
  })

  test.each(FOREIGN)('of %s signs nobody out', async (_what, headers) => {
    const session = sessionIn(await desk.signIn(desk.browser()))
    const send = (more: Record<string, string>) =>
      desk.wire.send(desk.origin + SIGN_OUT_PATH, { method: 'POST', headers: { ...FORM, ...as(session), ...more } })
    expect((await send(headers)).status).toBe(403)
    expect(await desk.who(as(session))).toEqual(ADMIN)
    expect((await send({ origin: desk.origin })).status).toBe(303)
    expect(await desk.who(as(session))).toBeNull()
  })
})

describe('a session', () => {
  test('ends at the sign-out, in the browser and at the bank', async () => {
    const browser = desk.browser()
    const session = sessionIn(await desk.signIn(browser))
    const answer = await browser.open(desk.origin + SIGN_OUT_PATH, {})
    expect([answer.status, answer.headers.location]).toEqual([303, '/console/sign-in?signed_out=1'])
    expect(cookiesIn(answer)[0]).toMatch(
      /^__Host-operator=; Path=\/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Strict$/,
    )
    expect(await desk.who(browser)).toBeNull()
    expect(await desk.who(as(session))).toBeNull()
    const page = await browser.open(`${desk.origin}${answer.headers.location}`)
    expect(page.text).toContain('<p class="done" role="status">You have signed out.</p>')
  })

  test('is not ended by a link', async () => {
    const browser = desk.browser()
    await desk.signIn(browser)
    expect((await browser.open(desk.origin + SIGN_OUT_PATH)).status).toBe(404)
    expect(await desk.who(browser)).toEqual(ADMIN)
  })

  test('ends when nobody does anything for half an hour', async () => {
    const session = sessionIn(await desk.signIn(desk.browser()))
    expect(await later(31 * MINUTE, () => desk.who(as(session)))).toBeNull()
    expect(await later(29 * MINUTE, () => desk.who(as(session)))).toEqual(ADMIN)
    expect(await later(58 * MINUTE, () => desk.who(as(session)))).toEqual(ADMIN)
    expect(await later(89 * MINUTE, () => desk.who(as(session)))).toBeNull()
  })

  test('ends after eight hours, whatever is done', async () => {
    const session = sessionIn(await desk.signIn(desk.browser()))
    for (let minutes = 20; minutes < 480; minutes += 20) expect(await later(minutes * MINUTE, () => desk.who(as(session)))).toEqual(ADMIN)
    expect(await later(8 * HOUR - 1, () => desk.who(as(session)))).toEqual(ADMIN)
    expect(await later(8 * HOUR, () => desk.who(as(session)))).toBeNull()
  })

  const RESTARTS: [string, (operators: Record<string, unknown>[]) => unknown[], unknown][] = [
    ['stays when nothing changed', (operators) => operators, { id: 'vera', roles: ['viewer'] }],
    ['does not outlive its operator', (operators) => operators.filter(({ id }) => id !== 'vera'), null],
    ['does not outlive more roles', (operators) => operators.map((one) => ({ ...one, roles: ['admin'] })), null],
    ['does not outlive its password', (operators) => operators.map((one, index) => ({ ...one, hash: operators[1 - index]?.hash })), null],
  ]
  test.each(RESTARTS)('%s', async (_what, change, who) => {
    const password = await addOperator(desk.folder, { id: 'vera', roles: ['viewer'] })
    const before = await openDesk({ store, folder: desk.folder })
    const session = sessionIn(await before.signIn(before.browser(), { user: 'vera', password }))
    const { operators } = JSON.parse(desk.folder.read('operators.json') ?? '')
    desk.folder.writeSecret('operators.json', JSON.stringify({ operators: change(operators) }))
    const after = await openDesk({ store, folder: desk.folder })
    expect(await after.who(as(session))).toEqual(who)
    expect(await before.who(as(session))).toEqual({ id: 'vera', roles: ['viewer'] })
    await Promise.all([before.close(), after.close()])
  })

  test.each([
    ['nothing', ''],
    ['only the name', '__Host-operator'],
    ['no value', '__Host-operator='],
    ['another value', `__Host-operator=${'A'.repeat(43)}`],
    ['too short a value', `__Host-operator=${'A'.repeat(42)}`],
    ['a value of other characters', `__Host-operator=${'%'.repeat(43)}`],
    ['broken percent signs', '__Host-operator=%E0%A4%A'],
    ['a long value', `__Host-operator=${'A'.repeat(6000)}`],
    ['a name of Object.prototype', '__proto__=a; constructor=b'],
    ['separators', ';;;===;; =;'],
    ['quotes', '__Host-operator="'],
    ['bytes', '__Host-operator=\xff\xfe'],
  ])('is not opened by a cookie of %s', async (_what, cookie) => {
    expect(await desk.who({ cookie })).toBeNull()
  })

  test('is opened by its cookie among others, and not where there are two', async () => {
    const session = sessionIn(await desk.signIn(desk.browser()))
    expect(await desk.who({ cookie: `a=b; __Host-operator=${session};c` })).toEqual(ADMIN)
    expect(await desk.who({ cookie: `__Host-operator=${session}; __Host-operator=${'A'.repeat(43)}` })).toBeNull()
    for (const name of ['operator', '__host-operator', '__Host-operator-browser', '__Secure-operator'])
      expect(await desk.who({ cookie: `${name}=${session}` })).toBeNull()
  })

  test('is nobody’s because of what a request claims', async () => {
    const claims = {
      'x-forwarded-user': 'admin',
      'x-remote-user': 'admin',
      'x-forwarded-for': '127.0.0.1',
      'x-ssl-client-verify': 'SUCCESS',
    }
    expect(await desk.who(claims)).toBeNull()
  })
})

describe('the token of the operator', () => {
  const TOKEN = { id: 'operator-token', roles: ['admin'] }

  test.each<[string, Record<string, string>, unknown]>([
    ['opens the console to scripts', { authorization: `Bearer ${DESK_TOKEN}` }, TOKEN],
    ['does so in whatever case the scheme is', { authorization: `bearer ${DESK_TOKEN}` }, TOKEN],
    ['goes with cookies of other pages', { authorization: `Bearer ${DESK_TOKEN}`, cookie: 'a=b' }, TOKEN],
    ['does not go with the cookie of a session', { authorization: `Bearer ${DESK_TOKEN}`, ...as('A'.repeat(43)) }, null],
    ['is the whole token', { authorization: `Bearer ${DESK_TOKEN.slice(0, -1)}` }, null],
    ['is nothing more', { authorization: `Bearer ${DESK_TOKEN}x` }, null],
    ['is not nothing', { authorization: 'Bearer ' }, null],
    ['comes with its scheme', { authorization: DESK_TOKEN }, null],
    ['comes with no other scheme', { authorization: `Basic ${DESK_TOKEN}` }, null],
  ])('%s', async (_what, headers, who) => {
    expect(await desk.who(headers)).toEqual(who)
  })
})

describe('guesses', () => {
  test('are stopped after six, and let in again one by one, each after a longer wait', async () => {
    expect(await guess(7)).toEqual([400, 400, 400, 400, 400, 400, 429])
    const stopped = await desk.signIn(desk.browser())
    expect([stopped.status, waitOf(stopped)]).toEqual([429, 30])
    expect(stopped.text).toContain('<p class="alert" role="alert">There were too many attempts to sign in. Try again in 30 seconds.</p>')
    expect(stopped.headers['set-cookie']).toBeUndefined()

    const waits: number[] = []
    let passed = 30
    for (let round = 0; round < 7; round++) {
      await later(passed, async () => {
        expect(await guess(1)).toEqual([400])
        waits.push(waitOf(await desk.signIn(desk.browser())))
      })
      passed += waits.at(-1) ?? 0
    }
    expect(waits).toEqual([60, 120, 240, 480, 900, 900, 900])
    expect((await later(600, () => desk.signIn(desk.browser()))).text).toMatch(/Try again in \d+ minutes\./)
    // The right password is as good as ever once the wait is over.
    await later(passed, async () => expect((await desk.signIn(desk.browser())).status).toBe(303))
  })

  test('of somebody who signs in are forgotten', async () => {
    for (let round = 0; round < 4; round++) {
      expect(await guess(5)).toEqual(Array(5).fill(400))
      expect((await desk.signIn(desk.browser())).status).toBe(303)
    }
  })

  test('that are no more made are forgotten after a while', async () => {
    expect(await guess(7)).toEqual([...Array(6).fill(400), 429])
    await later(2 * HOUR, async () => expect(await guess(7)).toEqual([...Array(6).fill(400), 429]))
  })

  test('at names that nobody has are stopped as well: the answers tell nothing', async () => {
    expect(await guess(7, { user: 'nobody' })).toEqual([...Array(6).fill(400), 429])
    // Another name is another count.
    expect(await guess(1)).toEqual([400])
  })

  test('do not come back by a name in capitals', async () => {
    await guess(6)
    expect(await guess(2, { user: ' ADMIN' })).toEqual([429, 429])
  })

  test.each([
    ['x-forwarded-for', '203.0.113.7'],
    ['x-real-ip', '203.0.113.7'],
    ['forwarded', 'for=203.0.113.7'],
    ['true-client-ip', '203.0.113.7'],
    ['cf-connecting-ip', '203.0.113.7'],
  ])('do not come back by %s', async (name, value) => {
    await guess(6)
    const body = formOf({ user: 'admin', password: 'a guess' })
    const headers = { 'content-type': 'application/x-www-form-urlencoded', [name]: value }
    expect((await desk.wire.send(desk.origin + SIGN_IN_PATH, { method: 'POST', headers, body })).status).toBe(429)
  })

  test('at many names are stopped too', async () => {
    const statuses: number[] = []
    for (let index = 0; index < 32; index++) statuses.push(...(await guess(1, { user: `user-${index}` })))
    expect(statuses).toEqual([...Array(31).fill(400), 429])
  })

  test('of others do not keep an operator out whose browser the bank knows', async () => {
    const browser = desk.browser()
    await desk.signIn(browser)
    await browser.open(desk.origin + SIGN_OUT_PATH, {})
    expect(await guess(7)).toEqual([...Array(6).fill(400), 429])
    expect((await desk.signIn(desk.browser())).status).toBe(429)
    expect((await desk.signIn(browser)).status).toBe(303)
    // It may not guess more than others, and not for others either.
    expect(await guess(8, {}, browser)).toEqual([...Array(6).fill(400), 429, 429])
    expect(await guess(7, { user: 'vera' }, browser)).toEqual([...Array(6).fill(400), 429])
  })

  test('are not excused by the browser of another operator, nor by one of an earlier password', async () => {
    const admin: Operator = { id: 'admin', roles: ['admin'], mark: 'one' }
    const sessions = operatorSessions(memoryStore(), { ids: [], find: () => undefined, verify: async () => undefined })
    const browser = await sessions.rememberBrowser(admin, undefined)
    expect(await sessions.knowsBrowser(admin, browser)).toBe(true)
    expect(await sessions.knowsBrowser({ ...admin, mark: 'other' }, browser)).toBe(false)
    expect(await sessions.rememberBrowser(admin, browser)).toBe(browser)
    expect(await sessions.rememberBrowser({ ...admin, mark: 'other' }, browser)).not.toBe(browser)
  })

  test('behind a proxy are counted by user name, since all come from one address', async () => {
    const behind = await openDesk({ store: memoryStore(), behindProxy: true })
    const statuses: number[] = []
    for (let index = 0; index < 22; index++) statuses.push((await behind.signIn(behind.browser(), { password: 'a guess' })).status)
    expect(statuses).toEqual([...Array(21).fill(400), 429])
    expect((await behind.signIn(behind.browser(), { user: 'vera' })).status).toBe(400)
    await behind.close()
  })

  test('from many addresses at one name become slow, and never stop for good', async () => {
    const attempts = operatorAttempts(memoryStore())
    const from = (index: number) => attempts.take({ user: 'admin', address: `203.0.113.${index}`, browser: undefined })
    const first = await Promise.all(Array.from({ length: 100 }, (_, index) => from(index)))
    expect(first.filter(({ passes }) => passes)).toHaveLength(21)
    let passed = 5
    for (let round = 0; round < 10; round++) {
      const taken = await later(passed, () => from(100 + round))
      expect(taken).toEqual({ passes: true })
      const next = await later(passed, () => from(200))
      expect(next).toEqual({ passes: false, retryAfter: Math.min(5 * 2 ** (round + 1), 60) })
      passed += Math.min(5 * 2 ** (round + 1), 60)
    }
  })

  test.each([
    ['one IPv4 address, however it is written', '203.0.113.7', '::ffff:203.0.113.7', false],
    ['one network of IPv6', '2001:db8::1', '2001:db8::2', false],
    ['two IPv4 addresses', '203.0.113.7', '203.0.113.8', true],
    ['two networks of IPv6', '2001:db8::1', '2001:db8:1::1', true],
  ])('from %s', async (_what, one, other, passes) => {
    const attempts = operatorAttempts(memoryStore())
    const from = (address: string) => attempts.take({ user: 'admin', address, browser: undefined })
    for (let index = 0; index < 6; index++) expect(await from(one)).toEqual({ passes: true })
    expect(await from(other)).toMatchObject({ passes })
  })
})

test('a store that does not answer lets nobody in', async () => {
  const logged = jest.spyOn(console, 'error').mockImplementation(() => undefined)
  const gone = async () => Promise.reject(new Error('the store is gone'))
  const broken = await openDesk({ store: { ...memoryStore(), find: gone, once: gone, upsert: gone } })
  expect((await broken.signIn(broken.browser())).status).toBe(500)
  expect((await broken.wire.send(`${broken.origin}/console/who`, { headers: as('A'.repeat(43)) })).status).toBe(500)
  expect(JSON.stringify(logged.mock.calls)).not.toContain(broken.firstPassword)
  logged.mockRestore()
  await broken.close()
})

test('what is typed, and the session it opens, is in no file and in no log', async () => {
  const said: string[] = []
  const spies = (['log', 'info', 'warn', 'error', 'debug'] as const).map((level) =>
    jest.spyOn(console, level).mockImplementation((...line: unknown[]) => void said.push(line.join(' '))),
  )
  const folder = newFolder()
  const { store, close } = await openStore('pglite:', { folder: folder.path })
  const open = await openDesk({ store, folder })
  const password = open.firstPassword
  const answer = await open.signIn(open.browser())
  const secrets = [password, 'a guess that is wrong', ...cookiesIn(answer).map((line) => /=([^;]+)/.exec(line)?.[1] ?? '')]
  await open.signIn(open.browser(), { password: 'a guess that is wrong' })
  await open.signIn(open.browser(), { password: `${password} ` })
  await close()

  expect(secrets.map((secret) => secret.length > 20)).toEqual([true, true, true, true])
  const files = readdirSync(folder.path, { recursive: true, encoding: 'utf8' }).map((name) => join(folder.path, name))
  const texts = files.filter((file) => statSync(file).isFile()).map((file) => readFileSync(file, 'latin1'))
  expect(texts.filter((text) => text.includes('OperatorSession')).length).toBeGreaterThan(0)
  expect(texts.filter((text) => secrets.some((secret) => text.includes(secret)))).toEqual([])
  expect(said.filter((line) => secrets.some((secret) => line.includes(secret)))).toEqual([])
  for (const spy of spies) spy.mockRestore()
  await open.close()
  rmSync(folder.path, { recursive: true, force: true })
})
