import { randomUUID } from 'node:crypto'
import { connect } from 'node:tls'
import { gzipSync } from 'node:zlib'
import { fapi2Security, generic, type Store } from 'express-fapi'
import { BOTH_EXPRESSES } from '../express/guarded-server.js'
import { openAnyBrowser } from '../support/any-browser.js'
import { later } from '../support/clock.js'
import { expectError, expectPushed, expectTokens, expectUnauthenticated } from '../support/expectations.js'
import { fromNow } from '../support/jwt.js'
import { mintKey } from '../support/keys.js'
import { honestMetadata, type Metadata } from '../support/registration.js'
import { certificateFor } from '../support/tpp.js'
import type { Answer } from '../support/wire.js'
import { inStore, openRegistrationServer, type RegistrationServer, sentBack } from './registration-server.js'
import { CALLBACKS, claimsOf, mintStatement, SOFTWARE } from './statements.js'

const KEY = mintKey()
const honest = honestMetadata(KEY, 'fapi2-security')
const MANAGED = ['GET', 'PUT', 'DELETE']

const PLACES: readonly (readonly [string, ((store: Store) => ReturnType<typeof inStore>) | undefined])[] = [
  ['a Map', undefined],
  ['the store', inStore],
]
const SCENES = BOTH_EXPRESSES.flatMap(([name, createApp]) =>
  PLACES.map(([place, clients]) => [`${name}, clients in ${place}`, createApp, clients] as const),
)

