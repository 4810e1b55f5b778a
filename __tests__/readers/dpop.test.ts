import { constants, createHash, createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose'
import { DpopError, type DpopExpectations, readDpop } from '../../lib/readers/dpop.js'

const NOW = 1_800_000_000
const URL = 'https://api.bank.example/accounts/1'
const ath = (token: string) => createHash('sha256').update(token).digest('base64url')

const EXPECTED: DpopExpectations = {
  method: 'GET',
  urls: [URL],
  accessToken: { hash: ath('the token') },
  algorithms: ['PS256', 'ES256', 'EdDSA', 'Ed25519'],
  now: NOW,
  window: { ahead: 60, behind: 60 },
}
const CLAIMS = { jti: 'p1', htm: 'GET', htu: URL, iat: NOW, ath: ath('the token') }

interface Proof {
  readonly alg?: string
  readonly header?: Readonly<Record<string, unknown>>
  readonly claims?: Readonly<Record<string, unknown>>
  /** Signs with another key than the header shows. */
  readonly stranger?: boolean
}

async function proofOf({ alg = 'ES256', header = {}, claims = {}, stranger = false }: Proof): Promise<string> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  const signer = stranger ? await generateKeyPair(alg) : { privateKey }
  const protectedHeader = { typ: 'dpop+jwt', alg, jwk: await exportJWK(publicKey), ...header }
  return new SignJWT({ ...CLAIMS, ...claims } as JWTPayload)
    .setProtectedHeader(protectedHeader as JWTHeaderParameters)
    .sign(signer.privateKey, { crit: { x: true } })
}

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const [ecKeys, edKeys, shortKeys] = await Promise.all([
  generateKeyPair('ES256', { extractable: true }),
  generateKeyPair('EdDSA', { extractable: true }),
  generateKeyPair('ES256', { extractable: true }),
])
const publicJwk = await exportJWK(ecKeys.publicKey)
const publicJkt = await calculateJwkThumbprint(publicJwk)
const privateJwk = await exportJWK(shortKeys.privateKey)
const rsaJwk = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' })
/** A point of Ed25519 by its y, which is small; with it R = y and S = 0 sign whatever there is. */
const okp = (y: number) => ({ kty: 'OKP', crv: 'Ed25519', x: Buffer.from([y, ...Array(31).fill(0)]).toString('base64url') })
const fixedSignature = Buffer.from([1, ...Array(63).fill(0)]).toString('base64url')

/** A proof signed by hand, for what no library would sign. */
function handMade(header: object, sign: (input: string) => string): string {
  const input = `${encoded({ typ: 'dpop+jwt', ...header })}.${encoded(CLAIMS)}`
  return `${input}.${sign(input)}`
}

const MALFORMED = 'the DPoP proof is not a JWT of type dpop+jwt signed by its own jwk with an accepted algorithm'
const WRONG_JTI = 'jti of the DPoP proof is missing or too long'
const WRONG_HTM = 'htm of the DPoP proof is not the method of the request'
const WRONG_HTU = 'htu of the DPoP proof is not the URL of the request'
const NOT_RECENT = 'iat of the DPoP proof is not recent enough'
const WRONG_ATH = 'ath of the DPoP proof is not the hash of the access token'

