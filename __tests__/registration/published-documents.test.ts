import type { RequestListener, ServerResponse } from 'node:http'
import { ConfigurationError } from '../../lib/core/errors.js'
import type { OutboundOptions } from '../../lib/readers/outbound-options.js'
import { publishedDocuments } from '../../lib/registration/published-documents.js'
import { ca, type Listening, listenTo, serverIdentity } from '../readers/issuer-servers.js'
import { mintKey, weakRsaJwk } from '../support/keys.js'
import type { Metadata } from '../support/registration.js'

const [KEY, OTHER] = [mintKey(), mintKey()]
const CB = 'https://tpp.example/cb'
const setOf = (...keys: readonly unknown[]) => JSON.stringify({ keys })
const json = (text: string) => (res: ServerResponse) => void res.end(text)

/** What stands at each path. */
const DOCUMENTS: Readonly<Record<string, (res: ServerResponse) => void>> = {
  '/jwks': json(setOf(KEY.publicJwk)),
  '/two': json(setOf(KEY.publicJwk, { kty: 'X', kid: 'of a kind that nobody knows' })),
  '/empty': json(setOf()),
  '/private': json(setOf(KEY.privateJwk)),
  '/weak': json(setOf(KEY.publicJwk, weakRsaJwk())),
  '/symmetric': json(setOf({ kty: 'oct', k: 'hunter2' })),
  '/off-curve': json(setOf({ ...KEY.publicJwk, y: KEY.publicJwk.x })),
  '/twice': json(setOf(KEY.publicJwk, { ...OTHER.publicJwk, kid: KEY.kid })),
  '/many': json(setOf(...Array.from({ length: 51 }, (_, index) => ({ ...KEY.publicJwk, kid: `${index}` })))),
  '/for-encryption': json(setOf({ ...KEY.publicJwk, use: 'enc' })),
  '/list': json(JSON.stringify([KEY.publicJwk])),
  '/null': json('null'),
  '/html': json('<html>hunter2</html>'),
  '/half': json('{"keys":['),
  '/nothing': json(''),
  '/sector': json(JSON.stringify([CB, 'https://other.example/cb', 'https://tpp.example/extra'])),
  '/sector-of-another': json(JSON.stringify(['https://tpp.example/cb/', 'https://TPP.example/cb'])),
  '/sector-mixed': json(JSON.stringify([CB, 7])),
  '/sector-object': json(JSON.stringify({ redirect_uris: [CB] })),
  '/moved': (res) => void res.writeHead(302, { location: '/jwks' }).end(),
  '/missing': (res) => void res.writeHead(404).end(setOf(KEY.publicJwk)),
  '/gigabyte': (res) => {
    res.writeHead(200, { 'content-length': 2 ** 30 })
    flood(res)
  },
  '/gigabyte-unannounced': flood,
  '/silent': () => undefined,
  '/drip': (res) => {
    const timer = setInterval(() => res.write(' '), 50)
    res.on('close', () => clearInterval(timer))
  },
  '/reset': (res) => void res.destroy(),
}

/** Octets that the server has sent in floods. */
let flooded = 0
function flood(res: ServerResponse): void {
  const chunk = Buffer.alloc(65_536, ' ')
  const more = () => {
    while (!res.destroyed && flooded < 2 ** 30) {
      flooded += chunk.length
      if (!res.write(chunk)) return
    }
    res.end()
  }
  res.on('drain', more)
  more()
}

const seen: string[] = []
const answer: RequestListener = (req, res) => {
  const path = req.url ?? '/'
  seen.push(path)
  DOCUMENTS[path]?.(res)
}

let server: Listening
let stranger: Listening
let closed: number
beforeAll(async () => {
  server = await listenTo(answer, await serverIdentity(['localhost', 'tpp.example']))
  stranger = await listenTo(answer, await serverIdentity(['nobody.example']))
  const gone = await listenTo(answer)
  closed = gone.port
  await gone.close()
})
afterAll(() => Promise.all([server.close(), stranger.close()]))
beforeEach(() => {
  seen.length = 0
  flooded = 0
})

/** Seconds: enough for whoever answers at all, and for those who never do. */
const [PATIENCE, LATE] = [30, 1.5]
const at = (path: string, port = server.port, host = 'localhost') => `https://${host}:${port}${path}`
const documents = (options: OutboundOptions = {}) =>
  publishedDocuments({ outbound: { ca, allowPrivateHosts: [`localhost:${server.port}`], timeout: PATIENCE, ...options } })
const faultsOf = async (uri: string, metadata?: Metadata, options?: OutboundOptions) => {
  const read = await documents(options).keysOf(uri, metadata)
  return 'faults' in read ? read.faults : []
}