describe.each(SCENES)('on %s', (_name, createApp, clients) => {
  let server: RegistrationServer
  beforeAll(async () => {
    server = await openRegistrationServer({ createApp, ...(clients && { clients }) })
  })
  afterAll(() => server?.close())
  const registered = async (metadata: Metadata = honest, certificate?: Parameters<RegistrationServer['register']>[2]) => {
    const answer = await server.register(metadata, undefined, certificate)
    expect({ status: answer.status, error: answer.json.error_description }).toEqual({ status: 201, error: undefined })
    return answer
  }
  const kept = async ({ json }: Answer) => server.clients.find(String(json.client_id))

  describe('a client', () => {
    test('is registered with what it said and what its profile wants, and told which is which', async () => {
      const { json, headers } = await registered()
      const { client_id, client_id_issued_at, registration_access_token, registration_client_uri, metadata_set_by_server, ...metadata } =
        json
      expect(metadata).toEqual({
        ...honest,
        dpop_bound_access_tokens: true,
        tls_client_certificate_bound_access_tokens: false,
        require_pushed_authorization_requests: true,
        id_token_signed_response_alg: 'PS256',
        authorization_signed_response_alg: 'PS256',
        introspection_signed_response_alg: 'PS256',
      })
      expect(metadata_set_by_server).toEqual({
        dpop_bound_access_tokens: 'profile',
        tls_client_certificate_bound_access_tokens: 'profile',
        require_pushed_authorization_requests: 'profile',
        id_token_signed_response_alg: 'profile',
        authorization_signed_response_alg: 'profile',
        introspection_signed_response_alg: 'profile',
      })
      expect(client_id).toMatch(/^[\w-]{32}$/)
      expect(client_id_issued_at).toBe(fromNow(0))
      expect(registration_access_token).toMatch(/^[\w-]{43}$/)
      expect(registration_client_uri).toBe(`${server.issuer}/register/${client_id}`)
      expect([headers['cache-control'], headers.pragma]).toEqual(['no-store', 'no-cache'])
      expect(await kept({ json } as Answer)).toEqual({ ...metadata, client_id })
    })

    test('that names no profile is given one, and told by whom', async () => {
      const { fapi_profile: _, ...rest } = honest
      const { json } = await registered({ ...rest, redirect_uris: ['https://tpp.example/none'] })
      expect(json.metadata_set_by_server).toMatchObject({ fapi_profile: 'server' })
    })

    test('reads what it was told when it registered', async () => {
      const answer = await registered()
      const again = await server.manage(answer)
      expect([again.status, again.json]).toEqual([200, answer.json])
    })

    test('updates its registration, and reads that', async () => {
      const answer = await registered()
      const { json, status } = await server.manage(answer, 'PUT', {
        ...sentBack(answer),
        client_name: 'Zoë 🏦',
        client_uri: 'https://tpp.example',
      })
      expect([status, json]).toMatchObject([
        200,
        { client_name: 'Zoë 🏦', client_uri: 'https://tpp.example', client_id: answer.json.client_id },
      ])
      expect((await server.manage(answer)).json).toEqual(json)
      // What an update leaves out is gone (RFC 7592 §2.2).
      const { client_uri: _, ...rest } = sentBack({ json } as Answer)
      expect((await server.manage(answer, 'PUT', rest)).json).not.toHaveProperty('client_uri')
    })

    test('is deleted, and gone for everybody', async () => {
      const answer = await registered()
      const { status, text } = await server.manage(answer, 'DELETE')
      expect([status, text]).toEqual([204, ''])
      for (const method of MANAGED) expectError(await server.manage(answer, method), 401, 'invalid_token')
      expect(await kept(answer)).toBeUndefined()
      expect(await server.registering.find(String(answer.json.client_id))).toBeUndefined()
      expectUnauthenticated(await server.meet(answer, KEY).push())
    })

    test('of somebody else is nobody: the same answer as for one that is not there', async () => {
      const [mine, other] = [await registered(), await registered()]
      const nobody = { json: { ...mine.json, registration_client_uri: `${server.issuer}/register/nobody` } } as unknown as Answer
      for (const method of MANAGED) {
        const answers = [
          await server.manage(other, method, undefined, mine.json.registration_access_token),
          await server.manage(nobody, method, undefined, mine.json.registration_access_token),
          await server.manage(nobody, method, undefined, server.initialAccessToken),
          await server.manage(mine, method, undefined, server.initialAccessToken),
        ]
        for (const answer of answers) expectError(answer, 401, 'invalid_token')
        expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
      }
      expect((await server.manage(other)).status).toBe(200)
    })
  })

  test('what was registered works: PAR, code, token, API, introspection; and counts as used', async () => {
    const answer = await registered()
    const client = server.meet(answer, KEY)
    expectPushed(await client.push())
    const tokens = await client.tokens({ browser: openAnyBrowser(server.wire, server.issuer) })
    expect(tokens).toMatchObject({ token_type: 'DPoP', access_token: expect.any(String) })
    expect((await client.accounts(tokens.access_token)).json.accounts).toHaveLength(3)
    const asked = await client.call('introspection_endpoint', { token: String(tokens.access_token) }, { proof: 'none' })
    expect(asked.json).toMatchObject({ active: true, client_id: answer.json.client_id })
    expectTokens(await client.refresh(String(tokens.refresh_token)), 'DPoP')
  })

  test('a client that is suspended is refused everywhere, and goes on when it is resumed', async () => {
    const answer = await registered()
    const [id, client] = [String(answer.json.client_id), server.meet(answer, KEY)]
    const tokens = await client.tokens({ browser: openAnyBrowser(server.wire, server.issuer) })
    const code = await client.code({ browser: openAnyBrowser(server.wire, server.issuer) })
    const ask = () => client.call('introspection_endpoint', { token: String(tokens.access_token) }, { proof: 'none' })
    expect(await server.registering.suspend(id, 'its licence is under review')).toBe(true)

    expectUnauthenticated(await client.push())
    expectUnauthenticated(await client.redeem(code))
    expectUnauthenticated(await client.refresh(String(tokens.refresh_token)))
    expectUnauthenticated(await ask())
    expect((await client.accounts(tokens.access_token)).status).toBe(401)
    for (const [method, metadata] of [['GET'], ['PUT', sentBack(answer)], ['DELETE']] as const) {
      const refused = await server.manage(answer, method, metadata)
      expectError(refused, 403, 'access_denied')
      expect(refused.json.error_description).toContain('its licence is under review')
    }
    expect(await server.registering.find(id)).toMatchObject({ suspended: { reason: 'its licence is under review' } })

    expect(await server.registering.resume(id)).toBe(true)
    expectPushed(await client.push())
    expect((await ask()).json).toMatchObject({ active: true })
    expect((await client.accounts(tokens.access_token)).status).toBe(200)
    expect((await server.manage(answer)).json).toEqual(answer.json)
    expect(await server.registering.suspend('nobody', 'x')).toBe(false)
    expect(await server.registering.resume('nobody')).toBe(false)
  })

  test('a client that is suspended while it updates stays suspended', async () => {
    const answer = await registered()
    const id = String(answer.json.client_id)
    const [updated] = await Promise.all([
      server.manage(answer, 'PUT', { ...sentBack(answer), client_name: 'quick' }),
      ...Array.from({ length: 5 }, () => server.registering.suspend(id, 'x')),
    ])
    expect([200, 403]).toContain(updated.status)
    expect(await kept(answer)).toMatchObject({ client_status: 'suspended' })
    expect(await server.registering.find(id)).toMatchObject({ suspended: { reason: 'x' } })
    expectUnauthenticated(await server.meet(answer, KEY).push())
  })

  describe('a lost token', () => {
    test('is replaced for the certificate that the client registered with, and ends', async () => {
      const [own, other] = [await certificateFor('own', server.authority), await certificateFor('other', server.authority)]
      const answer = await registered(honest, own)
      for (const wrong of [undefined, other]) expectError(await server.recover(answer, undefined, wrong), 403, 'access_denied')
      expect((await server.manage(answer)).status).toBe(200)
      const { status, json } = await server.recover(answer, undefined, own)
      expect([status, json]).toEqual([
        200,
        {
          client_id: answer.json.client_id,
          registration_client_uri: answer.json.registration_client_uri,
          registration_access_token: expect.stringMatching(/^[\w-]{43}$/),
        },
      ])
      expectError(await server.manage(answer), 401, 'invalid_token')
      expect((await server.manage(answer, 'GET', undefined, json.registration_access_token)).status).toBe(200)
    })

    describe('is replaced for a fresh statement and a proof of the key', () => {
      let answer: Answer
      let software_statement: string
      beforeEach(async () => {
        software_statement = await mintStatement(generic)
        answer = await registered({ ...honest, software_statement })
      })
      const freshly = (claims: Metadata = {}) => mintStatement(generic, { claims: { jti: randomUUID(), ...claims } })
      const proof = (claims: Metadata = {}) => server.meet(answer, KEY).assertion({ claims })

      test('once', async () => {
        const sent = { software_statement: await freshly(), client_assertion: await proof() }
        const { status, json } = await server.recover(answer, sent)
        expect([status, json]).toEqual([
          200,
          {
            client_id: answer.json.client_id,
            registration_client_uri: answer.json.registration_client_uri,
            registration_access_token: expect.stringMatching(/^[\w-]{43}$/),
          },
        ])
        expectError(await server.manage(answer), 401, 'invalid_token')
        expect((await server.manage(answer, 'GET', undefined, json.registration_access_token)).status).toBe(200)
        expectError(await server.recover(answer, sent), 403, 'access_denied')
        expectError(await server.recover(answer, { ...sent, client_assertion: await proof() }), 400, 'invalid_software_statement')
        expectError(await server.recover(answer, { ...sent, software_statement: await freshly() }), 403, 'access_denied')
        expect((await server.manage(answer, 'GET', undefined, json.registration_access_token)).status).toBe(200)
      })

      test.each<[string, Metadata, number, string]>([
        ['another software', { software_id: 'another' }, 403, 'access_denied'],
        ['an issuer nobody knows', { iss: 'https://somebody.example' }, 400, 'unapproved_software_statement'],
        ['one that has expired', { exp: fromNow(-10) }, 400, 'invalid_software_statement'],
        ['one from before the registration', { iat: fromNow(-600) }, 400, 'invalid_software_statement'],
        ['one that does not say when it was made', { iat: undefined }, 400, 'invalid_software_statement'],
      ])('and not with %s', async (_what, claims, status, error) => {
        const sent = { software_statement: await freshly(claims), client_assertion: await proof() }
        expectError(await server.recover(answer, sent), status, error)
        expect((await server.manage(answer)).status).toBe(200)
      })

      test('and not with the one it registered with, which many have read', async () => {
        expectError(
          await server.recover(answer, { software_statement, client_assertion: await proof() }),
          400,
          'invalid_software_statement',
        )
      })

      test.each(['x', 7, {}, null, [], ''])('and not with %j', async (value) => {
        for (const sent of [
          { software_statement: value, client_assertion: await proof() },
          { software_statement: await freshly(), client_assertion: value },
        ])
          expect([400, 403]).toContain((await server.recover(answer, sent)).status)
        expect((await server.manage(answer)).status).toBe(200)
      })

      test.each<[string, Metadata]>([
        ['of somebody else', { iss: 'x', sub: 'x' }],
        ['for somebody else', { aud: 'https://other.example' }],
        ['that has expired', { exp: fromNow(-60) }],
        ['that lives for days', { exp: fromNow(86_400) }],
        ['without jti', { jti: undefined }],
      ])('and not with a proof %s', async (_what, claims) => {
        expectError(
          await server.recover(answer, { software_statement: await freshly(), client_assertion: await proof(claims) }),
          403,
          'access_denied',
        )
        const client_assertion = await server.meet(answer, KEY).assertion({ key: mintKey('ES256', KEY.kid) })
        expectError(await server.recover(answer, { software_statement: await freshly(), client_assertion }), 403, 'access_denied')
        expect((await server.manage(answer)).status).toBe(200)
      })
    })

    test('of a client that is suspended, or of nobody, stays lost', async () => {
      const own = await certificateFor('own', server.authority)
      const answer = await registered(honest, own)
      await server.registering.suspend(String(answer.json.client_id), 'x')
      expectError(await server.recover(answer, undefined, own), 403, 'access_denied')
      const nobody = { json: { registration_client_uri: `${server.issuer}/register/nobody` } } as unknown as Answer
      expectError(await server.recover(nobody, undefined, own), 403, 'access_denied')
    })
  })

  test('a statement gives what the request leaves out, and counts more; the answer has it as it came', async () => {
    const software_statement = await mintStatement(generic, { claims: { client_name: 'by its statement', scope: 'openid accounts' } })
    const { redirect_uris: _, ...rest } = honest
    const answer = await registered({ ...rest, software_statement })
    expect(answer.json).toMatchObject({
      ...{ redirect_uris: CALLBACKS, client_name: 'by its statement', scope: 'openid accounts', software_id: SOFTWARE, software_statement },
      metadata_set_by_server: { redirect_uris: 'statement', client_name: 'statement', scope: 'statement', software_id: 'statement' },
    })
    expect((await server.manage(answer)).json).toEqual(answer.json)
    // An update without statement is held to the one from before.
    const updated = await server.manage(answer, 'PUT', { ...honest, client_id: answer.json.client_id })
    expect(updated.json).toMatchObject({ redirect_uris: CALLBACKS, software_statement })
    const other = await mintStatement(generic, { claims: { software_id: 'another' } })
    const refused = await server.manage(answer, 'PUT', { ...honest, client_id: answer.json.client_id, software_statement: other })
    expectError(refused, 400, 'invalid_software_statement')
  })
})

