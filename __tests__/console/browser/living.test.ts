import { issueCertificate } from '../../../examples/bank/certificates.js'
import { loadAuthority } from '../../../examples/bank/identities.js'
import { signingKey } from '../../../examples/tpp/signing-key.js'
import {
  type ClientKeys,
  type ConsoleDesk,
  hasChromium,
  namesWith,
  openConsoleDesk,
  browserTest as test,
  type Visitor,
  walkWith,
} from '../../support/console-browser.js'

/* What becomes of an application in the console, and what its client notices. */

let desk: ConsoleDesk
let admin: Visitor
let keys: ClientKeys
let id: string

const NAME = 'Rent Tracker'

beforeAll(async () => {
  if (!hasChromium) return
  desk = await openConsoleDesk()
  admin = await desk.visitor('admin')
  const { privateJwk, publicJwk } = await signingKey('ES256')
  const authority = await loadAuthority(desk.bank.folder)
  keys = { privateJwk, ...(await issueCertificate(authority, { subject: 'C=GB, CN=rent', usage: 'client', keyType: 'EC' })) }
  const metadata = {
    ...{ client_name: NAME, fapi_profile: 'fapi2-security', redirect_uris: ['https://rent.example/cb'] },
    ...{ response_types: ['code'], grant_types: ['authorization_code', 'refresh_token'], dpop_bound_access_tokens: true },
    ...{ token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_signing_alg: 'ES256', jwks: { keys: [publicJwk] } },
    ...{ id_token_signed_response_alg: 'ES256', require_pushed_authorization_requests: true },
  }
  const { client_id } = await desk.bank.ask('POST', '/applications', { metadata })
  id = String(client_id)
})

afterAll(async () => {
  expect(admin?.complaints ?? []).toEqual([])
  await desk?.close()
})

/** Walks the flow of the application as the bank has it now. */
async function flow(): Promise<number> {
  const { metadata } = await desk.bank.ask('GET', `/applications/${id}`)
  const { accounts, party } = await walkWith(desk.bank, Object(metadata), keys, { clientId: id, request: 'pushed', dpop: true })
  await party.close()
  return accounts.length
}

/** The rows of the history: what was done, and by whom. */
async function history(): Promise<readonly string[]> {
  await admin.open(`/applications/${id}/history`)
  return admin.page.locator('tbody tr').allTextContents()
}

test('edited: the review shows the difference, saving keeps it, the history says who and what, and the flow goes on', async () => {
  const { page, open, press } = admin
  expect(await flow()).toBeGreaterThan(0)
  await open('/applications')
  await press(NAME, 'link')
  await press('Settings', 'link')
  await page.getByRole('textbox', { name: /^Name \(required\)/ }).fill('Rent Tracker Plus')
  await page.getByRole('textbox', { name: /^Redirect URIs \(required\)/ }).fill('https://rent.example/cb\nhttps://rent.example/second')
  expect(await press('Review the changes')).toBe(200)
  const rows = await page.getByRole('region', { name: 'What changes' }).locator('tbody tr').allTextContents()
  expect(rows).toEqual(['client_nameRemoved: Rent TrackerAdded: Rent Tracker Plus', 'redirect_urisAdded: https://rent.example/second'])

  await press('Back to the form')
  expect(await page.getByRole('textbox', { name: /^Name \(required\)/ }).inputValue()).toBe('Rent Tracker Plus')
  expect(await namesWith(desk.bank, id)).toEqual([NAME])
  await press('Review the changes')
  expect(await press('Save')).toBe(200)
  await page.getByText('The changes were saved.').waitFor()
  expect(await namesWith(desk.bank, id)).toEqual(['Rent Tracker Plus'])
  const [latest = ''] = await history()
  expect(latest).toMatch(/^20\d\d-\d\d-\d\d .*admin.*change application/)
  expect(latest).toContain('Rent Tracker Plus')
  expect(await flow()).toBeGreaterThan(0)
})

test('edited by two at once: whoever comes second is told, and overwrites nothing', async () => {
  const { page, open, press } = admin
  await open(`/applications/${id}/edit`)
  await page.getByRole('textbox', { name: /^Name \(required\)/ }).fill('Of the second')
  const { metadata, revision } = await desk.bank.ask('GET', `/applications/${id}`)
  const { client_id: _id, ...kept } = { ...Object(metadata) }
  await desk.bank.ask('PUT', `/applications/${id}`, { metadata: { ...kept, client_name: 'Of the first' }, revision })
  await press('Review the changes')
  expect(await press('Save')).toBeGreaterThanOrEqual(400)
  expect(await page.getByRole('alert').first().textContent()).toMatch(/changed/)
  expect(await namesWith(desk.bank, id)).toEqual(['Of the first'])
})

test('disabled: the flow is refused; enabled again: it goes on', async () => {
  const { page, open, press } = admin
  await open(`/applications/${id}`)
  await press('Disable', 'link')
  await page.getByLabel('Reason').fill('Its certificate was stolen')
  expect(await press('Disable')).toBe(200)
  await page.getByText('The application is disabled').waitFor()
  expect(await page.getByText('Its certificate was stolen').count()).toBe(1)
  await expect(flow()).rejects.toThrow()

  await press('Enable', 'link')
  expect(await press('Enable')).toBe(200)
  await page.getByText('The application is enabled.').waitFor()
  expect(await flow()).toBeGreaterThan(0)
  const [enabled = '', disabled = ''] = await history()
  expect(enabled).toMatch(/admin.*enable application/)
  expect(disabled).toMatch(/admin.*disable application/)
  expect(disabled).toContain('Its certificate was stolen')
})

test('duplicated: the copy has the settings, and neither keys nor a way in', async () => {
  const { page, open, press } = admin
  await open(`/applications/${id}`)
  await press('Duplicate', 'link')
  expect(await page.getByLabel('Name').inputValue()).toMatch(/^Copy of /)
  await page.getByLabel('Name').fill('The copy')
  await press('Continue')
  expect(await press('Review and create')).toBe(400)
  expect(await page.getByRole('alert').first().textContent()).toMatch(/jwks/)
  await page.getByLabel('Pasted or from a file').check()
  await page.getByLabel('Public keys').fill(JSON.stringify((await signingKey('ES256')).publicJwk))
  expect(await press('Review and create')).toBe(200)
  expect(await press('Create the application')).toBe(200)
  expect(await namesWith(desk.bank, 'The copy')).toEqual(['The copy'])
  const { items } = await desk.bank.ask('GET', '/applications?search=The+copy')
  const [copy] = Array.isArray(items) ? items : []
  expect(copy.client_id).not.toBe(id)
})

test('deleted: only when its client_id is typed, and then its flow is over', async () => {
  const { page, open, press } = admin
  await open(`/applications/${id}`)
  await press('Delete', 'link')
  await page.getByLabel('Type the client_id to confirm').fill('something else')
  expect(await press('Delete for good')).toBe(400)
  expect(await page.getByRole('alert').textContent()).toMatch(/must be the client_id/)
  expect(await page.getByLabel('Type the client_id to confirm').inputValue()).toBe('something else')
  expect(await flow()).toBeGreaterThan(0)
  const { metadata } = await desk.bank.ask('GET', `/applications/${id}`)

  await page.getByLabel('Type the client_id to confirm').fill(id)
  expect(await press('Delete for good')).toBe(200)
  await page.getByText(/was deleted/).waitFor()
  expect(await namesWith(desk.bank, id)).toEqual([])
  await expect(walkWith(desk.bank, Object(metadata), keys, { clientId: id, request: 'pushed', dpop: true })).rejects.toThrow()
})
