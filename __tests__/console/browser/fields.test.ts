import type { Page } from 'playwright-core'
import {
  type ConsoleDesk,
  hasChromium,
  namesWith,
  openConsoleDesk,
  openDraft,
  browserTest as test,
  type Visitor,
} from '../../support/console-browser.js'
import { mintKey, weakRsaJwk } from '../../support/keys.js'

/* Each field of the form, filled in wrongly and then rightly. */

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

interface Case {
  readonly what: string
  /** The label of the field that is told to be wrong. */
  readonly label: RegExp
  readonly wrong: string
  readonly says: RegExp
  readonly right: string
  /** What else is chosen first. */
  readonly first?: (page: Page) => Promise<void>
  /** What the field holds after the refusal, where that is not what was entered. */
  readonly kept?: string
  /** How it is mended, where that is not in this field. */
  readonly mend?: (page: Page) => Promise<void>
}

const unfold = (page: Page) => page.getByText('Addresses and contacts').click()
const REDIRECTS = /^Redirect URIs \(required\)/
const KEYS = /^Public keys/
const SECTOR = /^Sector identifier/
const MAX_AGE = /^Oldest sign-in/
const SUBJECT = /^Name in the certificate/
const GOOD_URI = 'https://planner.example/cb'
const byCertificate = (page: Page) => page.getByRole('radio', { name: /^Mutual TLS, certificate of an authority/ }).check()
const atAddress = (page: Page) => page.getByRole('radio', { name: /^At an address/ }).check()
const publicJwk = JSON.stringify(mintKey().publicJwk)
const FIELDS = { label: REDIRECTS, right: GOOD_URI }
const AGE = { label: MAX_AGE, says: /default_max_age must be whole seconds/, right: '3600' }

const CASES: readonly Case[] = [
  { ...FIELDS, what: 'a redirect URI over http', wrong: 'http://planner.example/cb', says: /must be https URLs/ },
  { ...FIELDS, what: 'a redirect URI with a fragment', wrong: 'https://planner.example/cb#part', says: /must have no fragment/ },
  { ...FIELDS, what: 'a redirect URI with a wildcard', wrong: 'https://*.planner.example/cb', says: /no wildcard/ },
  { ...FIELDS, what: 'a redirect URI that is a script', wrong: 'javascript:alert(1)', says: /must not have the scheme javascript:/ },
  { ...FIELDS, what: 'a redirect URI that is none', wrong: 'not an address', says: /only the characters of a URI/ },
  {
    ...FIELDS,
    what: 'one wrong redirect URI of two',
    wrong: `${GOOD_URI}\nhttp://planner.example/cb`,
    says: /http:\/\/planner\.example\/cb is not/,
  },
  {
    what: 'a scope unknown to the server',
    label: /^Scopes/,
    wrong: 'openid payments',
    says: /payments, which this server does not have/,
    right: 'openid accounts',
  },
  {
    what: 'a scope with quotes',
    label: /^Scopes/,
    wrong: 'openid "all"',
    says: /scope must be words|does not have/,
    right: ' openid   accounts ',
  },
  {
    what: 'a sector identifier over http',
    label: SECTOR,
    wrong: 'http://planner.example/sector.json',
    says: /sector_identifier_uri must be an https URL/,
    right: '',
  },
  {
    ...{
      what: 'pairwise identifiers, two hosts and no sector',
      label: SECTOR,
      wrong: '',
      says: /sector_identifier_uri is required/,
      right: '',
    },
    async first(page) {
      await page.getByRole('radio', { name: /^Pairwise/ }).check()
      await page.getByRole('textbox', { name: REDIRECTS }).fill('https://one.example/cb\nhttps://two.example/cb')
    },
    mend: (page) => page.getByRole('textbox', { name: REDIRECTS }).fill('https://one.example/cb\nhttps://one.example/other'),
  },
  { what: 'keys that are none', label: KEYS, wrong: 'rubbish', says: /no key was found/, right: publicJwk },
  { what: 'an empty list of keys', label: KEYS, wrong: '{"keys":[]}', says: /list of keys is empty/, right: publicJwk },
  {
    what: 'a private key',
    label: KEYS,
    wrong: JSON.stringify(mintKey().privateJwk),
    kept: '',
    says: /is a private key\. It must stay with the client/,
    right: publicJwk,
  },
  {
    what: 'a weak RSA key',
    label: KEYS,
    wrong: JSON.stringify(weakRsaJwk()),
    kept: '',
    says: /RSA key of 1024 bits, at least 2048/,
    right: publicJwk,
  },
  {
    ...{
      what: 'an address of keys over http',
      label: /^Address of the keys/,
      wrong: 'http://planner.example/jwks',
      says: /jwks_uri must be an https URL/,
    },
    ...{ first: atAddress, right: '' },
    async mend(page) {
      await page.getByLabel('Pasted or from a file').check()
      await page.getByRole('textbox', { name: KEYS }).fill(publicJwk)
    },
  },
  { what: 'no keys', label: KEYS, wrong: '', says: /no keys were given/, right: publicJwk },
  {
    ...{ what: 'no address of keys', label: /^Address of the keys/, wrong: '', says: /jwks_uri must be given/, right: '' },
    first: atAddress,
    async mend(page) {
      await page.getByLabel('Pasted or from a file').check()
      await page.getByRole('textbox', { name: KEYS }).fill(publicJwk)
    },
  },
  {
    what: 'tls_client_auth without a name',
    label: SUBJECT,
    wrong: '',
    first: byCertificate,
    says: /exactly one of the tls_client_auth_ subject/,
    right: 'CN=planner,O=Example,C=GB',
  },
  {
    what: 'a subject that is no DN',
    label: SUBJECT,
    wrong: 'this is no name',
    first: byCertificate,
    says: /must be a distinguished name/,
    right: 'CN=planner,O=Example,C=GB',
  },
  {
    ...{ what: 'a certificate that is none', label: /^Certificate of the application/, wrong: 'rubbish', first: byCertificate },
    ...{ says: /neither PEM .* nor DER/, right: '' },
    mend: (page) => page.getByRole('textbox', { name: SUBJECT }).fill('CN=planner,O=Example,C=GB'),
  },
  { ...AGE, what: 'a negative age', wrong: '-1' },
  { ...AGE, what: 'an age in words', wrong: 'abc' },
  { ...AGE, what: 'an age with a fraction', wrong: '1.5' },
  {
    what: 'a logo that is a script',
    label: /^Logo/,
    first: unfold,
    wrong: 'javascript:alert(1)',
    says: /logo_uri must be an http or https URL/,
    right: 'https://planner.example/logo.svg',
  },
  {
    what: 'a logo of another host',
    label: /^Logo/,
    first: unfold,
    wrong: 'https://evil.example/logo.svg',
    says: /logo_uri must be of the host of a redirect URI/,
    right: 'https://planner.example/logo.svg',
  },
  {
    what: 'a home page of another kind',
    label: /^Home page/,
    first: unfold,
    wrong: 'ftp://planner.example',
    says: /client_uri must be an http or https URL/,
    right: 'https://planner.example',
  },
  {
    what: 'a privacy policy that is a script',
    label: /^Privacy policy/,
    first: unfold,
    wrong: 'data:text/html,x',
    says: /policy_uri must be an http or https URL/,
    right: 'https://planner.example/privacy',
  },
  {
    what: 'terms that are none',
    label: /^Terms of service/,
    first: unfold,
    wrong: 'terms',
    says: /tos_uri must be an http or https URL/,
    right: 'https://planner.example/terms',
  },
  {
    what: 'a login that starts over http',
    label: /^Where a login is started/,
    first: unfold,
    wrong: 'http://planner.example/login',
    says: /initiate_login_uri must be an https URL/,
    right: 'https://planner.example/login',
  },
  {
    what: 'contacts that are no addresses',
    label: /^Contacts/,
    first: unfold,
    wrong: 'ask for Alice',
    says: /contacts can only contain email addresses/,
    right: 'alice@planner.example',
  },
]