describe('what a registration asks for', () => {
  let server: RegistrationServer
  beforeAll(async () => {
    server = await openRegistrationServer()
  })
  afterAll(() => server?.close())
  const post = (body: string, headers: Readonly<Record<string, string>> = {}) =>
    server.send('', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${server.initialAccessToken}`, ...headers },
      body,
    })

  test('all that is wrong is named at once, and the worst says which error it is', async () => {
    const wrong = {
      ...{ redirect_uris: ['http://tpp.example/cb', 'x'], token_endpoint_auth_method: 'none', client_name: 7, contacts: 'x' },
      ...{ id_token_signed_response_alg: 'none', tos_uri: 'ftp://x', dpop_bound_access_tokens: 'yes', subject_type: 'x', scope: '"' },
    }
    const answer = await server.register({ ...honest, ...wrong })
    expectError(answer, 400, 'invalid_redirect_uri')
    for (const name of Object.keys(wrong)) expect(answer.json.error_description).toContain(name)
    const { redirect_uris: _, ...rest } = wrong
    const other = await server.register({ ...honest, ...rest })
    expectError(other, 400, 'invalid_client_metadata')
    for (const name of Object.keys(rest)) expect(other.json.error_description).toContain(name)
    expect(other.json.error_description).not.toContain('redirect_uris')
  })

  test.each(['GET', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'PROPFIND'])('%s of the endpoint: 405 with Allow', async (method) => {
    const { status, headers, text } = await server.send('', { method })
    expect([status, headers.allow]).toEqual([405, 'POST'])
    expect(text === '').toBe(method === 'HEAD')
  })

  test.each(['POST', 'PATCH', 'OPTIONS', 'TRACE'])('%s of a client: 405 with Allow, whether it is there or not', async (method) => {
    const { json } = await server.register(honest)
    for (const path of [`/${json.client_id}`, '/nobody', '/nobody/'])
      expect(await server.send(path, { method })).toMatchObject({ status: 405, headers: { allow: 'GET, PUT, DELETE' } })
  })

  test('HEAD of a client is GET without the body (RFC 9110 §9.3.2)', async () => {
    const answer = await server.register(honest)
    const { status, text, headers } = await server.manage(answer, 'HEAD')
    expect([status, text, headers['cache-control']]).toEqual([200, '', 'no-store'])
    expect(await server.manage(answer, 'HEAD', undefined, 'x')).toMatchObject({ status: 401, text: '' })
  })

  test('only POST gives a new token', async () => {
    const { json } = await server.register(honest)
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'])
      expect(await server.send(`/${json.client_id}/registration-access-token`, { method })).toMatchObject({
        ...{ status: 405, headers: { allow: 'POST' } },
      })
  })

  test.each(['/%', '/%zz', '/%E0%A4', '/a/%', '/a/b/c', '/a/b', '/a/registration-access-token/x', '/%00', '/%2F', `/${'a'.repeat(8000)}`])(
    'there is nothing at %s',
    async (path) => {
      for (const method of ['GET', 'PUT', 'DELETE', 'POST']) {
        const { status } = await server.send(path, { method, headers: { authorization: `Bearer ${'A'.repeat(43)}` } })
        expect([401, 404, 405]).toContain(status)
      }
    },
  )

  const OBJECT = JSON.stringify(honest)
  const bodies: readonly (readonly [what: string, body: string, headers?: Readonly<Record<string, string>>])[] = [
    ['one space', ' '],
    ['a list', `[${OBJECT}]`],
    ['null', 'null'],
    ['a number', '7'],
    ['a text', JSON.stringify(OBJECT)],
    ['true', 'true'],
    ['half an object', OBJECT.slice(0, -1)],
    ['two objects', OBJECT + OBJECT],
    ['a megabyte', JSON.stringify({ ...honest, client_name: 'x'.repeat(1_000_000) })],
    ['a form', 'client_name=x', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['text', OBJECT, { 'content-type': 'text/plain' }],
    ['a JWT', 'e30.e30.x', { 'content-type': 'application/jwt' }],
    ['an encoding that nobody knows', OBJECT, { 'content-encoding': 'x-nobody' }],
    ['a charset that nobody knows', OBJECT, { 'content-type': 'application/json; charset=x-nobody' }],
    ['what says it is gzip and is not', OBJECT, { 'content-encoding': 'gzip' }],
    ['lists in lists in lists', `{"x":${'['.repeat(60_000)}${']'.repeat(60_000)},${OBJECT.slice(1)}`],
    ['objects in objects in objects', `{"x":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)},${OBJECT.slice(1)}`],
    [
      'a key set that goes too deep',
      JSON.stringify({ ...honest, jwks: 0 }).replace(
        '"jwks":0',
        `"jwks":{"keys":[{"kty":"EC","x":${'['.repeat(30_000)}${']'.repeat(30_000)}}]}`,
      ),
    ],
  ]
  test.each(bodies.map(([what, body, headers = {}]) => [what, body, headers] as const))(
    '%s is no metadata: 400 with the reason, nothing kept',
    async (_what, body, headers) => {
      const before = (await server.store.list('Registration', { limit: 1000 })).items.length
      expectError(await post(body, headers), 400, 'invalid_client_metadata')
      expect((await server.store.list('Registration', { limit: 1000 })).items).toHaveLength(before)
      const { json } = await server.register(honest)
      const refused = await server.wire.send(String(json.registration_client_uri), {
        method: 'PUT',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${json.registration_access_token}`, ...headers },
        body,
      })
      expectError(refused, 400, 'invalid_client_metadata')
    },
  )

  test('no body at all is metadata that say nothing', async () => {
    expectError(await post(''), 400, 'invalid_redirect_uri')
    expectError(
      await server.send('', { method: 'POST', headers: { authorization: `Bearer ${server.initialAccessToken}` } }),
      400,
      'invalid_client_metadata',
    )
  })

  test.each(['application/json; charset=utf-8', 'APPLICATION/JSON', 'application/json;charset="utf-8"; x=y'])(
    'Content-Type %s is taken',
    async (type) => expect((await post(OBJECT, { 'content-type': type })).status).toBe(201),
  )

  test('a body that is compressed is read, and what grows too large in it is not', async () => {
    const send = (body: Buffer) =>
      server.send('', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-encoding': 'gzip', authorization: `Bearer ${server.initialAccessToken}` },
        body: body as unknown as string,
      })
    expect((await send(gzipSync(OBJECT))).status).toBe(201)
    expectError(await send(gzipSync(JSON.stringify({ ...honest, x: 'x'.repeat(50_000_000) }))), 400, 'invalid_client_metadata')
  })

  test('a body that comes slowly is waited for, and one that breaks off registers nobody', async () => {
    const { port } = new URL(server.issuer)
    const open = () => connect({ port: Number(port), ca: server.authority.certificate, servername: 'localhost' })
    const head = [
      'POST /register HTTP/1.1',
      'host: localhost',
      'content-type: application/json',
      `authorization: Bearer ${server.initialAccessToken}`,
      `content-length: ${OBJECT.length}`,
      'connection: close',
    ]
    const before = (await server.store.list('Registration', { limit: 1000 })).items.length
    const cut = open()
    await new Promise<void>((resolve) => cut.write(`${head.join('\r\n')}\r\n\r\n${OBJECT.slice(0, 100)}`, () => resolve()))
    cut.destroy()
    const slow = open()
    slow.write(`${head.join('\r\n')}\r\n\r\n`)
    for (let at = 0; at < OBJECT.length; at += 100) {
      slow.write(OBJECT.slice(at, at + 100))
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    let said = ''
    for await (const chunk of slow) said += String(chunk)
    expect(said).toMatch(/^HTTP\/1\.1 201 /)
    expect((await server.store.list('Registration', { limit: 1000 })).items).toHaveLength(before + 1)
  })

  test('of a member that is there twice the last counts, alone', async () => {
    const twice = `{"redirect_uris":["http://evil.example/cb"],"token_endpoint_auth_method":"none",${OBJECT.slice(1)}`
    const { status, json } = await post(twice)
    expect([status, json]).toMatchObject([201, { redirect_uris: honest.redirect_uris, token_endpoint_auth_method: 'private_key_jwt' }])
    const last = `${OBJECT.slice(0, -1)},"redirect_uris":["http://evil.example/cb"]}`
    expectError(await post(last), 400, 'invalid_redirect_uri')
  })

  test('members with the names of what objects inherit give nobody anything', async () => {
    const evil =
      '"__proto__":{"token_endpoint_auth_method":"none","client_status":"x","fapi_profile":"none"},"constructor":{"prototype":{"a":1}}'
    const { status, json, text } = await post(`{${evil},${OBJECT.slice(1)}`)
    expect([status, json]).toMatchObject([201, { token_endpoint_auth_method: 'private_key_jwt', fapi_profile: 'fapi2-security' }])
    expect(text).not.toContain('__proto__')
    expect(Reflect.get({}, 'a')).toBeUndefined()
    const without = JSON.stringify({ ...honest, redirect_uris: undefined })
    expectError(await post(`{"__proto__":{"redirect_uris":["https://tpp.example/cb"]},${without.slice(1)}`), 400, 'invalid_redirect_uri')
  })

  test.each(['hasOwnProperty', 'toString', 'constructor', 'then', 'toJSON', 'valueOf', ''])(
    'a member called %j breaks nothing',
    async (name) => {
      const { status, json } = await post(JSON.stringify({ ...honest, [name]: 'x' }))
      expect(status).toBe(201)
      expect((await server.manage({ json } as Answer)).status).toBe(200)
    },
  )

  test('what only the server says is not taken from a client', async () => {
    const told = {
      ...{ client_id: 'mine', client_secret: 'mine', client_id_issued_at: 1, client_secret_expires_at: 1, client_status: 'active' },
      ...{ registration_access_token: 'mine', registration_client_uri: 'https://evil.example', metadata_set_by_server: 'mine' },
    }
    const answer = await server.register({ ...honest, ...told })
    expect(answer.status).toBe(201)
    for (const [name, value] of Object.entries(told)) expect(answer.json[name]).not.toBe(value)
    for (const name of ['client_secret', 'client_status']) expect(answer.json).not.toHaveProperty(name)
  })

  test.each([
    'Basic dTpw',
    'DPoP x',
    'Bearer',
    'Bearer ',
    'bearer x y',
    'Digest username="x"',
    'x',
    'Bearer \u00e9',
    `Bearer ${'x'.repeat(10_000)}`,
  ])('Authorization: %j admits nobody, and manages nothing', async (authorization) => {
    const answer = await post(OBJECT, { authorization })
    expectError(answer, 401, 'invalid_token')
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer error="invalid_token"/)
    const { json } = await server.register(honest)
    for (const method of MANAGED) {
      const managed = await server.wire.send(String(json.registration_client_uri), { method, headers: { authorization } })
      expectError(managed, 401, 'invalid_token')
    }
  })

  test('without Authorization the challenge says nothing of an error (RFC 6750 §3)', async () => {
    const { status, headers } = await server.register(honest, null)
    expect([status, headers['www-authenticate']]).toEqual([401, 'Bearer'])
    const { json } = await server.register(honest)
    const bare = await server.wire.send(String(json.registration_client_uri))
    expect([bare.status, bare.headers['www-authenticate']]).toEqual([401, 'Bearer'])
  })

  test('the scheme is Bearer in any case (RFC 9110 §11.1)', async () => {
    expect((await post(OBJECT, { authorization: `bEARER  ${server.initialAccessToken}` })).status).toBe(201)
  })
})

