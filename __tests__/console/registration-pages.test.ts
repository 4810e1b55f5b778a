import {
  auCdr,
  brOpenfinance,
  createPolicy,
  type Ecosystem,
  generic,
  memoryStore,
  profiles,
  type RegistrationOptions,
  registration,
  type Store,
  ukObie,
} from 'express-fapi'
import type { Role } from 'express-fapi/console'
import { initialAccessTokens } from '../../lib/registration/initial-access-tokens.js'
import { type OpenedRegistration, openedRegistrations, statementOf } from '../registration/opened-registrations.js'
import { choose, inMap, openDirectory } from '../registration/registration-server.js'
import { mintStatement } from '../registration/statements.js'
import { mintKey } from '../support/keys.js'
import { honestMetadata } from '../support/registration.js'
import { fieldsIn, openRegistrationConsole, type RegistrationConsole } from './registration-console.js'

const KEY = mintKey()
const DIRECTORY = { issuer: 'https://other.example', jwks_uri: 'https://keys.other.example/jwks' }
const ROLES: readonly Role[] = ['viewer', 'operator', 'admin']
const SCRIPT = '<script>alert(1)</script><b title="'

const opened = openedRegistrations()
let store: Store
let server: OpenedRegistration
let console: RegistrationConsole

async function open(options: Partial<RegistrationOptions> = {}): Promise<void> {
  store = memoryStore({ capacity: 100_000 })
  server = await opened(options, { store })
  console = openRegistrationConsole(server.registering, store)
}
beforeEach(() => open())

const needsGuard = ({ management }: Ecosystem) => management.by !== 'registration_access_token'
const settings = () => server.registering.settings.current()
const audited = async () => (await console.api('viewer', 'get', '/audit')).body.items
const auditedAs = async (action: string) => (await audited()).filter((one: { action: string }) => one.action === action)
const patch = (body: unknown, who: Role = 'admin') => console.api(who, 'patch', '/registration/settings', body)

