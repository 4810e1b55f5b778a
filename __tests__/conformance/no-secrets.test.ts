import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { profiles } from 'express-fapi'
import { CompactEncrypt, importJWK, type JWK } from 'jose'
import { type Bank, startBank } from '../../examples/bank/bank.js'
import { openDataFolder } from '../../examples/bank/data-folder.js'
import { loadAuthority } from '../../examples/bank/identities.js'
import { type OwnServer, startOwnServer } from '../../examples/own-server/start.js'
import { audit } from '../../lib/audit/audit.js'
import type { Report } from '../../lib/audit/finding.js'
import { htmlReport } from '../../lib/audit/reports/html.js'
import { jsonReport } from '../../lib/audit/reports/json.js'
import { junitReport } from '../../lib/audit/reports/junit.js'
import { sarifReport } from '../../lib/audit/reports/sarif.js'
import { terminalReport } from '../../lib/audit/reports/terminal.js'
import { terminalProgress } from '../../lib/audit/reports/terminal-progress.js'
import { ca } from '../readers/issuer-servers.js'
import { type OpenDirectory, openDirectory } from '../registration/registration-server.js'
import { openBrowser } from '../support/browser.js'
import '../support/clock.js'
import { VERIFIER } from '../support/pkce.js'
import { makeTpps, type Tpp, type TppName } from '../support/tpp.js'
import { openWire, type Wire } from '../support/wire.js'
import { ACCOUNTS } from './matrix/accounts.js'
import { AUTHORIZATIONS } from './matrix/authorizations.js'
import { CLIENT_ASSERTIONS } from './matrix/client-assertions.js'
import { CODES } from './matrix/codes.js'
import { FAPI1_AUTHORIZATIONS } from './matrix/fapi1-authorizations.js'
import { PROOFS } from './matrix/proofs.js'
import { PUSHES } from './matrix/pushes.js'
import { REFRESH_TOKENS } from './matrix/refresh-tokens.js'
import { REQUEST_OBJECTS } from './matrix/request-objects.js'
import { REQUEST_URIS } from './matrix/request-uris.js'
import type { Scene } from './matrix/scene.js'
import { type ServerName, sceneAt } from './matrix/servers.js'
import { type Harvest, harvest } from './secrets/harvest.js'
import { misplace, namePeople, PERSONAL } from './secrets/hostile.js'
import { leakFinder } from './secrets/leaks.js'
import { type Outputs, openOutputs, overhear } from './secrets/outputs.js'
import { registerAll } from './secrets/registrations.js'

/* No token, key, secret, code or personal claim stands in what is written down: not in the journal, a log, a span, a metric or a report. */

const ROWS = [
  ...[PUSHES, REQUEST_OBJECTS, CLIENT_ASSERTIONS, AUTHORIZATIONS, FAPI1_AUTHORIZATIONS],
  ...[REQUEST_URIS, CODES, PROOFS, REFRESH_TOKENS, ACCOUNTS],
].flat()
const AT_BOTH = [
  ...(['fapi2', 'fapi2-second', 'fapi2-mtls', 'fapi2-mtls-second', 'fapi2-jwt-mtls'] as const),
  ...(['signing', 'fapi1-jarm', 'fapi1-hybrid', 'fapi1-both'] as const),
]
const AT_BANK = ['fapi2-selfsigned', 'fapi2-mtls-dpop', 'signing-second', 'baseline', 'plain', 'plain-jwt'] as const

/** What the users of both servers are called, and what their accounts are: as the pages and the API show it. */
const USERS = {
  'a user': ['Alice Archer', 'Bob Brook', 'Archer'],
  'an account': ['GB21 EXBK 2020 1555 5510 01', 'GB21EXBK20201555551001', 'acc-1001', 'acc-1002', '2480.15'],
}

const dataDir = mkdtempSync(join(tmpdir(), 'no-secrets-'))
const ears = overhear()
let gathered: Harvest
let tpps: Tpp[]
let wire: Wire
let bank: Bank
let ownServer: OwnServer
let statements: OpenDirectory
let scenes: Readonly<Record<ServerName, Scene>>
const outputs: Readonly<Record<ServerName, Outputs>> = { bank: openOutputs(), 'own-server': openOutputs() }
const reports: Report[] = []
/** What is shown elsewhere, by where. */
const shown = new Map<string, string[]>()

