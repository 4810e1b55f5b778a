import { pathMatcher } from '../../../lib/console/api.js'
import { operations } from '../../../lib/console/operations/index.js'
import { pages } from '../../../lib/console/pages/index.js'
import { hasRole, ROLES, type Role } from '../../../lib/console/roles.js'
import { PLACES } from '../../../scripts/console-places.js'
import { type ConsoleScene, playScene } from '../../../scripts/console-scene.js'
import { type ConsoleDesk, hasChromium, openConsoleDesk, browserTest as test, type Visitor } from '../../support/console-browser.js'

/* Who may what: each page, each form and each operation, by the tables that they come from. */

let desk: ConsoleDesk
let scene: ConsoleScene
const visitors = new Map<Role, Visitor>()

beforeAll(async () => {
  if (!hasChromium) return
  desk = await openConsoleDesk()
  scene = await playScene(desk.bank)
  for (const role of ROLES) visitors.set(role, await desk.visitor(role))
})

afterAll(async () => {
  for (const { complaints } of visitors.values()) expect(complaints).toEqual([])
  await desk?.close()
})

const may = (role: Role, needed: Role) => hasRole({ id: role, roles: [role] }, needed)

function visitorOf(role: Role): Visitor {
  const visitor = visitors.get(role)
  if (!visitor) throw new Error(`nobody has the role ${role}`)
  return visitor
}

/** An address that a pattern fits. */
const addressOf = (pattern: string) =>
  pattern
    .replaceAll('{client_id}', scene.application)
    .replaceAll('{interaction_id}', scene.interaction)
    .replaceAll(/\{\w+\}/g, 'fapi2-security')

/** The page of the table at an address. */
function pageAt(href: string) {
  const { pathname } = new URL(href)
  const segments = pathname
    .replace(/^\/console/, '')
    .split('/')
    .slice(1)
    .map(decodeURIComponent)
  return pages.find(({ path }) => pathMatcher(path)(segments) !== undefined)
}

/** The token that the forms of somebody's pages send along. */
async function tokenOf({ page, open }: Visitor): Promise<string> {
  await open('/applications')
  return page.locator('input[name=csrf_token]').first().inputValue()
}

const AT_EACH = PLACES.flatMap((place) => (['viewer', 'operator'] as const).map((role) => ({ ...place, role })))

test.each(AT_EACH)(
  '$role at $name: it is shown if the role allows it, and offers nothing that it does not allow',
  async ({ role, page: path, at = () => path }) => {
    const { page, open } = visitorOf(role)
    const status = await open(at(scene))
    const found = pages.find((one) => one.path === path)
    if (found && !may(role, found.role)) {
      expect(status).toBe(403)
      return
    }
    expect(status).toBe(found ? 200 : 404)
    const hrefs = (await page.evaluate("[...document.querySelectorAll('a[href]')].map((link) => link.href)")) as readonly string[]
    const forbidden = hrefs
      .filter((href) => href.startsWith(desk.bank.consoleUrl))
      .filter((href) => !may(role, pageAt(href)?.role ?? 'viewer'))
    expect(forbidden).toEqual([])
    const actions = (await page.evaluate(
      "[...document.querySelectorAll('form[method=post]')].map((form) => form.action)",
    )) as readonly string[]
    const refused = actions.filter((action) => {
      const target = pageAt(action)
      return !action.endsWith('/sign-out') && !may(role, target?.postRole ?? target?.role ?? 'admin')
    })
    expect(refused).toEqual([])
  },
)

describe.each(['viewer', 'operator'] as const)('what a %s may not', (role) => {
  const forbidden = pages.filter(({ post, postRole, role: own }) => post && !may(role, postRole ?? own))
  test.each(forbidden.map(({ path }) => path))('send the form of %s', async (path) => {
    const visitor = visitorOf(role)
    const form = { csrf_token: await tokenOf(visitor), standing: 'disabled', reason: 'x', confirm: scene.application }
    const url = desk.bank.consoleUrl + addressOf(path)
    const response = await visitor.page.context().request.post(url, { form, headers: { origin: desk.bank.issuer }, maxRedirects: 0 })
    expect(response.status()).toBe(403)
    expect(await response.text()).toMatch(/this needs the role (operator|admin)/)
  })

  const closed = operations.filter((operation) => !may(role, operation.role))
  test.each(closed.map(({ name, method, path }) => [name, method, path] as const))('ask the API for %s', async (_name, method, path) => {
    const visitor = visitorOf(role)
    const headers = { 'x-csrf-token': await tokenOf(visitor), origin: desk.bank.issuer, 'content-type': 'application/json' }
    const url = `${desk.bank.consoleUrl}/api${addressOf(path)}`
    const response = await visitor.page.context().request.fetch(url, { method, headers, data: '{}' })
    expect(response.status()).toBe(403)
    expect(await response.json()).toMatchObject({ error: 'access_denied' })
  })
})

test('what a viewer may send changes nothing: these and no others', () => {
  const sent = operations.filter(({ method, role }) => method !== 'GET' && role === 'viewer').map(({ name }) => name)
  expect([...sent].sort()).toEqual(['considerApplication', 'readCertificate'])
  const forms = pages.filter(({ post, postRole, role }) => post && (postRole ?? role) === 'viewer').map(({ path }) => path)
  expect([...forms].sort()).toEqual(['/keys/certificate', '/registration/statement'])
})

test('nothing came of all that: what there was is as it was, and the audit trail knows of nobody but the operator’s token', async () => {
  const { items } = await desk.bank.ask('GET', '/audit?limit=200')
  const people = new Set((Array.isArray(items) ? items : []).map(({ by }) => by))
  expect([...people]).toEqual(['operator-token'])
  const { status } = await desk.bank.ask('GET', `/applications/${scene.application}`)
  expect(status).toBe('active')
})

test('an operator disables and enables an application, and an admin may all that', async () => {
  const { page, open, press } = visitorOf('operator')
  await open(`/applications/${scene.application}/standing`)
  await page.getByLabel('Reason').fill('A look into something odd')
  expect(await press('Disable')).toBe(200)
  await press('Enable', 'link')
  expect(await press('Enable')).toBe(200)
  expect(await visitorOf('admin').open('/applications/new')).toBe(200)
})