describe('settings, by the API', () => {
  test('are read by everybody, as JSON has them', async () => {
    await open({ settings: {} })
    for (const who of ROLES) {
      const { status, body } = await console.api(who, 'get', '/registration/settings')
      expect({ status, body }).toEqual({
        status: 200,
        body: {
          revision: 0,
          settings: {
            ...{ authentication_required: true, software_statement_required: false, software_statement_issuers: [] },
            ...{ enforce_fapi: true, fapi_profile: null, fapi_profiles: (await settings()).settings.fapi_profiles },
          },
        },
      })
    }
  })

  test('are changed by an admin, written down, and get their defaults back by null', async () => {
    const { status, body } = await patch({ revision: 0, enforce_fapi: false })
    expect({ status, body }).toMatchObject({ status: 200, body: { revision: 1, settings: { enforce_fapi: false } } })
    expect(await auditedAs('change registration settings')).toMatchObject([
      {
        ...{ by: 'admin@bank.example', outcome: 'done', subject: { kind: 'settings', id: 'registration' } },
        detail: [{ field: 'enforce_fapi', before: true, after: false }],
      },
    ])
    expect((await patch({ revision: 1, enforce_fapi: null })).body).toMatchObject({ revision: 2, settings: { enforce_fapi: true } })
    const history = await console.api('viewer', 'get', '/registration/settings/history?limit=1')
    expect(history.body).toMatchObject({ items: [{ revision: 2, by: 'admin@bank.example', before: { enforce_fapi: false } }], cursor: '2' })
    const rest = await console.api('viewer', 'get', '/registration/settings/history?cursor=2')
    expect(rest.body.items).toMatchObject([{ revision: 1, after: { enforce_fapi: false } }])
  })

  test.each(['viewer', 'operator'] as const)('are not changed by a %s', async (who) => {
    expect(await patch({ revision: 0, enforce_fapi: false }, who)).toMatchObject({ status: 403, body: { error: 'access_denied' } })
    expect([(await settings()).revision, await audited()]).toEqual([0, []])
  })

  test('of a stale revision are not changed', async () => {
    await patch({ revision: 0, enforce_fapi: false })
    expect(await patch({ revision: 0, enforce_fapi: true })).toMatchObject({ status: 412, body: { error: 'stale_revision' } })
    expect((await settings()).settings.enforce_fapi).toBe(false)
    expect(await audited()).toContainEqual(expect.objectContaining({ outcome: 'failed', detail: expect.stringContaining('revision 1') }))
  })

  test.each<[named: RegExp, body: unknown]>([
    [/JSON object/, []],
    [/cannot be read/, 'enforce_fapi'],
    [/revision/, { enforce_fapi: false }],
    [/revision/, { revision: '0', enforce_fapi: false }],
    [/revision/, { revision: null, enforce_fapi: false }],
    [/no colour: it may have revision, authentication_required/, { revision: 0, colour: 'red' }],
    [/true or false/, { revision: 0, enforce_fapi: 'false' }],
    [/true or false/, { revision: 0, authentication_required: 0 }],
    [/list of at most 20/, { revision: 0, software_statement_issuers: {} }],
    [/https/, { revision: 0, software_statement_issuers: [{ ...DIRECTORY, jwks_uri: 'http://keys.other.example' }] }],
    [/each issuer once/, { revision: 0, software_statement_issuers: [DIRECTORY, DIRECTORY] }],
    [/supported profiles/, { revision: 0, fapi_profile: 'fapi3' }],
    [/unless software_statement_required is/, { revision: 0, authentication_required: false }],
    [/must name a profile/, { revision: 0, fapi_profiles: [], fapi_profile: null }],
  ])('are refused with the reason: %s', async (named, body) => {
    const answer = await patch(body)
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request', error_description: expect.stringMatching(named) } })
    expect((await settings()).revision).toBe(0)
  })

  test('may do without an initial access token where a statement is mandatory', async () => {
    const { status } = await patch({ revision: 0, authentication_required: false, software_statement_required: true })
    expect(status).toBe(200)
  })

  test('stand beside what is configured', async () => {
    const { body } = await console.api('viewer', 'get', '/registration/terms')
    expect(body).toMatchObject({
      ...{ issuer: 'https://bank.example', registration_endpoint: 'https://bank.example/register' },
      ecosystem: { name: 'generic' },
      profiles: expect.arrayContaining([{ name: 'fapi2-security', title: expect.any(String) }]),
    })
  })
})