beforeAll(async () => {
  const clientIds = new Set([...AT_BOTH, ...AT_BANK].map((name) => `tpp-${name}`))
  gathered = harvest((text) => clientIds.has(text))
  tpps = await makeTpps([...AT_BOTH, ...AT_BANK], await loadAuthority(openDataFolder(dataDir)))
  const options = { port: 0, mtlsPort: 0, dataDir, clients: tpps.map(({ metadata }) => metadata) }
  const { store, record } = outputs.bank
  statements = await openDirectory()
  const [{ issuer, jwks_uri: jwksUri } = { issuer: '', jwks_uri: '' }] = statements.issuers
  const directory = { issuer, jwksUri, ca, hosts: [`localhost:${statements.port}`] }
  bank = await startBank({ ...options, store, record, directory })
  for (const id of bank.clientIds) clientIds.add(id)
  const own = outputs['own-server']
  const both = tpps.filter(({ id }) => AT_BOTH.some((name) => id === `tpp-${name}`))
  ownServer = await startOwnServer({
    ...{ ...options, clients: both.map(({ metadata }) => metadata), fapi: true },
    record: [own.journal, ...own.record],
  })
  wire = openWire(bank.caCertificate)
  scenes = { bank: await sceneAt(bank.issuer, tpps, wire), 'own-server': await sceneAt(ownServer.issuer, both, wire) }
  for (const { key, proofKey, certificate } of tpps) {
    for (const jwk of [key.privateJwk, proofKey?.privateJwk]) addKey(jwk)
    for (const line of certificate?.key.split('\n') ?? []) if (!line.startsWith('---')) gathered.add('a line of a private key', line)
  }
  for (const [kind, texts] of [...Object.entries(USERS), ...Object.entries(PERSONAL).map(([kind, text]) => [kind, [text]] as const)])
    for (const text of texts) personal.set(text, kind)
})
afterAll(async () => {
  ears.end()
  gathered?.end()
  await wire?.close()
  await Promise.all([bank?.close(), ownServer?.close(), statements?.close(), ...Object.values(outputs).map((one) => one.close())])
  rmSync(dataDir, { recursive: true, force: true })
})

const personal = new Map<string, string>()
function addKey(jwk: JWK | undefined): void {
  for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi'] as const) gathered.add('a member of a private key', jwk?.[member])
}

/** A flow from the request to the revocation, with everything on the way. */
async function wholeFlow(scene: Scene, name: TppName, hasMore: boolean): Promise<void> {
  const party = scene.as(name)
  const { access_token: accessToken, refresh_token: refreshToken } = await party.tokens()
  const { status } = await party.accounts(accessToken)
  expect([name, status]).toEqual([name, ['baseline', 'plain', 'plain-jwt'].includes(name) ? status : 200])
  expect([name, (await party.refresh(String(refreshToken))).status]).toEqual([name, 200])
  const token = String(accessToken)
  await party.call('introspection_endpoint', { token })
  if (!hasMore) return
  await party.present(party.endpoint('userinfo_endpoint'), accessToken)
  await party.call('revocation_endpoint', { token })
  await party.call('revocation_endpoint', { token: String(refreshToken) })
  await party.accounts(accessToken)
  await party.refresh(String(refreshToken))
}

test.each(AT_BOTH)('a whole flow of %s at both servers', async (name) => {
  await wholeFlow(scenes.bank, name, true)
  await wholeFlow(scenes['own-server'], name, false)
})

test.each(AT_BANK)('a whole flow of %s at the bank', (name) => wholeFlow(scenes.bank, name, true))

test('an encrypted request object, and one that nobody can decrypt', async () => {
  const jwks: unknown = JSON.parse((await wire.send(`${bank.issuer}/jwks`)).text)
  const key = (jwks as { keys: JWK[] }).keys.find(({ use }) => use === 'enc') ?? {}
  const header = { alg: 'RSA-OAEP-256', enc: 'A256GCM', kid: String(key.kid), cty: 'oauth-authz-req+jwt' }
  const party = scenes.bank.as('fapi1-jarm')
  const object = await party.object()
  const compact = await new CompactEncrypt(Buffer.from(object)).setProtectedHeader(header).encrypt(await importJWK(key, header.alg))
  gathered.add('request', object)
  await party.push({ object: { compact } })
  await party.push({ object: { compact: `${compact.slice(0, -4)}AAAA` } })
})

