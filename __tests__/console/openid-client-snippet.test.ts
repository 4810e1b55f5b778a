import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { SourceTextModule } from 'node:vm'
import { openidClientSnippet } from '../../lib/console/openid-client-snippet.js'
import { profileNamed } from '../../lib/profiles/index.js'
import { openTestBank, type TestBank } from '../support/test-bank.js'
import type { TppName } from '../support/tpp.js'

type Metadata = Readonly<Record<string, unknown>>

const ISSUER = 'https://bank.example'
const base: Metadata = { client_id: 'app', redirect_uris: ['https://app.example/cb'], scope: 'openid accounts' }
const METHODS = [
  ...['private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth', 'client_secret_jwt', 'client_secret_basic'],
  ...['client_secret_post', 'none'],
]
const BINDINGS: readonly (readonly [string, Metadata])[] = [
  ['certificate-bound', { tls_client_certificate_bound_access_tokens: true }],
  ['DPoP-bound', { dpop_bound_access_tokens: true }],
  ['unbound', {}],
]
const RESPONSES: readonly (readonly [string, Metadata])[] = [
  ['code', { response_types: ['code'] }],
  ['code by JARM', { response_types: ['code'], response_modes: ['jwt'] }],
  ['code id_token', { response_types: ['code id_token'], fapi_profile: 'fapi1-advanced' }],
]
const REQUESTS: readonly (readonly [string, Metadata])[] = [
  ['plain', {}],
  ['pushed', { require_pushed_authorization_requests: true }],
  ['signed', { require_signed_request_object: true, request_object_signing_alg: 'ES256' }],
  ['signed and pushed', { require_pushed_authorization_requests: true, require_signed_request_object: true }],
]

const snippetOf = (metadata: Metadata) => openidClientSnippet({ issuer: ISSUER, metadata: { ...base, ...metadata } })

/** Reads it as Node.js would, without running it. Throws a `SyntaxError`. */
const parse = (source: string) => new SourceTextModule(source)

test('what is no module is not taken for one', () => {
  expect(() => parse('const a = "')).toThrow(/unexpected token/i)
  expect(() => parse('const a = 1\nconst a = 2')).toThrow(/already been declared/)
})

describe.each(METHODS)('%s', (token_endpoint_auth_method) => {
  const rows = BINDINGS.flatMap(([bound, binding]) =>
    RESPONSES.flatMap(([type, response]) =>
      REQUESTS.map(
        ([how, request]) => [`${bound}, ${type}, ${how}`, { token_endpoint_auth_method, ...binding, ...response, ...request }] as const,
      ),
    ),
  )
  test.each(rows)('%s: is a module, and names are there when they are used', (_what, metadata) => {
    const source = snippetOf(metadata)
    expect(() => parse(source)).not.toThrow()
    for (const name of [
      'signingKey',
      'requestKey',
      'secret',
      'agent',
      'withCertificate',
      'decryptionKey',
      'DPoP',
      'signed',
      'readFileSync',
      'importJWK',
    ]) {
      if (new RegExp(`\\b${name}\\b`).test(source)) expect(source).toMatch(new RegExp(`const ${name} =|import \\{[^}]*\\b${name}\\b`))
    }
  })
})

test.each([
  [
    'private_key_jwt',
    { token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_signing_alg: 'PS256' },
    /importJWK\(signingKeyJwk, "PS256"\)/,
    /undici"/,
  ],
  ['mutual TLS', { token_endpoint_auth_method: 'tls_client_auth' }, /customFetch\]: withCertificate/, /PrivateKeyJwt/],
  [
    'a bound certificate',
    { token_endpoint_auth_method: 'private_key_jwt', tls_client_certificate_bound_access_tokens: true },
    /"use_mtls_endpoint_aliases": true/,
    /DPoP/,
  ],
  ['DPoP', { dpop_bound_access_tokens: true }, /getDPoPHandle/, /new Agent/],
  ['PAR', { require_pushed_authorization_requests: true }, /WithPAR\(config, parameters, options\)/, /WithJAR/],
  ['JAR', { require_signed_request_object: true }, /WithJAR\(config, parameters, signingKey\)/, /WithPAR/],
  [
    'two keys',
    { token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_signing_alg: 'PS256', request_object_signing_alg: 'ES256' },
    /WithJAR\(config, parameters, requestKey\)/,
    /WithPAR/,
  ],
  ['JARM', { response_modes: ['jwt'] }, /useJwtResponseMode/, /useCodeIdToken/],
  ['hybrid', { response_types: ['id_token code'] }, /useCodeIdTokenResponseType/, /useJwtResponseMode|Detached/],
  [
    'detached signatures',
    { response_types: ['code id_token'], fapi_profile: 'fapi1-advanced' },
    /enableDetachedSignatureResponseChecks/,
    /useJwtResponseMode/,
  ],
  [
    'encrypted ID tokens',
    { id_token_encrypted_response_alg: 'RSA-OAEP', id_token_encrypted_response_enc: 'A256GCM' },
    /enableDecryptingResponses\(config, \["A256GCM"\], decryptionKey\)/,
    /signingKey/,
  ],
  ['a secret', { token_endpoint_auth_method: 'client_secret_post', client_secret: 'top' }, /ClientSecretPost\(secret\)/, /top/],
  ['no ID token', { scope: 'accounts' }, /const scope = "accounts"/, /expectedNonce/],
])('%s', (_what, metadata, has, hasNot) => {
  const source = snippetOf(metadata)
  expect(source).toMatch(has)
  expect(source).not.toMatch(hasNot)
  expect(() => parse(source)).not.toThrow()
})

