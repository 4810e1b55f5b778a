import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type Identity, issueCertificate } from '../../../examples/bank/certificates.js'
import { loadAuthority } from '../../../examples/bank/identities.js'
import { type SigningAlgorithm, type SigningKey, signingKey } from '../../../examples/tpp/signing-key.js'
import {
  type ConsoleDesk,
  hasChromium,
  openConsoleDesk,
  browserTest as test,
  type Visitor,
  walkWith,
} from '../../support/console-browser.js'

/* Applications made from nothing in a real Chromium, as a person would, and then used. */

let desk: ConsoleDesk
let admin: Visitor
let authority: Identity

beforeAll(async () => {
  if (!hasChromium) return
  desk = await openConsoleDesk()
  authority = await loadAuthority(desk.bank.folder)
  admin = await desk.visitor('admin')
})

afterAll(async () => {
  expect(admin?.complaints ?? []).toEqual([])
  await desk?.close()
})

const REDIRECT = 'https://planner.example/cb'

/** The first step: a name, a profile, and where users go back to. */
async function begin({ page, open, press }: Visitor, name: string, profile: string): Promise<void> {
  await open('/applications')
  await press('New application', 'link')
  await page.getByLabel('Name').fill(name)
  await page.getByLabel(profile, { exact: true }).check()
  await page.getByLabel('Redirect URIs').fill(REDIRECT)
  await press('Continue')
}

async function giveKeys({ page }: Visitor, { publicJwk }: SigningKey): Promise<void> {
  await page.getByLabel('Pasted or from a file').check()
  await page.getByLabel('Public keys').fill(JSON.stringify(publicJwk))
}

/** Reviews and creates, and takes the metadata home as the page offers them. */
async function finish({ page, press }: Visitor): Promise<{ readonly id: string; readonly metadata: Readonly<Record<string, unknown>> }> {
  await page.getByText('This complies').waitFor()
  expect(await press('Review and create')).toBe(200)
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Review and create')
  expect(await press('Create the application')).toBe(200)
  await page.getByText('The application was created.').waitFor()
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download metadata' }).click()])
  const metadata: Readonly<Record<string, unknown>> = JSON.parse(readFileSync(await download.path(), 'utf8'))
  return { id: String(metadata.client_id), metadata }
}

async function keysOf(alg: SigningAlgorithm) {
  const key = await signingKey(alg)
  const identity = await issueCertificate(authority, { subject: 'C=GB, O=Example TPP, CN=planner', usage: 'client', keyType: 'EC' })
  return { key, identity, files: { ...identity, privateJwk: key.privateJwk } }
}

describe('an application is created from nothing, and its flow comes to the accounts', () => {
  test('FAPI 1.0 Advanced: mutual TLS, by a certificate put in as a file', async () => {
    const { page } = admin
    const { key, identity, files } = await keysOf('PS256')
    await begin(admin, 'Planner by certificate', 'FAPI 1.0 Part 2: Advanced')
    await page.getByRole('radio', { name: /^Mutual TLS, certificate of an authority/ }).check()
    const { raw, fingerprint256 } = new X509Certificate(identity.certificate)
    await page
      .getByLabel('Or take it from a file (PEM or DER)')
      .setInputFiles({ name: 'client.cer', mimeType: 'application/pkix-cert', buffer: raw })
    const shown = page.locator('#live .panel').filter({ hasText: 'The certificate' })
    await shown.getByText(Buffer.from(fingerprint256.replaceAll(':', ''), 'hex').toString('base64url')).waitFor()
    expect(await shown.first().textContent()).toMatch(/SubjectCN=planner,O=Example TPP,C=GB.*Expires20\d\d-/)
    await giveKeys(admin, key)
    await page.getByRole('checkbox', { name: /^jwt/ }).check()
    const { id, metadata } = await finish(admin)
    expect(metadata).toMatchObject({
      fapi_profile: 'fapi1-advanced',
      token_endpoint_auth_method: 'tls_client_auth',
      tls_client_auth_subject_dn: expect.stringContaining('CN=planner'),
      tls_client_certificate_bound_access_tokens: true,
    })
    const own = { ...metadata, use_mtls_endpoint_aliases: true, response_modes: ['jwt'] }
    const { accounts, party } = await walkWith(desk.bank, own, files, { clientId: id, request: 'signed, by value' })
    await party.close()
    expect(accounts.length).toBeGreaterThan(0)
  })

  test('FAPI 1.0 Advanced: private_key_jwt with PS256', async () => {
    const { page } = admin
    const { key, files } = await keysOf('PS256')
    await begin(admin, 'Planner by PS256', 'FAPI 1.0 Part 2: Advanced')
    await page.getByLabel('Client assertions: signature').selectOption('PS256')
    await giveKeys(admin, key)
    await page.getByRole('checkbox', { name: /^jwt/ }).check()
    const { id, metadata } = await finish(admin)
    const own = { ...metadata, use_mtls_endpoint_aliases: true, response_modes: ['jwt'] }
    const { accounts, party } = await walkWith(desk.bank, own, files, { clientId: id, request: 'signed, by value' })
    await party.close()
    expect(accounts.length).toBeGreaterThan(0)
  })

  test('FAPI 2.0 Security Profile: private_key_jwt with ES256, DPoP', async () => {
    const { page } = admin
    const { key, files } = await keysOf('ES256')
    await begin(admin, 'Planner by DPoP', 'FAPI 2.0 Security Profile')
    await page.getByLabel('Client assertions: signature').selectOption('ES256')
    await giveKeys(admin, key)
    await page.getByRole('radio', { name: /^A DPoP key/ }).check()
    const { id, metadata } = await finish(admin)
    expect(metadata).toMatchObject({ dpop_bound_access_tokens: true, require_pushed_authorization_requests: true })
    const { accounts, party } = await walkWith(desk.bank, metadata, files, { clientId: id, request: 'pushed', dpop: true })
    await party.close()
    expect(accounts.length).toBeGreaterThan(0)
  })
})
