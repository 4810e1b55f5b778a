import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Provider, { type Configuration } from 'oidc-provider'
import { lintConfiguration } from '../../lib/audit/lint/configuration.js'
import { createPolicy } from '../../lib/core/policy.js'
import { profileNamed, profiles } from '../../lib/profiles/index.js'
import { fillSettings } from '../../lib/provider/settings.js'
import { mintKey } from '../support/keys.js'
import { type CommandDesk, openCommandDesk } from './command-desk.js'

const RSA = mintKey('PS256')
const EC = mintKey('ES256')
const jwks = { keys: [RSA.privateJwk, EC.privateJwk] } as NonNullable<Configuration['jwks']>
const secure = profileNamed('fapi2-security')

const lint = (configuration: object, change: Partial<Parameters<typeof lintConfiguration>[1]> = {}) =>
  lintConfiguration(
    { jwks, ...configuration },
    {
      ...{ profile: secure, issuer: 'https://as.example', handed: false, signingAlgorithms: ['PS256', 'ES256'] },
      ...change,
    },
  )
const rulesOf = ({ findings }: Awaited<ReturnType<typeof lint>>) => findings.map(({ rule }) => rule)

/** As withFapi would have it. */
const compliant = (profile = secure, configuration: Configuration = {}) =>
  fillSettings({ jwks, ...configuration }, createPolicy({ profile }).profiles, 'everything', { hasCertificates: true, verifies: true })

let desk: CommandDesk
beforeEach(() => {
  desk = openCommandDesk()
})
afterEach(() => desk.close())

describe('a configuration', () => {
  test.each(profiles.map((profile) => [profile.name, profile] as const))(
    'that withFapi filled for %s is compliant as it stands',
    async (_name, profile) => {
      const { findings, withFapi } = await lint(compliant(profile), { profile })
      expect(findings).toEqual([])
      expect(withFapi).toEqual({ sets: [], refuses: [] })
    },
  )

  test.each([
    ['rotateRefreshToken', { rotateRefreshToken: true }, 'no-refresh-rotation', 'rotateRefreshToken', 'true', 'FAPI2-SP-5.3.2.1-9'],
    [
      'responseTypes',
      { responseTypes: ['code', 'code id_token'] },
      'server-response-types',
      'responseTypes',
      '["code", "code id_token"]',
      'FAPI2-SP-5.3.2.2-1',
    ],
    ['ttl', { ttl: { AuthorizationCode: 61 } }, 'authorization-code-lifetime', 'ttl.AuthorizationCode', '61', 'FAPI2-SP-5.3.2.1-11'],
  ])('that says otherwise is refused, once, with %s, what was found and the clause', async (_option, change, rule, option, got, clause) => {
    const { findings, withFapi } = await lint({ ...compliant(), ...change })
    expect(findings).toMatchObject([
      {
        rule,
        option,
        got,
        status: 'failed',
        mend: expect.any(String),
        clauses: [{ clause, link: expect.stringContaining('https://openid.net/') }],
      },
    ])
    expect(withFapi.refuses).toMatchObject([{ option, got, clauses: [{ clause }] }])
    expect((await lint({ ...compliant(), ...change }, { handed: true })).findings).toMatchObject([{ rule: 'withFapi', option }])
  })

  test('that says nothing is told what withFapi would set, and that it would refuse nothing', async () => {
    const silent = await lint({})
    expect(rulesOf(silent)).toContain('par-required')
    expect(silent.withFapi.refuses).toEqual([])
    expect(silent.withFapi.sets).toContainEqual({
      ...{ option: 'features.pushedAuthorizationRequests.requirePushedAuthorizationRequests', from: 'false', to: 'true' },
    })
    expect(silent.withFapi.sets).toContainEqual({
      option: 'responseTypes',
      from: '["code id_token", "code", "id_token", "none"]',
      to: '["code"]',
    })
    expect(silent.withFapi.sets.map(({ option }) => option)).not.toContain('jwks')
    expect((await lint({ jwks: undefined })).withFapi.sets).toContainEqual({
      ...{ option: 'jwks', from: 'undefined', to: 'keys made for the process, gone when it stops' },
    })
    expect((await lint({}, { handed: true })).findings).toEqual([])
  })

  test('has each option named beside what was found there, however alike the descriptions are', async () => {
    const { findings } = await lint({})
    expect(findings.find(({ rule }) => rule === 'no-development-pages')?.option).toBe('features.devInteractions.enabled')
    expect(findings.find(({ rule }) => rule === 'server-algorithms-id-token')?.option).toBe('enabledJWA.idTokenSigningAlgValues')
    expect(findings.every(({ option }) => option !== undefined)).toBe(true)
  })

  test('shows no key, and no secret of a client', async () => {
    const clients = [
      { client_id: 'a', client_secret: 'hush-hush', redirect_uris: ['https://a.example/cb'], jwks: { keys: [EC.publicJwk] } },
    ]
    const text = JSON.stringify(await lint({ clients, cookies: { keys: ['sesame'] } }))
    for (const secret of ['hush-hush', 'sesame', RSA.privateJwk.d, EC.privateJwk.d]) expect(text).not.toContain(secret)
  })
})

