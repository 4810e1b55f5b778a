import { decodeJwt, decodeProtectedHeader } from 'jose'
import { expectBadRequest, expectPushed, expectTokens, expectUnauthenticated } from '../support/expectations.js'
import type { SigningKey } from '../support/keys.js'
import type { Party } from '../support/party.js'
import { honestMetadata, type Metadata } from '../support/registration.js'
import { certificateFor } from '../support/tpp.js'
import type { Answer } from '../support/wire.js'
import { type Administrator, type Desk, isOffered, openAdministrator, openDeskOfEverything, type Typed, wordsOf } from './administrator.js'
import { baseOf, CALLBACK, EC, ENCRYPTED, listed, type ProfileName, RSA, rowsOf, typedBaseOf, typedOf } from './wso2-rows.js'

/*
 * Every setting that an administrator of WSO2 Identity Server can make for a FAPI application, made here: by the pages, as a browser
 * without scripts sends them, and by the API. Beside each stands a value that does not comply.
 */

let admin: Administrator
/** Of a server that does what the bank does not. */
let everything: Desk
beforeAll(async () => {
  ;[admin, everything] = await Promise.all([openAdministrator(), openDeskOfEverything()])
})
afterAll(() => Promise.all([admin?.close(), everything?.close()]))

/* The pages. */

async function newForm(profile: ProfileName, desk: Desk = admin): Promise<Answer> {
  const first = { client_name: 'Application', fapi_profile: profile, redirect_uris: CALLBACK }
  return desk.page(`/applications/new/settings?${new URLSearchParams(first)}`)
}

const reviewed = async (profile: ProfileName, typed: Typed, desk: Desk = admin, how: 'send' | 'forge' = 'send') =>
  desk[how](await newForm(profile, desk), '/applications/new/settings', { ...typedBaseOf(profile), ...typed, intent: 'review' })

/** The `client_id` at which a saved form ends. */
function savedAt({ status, headers, text }: Answer): string {
  expect({ status, text }).toEqual({ status: 303, text: expect.anything() })
  return /\/applications\/([^/?]+)/.exec(String(headers.location))?.[1] ?? ''
}

async function createByPage(profile: ProfileName, typed: Typed, desk: Desk = admin): Promise<string> {
  const review = await reviewed(profile, typed, desk)
  expect([review.status, wordsOf(review)]).toEqual([200, expect.stringContaining('Create the application')])
  return savedAt(await desk.send(review, '/applications/create'))
}

async function changeByPage(id: string, typed: Typed, desk: Desk = admin): Promise<void> {
  const path = `/applications/${id}`
  const review = await desk.send(await desk.page(`${path}/edit`), `${path}/edit`, { ...typed, intent: 'review' })
  expect([review.status, wordsOf(review)]).toEqual([200, expect.stringContaining('What changes')])
  expect(savedAt(await desk.send(review, `${path}/save`))).toBe(id)
}

/* The API. */

async function createByApi(metadata: Metadata, desk: Desk = admin): Promise<string> {
  const { status, json } = await desk.ask('POST', '/applications', { metadata })
  expect({ status, error: json.error_description }).toEqual({ status: 201, error: undefined })
  return String(json.client_id)
}

interface Kept {
  readonly metadata: Metadata
  readonly revision: number
  readonly status: string
}

async function read(id: string, desk: Desk = admin): Promise<Kept> {
  const { status, json } = await desk.ask('GET', `/applications/${id}`)
  expect(status).toBe(200)
  return json as unknown as Kept
}

async function changeByApi(id: string, changed: Metadata, desk: Desk = admin): Promise<Answer> {
  const { metadata, revision } = await read(id, desk)
  return desk.ask('PUT', `/applications/${id}`, { metadata: { ...metadata, ...changed }, revision })
}

const withoutAbsent = (metadata: Metadata): Metadata =>
  Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== undefined))