const passes: readonly (readonly [what: string, proof: Proof, expected?: Partial<DpopExpectations>])[] = [
  ['ES256', {}],
  ['PS256', { alg: 'PS256' }],
  ['EdDSA', { alg: 'EdDSA' }],
  ['Ed25519', { alg: 'Ed25519' }],
  ['typ in any case', { header: { typ: 'DPoP+JWT' } }],
  ['typ with its prefix', { header: { typ: 'application/dpop+jwt' } }],
  ['unknown header members and claims', { header: { kid: 'x', x: 1 }, claims: { sub: 'app', extra: { deep: true } } }],
  ['nbf and exp that hold', { claims: { nbf: NOW - 5, exp: NOW + 300 } }],
  ['nbf within the clock window', { claims: { nbf: NOW + 60 } }],
  ['a nonce nobody asked for', { claims: { nonce: 'a nonce' } }],
  ['a jti of 1024 characters', { claims: { jti: 'j'.repeat(1024) } }],
  ['8 seconds ahead', { claims: { iat: NOW + 8 } }],
  ['10 seconds behind', { claims: { iat: NOW - 10 } }],
  ['the last second ahead', { claims: { iat: NOW + 60 } }],
  ['the last second behind', { claims: { iat: NOW - 60 } }],
  ['half a second ahead of a fractional clock', { claims: { iat: NOW + 60 } }, { now: NOW + 0.25 }],
  ['htu with a query', { claims: { htu: `${URL}?x=1` } }],
  ['htu with a fragment', { claims: { htu: `${URL}#x` } }],
  ['a request with a query', {}, { urls: [`${URL}?x=1&y=2`] }],
  ['scheme and host in capitals, and the default port', { claims: { htu: 'HTTPS://API.BANK.EXAMPLE:443/accounts/1' } }],
  ['dot segments', { claims: { htu: 'https://api.bank.example/x/../accounts/./1' } }],
  ['no path at all for the root', { claims: { htu: 'https://api.bank.example' } }, { urls: ['https://api.bank.example/'] }],
  // RFC 3986 §6.2.2.1 and §6.2.2.2.
  [
    'hex digits in another case',
    { claims: { htu: 'https://api.bank.example/caf%c3%a9' } },
    { urls: ['https://api.bank.example/caf%C3%A9'] },
  ],
  [
    'letters encoded without need',
    { claims: { htu: 'https://api.bank.example/%7Eann/%61' } },
    { urls: ['https://api.bank.example/~ann/a'] },
  ],
  ['the second of several URLs', {}, { urls: ['https://old.bank.example/accounts/1', URL] }],
]

const breaks: readonly (readonly [what: string, proof: Proof, says: string, expected?: Partial<DpopExpectations>])[] = [
  ...[undefined, '', 'JWT', 'at+jwt', 'dpop+jwtx', 'text/dpop+jwt', 5].map(
    (typ) => [`typ ${typ}`, { header: { typ } }, MALFORMED] as const,
  ),
  ['RS256', { alg: 'RS256' }, MALFORMED],
  ['PS512', { alg: 'PS512' }, MALFORMED],
  ['ES384', { alg: 'ES384' }, MALFORMED],
  ['an algorithm this server does not list', {}, MALFORMED, { algorithms: ['PS256'] }],
  ['another key than the one in the header', { stranger: true }, MALFORMED],
  ['no jwk', { header: { jwk: undefined } }, MALFORMED],
  ...[null, 'text', [], {}, { kty: 'EC' }, { kty: 'oct', k: 'AAAA' }].map(
    (jwk) => [`a jwk ${JSON.stringify(jwk)}`, { header: { jwk } }, MALFORMED] as const,
  ),
  ['a jwk of another kind', { header: { jwk: await exportJWK(edKeys.publicKey) } }, MALFORMED],
  ['a critical header nobody knows', { header: { crit: ['x'], x: 1 } }, MALFORMED],
  ['an nbf that has not come', { claims: { nbf: NOW + 61 } }, MALFORMED],
  ['an exp long gone', { claims: { exp: NOW - 61 } }, MALFORMED],
  ...[undefined, '', null, 5, ['p1'], {}, 'j'.repeat(1025)].map(
    (jti) => [`jti ${String(jti).slice(0, 20)}`, { claims: { jti } }, WRONG_JTI] as const,
  ),
  ...[undefined, '', 'POST', 'get', 'GET ', ['GET'], null].map((htm) => [`htm ${htm}`, { claims: { htm } }, WRONG_HTM] as const),
  ...[
    undefined,
    null,
    '',
    5,
    [URL],
    'accounts/1',
    '/accounts/1',
    'http://api.bank.example/accounts/1',
    'https://api.bank.example:8443/accounts/1',
    'https://api.bank.example.evil.example/accounts/1',
    'https://api.bank.example@evil.example/accounts/1',
    `${URL}/`,
    'https://api.bank.example/accounts',
    'https://api.bank.example/Accounts/1',
    'https://api.bank.example//accounts/1',
    // A slash encoded is another path: only what means the same is made equal.
    'https://api.bank.example/accounts%2F1',
  ].map((htu) => [`htu ${htu}`, { claims: { htu } }, WRONG_HTU] as const),
  ['an htu that is no URL where the server has none either', { claims: { htu: 'nonsense' } }, WRONG_HTU, { urls: ['nowhere'] }],
  ['no URL to compare with', {}, WRONG_HTU, { urls: [] }],
  ['no iat', { claims: { iat: undefined } }, NOT_RECENT],
  ['one second too far ahead', { claims: { iat: NOW + 61 } }, NOT_RECENT],
  ['one second too far behind', { claims: { iat: NOW - 61 } }, NOT_RECENT],
  ['a moment too far behind', { claims: { iat: NOW - 60 } }, NOT_RECENT, { now: NOW + 0.25 }],
  ['an hour ago', { claims: { iat: NOW - 3600 } }, NOT_RECENT],
  ['an hour ahead', { claims: { iat: NOW + 3600 } }, NOT_RECENT],
  ['milliseconds', { claims: { iat: NOW * 1000 } }, NOT_RECENT],
  ['an iat that nbf and exp would excuse', { claims: { iat: NOW - 3600, nbf: NOW - 3600, exp: NOW + 3600 } }, NOT_RECENT],
  ...[undefined, '', null, 'the token', ath('another token'), [ath('the token')], `${ath('the token')}=`].map(
    (hash) => [`ath ${hash}`, { claims: { ath: hash } }, WRONG_ATH] as const,
  ),
  ['the ath of an empty token', { claims: { ath: ath('') } }, WRONG_ATH],
]