describe('what would break clients at their first request', () => {
  const client = { client_id: 'a', client_secret: 'b', redirect_uris: ['https://a.example/cb'] }
  const signed = { jwtResponseModes: { enabled: true }, introspection: { enabled: true }, jwtIntrospection: { enabled: true } }
  const only = ['PS256', 'ES256'] as const

  /** Whether the provider itself finds the client. */
  const finds = async (configuration: Configuration) =>
    new Provider('https://as.example', { jwks, clients: [client], ...configuration }).Client.find('a').then(
      () => true,
      () => false,
    )

  test.each<readonly [what: string, configuration: Configuration, option: string | undefined]>([
    ['nothing', {}, undefined],
    ['ID tokens', { enabledJWA: { idTokenSigningAlgValues: [...only] } }, 'id_token_signed_response_alg'],
    [
      'ID tokens, with a default',
      { enabledJWA: { idTokenSigningAlgValues: [...only] }, clientDefaults: { id_token_signed_response_alg: 'ES256' } },
      undefined,
    ],
    ['responses', { enabledJWA: { authorizationSigningAlgValues: [...only] }, features: signed }, 'authorization_signed_response_alg'],
    ['responses that are not signed', { enabledJWA: { authorizationSigningAlgValues: [...only] } }, undefined],
    [
      'responses, with a default',
      {
        enabledJWA: { authorizationSigningAlgValues: [...only] },
        features: signed,
        clientDefaults: { authorization_signed_response_alg: 'PS256' },
      },
      undefined,
    ],
    ['introspection', { enabledJWA: { introspectionSigningAlgValues: [...only] }, features: signed }, 'introspection_signed_response_alg'],
    ['introspection that is not signed', { enabledJWA: { introspectionSigningAlgValues: [...only] } }, undefined],
    ['methods', { clientAuthMethods: ['private_key_jwt'] }, 'token_endpoint_auth_method'],
  ])('is found just where the provider does break: RS256 or the default taken out of %s', async (_what, configuration, field) => {
    const found = (await lint(configuration)).findings.filter(({ rule }) => rule === 'client-defaults-enabled')
    expect(found.map(({ option }) => option)).toEqual(field === undefined ? [] : [`clientDefaults.${field}`])
    expect(await finds(configuration)).toBe(field === undefined)
  })

  test('a client of the configuration that names what is not there any more is named', async () => {
    const named = { ...client, id_token_signed_response_alg: 'EdDSA' as const }
    const configuration: Configuration = {
      ...{
        clients: [named],
        clientDefaults: { id_token_signed_response_alg: 'PS256' },
        enabledJWA: { idTokenSigningAlgValues: [...only] },
      },
    }
    const [judged] = (await lint(configuration)).clients
    expect(judged?.breaks).toContainEqual(
      expect.objectContaining({ rule: 'client-values-enabled', option: 'id_token_signed_response_alg', got: '"EdDSA"' }),
    )
    expect(await finds(configuration)).toBe(false)
    const fitting = await lint({ ...configuration, clients: [{ ...named, id_token_signed_response_alg: 'ES256' }] })
    expect(fitting.clients[0]?.breaks.map(({ rule }) => rule)).not.toContain('client-values-enabled')
  })

  test('stored clients are to be judged where lists lack something that is there by default', async () => {
    const tightened = {
      enabledJWA: { idTokenSigningAlgValues: ['PS256', 'ES256'] },
      clientDefaults: { id_token_signed_response_alg: 'PS256' },
    }
    const adapter = class {}
    expect((await lint({ ...tightened, adapter })).findings.at(-1)).toMatchObject({ rule: 'stored-clients-judged', status: 'warned' })
    expect(rulesOf(await lint(tightened))).not.toContain('stored-clients-judged')
    expect(rulesOf(await lint({ adapter }))).not.toContain('stored-clients-judged')
  })
})