describe('settings, by the page', () => {
  const save = async (changes: Record<string, string | readonly string[]>, who: Role = 'admin') =>
    console.send(who, '/registration', { ...fieldsIn(await console.page('admin', '/registration')), ...changes })

  test('are shown to everybody with the rule and what holds, and as a form to admins alone', async () => {
    for (const who of ROLES) {
      const { status, text } = await console.page(who, '/registration')
      expect(status).toBe(200)
      expect(text).toContain('only where a software statement is mandatory')
      expect(text).toContain('Right now: whoever registers needs an initial access token')
      expect(text).toContain('https://bank.example/register')
      expect(text).toContain('OAuth 2.0 Dynamic Client Registration (generic)')
      expect(text.includes('Save the settings')).toBe(who === 'admin')
      expect(text).not.toMatch(/ style="| on[a-z]+="/)
    }
  })

  test('are changed, and only those that were', async () => {
    const answer = await save({ authentication_required: 'no', software_statement_required: 'yes' })
    expect([answer.status, answer.headers.location]).toEqual([303, '/console/registration?saved=1'])
    expect(await settings()).toMatchObject({ revision: 1, settings: { authentication_required: false, software_statement_required: true } })
    expect((await server.registering.settings.history()).items[0]?.after).toEqual({
      ...{ authentication_required: false, software_statement_required: true },
    })
    const { text } = await console.page('viewer', '/registration')
    expect(text).toContain(
      'Right now: nobody needs an initial access token; a software statement of https://directory.example is mandatory',
    )
    const history = await console.page('viewer', '/registration/history')
    expect(history.text).toContain('admin@bank.example')
    expect(history.text).toMatch(/authentication_required.*class="before">yes<.*class="after">no</s)
  })

  test('that are sent back as they are change nothing and write nothing down', async () => {
    expect((await save({})).headers.location).toBe('/console/registration')
    expect([(await settings()).revision, await audited()]).toEqual([0, []])
  })

  test('issuers are added in the empty rows, and removed by their boxes', async () => {
    expect((await save({ 'issuer-1': ` ${DIRECTORY.issuer} `, 'jwks_uri-1': DIRECTORY.jwks_uri })).status).toBe(303)
    expect((await settings()).settings.software_statement_issuers.map(({ issuer }) => issuer)).toEqual([
      ...['https://directory.example', DIRECTORY.issuer],
    ])
    expect((await save({ 'remove-0': 'yes' })).status).toBe(303)
    expect((await settings()).settings.software_statement_issuers).toEqual([DIRECTORY])
    expect((await save({ 'issuer-0': '', 'jwks_uri-0': '' })).status).toBe(303)
    expect((await settings()).settings.software_statement_issuers).toEqual([])
  })

  test('profiles are offered by their boxes, and the default is taken back', async () => {
    expect((await save({ fapi_profiles: ['fapi1-advanced'], fapi_profile: 'fapi1-advanced' })).status).toBe(303)
    expect((await settings()).settings).toMatchObject({ fapi_profiles: ['fapi1-advanced'], fapi_profile: 'fapi1-advanced' })
    const { fapi_profiles } = (await server.registering.settings.history()).items[0]?.before ?? {}
    expect((await save({ fapi_profiles: fapi_profiles as readonly string[], fapi_profile: '' })).status).toBe(303)
    expect((await settings()).settings.fapi_profile).toBe('fapi2-security')
  })

  test('that break a rule are shown again as they were typed, with what is wrong', async () => {
    const { status, text } = await save({ authentication_required: 'no', 'issuer-1': SCRIPT, 'jwks_uri-1': 'https://keys.example/jwks' })
    expect(status).toBe(400)
    expect(text).toContain('The settings were not changed')
    expect(text).toMatch(/field-authentication_required-problem[^>]*>authentication_required must be true unless/)
    expect(text).not.toContain('<script>alert')
    expect(text).toContain('&lt;script>alert')
    expect((await settings()).revision).toBe(0)
  })

  test.each([
    ['a row without URL', { 'issuer-1': 'https://other.example' }, 'software_statement_issuers must be right in each'],
    ['a row without issuer', { 'jwks_uri-1': 'https://keys.example/jwks' }, 'software_statement_issuers must have issuer and jwks_uri'],
    ['neither yes nor no', { enforce_fapi: 'maybe' }, 'enforce_fapi must be true or false'],
    ['an unknown profile', { fapi_profile: 'fapi3' }, 'fapi_profile must be one of'],
    ['no revision', { revision: '' }, 'revision must be a whole number'],
  ])('are not changed by %s', async (_what, changes, why) => {
    const { status, text } = await save({ ...changes, ...('revision' in changes && { enforce_fapi: 'no' }) })
    expect([status, text.includes(why)]).toEqual([400, true])
    expect((await settings()).revision).toBe(0)
  })

  test('that somebody else has changed meanwhile are not overwritten', async () => {
    const fields = fieldsIn(await console.page('admin', '/registration'))
    await server.registering.settings.change({ fapi_profile: 'fapi1-advanced' }, 'bob')
    const stale = await console.send('admin', '/registration', { ...fields, enforce_fapi: 'no' })
    expect(stale.status).toBe(412)
    expect(stale.text).toContain('Somebody has changed the settings since you read them')
    expect(stale.text).toContain('<bdi>bob</bdi>')
    expect((await settings()).settings).toMatchObject({ enforce_fapi: true, fapi_profile: 'fapi1-advanced' })
    expect((await save({ enforce_fapi: 'no' })).status).toBe(303)
    expect((await settings()).settings).toMatchObject({ enforce_fapi: false, fapi_profile: 'fapi1-advanced' })
  })

  test.each(['viewer', 'operator'] as const)('are not changed by the form of a %s', async (who) => {
    expect((await save({ enforce_fapi: 'no' }, who)).status).toBe(403)
    expect((await settings()).revision).toBe(0)
    expect((await save({ enforce_fapi: 'no' })).status).toBe(303)
  })

  test.each([
    [auCdr, 'jwks', 'the keys are those at jwks_uri of the software statement', 'a JWT that the software signs with PS256 or ES256'],
    [brOpenfinance, 'webhook_uris', 'must be the same as software_api_webhook_uris of the statement', 'at most 5 minutes old'],
    [ukObie, 'redirect_uris', 'each value must be in software_redirect_uris of the statement', 'a JWT that the software signs'],
  ])('stand beside the rules of %#', async (ecosystem, field, rule, fact) => {
    await open({ ecosystem, certificate: () => undefined, ...(needsGuard(ecosystem) && { guard: (_req, _res, next) => next() }) })
    const { status, text } = await console.page('viewer', '/registration')
    expect(status).toBe(200)
    expect(text).toContain('Right now: whoever registers needs a client certificate of a trusted authority')
    expect(text).toContain(ecosystem.title)
    expect(text).toContain(`rel="noopener noreferrer">${ecosystem.source.version}</a>`)
    expect(text).toContain(fact)
    expect(text).toMatch(new RegExp(`<code>${field}</code></td><td[^>]*>[^<]*</td><td[^>]*>${rule}`))
  })
})