const UNREACHABLE = 'jwks_uri could not be read: no server with a public address and a certificate that can be verified answered in time'

describe('jwks_uri', () => {
  test.each(['/jwks', '/two', '/empty', '/for-encryption'])('%s is read, where nothing is asked of the keys', async (path) => {
    expect(await documents().keysOf(at(path))).toEqual({ keys: expect.any(Array) })
    expect(seen).toEqual([path])
  })

  test('its keys are handed on as they are', async () => {
    expect(await documents().keysOf(at('/jwks'))).toEqual({ keys: [KEY.publicJwk] })
  })

  const jwt = { token_endpoint_auth_method: 'private_key_jwt' }
  test.each<[string, string, Metadata, string]>([
    ['/empty', '/jwks', jwt, 'a key for signatures, because of token_endpoint_auth_method private_key_jwt'],
    ['/for-encryption', '/two', jwt, 'a key for signatures, because of token_endpoint_auth_method private_key_jwt'],
    ['/empty', '/jwks', { token_endpoint_auth_signing_alg: 'ES256', ...jwt }, 'a key for signatures with ES256'],
    ['/jwks', '/for-encryption', { id_token_encrypted_response_alg: 'ECDH-ES' }, 'a key for encryption with ECDH-ES'],
    ['/empty', '/jwks', { require_signed_request_object: true }, 'a key for signatures, because of require_signed_request_object'],
  ])('%s has not what a client needs, and %s has: %j', async (lacking, having, metadata, says) => {
    const [fault] = await faultsOf(at(lacking), metadata)
    expect(fault).toEqual({
      error: 'invalid_client_metadata',
      description: expect.stringContaining(`the document at jwks_uri must have ${says}`),
    })
    expect(await faultsOf(at(having), metadata)).toEqual([])
  })

  test('a client of self_signed_tls_client_auth needs a certificate among its keys', async () => {
    const [fault] = await faultsOf(at('/jwks'), { token_endpoint_auth_method: 'self_signed_tls_client_auth' })
    expect(fault?.description).toContain('must have a key with its certificate in x5c')
  })

  test.each([
    ['/private', 'is private'],
    ['/weak', 'is an RSA key of 1024 bits'],
    ['/symmetric', 'is symmetric'],
    ['/off-curve', 'is no valid key'],
    ['/twice', 'must have a kid of its own'],
    ['/many', 'has 51 keys, at most 50 are taken'],
    ['/list', 'must be a JWK Set'],
    ['/null', 'must be a JWK Set'],
    ['/html', 'must be JSON'],
    ['/half', 'must be JSON'],
    ['/nothing', 'must be JSON'],
  ])('%s is refused as keys by value are', async (path, says) => {
    const faults = await faultsOf(at(path))
    expect(faults).toEqual([{ error: 'invalid_client_metadata', description: expect.stringContaining(says) }])
    expect(faults[0]?.description).toContain('the document at jwks_uri')
    expect(JSON.stringify(faults)).not.toContain('hunter2')
  })

  test.each([
    ['/moved', 'it answered 302, and redirects are not followed'],
    ['/missing', 'it answered 404'],
    ['/gigabyte', 'it answered with more than 65536 octets'],
    ['/gigabyte-unannounced', 'it answered with more than 65536 octets'],
  ])('%s is refused, and its owner is told how it answered', async (path, says) => {
    const [fault] = await faultsOf(at(path))
    expect(fault).toMatchObject({ error: 'invalid_client_metadata', description: `jwks_uri could not be read: ${says}` })
    expect(fault?.detail).toContain(at(path))
    expect(seen).toEqual([path])
    // What the system holds on the way, and no gigabyte.
    expect(flooded).toBeLessThan(2 ** 26)
  })

  test.each(['/silent', '/drip', '/reset'])('%s is given up', async (path) => {
    const [fault] = await faultsOf(at(path), {}, { timeout: path === '/reset' ? PATIENCE : LATE })
    expect(fault).toMatchObject({ error: 'invalid_client_metadata', description: UNREACHABLE, detail: expect.stringContaining(path) })
  })
})

