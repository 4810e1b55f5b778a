import {
  type ConsoleDesk,
  type DraftProfile,
  hasChromium,
  namesWith,
  openConsoleDesk,
  openDraft,
  browserTest as test,
  type Visitor,
} from '../../support/console-browser.js'

/* What does not comply cannot be chosen, and a form that has been tampered with is refused for the same reason. */

let desk: ConsoleDesk
let admin: Visitor

beforeAll(async () => {
  if (!hasChromium) return
  desk = await openConsoleDesk()
  admin = await desk.visitor('admin')
})

afterAll(async () => {
  expect(admin?.complaints ?? []).toEqual([])
  await desk?.close()
})

const FORGED: readonly (readonly [profile: DraftProfile, field: string, value: string, clause: string])[] = [
  ['fapi2-security', 'token_endpoint_auth_method', 'client_secret_basic', 'FAPI2-SP-5.3.2.1-6'],
  ['fapi2-security', 'token_endpoint_auth_method', 'client_secret_post', 'FAPI2-SP-5.3.2.1-6'],
  ['fapi2-security', 'token_endpoint_auth_method', 'client_secret_jwt', 'FAPI2-SP-5.3.2.1-6'],
  ['fapi2-security', 'token_endpoint_auth_method', 'none', 'FAPI2-SP-5.3.2.1-3'],
  ['fapi2-security', 'token_endpoint_auth_signing_alg', 'RS256', 'FAPI2-SP-5.4.1-1.2'],
  ['fapi2-security', 'id_token_signed_response_alg', 'RS256', 'FAPI2-SP-5.4.1-1.2'],
  ['fapi2-security', 'response_types', 'id_token', 'FAPI2-SP-5.3.2.2-1'],
  ['fapi2-security', 'binding', 'none', 'FAPI2-SP-5.3.2.1-4'],
  ['fapi2-security', 'require_pushed_authorization_requests', 'false', 'FAPI2-SP-5.3.2.2-3'],
  ['fapi2-security', 'request_object_signing_alg', 'none', 'FAPI2-SP-5.4.1-1.2'],
  ['fapi2-security', 'id_token_encrypted_response_alg', 'RSA1_5', 'RFC8725-3.2'],
  ['fapi1-advanced', 'token_endpoint_auth_method', 'client_secret_jwt', 'FAPI1-ADV-5.2.2-14'],
  ['fapi1-advanced', 'token_endpoint_auth_method', 'none', 'FAPI1-ADV-5.2.2-16'],
  ['fapi1-advanced', 'token_endpoint_auth_signing_alg', 'RS256', 'FAPI1-ADV-8.6-1'],
  ['fapi1-advanced', 'request_object_signing_alg', 'none', 'FAPI1-ADV-8.6-1'],
  ['fapi1-advanced', 'response_types', 'code token', 'FAPI1-ADV-5.2.2-2'],
  ['fapi1-advanced', 'binding', 'dpop', 'FAPI1-ADV-5.2.2-6'],
  ['fapi1-advanced', 'binding', 'none', 'FAPI1-ADV-5.2.2-6'],
  ['fapi1-advanced', 'id_token_encrypted_response_alg', 'RSA1_5', 'FAPI1-ADV-8.6.1-1'],
]

/** Chooses what the page does not let anybody choose, and says whether it did not. */
const force = (field: string, value: string) => `(() => {
  const [field, value] = ${JSON.stringify([field, value])}
  const one = [...document.querySelectorAll('[name="' + field + '"], [name="' + field + '"] option')].find((each) => each.value === value)
  if (!one) return 'missing'
  const was = one.disabled
  one.disabled = false
  if (one.tagName === 'OPTION') one.selected = true
  else one.checked = true
  return was
})()`

describe('what does not comply cannot be chosen; sent all the same, it is refused with the clause', () => {
  test.each(FORGED)('%s: %s %s', async (profile, field, value, clause) => {
    const { page, press } = admin
    const name = `Forged ${profile} ${field} ${value}`
    await openDraft(admin, name, profile)
    expect(await page.evaluate(force(field, value))).toBe(true)
    expect(await press('Review and create')).toBe(400)
    const verdict = page.locator('#live')
    expect(await verdict.textContent()).toMatch(/This would be refused/)
    expect(await verdict.locator('.badge.bad').allTextContents()).toContain(clause)
    expect(await namesWith(desk.bank, name)).toEqual([])
  })

  test.each(['fapi1-advanced', 'fapi2-security'] as const)('%s: the same form, not tampered with', async (profile) => {
    await openDraft(admin, `Honest ${profile}`, profile)
    expect(await admin.press('Review and create')).toBe(200)
    expect(await admin.press('Create the application')).toBe(200)
    expect(await namesWith(desk.bank, `Honest ${profile}`)).toEqual([`Honest ${profile}`])
  })
})

test('without its script the form does the same', async () => {
  const visitor = await desk.visitor('admin', { javaScriptEnabled: false })
  const { page, press } = visitor
  await openDraft(visitor, 'Plain Old Form')
  await page.getByRole('textbox', { name: /^Redirect URIs \(required\)/ }).fill('http://planner.example/cb')
  expect(await press('Review and create')).toBe(400)
  expect(await page.getByRole('alert').first().textContent()).toMatch(/must be https URLs/)
  await page.getByRole('textbox', { name: /^Redirect URIs \(required\)/ }).fill('https://planner.example/cb')
  expect(await press('Review and create')).toBe(200)
  expect(await press('Create the application')).toBe(200)
  await page.getByText('The application was created.').waitFor()
  await visitor.close()
  expect(await namesWith(desk.bank, 'Plain Old Form')).toEqual(['Plain Old Form'])
})