describe('what changes at run time', () => {
  let server: RegistrationServer
  beforeEach(async () => {
    server = await openRegistrationServer()
  })
  afterEach(() => server?.close())

  test('settings take effect at once', async () => {
    const { settings } = server.registering
    await settings.change({ software_statement_required: true }, 'carol')
    expectError(await server.register(honest), 400, 'invalid_software_statement')
    const software_statement = await mintStatement(generic)
    expect((await server.register({ ...honest, software_statement })).status).toBe(201)
    expectError(await server.register({ ...honest, software_statement }, null), 401, 'invalid_token')

    await settings.change({ authentication_required: false }, 'carol')
    expect((await server.register({ ...honest, software_statement }, null)).status).toBe(201)
    expectError(await server.register(honest, null), 400, 'invalid_software_statement')
    // Who shows a token has one that holds.
    expectError(await server.register({ ...honest, software_statement }, 'x'), 401, 'invalid_token')

    await settings.change({ fapi_profiles: ['fapi2-security'], fapi_profile: 'fapi2-security' }, 'carol')
    const { fapi_profile: _, ...rest } = honest
    expect((await server.register({ ...rest, software_statement })).json).toMatchObject({ fapi_profile: 'fapi2-security' })
    const other = await server.register({ ...honest, fapi_profile: 'fapi1-advanced', software_statement })
    expectError(other, 400, 'invalid_client_metadata')
    expect(other.json.error_description).toContain('fapi_profile')

    await expect(settings.change({ software_statement_issuers: [] }, 'carol')).rejects.toThrow(/software_statement_issuers/)
    await settings.change({ software_statement_issuers: null, software_statement_required: null, authentication_required: null }, 'carol')
    expect((await server.register(honest)).status).toBe(201)
  })

  test('where no profile is enforced a client may have none, and one that names a profile is held to it', async () => {
    await server.registering.settings.change({ enforce_fapi: false }, 'carol')
    const plain = { redirect_uris: ['https://shop.example/cb'], token_endpoint_auth_method: 'client_secret_basic' }
    const answer = await server.register(plain)
    expect(answer).toMatchObject({ status: 201, json: { client_secret: expect.any(String), client_secret_expires_at: 0 } })
    expect(answer.json).not.toHaveProperty('fapi_profile')
    // An update keeps the secret, and brings no other.
    const updated = await server.manage(answer, 'PUT', { ...sentBack(answer), client_name: 'a shop' })
    expect(updated).toMatchObject({ status: 200, json: { client_name: 'a shop', client_secret: answer.json.client_secret } })
    expectError(await server.manage(answer, 'PUT', { ...sentBack(answer), client_secret: 'mine' }), 400, 'invalid_client_metadata')
    expectError(await server.register({ ...plain, fapi_profile: 'fapi2-security' }), 400, 'invalid_client_metadata')
  })

  test('a token that is revoked admits nobody', async () => {
    const { token, record } = await server.registering.initialAccessTokens.issue({ expiresIn: 60 })
    expect((await server.register(honest, token)).status).toBe(201)
    await later(61, async () => expectError(await server.register(honest, token), 401, 'invalid_token'))
    await server.registering.initialAccessTokens.revoke(record.id)
    expectError(await server.register(honest, token), 401, 'invalid_token')
  })

  test('what a token sets stays set, whatever an update says', async () => {
    const { token } = await server.registering.initialAccessTokens.issue({
      profile: 'fapi2-security',
      metadata: { client_name: 'fixed', scope: 'openid' },
    })
    const answer = await server.register({ ...honest, client_name: 'mine' }, token)
    expect(answer.json).toMatchObject({
      client_name: 'fixed',
      scope: 'openid',
      metadata_set_by_server: { client_name: 'initial access token' },
    })
    const updated = await server.manage(answer, 'PUT', { ...sentBack(answer), client_name: 'mine', scope: 'openid accounts' })
    expect(updated).toMatchObject({ status: 200, json: { client_name: 'fixed', scope: 'openid' } })
    expectError(await server.register({ ...honest, fapi_profile: 'fapi1-advanced' }, token), 400, 'invalid_client_metadata')
  })
})

