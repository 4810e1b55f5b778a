import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { memoryStore, type Store } from 'express-fapi'
import { type AuditOptions, audit } from '../../lib/audit/audit.js'
import type { Report } from '../../lib/audit/finding.js'
import { openTestBank, type TestBank } from '../support/test-bank.js'
import { profileNamed, toldOf } from './audited-servers.js'

let bank: TestBank
let store: Store
beforeAll(async () => {
  store = memoryStore()
  bank = await openTestBank([], store)
})
afterAll(() => bank?.close())

const on = (profile: string, more: Partial<AuditOptions> = {}): Promise<Report> =>
  audit({ issuer: bank.issuer, profile: profileNamed(profile), ca: bank.caCertificate, version: '0', ...more })

/** What is wrong only if it were for clients of FAPI: the bank serves one client outside all profiles, and clients of both generations. */
const OFFERED_TO_OTHERS: Readonly<Record<string, readonly string[]>> = {
  'fapi1-baseline': [],
  'fapi1-advanced': ['no-dpop', 'request-objects-required'],
  'fapi2-security': ['par-required', 'server-response-types'],
  'fapi2-message-signing': ['par-required', 'request-objects-required', 'server-response-types'],
}

const idsOf = ({ findings }: Report, ...statuses: readonly string[]) =>
  findings
    .filter(({ status }) => statuses.includes(status))
    .map(({ id }) => id)
    .sort()

describe.each(Object.keys(OFFERED_TO_OTHERS))('%s', (profile) => {
  test('nothing fails at the bank, with a client that the audit registers and deletes again', async () => {
    const registered = async () => (await store.list('Client', { limit: 1000 })).items.map(({ client_id: id }) => id).sort()
    const before = await registered()
    const { initialAccessToken, issuer, mtlsOrigin } = bank
    const resource = new URL(`${profile === 'fapi1-advanced' ? mtlsOrigin : issuer}/accounts`)
    const report = await on(profile, { initialAccessToken, resource })
    expect(toldOf(report.findings, 'failed')).toEqual([])
    expect(idsOf(report, 'warned')).toEqual([...(OFFERED_TO_OTHERS[profile] ?? []), 'server-authentication-methods'].sort())
    expect(toldOf(report.findings, 'unjudged')).toEqual([])
    expect(idsOf(report, 'passed').length).toBeGreaterThan(120)
    expect(await registered()).toEqual(before)
  })

  test('what is offered to other clients fails where all are meant', async () => {
    const report = await on(profile, { allClients: true })
    expect(idsOf(report, 'failed')).toEqual([...(OFFERED_TO_OTHERS[profile] ?? []), 'server-authentication-methods'].sort())
  })
})

describe.each([
  ['fapi1-pkjwt', 'fapi1-advanced', true],
  ['fapi1-mtls', 'fapi1-advanced', true],
  ['fapi2-dpop', 'fapi2-security', false],
  ['fapi2-mtls', 'fapi2-security', true],
  ['fapi2-ms', 'fapi2-message-signing', false],
] as const)('with the client %s', (clientId, profile, hasCertificate) => {
  const file = (name: string) => readFileSync(join(bank.dataDir, 'clients', clientId, name), 'utf8')

  test('nothing fails, and what it has no key for is not judged', async () => {
    const client = { metadata: JSON.parse(file('metadata.json')), keys: [JSON.parse(file('private.jwk.json'))] }
    const mtls = hasCertificate ? { certificate: file('certificate.pem'), key: file('key.pem') } : undefined
    const report = await on(profile, { client, mtls })
    expect(toldOf(report.findings, 'failed')).toEqual([])
    expect(report.findings.filter(({ status, got }) => status === 'unjudged' && !/RSA key|initial-access-token/.test(got))).toEqual([])
    expect(idsOf(report, 'passed')).toContain('legal-request/legal')
    expect(idsOf(report, 'passed').length).toBeGreaterThan(70)
  })
})

test('a report has no secret: no key, token, assertion, code or request_uri', async () => {
  const report = await on('fapi2-security', { initialAccessToken: bank.initialAccessToken, resource: new URL(`${bank.issuer}/accounts`) })
  const text = JSON.stringify(report)
  expect(text).not.toMatch(/eyJ[\w-]{10}/)
  expect(text).not.toContain(bank.initialAccessToken)
  expect(text).not.toMatch(/urn:ietf:params:oauth:request_uri:(?!never-pushed|nothing)/)
  expect(text).not.toMatch(/"d"|PRIVATE KEY|client_assertion=|code_verifier/)
})