describe('a DPoP proof passes with', () => {
  test.each(passes.map(([what, proof, expected]) => [what, proof, expected ?? {}] as const))('%s', async (_what, proof, expected) => {
    const sent = await proofOf(proof)
    expect(await readDpop(sent, { ...EXPECTED, ...expected })).toMatchObject({ claims: { ...CLAIMS, ...proof.claims } })
  })
})

describe('a DPoP proof is refused with', () => {
  test.each(breaks.map(([what, proof, says, expected]) => [what, proof, says, expected ?? {}] as const))(
    '%s',
    async (_what, proof, says, expected) => {
      const sent = await proofOf(proof)
      await expect(readDpop(sent, { ...EXPECTED, ...expected })).rejects.toThrow(new DpopError(says))
      await expect(readDpop(sent, { ...EXPECTED, ...expected })).rejects.toMatchObject({ name: 'DpopError', code: 'ERR_FAPI_DPOP' })
    },
  )

  const HS256 = (key: string) => (input: string) => createHmac('sha256', key).update(input).digest('base64url')
  const raw: readonly (readonly [what: string, proof: string | Promise<string>])[] = [
    ['nothing in it', ''],
    ['garbage', 'garbage'],
    ['three dots', '...'],
    ['unicode', '😀.😀.😀'],
    ['a megabyte of garbage', 'x'.repeat(1_000_000)],
    ['alg none', handMade({ alg: 'none', jwk: publicJwk }, () => '')],
    ['alg None and a signature', handMade({ alg: 'None', jwk: publicJwk }, HS256('x'))],
    [
      'HS256 under its own secret',
      handMade({ alg: 'HS256', jwk: { kty: 'oct', k: Buffer.from('secret').toString('base64url') } }, HS256('secret')),
    ],
    ['HS256 under the public key', handMade({ alg: 'HS256', jwk: publicJwk }, HS256(JSON.stringify(publicJwk)))],
    ['no alg', handMade({ jwk: publicJwk }, HS256('x'))],
    ['the private key in its jwk', signedShowing(privateJwk)],
    ['an RSA key of 1024 bits', signedWeakly()],
    ['two proofs in two headers', twice(proofOf({}))],
    ['an Ed25519 key that is the identity, and its one signature', handMade({ alg: 'EdDSA', jwk: okp(1) }, () => fixedSignature)],
    ['an RSA key with the exponent 1', handMade({ alg: 'PS256', jwk: { ...rsaJwk, e: 'AQ' } }, () => 'A'.repeat(342))],
    ['a changed claim', proofOf({}).then((proof) => proof.replace(/\.[^.]+\./, `.${encoded({ ...CLAIMS, jti: 'p2' })}.`))],
    ['no signature', proofOf({}).then((proof) => proof.replace(/[^.]+$/, ''))],
    ['another part behind it', proofOf({}).then((proof) => `${proof}.AAAA`)],
  ]

  test.each(raw)('%s', async (_what, proof) => {
    await expect(readDpop(await proof, EXPECTED)).rejects.toThrow(new DpopError(MALFORMED))
  })
})