describe('what is behind the server is nobody’s business', () => {
  const to = (address: string) => async () => [address]
  const places: readonly (readonly [what: string, uri: () => string, detail: string, options: OutboundOptions])[] = [
    ['a closed port that may be asked', () => at('/jwks', closed), 'ECONNREFUSED', {}],
    ['an open port of the machine', () => at('/jwks', server.port, '127.0.0.1'), 'private address 127.0.0.1', {}],
    ['a closed port of the machine', () => at('/jwks', closed, '127.0.0.1'), 'private address 127.0.0.1', {}],
    ['an open port of the machine, by IPv6', () => at('/jwks', server.port, '[::1]'), 'private address ::1', {}],
    ['an address written as one number', () => at('/jwks', server.port, '2130706433'), 'private address 127.0.0.1', {}],
    ['an address of the network', () => 'https://10.0.0.1/jwks', 'private address 10.0.0.1', {}],
    ['where a cloud keeps its metadata', () => 'https://169.254.169.254/latest', '169.254.169.254', {}],
    ['a name that leads to the machine', () => at('/jwks', server.port, 'tpp.example'), '127.0.0.1', { resolve: to('127.0.0.1') }],
    ['a name that leads to a closed port', () => at('/jwks', closed, 'tpp.example'), '127.0.0.1', { resolve: to('127.0.0.1') }],
    ['a name that leads to the network', () => 'https://tpp.example/jwks', '192.168.1.1', { resolve: to('192.168.1.1') }],
    ['a name that leads to two places', () => 'https://tpp.example/', '10.0.0.1', { resolve: async () => ['93.184.215.14', '10.0.0.1'] }],
    ['a name without address', () => 'https://tpp.example/jwks', 'has no address', { resolve: async () => [] }],
    ['a name that cannot be looked up', () => 'https://tpp.example/', 'hunter2', { resolve: () => Promise.reject(new Error('hunter2')) }],
    ['a server with the certificate of another', () => at('/jwks', stranger.port), 'could not be reached', {}],
    ['credentials in the address', () => `https://me:hunter2@localhost:${server.port}/jwks`, 'must have no credentials', {}],
  ]

  test.each(places)('%s: the client hears the same as everywhere, the operator what it was', async (_what, uri, detail, options) => {
    const allowPrivateHosts = [closed, stranger.port].map((port) => `localhost:${port}`)
    const faults = await faultsOf(uri(), {}, { allowPrivateHosts, ...options })
    expect(faults).toEqual([{ error: 'invalid_client_metadata', description: UNREACHABLE, detail: expect.stringContaining(detail) }])
    expect(seen).toEqual([])
  })

  test.each(['http://tpp.example/jwks', 'https:/tpp.example', 'ftp://tpp.example', 'x', '', 'https://tpp.example\\@localhost/'])(
    '%s is not even tried',
    async (uri) => {
      expect(await faultsOf(uri)).toEqual([{ error: 'invalid_client_metadata', description: 'jwks_uri must be an https URL' }])
    },
  )
})

describe('sector_identifier_uri', () => {
  const sector = (path: string, ...redirect_uris: readonly string[]) => ({ sector_identifier_uri: at(path), redirect_uris })
  const fault = (metadata: Metadata) => documents().sectorFault(metadata)

  test('where there is none, nothing is asked', async () => {
    for (const sector_identifier_uri of [undefined, null, ''])
      expect(await fault({ sector_identifier_uri, redirect_uris: [CB] })).toBeUndefined()
    expect(seen).toEqual([])
  })

  test('a document that lists every redirect URI is taken', async () => {
    expect(await fault(sector('/sector', CB, 'https://other.example/cb'))).toBeUndefined()
    expect(seen).toEqual(['/sector'])
  })

  test.each([
    ['/sector', [CB, 'https://tpp.example/other'], 'must list every one of redirect_uris, https://tpp.example/other is not in it'],
    ['/sector-of-another', [CB], 'must list every one of redirect_uris, https://tpp.example/cb is not in it'],
    ['/sector-mixed', [CB], 'must be a list of strings'],
    ['/sector-object', [CB], 'must be a list of strings'],
    ['/jwks', [CB], 'must be a list of strings'],
    ['/null', [CB], 'must be a list of strings'],
    ['/html', [CB], 'must be JSON'],
    ['/moved', [CB], 'could not be read: it answered 302, and redirects are not followed'],
    ['/gigabyte', [CB], 'could not be read: it answered with more than 65536 octets'],
    ['/reset', [CB], 'could not be read: no server with a public address'],
  ])('%s with %j is refused', async (path, redirects, says) => {
    const found = await fault(sector(path, ...redirects))
    expect(found).toMatchObject({ error: 'invalid_client_metadata', description: expect.stringContaining(says) })
    expect(found?.description).toContain('sector_identifier_uri')
  })

  test.each([7, [], {}, 'http://tpp.example/', true])('%j is no address', async (sector_identifier_uri) => {
    expect(await fault({ sector_identifier_uri, redirect_uris: [CB] })).toEqual({
      error: 'invalid_client_metadata',
      description: 'sector_identifier_uri must be an https URL',
    })
  })
})

test('options that make no sense stop the start', () => {
  expect(() => publishedDocuments({ outbound: { timeout: 0 } })).toThrow(ConfigurationError)
  expect(() => publishedDocuments({ outbound: { timeout: 1 } })).not.toThrow()
})