/** Whether an application has them already, so that there is nothing to save. */
const isSo = (metadata: Metadata, kept: Metadata) =>
  Object.entries(withoutAbsent(metadata)).every(([name, value]) => JSON.stringify(kept[name]) === JSON.stringify(value))

const stored = async (id: string, desk?: Desk) => (await read(id, desk)).metadata

/* What can be set of an application. */

describe.each(rowsOf(() => admin))('$wso2', ({ profile = 'fapi2-security', at, set, refused, why, clause, closed }) => {
  let desk: Desk
  beforeAll(() => {
    desk = at === undefined ? admin : everything
  })

  test('is set by the pages, of a new application and of one that there is', async () => {
    const { metadata, typed = typedOf(metadata) } = await set()
    expect(await stored(await createByPage(profile, typed, desk), desk)).toMatchObject(withoutAbsent(metadata))
    const id = await createByApi(baseOf(profile), desk)
    if (isSo(metadata, await stored(id, desk))) return
    await changeByPage(id, typed, desk)
    expect(await stored(id, desk)).toMatchObject(withoutAbsent(metadata))
  })

  test('is set by the API, of a new application and of one that there is', async () => {
    const { metadata } = await set()
    expect(await stored(await createByApi({ ...baseOf(profile), ...metadata }, desk), desk)).toMatchObject(withoutAbsent(metadata))
    const id = await createByApi(baseOf(profile), desk)
    const { status, json } = await changeByApi(id, metadata, desk)
    expect({ status, error: json.error_description }).toEqual({ status: 200, error: undefined })
    expect(await stored(id, desk)).toMatchObject(withoutAbsent(metadata))
  })

  if (closed)
    test(`is not offered as ${closed[1] || 'nothing'}`, async () => {
      expect(isOffered(await newForm(profile, desk), ...closed)).toBe(false)
    })

  if (!refused || !why) return
  test('has no value that does not comply, even when the form is forged', async () => {
    const { metadata, typed = typedOf(metadata) } = await refused()
    const id = await createByApi(baseOf(profile), desk)
    const before = await read(id, desk)
    const whole = { ...baseOf(profile), ...metadata }
    const path = `/applications/${id}/edit`
    const pages = [
      await reviewed(profile, typed, desk, 'forge'),
      await desk.forge(await desk.page(path), path, { ...typed, intent: 'review' }),
    ]
    for (const page of pages) {
      expect([page.status, wordsOf(page)]).toEqual([400, expect.stringMatching(why)])
      expect(wordsOf(page)).toContain('This cannot be saved')
      if (clause !== undefined) expect(wordsOf(page)).toContain(clause)
    }
    for (const { status, json } of [await desk.ask('POST', '/applications', { metadata: whole }), await changeByApi(id, metadata, desk)])
      expect([status, json.error_description]).toEqual([400, expect.stringMatching(why)])
    expect(await read(id, desk)).toEqual(before)
    if (clause === undefined) return
    const { json } = await desk.ask('POST', '/application-drafts', { metadata: whole })
    expect(json).toMatchObject({ refused: true, clauses: expect.arrayContaining([expect.objectContaining({ clause, holds: false })]) })
  })
})

test('FAPI compliant application: a profile that there is not', async () => {
  const page = await reviewed('fapi2-security', { fapi_profile: 'fapi3' }, admin, 'forge')
  expect(page.status).toBeGreaterThanOrEqual(400)
  expect(wordsOf(page)).not.toContain('Create the application')
  const { status, json } = await admin.ask('POST', '/applications', { metadata: { ...baseOf('fapi2-security'), fapi_profile: 'fapi3' } })
  expect([status, json.error_description]).toEqual([400, expect.stringContaining('fapi_profile')])
})

test('Name: none', async () => {
  const page = await reviewed('fapi2-security', { client_name: '' })
  expect([page.status, wordsOf(page)]).toEqual([400, expect.stringContaining('a name must be given')])
})

/* What the pages show where the server does something with it. */