test.each(['bank', 'own-server'] as const)(
  'every refusal of the matrix at the %s',
  async (name) => {
    const heard = []
    for (const row of ROWS) heard.push(await row.send(scenes[name]))
    expect(heard.filter((outcome) => outcome !== undefined).length).toBe(ROWS.length)
  },
  300_000,
)

/** Secrets of every form, real ones and some of those that only look so. */
async function misplaced(name: ServerName): Promise<Readonly<Record<string, string>>> {
  const scene = scenes[name]
  const party = scene.as('fapi2')
  const { accessToken, refreshToken } = await scene.grant('fapi2')
  const all = {
    access_token: accessToken,
    refresh_token: refreshToken,
    code: await party.code(),
    client_assertion: await party.assertion(),
    'a private key': JSON.stringify(party.tpp.key.privateJwk),
    client_secret: randomBytes(24).toString('hex'),
    code_verifier: VERIFIER,
  }
  for (const [kind, secret] of Object.entries(all)) gathered.add(kind, secret)
  return all
}

test.each([
  ['bank', ['fapi2', 'signing', 'fapi1-jarm', 'plain']],
  ['own-server', ['fapi2', 'fapi1-hybrid']],
] as const)(
  'secrets where they do not belong, at the %s',
  async (name, clients) => {
    const parties = clients.map((client) => scenes[name].as(client))
    await misplace(scenes[name], await misplaced(name), parties)
    await namePeople(scenes[name], parties)
  },
  300_000,
)

test('registrations, honest and with secrets in every field', async () => {
  const { registered, refused } = await registerAll(bank, wire, Object.values(await misplaced('bank')))
  expect(registered).toBeGreaterThan(3)
  expect(refused).toBeGreaterThan(50)
})

test.each(profiles)('the audit of the bank by $name', async (profile) => {
  const common = { issuer: bank.issuer, profile, ca: bank.caCertificate, version: '0', resource: new URL(`${bank.mtlsOrigin}/accounts`) }
  const said: string[] = []
  const { tell } = terminalProgress((text) => said.push(text), { isTTY: false })
  reports.push(await audit({ ...common, initialAccessToken: bank.initialAccessToken }, tell))
  const id = profile.name.startsWith('fapi1') ? 'fapi1-pkjwt' : 'fapi2-mtls'
  const file = (name: string) => readFileSync(join(dataDir, 'clients', id, name), 'utf8')
  const client = { metadata: JSON.parse(file('metadata.json')), keys: [JSON.parse(file('private.jwk.json'))] }
  const mtls = { certificate: file('certificate.pem'), key: file('key.pem') }
  reports.push(await audit({ ...common, client, mtls }, tell))
  reports.push(await audit({ ...common, issuer: ownServer.issuer, resource: new URL(`${ownServer.mtlsOrigin}/accounts`) }, tell))
  shown.set('the progress of audits', [...(shown.get('the progress of audits') ?? []), ...said])
})