describe('a software statement that is tried', () => {
  const once: Ecosystem = { ...generic, statement: { ...generic.statement, once: true } }
  const metadata = { ...honestMetadata(KEY, 'fapi2-security'), redirect_uris: undefined, client_name: undefined }
  const tried = (fields: Record<string, string>, who: Role = 'viewer') => console.send(who, '/registration/statement', fields)
  /** All of the answer but the field. */
  const beside = (text: string) => text.replace(/<textarea[\s\S]*?<\/textarea>/g, '')

  test('says what would be registered and who set each, and is good once afterwards', async () => {
    await open({ ecosystem: once })
    const statement = await statementOf('software-1', { client_name: `The ${SCRIPT}` })
    for (const who of ROLES) {
      const { status, text } = await tried({ software_statement: statement, metadata: JSON.stringify(metadata) }, who)
      expect(status).toBe(200)
      expect(text).toContain('The software statement is verified')
      expect(text).toContain('This complies')
      expect(text).toMatch(/<code>redirect_uris<\/code>.{0,200}https:\/\/tpp\.example\/cb.{0,200}the software statement/s)
      expect(text).toMatch(/<code>token_endpoint_auth_method<\/code>.{0,200}private_key_jwt.{0,200}the request/s)
      expect(text).toMatch(/<code>exp<\/code>.{0,80}<time/s)
      expect(text).toContain('FAPI2-SP-')
      expect(text).not.toContain('<script>alert')
      expect(beside(text)).not.toContain(statement)
      expect(text).toContain(statement)
    }
    expect([await audited(), server.clients.size]).toEqual([[], 0])
    const registered = { ...metadata, software_statement: await statementOf('software-2') }
    await tried({ software_statement: registered.software_statement, metadata: JSON.stringify(metadata) })
    expect((await server.register(registered)).status).toBe(201)
    expect((await server.register(registered)).status).toBe(400)
  })

  test('leaves no verdict behind, whatever is broken', async () => {
    const directory = await openDirectory()
    try {
      const verdicts: unknown[] = []
      const policy = createPolicy({ profiles, choose, record: (verdict) => void verdicts.push(verdict) })
      const registering = registration(policy, {
        ...{ issuer: 'https://bank.example', publicUrl: 'https://bank.example/register' },
        ...{ clients: inMap(new Map()), store, ...directory.trusting, settings: { software_statement_issuers: directory.issuers } },
      })
      console = openRegistrationConsole(registering, store)
      const weak = { ...honestMetadata(KEY, 'fapi2-security'), token_endpoint_auth_method: 'client_secret_basic' }
      const { text } = await tried({ software_statement: await statementOf('software-1'), metadata: JSON.stringify(weak) })
      expect(text).toContain('This would be refused')
      expect(verdicts).toEqual([])
      await expect(registering.applications.create(weak)).rejects.toThrow('token_endpoint_auth_method')
      expect(verdicts).toHaveLength(1)
    } finally {
      await directory.close()
    }
  })

  test('is judged by the rules of the ecosystem', async () => {
    const guard: RegistrationOptions['guard'] = (_req, _res, next) => next()
    await open({ ecosystem: auCdr, certificate: () => undefined, guard })
    const [issuer] = (await settings()).settings.software_statement_issuers
    await server.registering.settings.change({ software_statement_issuers: [{ ...issuer, issuer: 'cdr-register' }] }, 'ada')
    const statement = await mintStatement(auCdr)
    const { text } = await tried({ software_statement: statement, metadata: '' })
    expect(text).toContain('This complies')
    expect(text).toMatch(/<code>jwks_uri<\/code>.{0,200}the software statement/s)
    expect(text).toMatch(/<code>subject_type<\/code>.{0,100}pairwise.{0,100}the default of the ecosystem/s)
    const byValue = await tried({ software_statement: statement, metadata: JSON.stringify({ jwks: { keys: [KEY.publicJwk] } }) })
    expect(byValue.text).toContain('jwks must not be sent')
    expect(byValue.text).toContain('This would be refused')
  })

  test('cannot be verified while nobody answers for its keys, and says what was found', async () => {
    const gone = { issuer: 'https://gone.example', jwks_uri: 'https://localhost:1/jwks' }
    await open({ outbound: { allowPrivateHosts: ['localhost:1'] } })
    await server.registering.settings.change({ software_statement_issuers: [gone] }, 'ada')
    const { status, text } = await tried({ software_statement: await statementOf('s', { iss: gone.issuer }), metadata: '' })
    expect([status, text.includes('This cannot be verified right now'), /Found out meanwhile: \S/.test(text)]).toEqual([503, true, true])
  })

  test('may be written over several lines, or stand in the metadata', async () => {
    const statement = await statementOf('software-1')
    const lines = statement.replaceAll(/.{64}/g, '$&\r\n')
    expect((await tried({ software_statement: lines, metadata: '' })).text).toContain('The software statement is verified')
    const sent = JSON.stringify({ ...metadata, software_statement: statement })
    expect((await tried({ software_statement: '', metadata: sent })).text).toContain('The software statement is verified')
  })

  test('shows what is broken, with its clause and how to mend it', async () => {
    const weak = { ...metadata, token_endpoint_auth_method: 'client_secret_basic', colour: 'red' }
    const { status, text } = await tried({ software_statement: await statementOf('software-1'), metadata: JSON.stringify(weak) })
    expect(status).toBe(200)
    expect(text).toContain('This would be refused')
    expect(text).toMatch(/class="badge bad">FAPI2-SP-/)
    expect(text).toContain('Ignored, since this server does not know it: colour.')
  })

  test.each<[what: string, statement: () => Promise<string>, why: string]>([
    ['of a stranger', () => statementOf('s', { iss: 'https://stranger.example' }), 'issuer that is not approved'],
    ['that is over', () => statementOf('s', { exp: 1 }), 'exp'],
    ['that was changed', async () => `${(await statementOf('s')).slice(0, -8)}AAAAAAAA`, 'signature'],
    ['that is none', async () => 'eyJhbGciOiJub25lIn0.e30.', 'software_statement'],
    ['of words', async () => 'a statement', 'software_statement'],
  ])('%s is not verified, and says why', async (_what, statement, why) => {
    const compact = await statement()
    const { status, text } = await tried({ software_statement: compact, metadata: '' })
    expect(status).toBe(200)
    expect(text).toContain('the software statement does not hold')
    expect(text).toContain(why)
    expect(beside(text)).not.toContain(compact)
    expect((await tried({ software_statement: await statementOf('s'), metadata: '' })).text).toContain('is verified')
  })

  test.each([
    ['no statement', { metadata: '{}' }, 'paste a software statement'],
    ['no JSON', { metadata: '{' }, 'not JSON'],
    ['a list', { metadata: '[]' }, 'JSON object'],
    ['a depth without end', { metadata: `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}` }, 'deeper than 20'],
    ['a statement without end', { software_statement: 'x'.repeat(100_001) }, 'software_statement'],
  ])('is not looked at with %s', async (_what, fields, why) => {
    const statement = 'software_statement' in fields || why.startsWith('paste') ? {} : { software_statement: await statementOf('s') }
    const { status, text } = await tried({ ...statement, ...fields })
    expect([status, beside(text).includes('This cannot be tried'), beside(text).includes(why)]).toEqual([400, true, true])
  })
})