describe('tokens that rotate', () => {
  let server: RegistrationServer
  beforeAll(async () => {
    server = await openRegistrationServer({ options: () => ({ rotate: true, unusedFor: 3600 }), profiles: [fapi2Security] })
  })
  afterAll(() => server?.close())
  const metadata = { ...honest, fapi_profile: undefined }

  test('the one before stays good until the new one was used', async () => {
    const answer = await server.register(metadata)
    const first = answer.json.registration_access_token
    const second = (await server.manage(answer, 'PUT', sentBack(answer))).json.registration_access_token
    expect(second).not.toBe(first)
    // As if the answer had been lost, twice.
    expect((await server.manage(answer, 'GET', undefined, first)).status).toBe(200)
    const third = (await server.manage(answer, 'PUT', sentBack(answer), first)).json.registration_access_token
    expect((await server.manage(answer, 'GET', undefined, first)).status).toBe(200)
    expectError(await server.manage(answer, 'GET', undefined, second), 401, 'invalid_token')
    expect((await server.manage(answer, 'GET', undefined, third)).status).toBe(200)
    expectError(await server.manage(answer, 'GET', undefined, first), 401, 'invalid_token')
    expect((await server.manage(answer, 'GET', undefined, third)).json.registration_access_token).toBe(third)
  })

  test('an update that is refused gives no new token', async () => {
    const answer = await server.register(metadata)
    expectError(await server.manage(answer, 'PUT', { ...sentBack(answer), redirect_uris: [] }), 400, 'invalid_redirect_uri')
    expect((await server.manage(answer)).json).toEqual(answer.json)
  })

  test('clients that were never used are removed in their time, and no others', async () => {
    const [unused, used, late] = [await server.register(metadata), await server.register(metadata), await server.register(metadata)]
    const ids = [unused, used, late].map(({ json }) => String(json.client_id))
    await server.registering.used(String(ids[1]))
    await later(3590, async () =>
      expect(await server.registering.maintain()).toEqual({ suspended: [], resumed: [], removed: [], failed: [] }),
    )
    await server.registering.used(String(ids[2]))
    await later(3601, async () => {
      const { removed } = await server.registering.maintain()
      expect(removed).toContain(ids[0])
      expect(removed).not.toContain(ids[1])
      expect(removed).not.toContain(ids[2])
      expectError(await server.manage(unused), 401, 'invalid_token')
      expect(await server.clients.find(String(ids[0]))).toBeUndefined()
      for (const answer of [used, late]) expect((await server.manage(answer)).status).toBe(200)
    })
  })
})

test('a software of which clients are counted has its place again when one is deleted', async () => {
  const server = await openRegistrationServer({ options: () => ({ duplicates: 'reject' }) })
  const register = async () =>
    server.register({
      ...honest,
      software_statement: await mintStatement(generic, { claims: { ...claimsOf(generic), jti: String(Math.random()) } }),
    })
  const answer = await register()
  expect(answer.status).toBe(201)
  const second = await register()
  expectError(second, 400, 'invalid_software_statement')
  expect((await server.manage(answer, 'DELETE')).status).toBe(204)
  expect((await register()).status).toBe(201)
  await server.close()
})
