import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { auditOptionsOf } from '../../lib/audit/audit-options.js'
import { CommandError } from '../../lib/audit/command-error.js'
import type { Given } from '../../lib/audit/command-line.js'
import { profileNamed } from '../../lib/profiles/index.js'
import { selfSigned } from '../../lib/testing/self-signed.js'
import { mintKey } from '../support/keys.js'
import { type CommandDesk, openCommandDesk } from './command-desk.js'

const EC = mintKey('ES256')
const OTHER = mintKey('ES256')
const RSA = mintKey('PS256')
const [MINE, THEIRS] = [selfSigned(), selfSigned()]

let desk: CommandDesk
beforeEach(() => {
  desk = openCommandDesk()
})
afterEach(() => desk.close())

const options = (flags: Given = {}, issuer = 'https://as.example') =>
  auditOptionsOf(issuer, { profile: ['fapi2-security'], ...flags }, '1.2.3')
const file = (name: string, content: unknown) => [desk.file(name, content)]
const client = { client_id: 'tpp', token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [EC.publicJwk, RSA.publicJwk] } }

test('everything that is right is read', async () => {
  const read = await options({
    ...{ ca: file('ca.pem', `# our own\n${MINE.cert}\n${THEIRS.cert}`), mtls: [...file('c.pem', MINE.cert), ...file('k.pem', MINE.key)] },
    ...{
      client: file('client.json', client),
      key: file('jwks.json', { keys: [EC.privateJwk] }),
      resource: ['https://api.example/accounts'],
    },
    ...{ metadata: file('metadata.json', { issuer: 'x' }), 'initial-access-token': ['abc.def~1=='], 'all-clients': [] },
  })
  expect(read).toEqual({
    ...{ issuer: 'https://as.example', profile: profileNamed('fapi2-security'), version: '1.2.3', allClients: true },
    ...{ ca: readFileSync(join(desk.folder, 'ca.pem'), 'utf8'), mtls: { certificate: MINE.cert, key: MINE.key } },
    ...{ client: { metadata: client, keys: [EC.privateJwk] }, resource: new URL('https://api.example/accounts') },
    ...{ metadata: { issuer: 'x' }, initialAccessToken: 'abc.def~1==' },
  })
  expect(await options()).toMatchObject({ allClients: false, client: undefined, mtls: undefined, ca: undefined, resource: undefined })
})

test.each([
  'https://as.example',
  'https://as.example/tenant/',
  'http://localhost:3000',
  'http://127.0.0.1:1',
  'http://[::1]:3000',
  'http://as.localhost',
])('the issuer may be %s', async (issuer) => {
  expect((await options({}, issuer)).issuer).toBe(issuer)
})

test.each([
  ['http://as.example', 'must be https; http is for localhost only'],
  ['http://localhost.example', 'must be https'],
  ['http://127.0.0.1.example', 'must be https'],
  ['ftp://as.example', 'must be https'],
  ['as.example', 'which is no URL: give the issuer identifier, such as https://as.example'],
  ['https://as.example?a=b', 'has a query or fragment'],
  ['https://as.example#', 'has a query or fragment'],
  ['https://user:hush-hush@as.example', 'has a user or password in it: leave them out'],
  ['\u001b[2J', '<issuer> is \\1B[2J, which is no URL'],
])('%s is no issuer', async (issuer, message) => {
  const refused = options({}, issuer)
  await expect(refused).rejects.toThrow(CommandError)
  await expect(refused).rejects.toThrow(message)
  await expect(refused).rejects.not.toThrow('hush-hush')
})

const jwks = (...keys: readonly unknown[]) => file('jwks.json', { keys })
const SYMMETRIC = { kty: 'oct', k: 'aHVzaC1odXNo', kid: 's' }