test.each([
  ['fapi1-advanced', /useJwtResponseMode/],
  ['fapi2-security', /WithPAR/],
  ['fapi2-message-signing', /useJwtResponseMode/],
])('the profile says the rest: %s', (profile, has) => {
  const metadata = { ...base, token_endpoint_auth_method: 'private_key_jwt', response_types: ['code'] }
  expect(openidClientSnippet({ issuer: ISSUER, metadata, profile: profileNamed(profile) })).toMatch(has)
  expect(openidClientSnippet({ issuer: ISSUER, metadata })).not.toMatch(has)
})

/** A program in which this stood outside a string would not be the same. */
const HOSTILE = [
  '"',
  "'",
  '`',
  '\\',
  '\\"',
  '\n',
  '\r\n',
  '\u2028',
  '\u2029',
  `$${'{process.exit()}'}`,
  '*/',
  '//',
  '</script>',
  '\0',
  '\ud800',
]
const FIELDS = [
  'client_id',
  'client_name',
  'scope',
  'token_endpoint_auth_method',
  'token_endpoint_auth_signing_alg',
  'request_object_signing_alg',
].concat(['id_token_signed_response_alg', 'id_token_encrypted_response_alg', 'id_token_encrypted_response_enc', 'fapi_profile'])

test.each(HOSTILE.map((value) => [JSON.stringify(value), value] as const))('%s stays inside of a string', (_shown, value) => {
  const evil = `${value};globalThis.pwned=1;${value}`
  const metadata = Object.fromEntries(FIELDS.map((field) => [field, evil]))
  const extra = {
    redirect_uris: [evil],
    response_modes: ['jwt', evil],
    require_signed_request_object: true,
    default_max_age: { [evil]: [evil] },
  }
  for (const method of [{}, { token_endpoint_auth_method: 'private_key_jwt' }]) {
    const source = openidClientSnippet({ issuer: evil, metadata: { ...metadata, ...extra, ...method } })
    expect(() => parse(source)).not.toThrow()
    expect(source.replaceAll(/"(?:\\.|[^"\\\n])*"/g, '""')).not.toContain('pwned')
    expect(source).not.toMatch(/<\/script|[\u2028\u2029\0]/)
  }
})

test('no line is empty that stands for nothing', () => {
  for (const method of METHODS) expect(snippetOf({ token_endpoint_auth_method: method })).not.toContain('\n\n\n')
})

test('what is of another kind than it should be does no harm', () => {
  const metadata = {
    client_id: 7,
    redirect_uris: 'https://app.example',
    scope: ['a'],
    response_types: null,
    token_endpoint_auth_method: {},
  }
  expect(() => parse(openidClientSnippet({ issuer: ISSUER, metadata }))).not.toThrow()
})

describe('it runs', () => {
  const NAMES = ['fapi2', 'fapi1-hybrid', 'fapi1-jarm', 'signing'] as const satisfies readonly TppName[]
  let bank: TestBank
  const folders: string[] = []
  const children: ChildProcessWithoutNullStreams[] = []
  beforeAll(async () => {
    bank = await openTestBank(NAMES)
  })
  afterAll(async () => {
    for (const child of children) child.kill()
    await bank.close()
    for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  })

  /** A folder with the program, and what it needs beside it. */
  function folderFor(name: TppName): string {
    const { tpp } = bank.as(name)
    const folder = mkdtempSync(join(tmpdir(), 'sign-in-'))
    folders.push(folder)
    const metadata = { ...tpp.metadata, scope: 'openid accounts' }
    const { key, certificate } = tpp
    const write = (file: string, text: string) => writeFileSync(join(folder, file), text)
    write('sign-in.mjs', openidClientSnippet({ issuer: bank.issuer, metadata, profile: profileNamed(String(tpp.metadata.fapi_profile)) }))
    write('client.jwk.json', JSON.stringify({ ...key.privateJwk, kid: key.kid, alg: key.alg }))
    write('ca.pem', bank.caCertificate)
    if (certificate) {
      write('client.pem', certificate.certificate)
      write('client.key', certificate.key)
    }
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
    return folder
  }

  test.each(NAMES)('as %s, up to the token', async (name) => {
    const folder = folderFor(name)
    const child = spawn(process.execPath, ['sign-in.mjs'], { cwd: folder, env: { NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') } })
    children.push(child)
    const [address] = await seen(child, /https:\S+/)
    const { location } = await bank.browser().journey(address)
    child.stdin.write(`${location?.href}\n`)
    const [, claims = ''] = await seen(child, /(\{[\s\S]*\})\s*$/)
    expect(JSON.parse(claims)).toMatchObject({
      token_type: name.startsWith('fapi1') ? 'bearer' : 'dpop',
      claims: { iss: bank.issuer, aud: bank.as(name).tpp.id, sub: expect.any(String) },
    })
    expect(await ended(child)).toBe(0)
  })
})

/** Waits for a text on standard output. Rejects with everything that was said when the program ends before. */
function seen(child: ChildProcessWithoutNullStreams, pattern: RegExp): Promise<readonly [string, string | undefined]> {
  return new Promise((done, fail) => {
    if (child.exitCode !== null) fail(new Error(`ended with ${child.exitCode}`))
    let [out, err] = ['', '']
    const look = (chunk: Buffer) => {
      out += chunk
      const found = pattern.exec(out)
      if (found) done([found[0], found[1]])
    }
    child.stdout.on('data', look)
    child.stderr.on('data', (chunk: Buffer) => {
      err += chunk
    })
    child.on('close', (code) => fail(new Error(`ended with ${code}: ${out}${err}`)))
  })
}

const ended = (child: ChildProcessWithoutNullStreams) =>
  child.exitCode === null ? new Promise<number | null>((done) => child.on('close', done)) : Promise.resolve(child.exitCode)