describe('the command', () => {
  const metadata = {
    ...{
      client_id: 'good',
      redirect_uris: ['https://a.example/cb'],
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [EC.publicJwk] },
    },
    ...{ dpop_bound_access_tokens: true, require_pushed_authorization_requests: true, id_token_signed_response_alg: 'ES256' },
  }

  test('ends with 0 where nothing is wrong, and with 1 and a line for each where something is', async () => {
    const good = await desk.command('lint', desk.file('good.json', metadata), '--profile', 'fapi2-security')
    expect([good.code, good.told]).toEqual([0, ''])
    expect(good.said).toContain('1 client judged, 0 failed, 0 warned.')
    const bad = { ...metadata, client_id: 'bad', dpop_bound_access_tokens: false, redirect_uris: ['http://a.example/cb'] }
    const both = await desk.command('lint', desk.file('both.json', [metadata, bad]), '--profile', 'fapi2-security')
    expect(both.code).toBe(1)
    expect(both.said).toContain('\nbad\n')
    expect(both.said).not.toContain('\ngood\n')
    expect(both.said).toContain('✗ sender-constrained-clients  FAPI2-SP-5.3.2.1-4\n')
    expect(both.said).toContain('change: dpop_bound_access_tokens = true\n')
    expect(both.said).toContain('https://openid.net/specs/fapi-security-profile-2_0-final.html')
  })

  test('writes the same as JSON', async () => {
    const file = desk.file('bad.json', { ...metadata, dpop_bound_access_tokens: false })
    const { said } = await desk.command('lint', file, '--profile', 'fapi2-security', '--json', '-')
    expect(JSON.parse(said)).toMatchObject({
      ...{ file, profile: 'fapi2-security', kind: 'client metadata', failed: 1, warned: 0 },
      clients: [
        { client: 'good', ready: false, breaks: [{ rule: 'sender-constrained-clients', change: { dpop_bound_access_tokens: true } }] },
      ],
    })
    const written = await desk.command('lint', file, '--profile', 'fapi2-security', '--json', join(desk.folder, 'found.json'))
    expect(readFileSync(join(desk.folder, 'found.json'), 'utf8')).toBe(said)
    expect(written.said).toContain('1 failed')
  })

  test.each([
    ['a.mjs', 'export default { rotateRefreshToken: true }'],
    ['b.mjs', 'export const configuration = { rotateRefreshToken: true }'],
    ['c.mjs', 'export default Promise.resolve({ rotateRefreshToken: true })'],
    ['d.cjs', 'module.exports = { rotateRefreshToken: true }'],
    ['e.cjs', 'exports.configuration = { rotateRefreshToken: true }'],
    ['f.cjs', 'exports.__esModule = true; exports.default = { rotateRefreshToken: true }'],
  ])('reads a configuration from %s: %s', async (name, text) => {
    const { code, said } = await desk.command('lint', desk.file(name, text), '--profile', 'fapi2-security', '--with-fapi')
    expect(code).toBe(1)
    expect(said).toContain('rotateRefreshToken: true')
    expect(said).toContain('1 failed, 0 warned.')
  })

  test.each<readonly [name: string, content: unknown, message: string]>([
    ['a.ts', 'export default {}', 'is TypeScript, which is not loaded here: build it'],
    ['a.mjs', 'export default () => ({})', 'exports a function: export the configuration object that it makes'],
    ['b.mjs', 'export const other = {}', 'exports nothing by default or as configuration'],
    ['c.mjs', 'export default [1]', 'exports a list'],
    ['d.mjs', 'export default {', 'cannot be loaded ('],
    ['e.mjs', 'throw new Error("no\\u001b[2J client_secret=hush-hush\\nsecond")', 'cannot be loaded (no\\1B[2J client_secret='],
    ['f.mjs', 'export default { callback() {} }', 'exports a Provider'],
    ['g.mjs', 'import "not-installed-anywhere"; export default {}', 'cannot be loaded ('],
    ['h.mjs', 'export default { clients: 5 }', 'clients of the configuration is no list of objects'],
    ['i.mjs', 'export default { clientAuthMethods: 5 }', 'the configuration is of no form that oidc-provider takes'],
    ['j.mjs', 'export default { get features() { throw null } }', 'the configuration is of no form that oidc-provider takes'],
    ['k.json', '{', 'is not JSON'],
    ['l.json', [], 'holds an empty list'],
    ['m.json', [{}, null], 'entry 1 is null, and should be an object'],
    ['n.json', 5, 'entry 0 is number'],
    ['o.json', { features: {} }, 'holds a configuration of oidc-provider: export it from a module instead'],
    ['p.json', { keys: [] }, 'holds a JWK Set'],
    ['q.json', new Uint8Array([0xff, 0xfe, 0]), 'is no text in UTF-8'],
    ['r.json', ' '.repeat(16 * 1024 * 1024 + 1), 'has more than 16 MB'],
  ])('refuses %s', async (name, content, message) => {
    const { code, said, told } = await desk.command('lint', desk.file(name, content), '--profile', 'fapi2-security')
    expect([code, said]).toEqual([2, ''])
    expect(told).toContain(message)
    expect(told).not.toMatch(/\n|hush-hush/)
  })

  test.each([
    [['nowhere.js', '--profile', 'fapi2-security'], 'nowhere.js cannot be read (ENOENT)'],
    [['nowhere.json', '--profile', 'fapi2-security'], 'nowhere.json cannot be read (ENOENT)'],
    [['a.json'], '--profile is missing: give one of fapi1-baseline, fapi1-advanced, fapi2-security, fapi2-message-signing'],
    [['a.json', '--profile', 'fapi2-secure'], 'did you mean fapi2-security?'],
    [['a.json', '--profile', 'fapi2-security', '--with-fapi'], '--with-fapi is for configurations'],
    [['a.js', '--profile', 'fapi2-security', '--signing-alg', 'RS256'], 'a.js cannot be read (ENOENT)'],
  ])('refuses %j', async (args, message) => {
    const { code, told } = await desk.command('lint', ...args)
    expect(code).toBe(2)
    expect(told).toContain(message)
  })

  test.each([
    ['wrong types', { client_id: 5, redirect_uris: 'x', jwks: 5, response_types: { a: 1 }, token_endpoint_auth_method: [] }],
    ['nothing', {}],
    ['deep nesting', { client_id: 'a', other: JSON.parse(`${'['.repeat(1000)}${']'.repeat(1000)}`) }],
    ['names that command', { client_id: 'a\u001b[2J\u202e\n', redirect_uris: ['https://a.example/\u0000'] }],
    ['prototypes', JSON.parse('{"__proto__": {"client_id": "x"}, "constructor": 1, "client_id": "a"}')],
    ['many', Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`x${index}`, `https://a.example/${index}`]))],
  ])('judges metadata of %s, and prints nothing that a terminal obeys', async (_what, content) => {
    const { code, said, told } = await desk.command('lint', desk.file('odd.json', content), '--profile', 'fapi2-security')
    expect([code, told]).toEqual([1, ''])
    expect(said).not.toMatch(/(?!\n)[\p{Cc}\u202e]/u)
  })
})