describe('a field that is wrong is told, nothing is kept, and what was entered is still there; mended, it is taken', () => {
  test.each(CASES)('$what', async ({ what, label, wrong, says, right, first, kept = wrong, mend }) => {
    const { page, press } = admin
    await openDraft(admin, what)
    await first?.(page)
    const field = page.getByRole('textbox', { name: label })
    await field.fill(wrong)
    expect(await press('Review and create')).toBe(400)
    expect(await page.getByRole('alert').filter({ hasText: 'This cannot be saved' }).textContent()).toMatch(says)
    expect(await field.getAttribute('aria-invalid')).toBe('true')
    expect(await field.inputValue()).toBe(kept)
    expect(await page.getByRole('textbox', { name: /^Name \(required\)/ }).inputValue()).toBe(what)
    expect(await namesWith(desk.bank, what)).toEqual([])

    await field.fill(right)
    await mend?.(page)
    expect(await press('Review and create')).toBe(200)
    expect(await press('Create the application')).toBe(200)
    expect(await namesWith(desk.bank, what)).toEqual([what])
  })

  test('no name: the browser says so, and the server does where the browser is made not to', async () => {
    const { page, press } = admin
    await openDraft(admin, 'Nameless')
    const name = page.getByRole('textbox', { name: /^Name \(required\)/ })
    await name.fill('')
    await page.getByRole('button', { name: 'Review and create' }).click()
    expect(await page.evaluate('document.activeElement.validity?.valueMissing && document.activeElement.name')).toBe('client_name')
    await page.evaluate("document.querySelector('form[data-live]').noValidate = true")
    expect(await press('Review and create')).toBe(400)
    expect(await name.getAttribute('aria-invalid')).toBe('true')
    await name.fill('Named after all')
    expect(await press('Review and create')).toBe(200)
  })
})