test('what a request asks for by default is set by the pages', async () => {
  const id = await createByApi(baseOf('fapi2-security'))
  const acr = 'urn:mace:incommon:iap:silver'
  await changeByPage(id, { default_acr_values: acr })
  expect(await stored(id)).toMatchObject({ default_acr_values: [acr] })
})

describe('by the API', () => {
  test.each<[wso2: string, metadata: Metadata, refused: Metadata, why: RegExp]>([
    [
      'Back-channel logout URL',
      { backchannel_logout_uri: 'https://app.example/out', backchannel_logout_session_required: true },
      { backchannel_logout_uri: 'javascript:alert(1)' },
      /backchannel_logout_uri/,
    ],
    [
      'Front-channel logout URL',
      { frontchannel_logout_uri: 'https://app.example/out' },
      { frontchannel_logout_uri: 'javascript:alert(1)' },
      /frontchannel_logout_uri/,
    ],
    ['request_uris', { request_uris: ['https://app.example/request.jwt'] }, { request_uris: ['javascript:alert(1)'] }, /request_uris/],
    [
      'Default authentication classes',
      { default_acr_values: ['urn:mace:incommon:iap:silver'] },
      { default_acr_values: 'x' },
      /default_acr_values/,
    ],
    [
      'Introspection response: encryption',
      ENCRYPTED('introspection_encrypted_response', 'RSA-OAEP-256'),
      ENCRYPTED('introspection_encrypted_response', 'RSA1_5'),
      /introspection_encrypted_response_alg/,
    ],
  ])('%s, and who changes the application by its pages keeps it', async (_wso2, metadata, refused, why) => {
    const id = await createByApi({ ...baseOf('fapi2-security'), ...metadata })
    expect(await stored(id)).toMatchObject(metadata)
    await changeByPage(id, { client_name: 'Another name' })
    expect(await stored(id)).toMatchObject({ ...metadata, client_name: 'Another name' })
    const { status, json } = await changeByApi(id, refused)
    expect([status, json.error_description]).toEqual([400, expect.stringMatching(why)])
    expect(await stored(id)).toMatchObject(metadata)
  })
})

/* What WSO2 leaves to the administrator, and a profile does not; and what is no setting of one application here. */

describe('is not taken, and not silently left out', () => {
  test.each([
    ['Reuse private key JWT', 'token_endpoint_allow_reuse_pvt_key_jwt', true],
    ['PKCE mandatory', 'ext_pkce_mandatory', false],
    ['PKCE plain', 'ext_pkce_support_plain', true],
    ['Public client', 'ext_public_client', true],
    ['Access token type', 'ext_token_type', 'JWT'],
    ['User access token lifetime', 'ext_user_access_token_expiry_time', 86_400],
    ['Application access token lifetime', 'ext_application_access_token_expiry_time', 86_400],
    ['Refresh token lifetime', 'ext_refresh_token_expiry_time', 86_400],
    ['ID token lifetime', 'ext_id_token_expiry_time', 86_400],
    ['ID token audience', 'ext_allowed_audience', 'organization'],
    ['Application owner', 'ext_application_owner', 'ada'],
  ])('%s', async (_wso2, field, value) => {
    const { status, json } = await admin.ask('POST', '/applications', { metadata: { ...baseOf('fapi2-security'), [field]: value } })
    expect([status, json.error, json.error_description]).toEqual([400, 'invalid_client_metadata', expect.stringContaining(field)])
  })
})

/* What the server does with it. */

interface Made {
  readonly id: string
  readonly party: Party
}

/** An application made by the pages, and the client that it is. */
async function client(profile: ProfileName, typed: Typed, key: SigningKey = EC): Promise<Made> {
  const id = await createByPage(profile, typed)
  const metadata: Metadata = { ...(await stored(id)), client_id: id }
  const certificate = metadata.tls_client_certificate_bound_access_tokens ? await certificateFor('app', admin.authority) : undefined
  return { id, party: admin.meet(metadata, key, certificate) }
}