describe('initial access tokens', () => {
  const make = (body: unknown, who: Role = 'operator') => console.api(who, 'post', '/initial-access-tokens', body)
  const list = async (query = '') => (await console.api('viewer', 'get', `/initial-access-tokens${query}`)).body.items
  const labelled = async (label: string) => (await list()).filter((one: { label?: string }) => one.label === label)

  /** Everything that can be looked at afterwards. */
  async function everythingShown(id: string): Promise<string> {
    const pages = ['/initial-access-tokens', `/initial-access-tokens/${id}/revocation`, '/audit', '/registration', '/registration/history']
    const shown = await Promise.all(pages.map(async (path) => (await console.page('admin', path)).text))
    const apis = [`/initial-access-tokens/${id}`, '/initial-access-tokens', '/audit']
    const told = await Promise.all(apis.map(async (path) => (await console.api('admin', 'get', path)).text))
    return [...shown, ...told].join('\n')
  }

  test('are made by an operator, shown once, and good', async () => {
    const asked = {
      label: 'Acme',
      profile: 'fapi2-security',
      uses: 1,
      expires_in: 3600,
      software_id: 'software-1',
      metadata: { scope: 'openid' },
    }
    const { status, body } = await make(asked)
    const { expires_in: _seconds, ...kept } = asked
    expect({ status, body }).toMatchObject({
      status: 201,
      body: { ...kept, issued_by: 'operator@bank.example', expires_at: body.issued_at + 3600, state: 'active' },
    })
    const { token, ...record } = body
    expect(await labelled('Acme')).toEqual([record])
    expect((await console.api('viewer', 'get', `/initial-access-tokens/${record.id}`)).body).toEqual(record)
    const statement = await statementOf('software-1')
    const metadata = { ...honestMetadata(KEY, 'fapi2-security'), software_statement: statement }
    expect((await server.register(metadata, `${token}x`)).status).toBe(401)
    expect(await server.register(metadata, token)).toMatchObject({ status: 201, json: { scope: 'openid' } })
    expect((await server.register(metadata, token)).status).toBe(401)
    const [, secret] = token.split('.')
    const everything = await everythingShown(record.id)
    expect(everything).toContain(record.id)
    expect(everything).not.toContain(secret)
    expect(await auditedAs('create initial access token')).toMatchObject([{ outcome: 'done', detail: { id: record.id } }])
  })

  test.each<[named: RegExp, body: unknown]>([
    [/JSON object/, []],
    [/no issuedBy/, { issuedBy: 'somebody else' }],
    [/no expiresIn/, { expiresIn: 60 }],
    [/no issued_by/, { issued_by: 'somebody else' }],
    [/label must be text/, { label: 7 }],
    [/label must be text/, { label: 'x'.repeat(201) }],
    [/profile must be one of/, { profile: 'fapi3' }],
    [/uses must be a whole number/, { uses: '1' }],
    [/uses must be a whole number/, { uses: 0 }],
    [/expires_in must be whole seconds/, { expires_in: '60' }],
    [/expires_in must be whole seconds/, { expires_in: null }],
    [/software_id must be text/, { software_id: {} }],
    [/metadata must be an object/, { metadata: 'x' }],
    [/must not set client_id/, { metadata: { client_id: 'x' } }],
  ])('are not made with what makes no sense: %s', async (named, body) => {
    const before = await list()
    const answer = await make(body)
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request', error_description: expect.stringMatching(named) } })
    expect(await list()).toEqual(before)
    expect((await make({})).status).toBe(201)
  })

  test('are not made or revoked by a viewer, by page or by API', async () => {
    const { body: made } = await make({ label: 'Acme' })
    expect((await make({ label: 'Mine' }, 'viewer')).status).toBe(403)
    expect((await console.send('viewer', '/initial-access-tokens', { label: 'Mine' })).status).toBe(403)
    expect((await console.api('viewer', 'delete', `/initial-access-tokens/${made.id}`)).status).toBe(403)
    expect((await console.send('viewer', `/initial-access-tokens/${made.id}/revocation`, {})).status).toBe(403)
    expect((await console.page('viewer', `/initial-access-tokens/${made.id}/revocation`)).status).toBe(403)
    const { text } = await console.page('viewer', '/initial-access-tokens')
    expect(text).toContain('Acme')
    expect(text).not.toMatch(/Make the token|Revoke/)
    expect(await labelled('Mine')).toEqual([])
    expect(await labelled('Acme')).toMatchObject([{ state: 'active' }])
  })

  test('are made by the page, and the token is shown there once', async () => {
    const fields = { label: 'Acme', profile: '', uses: '3', lifetime: '2', unit: 'hours', software_id: '', metadata: '{"scope":"openid"}' }
    const { status, text, headers } = await console.send('operator', '/initial-access-tokens', fields)
    expect([status, headers['cache-control']]).toEqual([201, 'no-store'])
    const token = /<code id="initial-access-token">([\w.-]+)<\/code>/.exec(text)?.[1] ?? ''
    expect(text.split(token)).toHaveLength(2)
    expect(text).toMatch(/<button [^>]*hidden[^>]*data-copy="initial-access-token"/)
    expect(text).toContain('not shown again')
    const [record] = await labelled('Acme')
    expect(record).toMatchObject({ uses: 3, expires_at: record.issued_at + 7200, metadata: { scope: 'openid' } })
    expect(record).not.toHaveProperty('profile')
    await expect(server.registering.initialAccessTokens.check(token, Date.now() / 1000)).resolves.toMatchObject({ id: record.id })
    expect(await everythingShown(record.id)).not.toContain(token.split('.')[1])
  })

  test('have no limits where the fields are empty, and last days', async () => {
    await console.send('operator', '/initial-access-tokens', { label: 'free', uses: '', lifetime: '', unit: 'days', metadata: '' })
    expect(Object.keys((await labelled('free'))[0]).sort()).toEqual(['id', 'issued_at', 'issued_by', 'label', 'state'])
    await console.send('operator', '/initial-access-tokens', { label: 'days', uses: '', lifetime: '2', unit: 'days' })
    const [record] = await labelled('days')
    expect(record.expires_at - record.issued_at).toBe(172_800)
  })

  test.each<[field: string, fields: Record<string, string>]>([
    ['uses', { uses: 'many' }],
    ['uses', { uses: '0' }],
    ['uses', { uses: '-1' }],
    ['expires_in', { lifetime: '1.5' }],
    ['expires_in', { lifetime: '1', unit: 'years' }],
    ['expires_in', { lifetime: '1', unit: 'constructor' }],
    ['expires_in', { lifetime: '99999999' }],
    ['profile', { profile: 'fapi3' }],
    ['metadata', { metadata: '{' }],
    ['metadata', { metadata: '[]' }],
    ['metadata', { metadata: '""' }],
    ['metadata', { metadata: '{"client_secret":"x"}' }],
  ])('are not made by the page with a wrong %s: %j', async (name, fields) => {
    const { status, text } = await console.send('operator', '/initial-access-tokens', {
      ...{ label: SCRIPT, lifetime: '1', unit: 'hours' },
      ...fields,
    })
    expect(status).toBe(400)
    expect(text).toContain('No token was made')
    expect(text).toContain(`${name} must`)
    expect(text).not.toContain('<script>alert')
    expect(await labelled(SCRIPT)).toEqual([])
  })

  test('have labels that are nothing but text', async () => {
    const label = `${SCRIPT}\u202e`
    await make({ label, software_id: SCRIPT, metadata: { client_name: SCRIPT } })
    const [{ id }] = await labelled(label)
    for (const path of ['/initial-access-tokens', `/initial-access-tokens/${id}/revocation`, '/audit']) {
      const { status, text } = await console.page('operator', path)
      expect(status).toBe(200)
      expect(text).not.toContain('<script>alert')
      expect(text).toContain('&lt;script>alert')
    }
  })

  test('are revoked after a confirmation, and once', async () => {
    const { body: made } = await make({ label: 'Acme' })
    const path = `/initial-access-tokens/${made.id}/revocation`
    const asked = await console.page('operator', path)
    expect(asked.text).toContain('Revoke this token?')
    expect(await labelled('Acme')).toMatchObject([{ state: 'active' }])
    const done = await console.send('operator', path, {})
    expect([done.status, done.headers.location]).toEqual([303, '/console/initial-access-tokens?revoked=1'])
    expect(await labelled('Acme')).toMatchObject([{ state: 'revoked', revoked_at: expect.any(Number) }])
    expect(await auditedAs('revoke initial access token')).toMatchObject([{ subject: { id: made.id }, outcome: 'done' }])
    expect((await server.register(honestMetadata(KEY, 'fapi2-security'), made.token)).status).toBe(401)
    expect((await console.send('operator', path, {})).status).toBe(404)
    expect(await auditedAs('revoke initial access token')).toHaveLength(1)
    expect((await console.page('operator', path)).status).toBe(400)
    expect((await console.page('operator', '/initial-access-tokens')).text).toContain('>revoked<')
  })

  test.each(['x', 'x'.repeat(22), '%00', '..%2f..', '%F0%9F%98%80'])('that are not there are not revoked: %s', async (id) => {
    const asked: string[] = []
    const watched: Store = {
      ...store,
      find(model, id) {
        if (model === 'InitialAccess') asked.push(id)
        return store.find(model, id)
      },
    }
    const watching = openRegistrationConsole({ ...server.registering, initialAccessTokens: initialAccessTokens(watched) }, watched)
    const answer = await watching.api('operator', 'delete', `/initial-access-tokens/${id}`)
    // The store is not troubled with what is no id.
    expect(asked).toEqual(/^x{22}$/.test(id) ? [id] : [])
    expect(answer).toMatchObject({ status: 404, body: { error: 'not_found' } })
    expect(await audited()).toEqual([])
    const { body: made } = await make({})
    expect((await console.api('operator', 'delete', `/initial-access-tokens/${made.id}`)).status).toBe(204)
  })

  test('that are over say so', async () => {
    const { record } = await server.registering.initialAccessTokens.issue({ label: 'short', expiresIn: 1 })
    await store.upsert('InitialAccess', record.id, { ...record, expires_at: record.issued_at - 1 }, undefined)
    expect(await labelled('short')).toMatchObject([{ state: 'expired' }])
    expect((await console.page('viewer', '/initial-access-tokens')).text).toContain('>expired<')
  })

  test('are listed page by page, and found by what is kept of them', async () => {
    for (const label of ['Acme', 'Beta', 'Gamma']) await make({ label })
    const first = await console.api('viewer', 'get', '/initial-access-tokens?limit=2')
    const second = await console.api('viewer', 'get', `/initial-access-tokens?limit=2&cursor=${first.body.cursor}`)
    expect([...first.body.items, ...second.body.items]).toHaveLength(4)
    expect(await list('?search=beta')).toMatchObject([{ label: 'Beta' }])
    expect((await console.page('viewer', '/initial-access-tokens?search=beta')).text).not.toContain('Acme')
    expect((await console.api('viewer', 'get', '/initial-access-tokens?limit=0')).status).toBe(400)
  })
})
