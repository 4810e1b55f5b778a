import { constants, createHmac, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { createPolicy, fapi2Security, fromTls, memoryStore, protect, requireScope } from 'express-fapi'
import {
  certificateClient,
  type DpopClient,
  dpopClient,
  fakeIssuer,
  type Members,
  type ProofChange,
  type RequestHeaders,
  signingKey,
  type TestClient,
  type TlsIdentity,
  type TokenSigning,
} from 'express-fapi/testing'
import { fromNow } from '../support/jwt.js'
import { type Answer, API, type Api, openApi } from './api-server.js'

const issuer = fakeIssuer({ audience: API, alg: 'PS256' })
const stranger = fakeIssuer({ audience: API, alg: 'PS256' })
const holder = dpopClient({ clientId: 'holder' })
const thief = dpopClient({ clientId: 'thief' })
const mtls = certificateClient({ clientId: 'mtls' })
const other = certificateClient({ clientId: 'mtls' })
const OLD = { notBefore: new Date(0), notAfter: new Date(86_400_000) }
const expired = certificateClient(OLD)
const unborn = certificateClient({ notBefore: new Date(Date.now() + 3_600_000) })

let api: Api
beforeAll(async () => {
  api = await openApi((app) => {
    const policy = createPolicy({ profile: fapi2Security })
    app.use(protect(policy, { issuers: issuer, publicUrl: API, certificate: fromTls(), store: memoryStore() }))
    app.all(['/accounts', '/accounts/:id'], requireScope('accounts'), (_req, res) => void res.json({ accounts: [] }))
    app.post('/payments', requireScope('accounts', 'payments'), (_req, res) => void res.json({ accounts: [] }))
  })
})
afterAll(() => api?.close())

/** How a request differs from the legal one. */
interface Change {
  readonly method?: string
  readonly path?: string
  /** Times among them are made when the request is, and not with the table. */
  readonly claims?: Members | (() => Members)
  readonly signing?: TokenSigning
  /** Made of the token that would have been sent. */
  readonly token?: (token: string) => string
  readonly authorization?: (token: string) => string | string[] | undefined
  readonly proof?: ProofChange
  /** Made of the proof that would have been sent. */
  readonly dpop?: (proof: string) => string | string[] | undefined
  /** Whose key proves. */
  readonly prover?: DpopClient
  readonly headers?: RequestHeaders
  readonly tls?: TlsIdentity | 'none'
}

const CLAIMS = { scope: 'openid accounts' }

function send(client: TestClient, change: Change): Promise<Answer> {
  const { method = 'GET', path = '/accounts', claims, signing, proof, prover = client === holder ? holder : undefined } = change
  const made = issuer.token(client, { ...CLAIMS, ...(typeof claims === 'function' ? claims() : claims) }, signing)
  const token = change.token?.(made) ?? made
  const authorization = change.authorization ? change.authorization(token) : `${client === holder ? 'DPoP' : 'Bearer'} ${token}`
  const honest = prover?.proof({ method, url: API + path, token }, proof)
  const dpop = honest && change.dpop ? change.dpop(honest) : honest
  const headers = { ...(authorization && { authorization }), ...(dpop !== undefined && { dpop }), ...change.headers }
  return api.send({ method, url: path, headers, tls: change.tls === 'none' ? undefined : (change.tls ?? client.tls) })
}

/** What an attack is, what it is answered with, and the nearest legal request where that is not the plain one. */
type Attack = readonly [what: string, change: Change, status: 400 | 401 | 403, error: string | undefined, nearest?: Change]

const BAD = [400, 'invalid_request'] as const
const TOKEN = [401, 'invalid_token'] as const
const PROOF = [401, 'invalid_dpop_proof'] as const
const SCOPE = [403, 'insufficient_scope'] as const
const NONE = [401, undefined] as const

const encoded = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const part = (index: number, change: (part: string) => string) => (jws: string) =>
  jws
    .split('.')
    .map((one, at) => (at === index ? change(one) : one))
    .join('.')
const changed = (text: string) => (text.startsWith('A') ? 'B' : 'A') + text.slice(1)
const hmac = (key: string) => (input: string) => createHmac('sha256', key).update(input).digest('base64url')
const unsigned = () => ''

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const shortRsa = generateKeyPairSync('rsa', { modulusLength: 1024 })
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' })
const secp256k1 = generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
const rs256 = (input: string) => sign('sha256', Buffer.from(input), rsa.privateKey).toString('base64url')
const shortPs256 = (input: string) =>
  sign('sha256', Buffer.from(input), {
    key: shortRsa.privateKey,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: 32,
  }).toString('base64url')
const ecdsa = (hash: string, pair: typeof p384) => (input: string) =>
  sign(hash, Buffer.from(input), { key: pair.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')
const jwkOf = ({ publicKey }: typeof p384) => publicKey.export({ format: 'jwk' })

/** Of any client: the token, and how it comes. */
const tokens: readonly Attack[] = [
  ['no Authorization', { authorization: () => undefined }, ...NONE],
  ['Basic', { authorization: () => 'Basic YTpi' }, ...NONE],
  ['Negotiate with the token', { authorization: (token) => `Negotiate ${token}` }, ...NONE],
  ['an empty Authorization', { authorization: () => ' ' }, ...NONE],
  ['a scheme that begins like one', { authorization: (token) => `BearerX ${token}` }, ...NONE],
  ['the token without a scheme', { authorization: (token) => token }, ...NONE],
  ['a scheme without a token', { authorization: () => 'Bearer' }, ...BAD],
  ['a token with a space in it', { authorization: (token) => `Bearer ${token.slice(0, 9)} ${token.slice(9)}` }, ...BAD],
  ['a token in quotes', { authorization: (token) => `Bearer "${token}"` }, ...BAD],
  ['two tokens in one header', { authorization: (token) => `Bearer ${token}, DPoP ${token}` }, ...BAD],
  ['RFC9449-7.2-b two Authorization headers', { authorization: (token) => [`Bearer ${token}`, `DPoP ${token}`] }, ...BAD],
  ['one Authorization header twice', { authorization: (token) => [`DPoP ${token}`, `DPoP ${token}`] }, ...BAD],
  ['a tab behind the scheme', { authorization: (token) => `DPoP\t${token}` }, ...BAD],
  ['a comma behind the token', { authorization: (token) => `Bearer ${token},` }, ...BAD],
  [
    'FAPI2-SP-5.3.4-2 a token in the query, with one in the header',
    { path: '/accounts?access_token=x' },
    ...BAD,
    { path: '/accounts?access_tokens=x' },
  ],
  ['FAPI2-SP-5.3.4-2 a token in the query, alone', { path: '/accounts?access_token=x', authorization: () => undefined }, ...BAD],
  ['FAPI2-SP-5.3.4-2 its name encoded', { path: '/accounts?a=1&%61ccess_token=' }, ...BAD, { path: '/accounts?a=access_token' }],
  ['another opaque token', { token: () => 'mF_9.B5f-4.1JqM' }, ...TOKEN],
  ['what databases may mistake for SQL', { token: () => 'OR/1/1' }, ...TOKEN],
  ['a name that every object has', { token: () => '__proto__' }, ...TOKEN],
  ['a changed signature', { token: part(2, changed) }, ...TOKEN],
  ['no signature', { token: part(2, () => '') }, ...TOKEN],
  ['half a signature', { token: part(2, (text) => text.slice(0, 99)) }, ...TOKEN],
  ['more signature', { token: (token) => `${token}AAAA` }, ...TOKEN],
  ['a fourth part', { token: (token) => `${token}.AAAA` }, ...TOKEN],
  ['five parts, as encrypted tokens have', { token: () => 'AAAA.AAAA.AAAA.AAAA.AAAA' }, ...TOKEN],
  ['a payload that is no JSON', { token: part(1, () => encoded('x')) }, ...TOKEN],
  ['a payload that is a list', { token: part(1, () => encoded([])) }, ...TOKEN],
  ['a payload that is null', { token: part(1, () => encoded('null')) }, ...TOKEN],
  ['a payload that is no UTF-8', { token: part(1, () => Buffer.from([0x22, 0xff, 0x22]).toString('base64url')) }, ...TOKEN],
  ['a header that is no JSON', { token: part(0, () => encoded('x')) }, ...TOKEN],
  ['changed claims', { token: part(1, () => encoded({ iss: issuer.issuer, aud: API, exp: fromNow(60) })) }, ...TOKEN],
  ['RFC9068-4-a typ JWT', { signing: { header: { typ: 'JWT' } } }, ...TOKEN, { signing: { header: { typ: 'application/at+jwt' } } }],
  ['RFC9068-4-a no typ', { signing: { header: { typ: undefined } } }, ...TOKEN, { signing: { header: { typ: 'AT+JWT' } } }],
  ['RFC9068-4-a typ of a proof', { signing: { header: { typ: 'dpop+jwt' } } }, ...TOKEN],
  ['typ as a list', { signing: { header: { typ: ['at+jwt'] } } }, ...TOKEN],
  ['FAPI2-SP-5.4.1-1.3 alg none', { signing: { header: { alg: 'none' }, sign: unsigned } }, ...TOKEN],
  ['alg nOnE and a signature', { signing: { header: { alg: 'nOnE' } } }, ...TOKEN],
  ['no alg', { signing: { header: { alg: undefined } } }, ...TOKEN],
  ['alg as a list', { signing: { header: { alg: ['PS256'] } } }, ...TOKEN],
  [
    'FAPI2-SP-5.4.1-1.2 HS256 with the public key',
    { signing: { header: { alg: 'HS256' }, sign: hmac(JSON.stringify(issuer.jwks)) } },
    ...TOKEN,
  ],
  ['FAPI2-SP-5.4.1-1.2 RS256', { signing: { header: { alg: 'RS256' }, sign: rs256 } }, ...TOKEN],
  ['ES256 where the key is RSA', { signing: { header: { alg: 'ES256' }, sign: signingKey('ES256').sign } }, ...TOKEN],
  ['the key of a stranger', { signing: { sign: stranger.signingKey.sign } }, ...TOKEN],
  [
    'a stranger’s kid',
    { signing: { header: { kid: stranger.signingKey.thumbprint } } },
    ...TOKEN,
    { signing: { header: { kid: undefined } } },
  ],
  ['a kid that is no text', { signing: { header: { kid: 5 } } }, ...TOKEN],
  [
    'FAPI1-ADV-8.9-2 a key in its own header',
    { signing: { header: { kid: undefined, jwk: stranger.signingKey.publicJwk }, sign: stranger.signingKey.sign } },
    ...TOKEN,
    { signing: { header: { jwk: stranger.signingKey.publicJwk } } },
  ],
  [
    'FAPI1-ADV-8.9-2 an address of keys in its own header',
    { signing: { header: { jku: 'https://evil.example/jwks' }, sign: stranger.signingKey.sign } },
    ...TOKEN,
    { signing: { header: { jku: 'https://evil.example/jwks' } } },
  ],
  ['a critical header member', { signing: { header: { crit: ['x'], x: 1 } } }, ...TOKEN, { signing: { header: { x: 1 } } }],
  ['FAPI2-SP-5.3.4-3 expired', { claims: () => ({ exp: fromNow(-1) }) }, ...TOKEN, { claims: () => ({ exp: fromNow(20) }) }],
  ...[undefined, null, '9999999999', [], {}].map((exp): Attack => [`exp ${JSON.stringify(exp)}`, { claims: { exp } }, ...TOKEN]),
  ['not valid yet', { claims: () => ({ nbf: fromNow(60) }) }, ...TOKEN, { claims: () => ({ nbf: fromNow(10) }) }],
  ['nbf as text', { claims: { nbf: '1' } }, ...TOKEN, { claims: { nbf: 1 } }],
  ['issued in an hour', { claims: () => ({ iat: fromNow(3600) }) }, ...TOKEN, { claims: () => ({ iat: fromNow(10) }) }],
  ['no iat', { claims: { iat: undefined } }, ...TOKEN, { claims: { iat: fromNow(-3600) } }],
  ['RFC9068-4-b another iss', { claims: { iss: 'https://evil.example' } }, ...TOKEN],
  ['iss with a slash more', { claims: { iss: `${issuer.issuer}/` } }, ...TOKEN],
  ['iss in capitals', { claims: { iss: issuer.issuer.toUpperCase() } }, ...TOKEN],
  ['iss in a list', { claims: { iss: [issuer.issuer] } }, ...TOKEN],
  ['no iss', { claims: { iss: undefined } }, ...TOKEN],
  ['RFC9068-5-a another aud', { claims: { aud: 'https://other.example' } }, ...TOKEN, { claims: { aud: ['https://other.example', API] } }],
  ['no aud', { claims: { aud: undefined } }, ...TOKEN],
  ['an empty aud', { claims: { aud: [] } }, ...TOKEN, { claims: { aud: [API] } }],
  ['an aud that begins like this one', { claims: { aud: `${API}.evil.example` } }, ...TOKEN],
  ['an aud within a list within a list', { claims: { aud: [[API]] } }, ...TOKEN],
  ['an aud with a slash more', { claims: { aud: `${API}/` } }, ...TOKEN],
  ['FAPI1-BASE-6.2.1-6 no sub', { claims: { sub: undefined } }, ...TOKEN, { claims: { sub: 'user' } }],
  ['an empty sub', { claims: { sub: '' } }, ...TOKEN],
  ['no client_id', { claims: { client_id: undefined } }, ...TOKEN],
  ['a client_id that is no text', { claims: { client_id: ['holder'] } }, ...TOKEN],
  ['no jti', { claims: { jti: undefined } }, ...TOKEN],
  ...['x', 5, true, [], {}, null, { jwk: holder.proofKey.publicJwk }, { kid: 'x' }].map(
    (cnf): Attack => [`cnf ${JSON.stringify(cnf).slice(0, 12)}`, { claims: { cnf } }, ...TOKEN],
  ),
  ['no cnf', { claims: { cnf: undefined } }, ...TOKEN],
  ['FAPI2-SP-5.3.4-4 no scope', { claims: { scope: undefined } }, ...SCOPE],
  ['another scope', { claims: { scope: 'openid' } }, ...SCOPE, { claims: { scope: 'accounts' } }],
  ['regression: a scope that begins like it', { claims: { scope: 'accountsx' } }, ...SCOPE],
  ['a scope that ends like it', { claims: { scope: 'xaccounts' } }, ...SCOPE],
  ['a scope in capitals', { claims: { scope: 'ACCOUNTS' } }, ...SCOPE],
  ['a scope with a tab before it', { claims: { scope: 'openid\taccounts' } }, ...SCOPE],
  ['the scope in a list', { claims: { scope: ['accounts'] } }, ...SCOPE],
  [
    'one scope of two',
    { method: 'POST', path: '/payments' },
    ...SCOPE,
    { method: 'POST', path: '/payments', claims: { scope: 'payments accounts' } },
  ],
]

/** Of a client with a DPoP key: the proof, and what it is for. */
const proofs: readonly Attack[] = [
  ['RFC9449-7.1-a no proof', { dpop: () => undefined }, ...PROOF],
  ['an empty proof', { dpop: () => ' ' }, ...PROOF],
  ['RFC9449-4.1-a two proofs', { dpop: (proof) => [proof, proof] }, ...PROOF, { dpop: (proof) => [proof] }],
  ['two proofs in one header', { dpop: (proof) => `${proof},${proof}` }, ...PROOF],
  ['a proof and an empty header', { dpop: (proof) => [proof, ''] }, ...PROOF],
  ['an empty header and a proof', { dpop: (proof) => ['', proof] }, ...PROOF],
  ['a proof under Bearer', { authorization: (token) => `Bearer ${token}` }, ...TOKEN, { authorization: (token) => `dpop ${token}` }],
  ['RFC9449-7.2-a the token as Bearer', { authorization: (token) => `Bearer ${token}`, dpop: () => undefined }, ...TOKEN],
  ['RFC9449-7.2-a as bEARER', { authorization: (token) => `bEARER ${token}` }, ...TOKEN, { authorization: (token) => `DPOP  ${token}` }],
  ['the proof of a thief', { prover: thief }, ...TOKEN],
  ['the thief’s signature under the key of the holder', { proof: { sign: thief.proofKey.sign } }, ...PROOF],
  ['the thief’s key above the signature of the holder', { proof: { header: { jwk: thief.proofKey.publicJwk } } }, ...TOKEN],
  ['RFC9449-4.2-a typ JWT', { proof: { header: { typ: 'JWT' } } }, ...PROOF, { proof: { header: { typ: 'DPOP+JWT' } } }],
  ['no typ', { proof: { header: { typ: undefined } } }, ...PROOF, { proof: { header: { typ: 'application/dpop+jwt' } } }],
  ['alg none', { proof: { header: { alg: 'none' }, sign: unsigned } }, ...PROOF],
  ['alg none and a signature', { proof: { header: { alg: 'none' } } }, ...PROOF],
  ['no alg', { proof: { header: { alg: undefined } } }, ...PROOF],
  ['HS256 with the public key', { proof: { header: { alg: 'HS256' }, sign: hmac(JSON.stringify(holder.proofKey.publicJwk)) } }, ...PROOF],
  [
    'HS256 with its own secret',
    { proof: { header: { alg: 'HS256', jwk: { kty: 'oct', k: encoded('secret') } }, sign: hmac('secret') } },
    ...PROOF,
  ],
  ['RS256', { proof: { header: { alg: 'RS256', jwk: rsa.publicKey.export({ format: 'jwk' }) }, sign: rs256 } }, ...PROOF],
  ['ES384', { proof: { header: { alg: 'ES384', jwk: jwkOf(p384) }, sign: ecdsa('sha384', p384) } }, ...PROOF],
  ['ES256K', { proof: { header: { alg: 'ES256K', jwk: jwkOf(secp256k1) }, sign: ecdsa('sha256', secp256k1) } }, ...PROOF],
  ['ES256 on P-384', { proof: { header: { jwk: jwkOf(p384) }, sign: ecdsa('sha256', p384) } }, ...PROOF],
  [
    'FAPI2-SP-5.4.1-2 an RSA key of 1024 bits',
    { proof: { header: { alg: 'PS256', jwk: shortRsa.publicKey.export({ format: 'jwk' }) }, sign: shortPs256 } },
    ...PROOF,
  ],
  ['the private key', { proof: { header: { jwk: holder.proofKey.privateJwk } } }, ...PROOF],
  ['no jwk', { proof: { header: { jwk: undefined } } }, ...PROOF],
  ['jwk null', { proof: { header: { jwk: null } } }, ...PROOF],
  ['a jwk that is no point', { proof: { header: { jwk: { ...holder.proofKey.publicJwk, x: encoded('x'.repeat(32)) } } } }, ...PROOF],
  ['a critical header member', { proof: { header: { crit: ['b64'], b64: true } } }, ...PROOF, { proof: { header: { b64: true } } }],
  ['a changed signature', { dpop: part(2, changed) }, ...PROOF],
  ['no signature', { dpop: part(2, () => '') }, ...PROOF],
  ['a signature of zeros', { dpop: part(2, () => Buffer.alloc(64).toString('base64url')) }, ...PROOF],
  ['changed claims', { dpop: part(1, (text) => encoded({ ...JSON.parse(Buffer.from(text, 'base64url').toString()), x: 1 })) }, ...PROOF],
  ['the access token as proof', { token: (token) => token, dpop: () => issuer.token(holder) }, ...PROOF],
  ['10,000 dots', { dpop: () => '.'.repeat(10_000) }, ...PROOF],
  ...[undefined, '', 5, null, ['x']].map((jti): Attack => [`jti ${JSON.stringify(jti)}`, { proof: { claims: { jti } } }, ...PROOF]),
  [
    'a jti of 2,000 characters',
    { proof: { claims: { jti: 'x'.repeat(2000) } } },
    ...PROOF,
    { proof: { claims: { jti: randomUUID().repeat(20) } } },
  ],
  ['RFC9449-4.3-a another htm', { proof: { claims: { htm: 'POST' } } }, ...PROOF],
  ['htm in small letters', { proof: { claims: { htm: 'get' } } }, ...PROOF],
  ['no htm', { proof: { claims: { htm: undefined } } }, ...PROOF],
  ['a proof for GET sent with POST', { method: 'POST', proof: { claims: { htm: 'GET' } } }, ...PROOF, { method: 'POST' }],
  [
    'a proof for POST sent with GET and an override',
    { proof: { claims: { htm: 'POST' } }, headers: { 'x-http-method-override': 'POST' } },
    ...PROOF,
    { headers: { 'x-http-method-override': 'POST' } },
  ],
  ['no htu', { proof: { claims: { htu: undefined } } }, ...PROOF],
  [
    'RFC9449-4.3-a htu of another path',
    { proof: { claims: { htu: `${API}/payments` } } },
    ...PROOF,
    { proof: { claims: { htu: `${API}/accounts?x=1#y` } } },
  ],
  [
    'htu of another host',
    { proof: { claims: { htu: 'https://api.evil.example/accounts' } } },
    ...PROOF,
    { proof: { claims: { htu: 'HTTPS://API.BANK.EXAMPLE:443/accounts' } } },
  ],
  [
    'htu of the host that the request claims',
    { proof: { claims: { htu: 'https://evil.example/accounts' } }, headers: { host: 'evil.example' } },
    ...PROOF,
    { headers: { host: 'evil.example' } },
  ],
  [
    'htu of the host that a proxy may claim',
    { proof: { claims: { htu: 'https://evil.example/accounts' } }, headers: { 'x-forwarded-host': 'evil.example' } },
    ...PROOF,
    { headers: { 'x-forwarded-host': 'evil.example' } },
  ],
  ['htu over http', { proof: { claims: { htu: 'http://api.bank.example/accounts' } } }, ...PROOF],
  ['htu of another port', { proof: { claims: { htu: 'https://api.bank.example:8443/accounts' } } }, ...PROOF],
  ['htu without its host', { proof: { claims: { htu: '/accounts' } } }, ...PROOF],
  [
    'htu of one account, for another',
    { path: '/accounts/2', proof: { claims: { htu: `${API}/accounts/1` } } },
    ...PROOF,
    { path: '/accounts/%32', proof: { claims: { htu: `${API}/accounts/2` } } },
  ],
  ['a slash more in the path', { path: '/accounts/', proof: { claims: { htu: `${API}/accounts` } } }, ...PROOF, { path: '/accounts/' }],
  ['capitals in the path', { path: '/ACCOUNTS', proof: { claims: { htu: `${API}/accounts` } } }, ...PROOF, { path: '/ACCOUNTS' }],
  ...[undefined, '', 'x', ['x'], 'fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo'].map(
    (ath): Attack => [`ath ${JSON.stringify(ath)}`, { proof: { claims: { ath } } }, ...PROOF],
  ),
  ['RFC9449-11.1-a an hour ago', { proof: { claims: { iat: fromNow(-3600) } } }, ...PROOF],
  ['RFC9449-11.1-a an hour ahead', { proof: { claims: { iat: fromNow(3600) } } }, ...PROOF],
  ['iat as text', { proof: { claims: { iat: String(fromNow(0)) } } }, ...PROOF],
  ['iat in milliseconds', { proof: { claims: { iat: Date.now() } } }, ...PROOF],
  ['an exp long gone', { proof: { claims: { exp: fromNow(-600) } } }, ...PROOF, { proof: { claims: { exp: fromNow(600) } } }],
  ['dot segments', { path: '/payments/../accounts' }, ...BAD],
  ['encoded dot segments', { path: '/payments/%2e%2E/accounts' }, ...BAD, { path: '/accounts/..x' }],
  ['a dot segment behind an encoded slash', { path: '/accounts/x%2f..%2fy' }, ...BAD, { path: '/accounts/x%2fy' }],
  ['a backslash', { path: '/payments\\..\\accounts' }, ...BAD, { path: '/accounts/1?back=\\..\\' }],
  ['a certificate in place of a proof', { dpop: () => undefined, tls: mtls.tls }, ...PROOF, { tls: mtls.tls }],
  [
    'a token for key and certificate, without the certificate',
    { claims: { cnf: { ...holder.cnf, ...mtls.cnf } } },
    ...TOKEN,
    { claims: { cnf: { ...holder.cnf, ...mtls.cnf } }, tls: mtls.tls },
  ],
  [
    'a token for key and certificate, without the key',
    { claims: { cnf: { ...holder.cnf, ...mtls.cnf } }, tls: mtls.tls, authorization: (token) => `Bearer ${token}`, dpop: () => undefined },
    ...TOKEN,
    { claims: { cnf: { ...holder.cnf, ...mtls.cnf } }, tls: mtls.tls },
  ],
  ...[null, 5, '', [holder.cnf.jkt], `${holder.cnf.jkt}=`, holder.cnf.jkt?.toLowerCase()].map(
    (jkt): Attack => [`cnf.jkt ${JSON.stringify(jkt).slice(0, 50)}`, { claims: { cnf: { jkt } } }, ...TOKEN],
  ),
  [
    'RFC9449-4.3-c the proof of a thief; what nobody knows is ignored',
    { prover: thief },
    ...TOKEN,
    { proof: { claims: { sub: 'x', nonce: 'unasked' }, header: { more: 1 } } },
  ],
]

/** Of a client with a certificate. */
const certificates: readonly Attack[] = [
  ['FAPI1-ADV-6.2.1-2 no certificate', { tls: 'none' }, ...TOKEN],
  ['RFC8705-3-a another certificate of the same name', { tls: other.tls }, ...TOKEN],
  ['an expired certificate', { claims: { cnf: expired.cnf }, tls: expired.tls }, ...TOKEN, { claims: { cnf: other.cnf }, tls: other.tls }],
  ['a certificate that is not valid yet', { claims: { cnf: unborn.cnf }, tls: unborn.tls }, ...TOKEN],
  [
    'its certificate in a header of a proxy that is not there',
    { tls: 'none', headers: { 'x-ssl-client-cert': encodeURIComponent(mtls.tls.cert) } },
    ...TOKEN,
  ],
  [
    'its certificate in Client-Cert',
    { tls: 'none', headers: { 'client-cert': `:${mtls.x509.raw.toString('base64')}:` } },
    ...TOKEN,
    { headers: { 'client-cert': `:${other.x509.raw.toString('base64')}:` } },
  ],
  ['the token under DPoP', { authorization: (token) => `DPoP ${token}` }, ...TOKEN, { authorization: (token) => `BEARER ${token}` }],
  ['the token under DPoP with a proof', { authorization: (token) => `DPoP ${token}`, prover: thief }, ...TOKEN],
  ['a proof in place of a certificate', { tls: 'none', prover: thief, authorization: (token) => `DPoP ${token}` }, ...TOKEN],
  ...[null, 5, '', 'x', [mtls.cnf['x5t#S256']], `${mtls.cnf['x5t#S256']}=`, mtls.x509.fingerprint256].map(
    (x5t): Attack => [`cnf.x5t#S256 ${JSON.stringify(x5t).slice(0, 20)}`, { claims: { cnf: { 'x5t#S256': x5t } } }, ...TOKEN],
  ),
  ['x5t in place of x5t#S256', { claims: { cnf: { x5t: mtls.cnf['x5t#S256'] } } }, ...TOKEN],
]

/** The status, the error in body and challenges, the scheme that was used first; nothing of the resource, nothing to be cached. */
function expectRefused({ status, json, headers, challenges, text }: Answer, expected: 400 | 401 | 403, error: string | undefined): void {
  expect({ status, error: json.error, challenges: challenges.map(({ parameters }) => parameters.error) }).toEqual({
    status: expected,
    error: error ?? 'invalid_token',
    challenges: [error, error],
  })
  expect(challenges.map(({ scheme }) => scheme).sort()).toEqual(['Bearer', 'DPoP'])
  expect(challenges.find(({ scheme }) => scheme === 'DPoP')?.parameters.algs).toBe('PS256 ES256 EdDSA Ed25519')
  expect(headers['cache-control']).toBe('no-store')
  expect(headers['content-type']).toMatch(/^application\/json/)
  expect(text).not.toContain('accounts":')
}

const schemeOf = (client: TestClient, { authorization }: Change) =>
  /^dpop /i.test(String(authorization ? authorization('x') : client === holder ? 'DPoP x' : 'Bearer x')) ? 'DPoP' : 'Bearer'

const clients: readonly (readonly [what: string, client: TestClient, attacks: readonly Attack[]])[] = [
  ['a DPoP key', holder, [...tokens, ...proofs]],
  ['a certificate', mtls, [...tokens, ...certificates]],
]
describe.each(clients)('to the API, from a client with %s', (_client, client, attacks) => {
  test.each(attacks.map(([what, change, status, error, nearest = {}]) => [what, change, { status, error }, nearest] as const))(
    '%s',
    async (_what, change, { status, error }, nearest) => {
      const answer = await send(client, change)
      expectRefused(answer, status, error)
      if (status !== 400 && error !== undefined) expect(answer.challenges[0]?.scheme).toBe(schemeOf(client, change))
      expect(await send(client, nearest)).toMatchObject({ status: 200, json: { accounts: [] } })
    },
  )
})

test('the table has its hundred attacks, each under a name of its own', () => {
  const names = [
    ...tokens.map(([what]) => what),
    ...proofs.map(([what]) => `proof: ${what}`),
    ...certificates.map(([what]) => `mtls: ${what}`),
  ]
  expect(new Set(names).size).toBe(names.length)
  expect(names.length).toBeGreaterThanOrEqual(100)
})

describe('RFC9449-11.1-b the same proof', () => {
  const jti = randomUUID()
  test.each([
    ['again', {}],
    ['with what changes nothing', { header: { more: 1 } }],
    ['for another account', { claims: { htu: `${API}/accounts/1` } }],
  ])('%s: refused, and a new one passes', async (_what, change) => {
    const path = 'claims' in change ? '/accounts/1' : '/accounts'
    const once = { jti: jti + _what }
    expect((await send(holder, { proof: { claims: once } })).status).toBe(200)
    const again = { ...change, claims: { ...once, ...('claims' in change && change.claims) } }
    expectRefused(await send(holder, { path, proof: again }), ...PROOF)
    expect((await send(holder, { path })).status).toBe(200)
  })

  test('of fifty at once, one passes', async () => {
    const claims = { jti: randomUUID() }
    const answers = await Promise.all(Array.from({ length: 50 }, () => send(holder, { proof: { claims } })))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ json }) => json.error === 'invalid_dpop_proof')).toHaveLength(49)
  })

  test('of another client: passes, a jti is the affair of its own key', async () => {
    const claims = { jti: randomUUID() }
    const bound = { claims: { cnf: thief.cnf }, prover: thief, proof: { claims } }
    expect((await send(holder, { proof: { claims } })).status).toBe(200)
    expect((await send(holder, bound)).status).toBe(200)
    expectRefused(await send(holder, bound), ...PROOF)
  })

  test('of a refused request: passes once, what was refused was not used', async () => {
    const claims = { jti: randomUUID() }
    expectRefused(await send(holder, { claims: { exp: fromNow(-1) }, proof: { claims } }), ...TOKEN)
    expect((await send(holder, { proof: { claims } })).status).toBe(200)
  })
})

const clocks: readonly (readonly [seconds: number, passes: boolean])[] = [
  ...[-58, -10, -1, 0, 1, 8, 58].map((seconds) => [seconds, true] as const),
  ...[-62, -120, 62, 120].map((seconds) => [seconds, false] as const),
]
test.each(clocks)('RFC9449-11.1-a a proof that is %d seconds off', async (seconds, passes) => {
  const answer = await send(holder, { proof: { claims: { iat: fromNow(seconds) } } })
  if (passes) expect(answer.status).toBe(200)
  else expectRefused(answer, ...PROOF)
})

test('what was sent is never repeated but in plain ASCII without quotes', async () => {
  const answer = await send(mtls, { signing: { header: { kid: '"<script>\u2028é\\' } } })
  expectRefused(answer, ...TOKEN)
  expect(answer.text).not.toMatch(/<script|\\/)
})