describe('who has a token and no key for it', () => {
  const accessToken = { hash: ath('the token'), jkt: publicJkt }

  test.each([
    ['by another key', {}],
    ['by another key, with a signature that does not hold: nothing is computed with a key that a thief chose', { stranger: true }],
  ])('is told so: a proof %s', async (_what, proof) => {
    const refused = { error: 'invalid_token', message: 'the access token is bound to another DPoP key' }
    await expect(readDpop(await proofOf(proof), { ...EXPECTED, accessToken })).rejects.toMatchObject(refused)
  })

  test('who shows the key of the token and signs with another gets no further', async () => {
    const forged = proofOf({ header: { jwk: publicJwk }, stranger: true })
    await expect(readDpop(await forged, { ...EXPECTED, accessToken })).rejects.toMatchObject({ error: 'invalid_dpop_proof' })
  })

  test('who has both is let through', async () => {
    const jws = await new SignJWT(CLAIMS as JWTPayload)
      .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk: publicJwk } as JWTHeaderParameters)
      .sign(ecKeys.privateKey)
    await expect(readDpop(jws, { ...EXPECTED, accessToken })).resolves.toMatchObject({ jkt: accessToken.jkt })
  })
})

describe('what a DPoP proof tells', () => {
  test('is its key, its claims and its jti', async () => {
    const jwk = publicJwk
    const proof = await new SignJWT(CLAIMS).setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk }).sign(ecKeys.privateKey)
    expect(await readDpop(proof, EXPECTED)).toMatchObject({
      header: { typ: 'dpop+jwt', alg: 'ES256', jwk },
      claims: CLAIMS,
      jkt: await calculateJwkThumbprint(jwk),
      jti: 'p1',
    })
  })

  test.each([NOW - 60, NOW, NOW + 60])('is until when to remember it: longer than it can be sent again (iat %d)', async (iat) => {
    const { acceptableUntil } = await readDpop(await proofOf({ claims: { iat } }), EXPECTED)
    // A copy that arrived in its last moment is looked up a little later.
    expect(acceptableUntil).toBeGreaterThanOrEqual(iat + 60 + 30)
  })
})

/** Shows a private key and signs with it: the signature holds, and the key is everybody's. */
async function signedShowing(jwk: object): Promise<string> {
  const header = { typ: 'dpop+jwt', alg: 'ES256', jwk } as JWTHeaderParameters
  return new SignJWT(CLAIMS).setProtectedHeader(header).sign(shortKeys.privateKey)
}

async function twice(proof: Promise<string>): Promise<string> {
  return `${await proof}, ${await proof}`
}

/** FAPI2-SP-5.4.1-2: a key that no library would sign with. */
function signedWeakly(): string {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
  const padding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }
  const jwk = publicKey.export({ format: 'jwk' })
  return handMade({ alg: 'PS256', jwk }, (input) =>
    sign('sha256', Buffer.from(input), { key: privateKey, ...padding }).toString('base64url'),
  )
}