test.each<readonly [what: string, flags: () => Given, message: string]>([
  ['no such profile', () => ({ profile: ['fapi3'] }), '--profile is fapi3, which is no profile'],
  ['no file', () => ({ ca: ['nowhere.pem'] }), '--ca: nowhere.pem cannot be read (ENOENT): give a PEM file'],
  ['a folder', () => ({ ca: [desk.folder] }), 'cannot be read (EISDIR)'],
  ['no PEM', () => ({ ca: file('ca.pem', 'x') }), 'holds no certificate in PEM'],
  ['a damaged certificate', () => ({ ca: file('ca.pem', `${MINE.cert}${MINE.cert.replace(/\nM.{20}/, '\n')}`) }), '--ca: certificate 2 in'],
  [
    'a key of another',
    () => ({ mtls: [...file('c.pem', MINE.cert), ...file('k.pem', THEIRS.key)] }),
    'does not belong to the certificate in',
  ],
  [
    'certificate and key the wrong way round',
    () => ({ mtls: [...file('k.pem', MINE.key), ...file('c.pem', MINE.cert)] }),
    'holds no certificate in PEM',
  ],
  ['two certificates', () => ({ mtls: [...file('c.pem', MINE.cert), ...file('d.pem', MINE.cert)] }), 'holds no private key in PEM'],
  [
    'an encrypted key',
    () => ({ mtls: [...file('c.pem', MINE.cert), ...file('k.pem', '-----BEGIN ENCRYPTED PRIVATE KEY-----')] }),
    'is encrypted: give it without a passphrase',
  ],
  ['a key without client', () => ({ key: jwks(EC.privateJwk) }), '--key is given without --client'],
  [
    'a client that is no JSON',
    () => ({ client: file('c.json', '{"client_secret":"hush-hush"') }),
    'is not JSON: give a JSON file with one object',
  ],
  ['a list of clients', () => ({ client: file('c.json', [client]) }), 'holds a list: give a JSON file with one object'],
  ['a client without client_id', () => ({ client: file('c.json', {}) }), '--client has no client_id'],
  [
    'a client without its key',
    () => ({ client: file('c.json', client) }),
    'authenticates by private_key_jwt: give its private keys with --key',
  ],
  [
    'a client without its certificate',
    () => ({ client: file('c.json', { ...client, token_endpoint_auth_method: 'tls_client_auth' }) }),
    'give its certificate and key with --mtls',
  ],
  ['keys that are public', () => ({ client: file('c.json', client), key: jwks(EC.publicJwk) }), `--key: the key ${EC.publicJwk.kid} in`],
  [
    'a key of another client',
    () => ({ client: file('c.json', client), key: jwks(EC.privateJwk, OTHER.privateJwk) }),
    'is not among the jwks of --client',
  ],
  ['a symmetric key', () => ({ client: file('c.json', client), key: jwks(SYMMETRIC) }), 'cannot be read as a private key'],
  [
    'a damaged key',
    () => ({ client: file('c.json', client), key: jwks({ ...EC.privateJwk, d: 'hush-hush' }) }),
    'cannot be read as a private key',
  ],
  ['no keys', () => ({ client: file('c.json', client), key: jwks() }), 'holds no keys: give a JWK Set'],
  [
    'keys that are none',
    () => ({ client: file('c.json', client), key: file('jwks.json', { keys: [5] }) }),
    'holds no keys: give a JWK Set',
  ],
  ['an API without https', () => ({ resource: ['http://api.example'] }), '--resource is http://api.example, and must be https'],
  [
    'a token with a line end',
    () => ({ 'initial-access-token': ['hush-hush\n'] }),
    '--initial-access-token has characters that no bearer token has',
  ],
])('%s is refused', async (_what, flags, message) => {
  const refused = options(flags())
  await expect(refused).rejects.toThrow(CommandError)
  await expect(refused).rejects.toThrow(message)
  await expect(refused).rejects.not.toThrow(/hush-hush|aHVzaC1odXNo|\n/)
})

test('one key alone is read as a set of one, and keys at jwks_uri are believed', async () => {
  const key = file('jwk.json', EC.privateJwk)
  expect((await options({ client: file('c.json', client), key })).client?.keys).toEqual([EC.privateJwk])
  const elsewhere = { ...client, jwks: undefined, jwks_uri: 'https://tpp.example/jwks' }
  expect((await options({ client: file('c.json', elsewhere), key })).client?.keys).toEqual([EC.privateJwk])
})

test('a client of mutual TLS needs its certificate and no keys', async () => {
  const mtls = [...file('c.pem', MINE.cert), ...file('k.pem', MINE.key)]
  const own = { client_id: 'tpp', token_endpoint_auth_method: 'self_signed_tls_client_auth' }
  expect((await options({ client: file('client.json', own), mtls })).client).toEqual({ metadata: own, keys: [] })
})