const subjectOf = async ({ party }: Made) => decodeJwt(String((await party.tokens()).id_token)).sub

const responseTo = async ({ party }: Made) => party.respond(await party.authorize())

describe('the server goes by it', () => {
  test('pushed authorization requests are mandatory: a plain one is refused, and one of an application without it is not', async () => {
    for (const [mandatory, begins] of [
      ['true', false],
      ['false', true],
    ] as const) {
      const { party } = await client('fapi1-advanced', { require_pushed_authorization_requests: mandatory })
      const byValue = await party.send(await party.byValue())
      expect([mandatory, String(byValue.headers.location).includes('/interaction/')]).toEqual([mandatory, begins])
      expectPushed(await party.push())
    }
  })

  test.each(['fapi1-advanced', 'fapi2-security'] as const)('%s: PKCE is mandatory, and never plain', async (profile) => {
    const { party } = await client(profile, {})
    expectPushed(await party.push())
    for (const params of [{ code_challenge: undefined, code_challenge_method: undefined }, { code_challenge_method: 'plain' }])
      expectBadRequest(await party.push({ params }), 'invalid_request')
  })

  test('a private key JWT is good once', async () => {
    const { party } = await client('fapi2-security', {})
    const assertion = { compact: await party.assertion() }
    expectPushed(await party.push({ assertion }))
    expectUnauthenticated(await party.push({ assertion }))
  })

  test('client authentication: another algorithm than the registered one is refused', async () => {
    const { party } = await client('fapi2-security', { token_endpoint_auth_signing_alg: 'ES256' })
    expectPushed(await party.push())
    expectUnauthenticated(await party.push({ assertion: { key: RSA, header: { kid: RSA.kid } } }))
  })

  test('a request that must be signed is refused without a signature', async () => {
    const { party } = await client('fapi2-security', { require_signed_request_object: 'true' })
    expectPushed(await party.push())
    expect((await party.push({ object: 'none' })).status).toBe(400)
  })

  test('access tokens are bound as was chosen', async () => {
    for (const [binding, type] of [
      ['dpop', 'DPoP'],
      ['certificate', 'Bearer'],
    ] as const) {
      const { party } = await client('fapi2-security', { binding })
      expectTokens(await party.redeem(await party.code()), type)
      const { status, json } = await party.redeem(await party.code(), binding === 'dpop' ? { proof: 'none' } : { certificate: 'none' })
      expect([status, json.access_token]).toEqual([400, undefined])
    }
  })

  test('mutual TLS: by the subject that was registered, and no other', async () => {
    const subject = { subject_field: 'tls_client_auth_subject_dn', subject_value: 'CN=app,O=Example TPP,C=GB' }
    const { party } = await client('fapi2-security', { token_endpoint_auth_method: 'tls_client_auth', binding: 'certificate', ...subject })
    expectPushed(await party.push({ assertion: 'none' }))
    const certificate = await certificateFor('another', admin.authority)
    expectUnauthenticated(await party.push({ assertion: 'none', certificate }))
  })

  test('the hybrid flow, and JARM, with the algorithm that was chosen', async () => {
    const hybrid = {
      response_types: ['code id_token'],
      grant_types: ['authorization_code', 'refresh_token', 'implicit'],
      response_modes: [],
    }
    const { params } = await responseTo(await client('fapi1-advanced', { ...hybrid, id_token_signed_response_alg: 'ES256' }))
    expect([Object.keys(params), decodeProtectedHeader(String(params.id_token)).alg]).toEqual([
      expect.arrayContaining(['code', 'id_token', 'state']),
      'ES256',
    ])
    const { bare } = await responseTo(await client('fapi1-advanced', { authorization_signed_response_alg: 'ES256' }))
    expect([Object.keys(bare), decodeProtectedHeader(String(bare.response)).alg]).toEqual([['response'], 'ES256'])
  })

  test('ID tokens are signed as was chosen', async () => {
    for (const alg of ['ES256', 'PS256']) {
      const { party } = await client('fapi2-security', { id_token_signed_response_alg: alg })
      expect(decodeProtectedHeader(String((await party.tokens()).id_token)).alg).toBe(alg)
    }
  })

  test('a pairwise subject is another in each sector, and a public one the same', async () => {
    const at = async (subject_type: string, host: string) =>
      subjectOf(await client('fapi2-security', { subject_type, redirect_uris: `https://${host}/cb` }))
    const pairwise = [await at('pairwise', 'app.example'), await at('pairwise', 'other.example'), await at('pairwise', 'app.example')]
    expect(new Set(pairwise).size).toBe(2)
    expect(pairwise[2]).toBe(pairwise[0])
    expect(await at('public', 'app.example')).toBe(await at('public', 'other.example'))
  })

  test('a sector identifier joins the hosts that it lists', async () => {
    const redirect_uris = [CALLBACK, 'https://other.example/cb']
    const typed = { subject_type: 'pairwise', sector_identifier_uri: admin.directory.sectorOf(listed(admin, redirect_uris)) }
    const [one, other] = await Promise.all(redirect_uris.map((uri) => client('fapi2-security', { ...typed, redirect_uris: uri })))
    if (!one || !other) throw new Error('there are two')
    expect(await subjectOf(one)).toBe(await subjectOf(other))
  })
})