test('the console: signed in by password, its pages of verdicts', async () => {
  const browser = openBrowser(wire, bank.issuer)
  const password = String(bank.firstPassword)
  gathered.add('password', password)
  const signIn = (form: Readonly<Record<string, string>>) => browser.open(`${bank.issuer}/console/sign-in`, form)
  await signIn({ user: password, password })
  await signIn({ user: 'admin', password: String(PERSONAL['a password']) })
  expect((await signIn({ user: 'admin', password })).status).toBe(303)
  const pages: string[] = []
  const open = async (path: string) => {
    const { status, text } = await browser.open(bank.consoleUrl + path)
    expect([path, status]).toEqual([path, 200])
    // A form of a page has the token that it is sent with.
    pages.push(text.replaceAll(/name="csrf_token" value="[^"]*"/g, ''))
  }
  const refused = (await outputs.bank.verdicts()).filter(({ rejection }) => rejection).flatMap(({ interaction }) => interaction ?? [])
  for (const id of refused.filter((_id, index) => index % 40 === 0)) await open(`/verdicts/${id}`)
  for (const outcome of ['all', 'refused', 'broken']) await open(`/verdicts?outcome=${outcome}&limit=100`)
  for (const secret of Object.values(await misplaced('bank')))
    await browser.open(`${bank.consoleUrl}/verdicts?search=${encodeURIComponent(secret)}`)
  await open('/applications')
  await open('/profiles')
  shown.set('the console', pages)
  const { text } = await wire.send(`${bank.consoleUrl}/api/verdicts?outcome=all&limit=100`, {
    headers: { authorization: `Bearer ${bank.operatorToken}` },
  })
  shown.set('the API of the console', [text])
})

describe('what was written down', () => {
  let find: ReturnType<typeof leakFinder>
  beforeAll(() => {
    gathered.addFolder(dataDir)
    find = leakFinder(new Map([...gathered.secrets, ...personal]))
  })

  test('a secret is found, however it is written', async () => {
    const { accessToken } = await scenes.bank.grant('fapi2')
    const assertion = [...gathered.secrets].find(([, kind]) => kind === 'client_assertion')?.[0] ?? ''
    const signature = assertion.split('.')[2] ?? ''
    for (const secret of [accessToken, assertion, signature, VERIFIER])
      for (const text of [
        ...[`a ${secret} b`, encodeURIComponent(`?x=${secret}`), `cut …${secret.slice(10, 26)}…`, secret.slice(-16)],
        JSON.stringify({ a: JSON.stringify({ b: `"${secret}"` }) }),
        Buffer.from(`{"x":"${secret}"}`).toString('base64url'),
        `x${Buffer.from(`{"x":"${secret}"}`).toString('base64')}`,
      ])
        expect([text, find([text]).length > 0]).toEqual([text, true])
    for (const text of ['"name":"Alice Archer"', 'account%20GB21%20EXBK%202020%201555%205510%2001', 'by ALICE ARCHER.'])
      expect([text, find([text]).length > 0]).toEqual([text, true])
    expect(find(['tpp-fapi2', bank.issuer, `${bank.issuer}/request`, 'code_challenge_method must be S256'])).toEqual([])
  })

  test('secrets of every kind were minted', () => {
    const kinds = new Map<string, number>()
    for (const kind of gathered.secrets.values()) kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
    for (const kind of [
      ...['access_token', 'refresh_token', 'id_token', 'code', 'code_verifier', 'client_assertion', 'request', 'request_uri', 'response'],
      ...['client_secret', 'registration_access_token', 'software_statement', 'state', 'nonce', 'password', 'csrf_token', 'a DPoP proof'],
      ...['a credential of a header', 'a cookie', 'a member of a private key', 'a line of a private key', 'a secret of the server'],
    ])
      expect([kind, kinds.get(kind) ?? 0]).not.toEqual([kind, 0])
  })

  test.each(['bank', 'own-server'] as const)('by the %s', async (name) => {
    for (const [where, texts] of await outputs[name].written()) {
      expect([where, texts.length > 0]).toEqual([where, true])
      expect([where, find(texts)]).toEqual([where, []])
    }
  })

  test('by this process', () => {
    expect(ears.said.length).toBeGreaterThan(100)
    expect(find(ears.said)).toEqual([])
  })

  test('for people to look at', () => {
    for (const [where, texts] of shown) expect([where, find(texts)]).toEqual([where, []])
  })

  const printers = {
    json: jsonReport,
    junit: junitReport,
    sarif: sarifReport,
    html: htmlReport,
    terminal: (report: Report) => terminalReport(report, { isTTY: false, columns: 120 }),
    'terminal, in colours': (report: Report) => terminalReport(report, { isTTY: true, columns: 40 }),
    raw: (report: Report) => JSON.stringify(report),
  }
  test.each(Object.entries(printers))('in reports of audits: %s', (_format, print) => {
    expect(reports.length).toBe(3 * profiles.length)
    expect(reports.every(({ findings }) => findings.length > 20)).toBe(true)
    expect(find(reports.map(print))).toEqual([])
  })
})