describe('an application is', () => {
  test.each(['pages', 'API'] as const)('disabled and enabled, by the %s', async (by) => {
    const { id, party } = await client('fapi2-security', {})
    const path = `/applications/${id}/standing`
    const stands = async (reason?: string) =>
      by === 'pages'
        ? admin.send(await admin.page(path), path, reason === undefined ? {} : { reason })
        : admin.ask(
            reason === undefined ? 'DELETE' : 'PUT',
            `/applications/${id}/suspension`,
            reason === undefined ? undefined : { reason },
          )
    expectPushed(await party.push())
    expect((await stands('')).status).toBe(400)
    expect([303, 204]).toContain((await stands('its licence was withdrawn')).status)
    expect((await read(id)).status).toBe('suspended')
    expectUnauthenticated(await party.push())
    expect([303, 204]).toContain((await stands()).status)
    expectPushed(await party.push())
  })

  test.each(['pages', 'API'] as const)('deleted when its client_id is given once more, by the %s', async (by) => {
    const { id, party } = await client('fapi2-security', {})
    const path = `/applications/${id}/delete`
    const remove = async (confirm: string) =>
      by === 'pages' ? admin.send(await admin.page(path), path, { confirm }) : admin.ask('DELETE', `/applications/${id}?confirm=${confirm}`)
    expect((await remove('another')).status).toBe(400)
    expectPushed(await party.push())
    expect([303, 204]).toContain((await remove(id)).status)
    expectUnauthenticated(await party.push())
    expect((await admin.ask('GET', `/applications/${id}`)).status).toBe(404)
  })

  test('made after another, as from a template, without its keys', async () => {
    const id = await createByPage('fapi2-security', { scope: 'openid accounts', subject_type: 'pairwise' })
    const form = await admin.page(
      `/applications/new/settings?${new URLSearchParams({ from: id, client_name: 'Second', redirect_uris: CALLBACK })}`,
    )
    const review = await admin.send(form, '/applications/new/settings', { ...typedBaseOf('fapi2-security'), intent: 'review' })
    const copy = await stored(savedAt(await admin.send(review, '/applications/create')))
    expect(copy).toMatchObject({ client_name: 'Second', scope: 'openid accounts', subject_type: 'pairwise' })
  })
})

/* FAPI 1.0 Baseline alone has clients with a secret. */

test.each(['pages', 'API'] as const)('a client secret is shown once and made anew, by the %s', async (by) => {
  const change = { token_endpoint_auth_method: 'client_secret_jwt', tls_client_certificate_bound_access_tokens: false }
  const typed = { ...typedBaseOf('fapi1-baseline'), token_endpoint_auth_method: change.token_endpoint_auth_method, intent: 'review' }
  const review = await everything.send(await newForm('fapi1-baseline', everything), '/applications/new/settings', typed)
  const shown = await everything.send(review, '/applications/create')
  const [, secret = ''] = /id="secret">([^<]+)</.exec(shown.text) ?? []
  const [, id = ''] = /\/console\/applications\/([\w-]{20,})/.exec(shown.text) ?? []
  expect(secret).toMatch(/^[\w-]{43}$/)
  const kept = await read(id, everything)
  expect(JSON.stringify(kept)).not.toContain(secret)

  const path = `/applications/${id}/client-secret`
  const renewed =
    by === 'pages'
      ? await everything.send(await everything.page(path), path)
      : await everything.ask('POST', path, { revision: kept.revision })
  expect(renewed.status).toBe(201)
  const another = by === 'pages' ? (/id="secret">([^<]+)</.exec(renewed.text)?.[1] ?? '') : String(renewed.json.client_secret)
  expect(another).toMatch(/^[\w-]{43}$/)
  expect(another).not.toBe(secret)
  for (const at of [`/applications/${id}`, `/applications/${id}/history`]) expect((await everything.page(at)).text).not.toContain(another)
})

/* What can be set of the registration. */

describe('the registration', () => {
  const OTHER = { issuer: 'https://other.example', jwks_uri: 'https://keys.other.example/jwks' }
  const ANONYMOUS = { authentication_required: false, software_statement_required: true }
  const AT_FIRST = ['authentication_required', 'software_statement_required', 'software_statement_issuers', 'enforce_fapi', 'fapi_profile']

  const settings = async () => (await admin.ask('GET', '/registration/settings')).json as { revision: number; settings: Metadata }
  const patch = async (changes: Metadata) =>
    admin.ask('PATCH', '/registration/settings', { revision: (await settings()).revision, ...changes })
  const save = async (typed: Typed) => admin.forge(await admin.page('/registration'), '/registration', typed)
  const back = () => patch(Object.fromEntries([...AT_FIRST, 'fapi_profiles'].map((name) => [name, null])))
  beforeEach(back)
  afterAll(back)

  const register = (metadata: Metadata, token?: string) =>
    admin.wire.send(`${admin.bank.issuer}/reg`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify(metadata),
    })
  const { fapi_profile: _profile, ...silent } = honestMetadata(EC, 'fapi2-security')
  const statement = () =>
    admin.directory.statement({ iss: admin.directory.issuer, exp: Math.floor(Date.now() / 1000) + 300, software_id: `${Math.random()}` })

  interface Setting {
    readonly wso2: string
    readonly before?: Metadata
    readonly set: readonly [metadata: Metadata, typed: Typed]
    readonly refused: readonly [metadata: Metadata, typed: Typed]
    readonly why: RegExp
    /** What the server does then, that it did not do before. */
    readonly after?: () => Promise<void>
  }

  const SETTINGS: readonly Setting[] = [
    {
      wso2: 'Require authentication; not needed only where a software statement is mandatory (65022)',
      set: [ANONYMOUS, { authentication_required: 'no', software_statement_required: 'yes' }],
      refused: [
        { authentication_required: false, software_statement_required: false },
        { authentication_required: 'no', software_statement_required: 'no' },
      ],
      why: /software_statement_required/,
      async after() {
        expect((await register(silent)).status).toBe(400)
        expect((await register({ ...silent, software_statement: await statement() })).status).toBe(201)
        await back()
        expect((await register({ ...silent, software_statement: await statement() })).status).toBe(401)
      },
    },
    {
      wso2: 'Mandate SSA validation; not without keys (65021)',
      before: { software_statement_required: false, software_statement_issuers: [] },
      set: [
        { software_statement_required: true, software_statement_issuers: [OTHER] },
        { software_statement_required: 'yes', 'issuer-0': OTHER.issuer, 'jwks_uri-0': OTHER.jwks_uri },
      ],
      refused: [{ software_statement_required: true }, { software_statement_required: 'yes' }],
      why: /software_statement_issuers/,
      async after() {
        expect((await register(silent, admin.bank.initialAccessToken)).json.error).toBe('invalid_software_statement')
        await patch({ software_statement_required: false })
        expect((await register(silent, admin.bank.initialAccessToken)).status).toBe(201)
      },
    },
    {
      wso2: 'SSA JWKS endpoint',
      set: [{ software_statement_issuers: [OTHER] }, { 'issuer-0': OTHER.issuer, 'jwks_uri-0': OTHER.jwks_uri }],
      refused: [
        { software_statement_issuers: [{ ...OTHER, jwks_uri: 'http://keys.other.example/jwks' }] },
        { 'issuer-0': OTHER.issuer, 'jwks_uri-0': 'http://keys.other.example/jwks' },
      ],
      why: /jwks_uri/,
      async after() {
        const sent = { ...silent, software_statement: await statement() }
        expect((await register(sent, admin.bank.initialAccessToken)).json.error).toBe('unapproved_software_statement')
        await back()
        expect((await register(sent, admin.bank.initialAccessToken)).status).toBe(201)
      },
    },
    {
      wso2: 'Enforce FAPI conformance',
      set: [{ enforce_fapi: false }, { enforce_fapi: 'no' }],
      refused: [{ enforce_fapi: 'perhaps' }, { enforce_fapi: 'perhaps' }],
      why: /enforce_fapi/,
    },
    {
      wso2: 'FAPI profile; a supported one (65023)',
      set: [{ fapi_profile: 'fapi1-advanced' }, { fapi_profile: 'fapi1-advanced' }],
      refused: [{ fapi_profile: 'fapi3' }, { fapi_profile: 'fapi3' }],
      why: /supported profiles/,
      async after() {
        const sent = async () => register({ ...silent, software_statement: await statement() }, admin.bank.initialAccessToken)
        expect((await sent()).json).toMatchObject({ fapi_profile: 'fapi1-advanced' })
        await back()
        expect((await sent()).json).toMatchObject({ fapi_profile: 'fapi2-security' })
      },
    },
    {
      wso2: 'The profiles of the organization',
      set: [{ fapi_profiles: ['fapi2-security'] }, { fapi_profiles: ['fapi2-security'] }],
      refused: [{ fapi_profiles: [] }, { fapi_profiles: [] }],
      why: /fapi_profile/,
      async after() {
        const asked = async () => ({ ...silent, fapi_profile: 'fapi2-message-signing', software_statement: await statement() })
        expect((await register(await asked(), admin.bank.initialAccessToken)).json.error).toBe('invalid_client_metadata')
        await back()
        expect((await register(await asked(), admin.bank.initialAccessToken)).status).toBe(201)
      },
    },
  ]

  describe.each(SETTINGS)('$wso2', ({ before = {}, set, refused, why, after = async () => undefined }) => {
    test.each(['page', 'API'] as const)('by the %s', async (by) => {
      const change = async ([metadata, typed]: readonly [Metadata, Typed]) => (by === 'page' ? save(typed) : patch(metadata))
      expect((await patch(before)).status).toBe(200)
      const first = await settings()
      const answer = await change(refused)
      expect([answer.status, wordsOf(answer)]).toEqual([400, expect.stringMatching(why)])
      expect(await settings()).toEqual(first)
      expect([200, 303]).toContain((await change(set)).status)
      expect((await settings()).settings).toMatchObject(set[0])
      expect((await settings()).settings).not.toEqual(first.settings)
      await after()
    })
  })
})
