import { randomUUID } from 'node:crypto'
import { type Identity, issueCertificate } from '../../examples/bank/certificates.js'
import type { Change } from '../support/change.js'
import { later } from '../support/clock.js'
import { expectError, expectPushed, expectUnauthenticated } from '../support/expectations.js'
import { fromNow, type JwtChange } from '../support/jwt.js'
import { mintKey } from '../support/keys.js'
import type { Party } from '../support/party.js'
import { openTestBank, type TestBank } from '../support/test-bank.js'
import { certificateFor } from '../support/tpp.js'
import type { Answer } from '../support/wire.js'

let bank: TestBank
let tpp: Party
let second: Party
let mtls: Party
let selfSigned: Party
beforeAll(async () => {
  bank = await openTestBank(['fapi2', 'fapi2-second', 'fapi2-mtls', 'fapi2-mtls-second', 'fapi2-selfsigned', 'fapi2-jwt-mtls'])
  tpp = bank.as('fapi2')
  second = bank.as('fapi2-second')
  mtls = bank.as('fapi2-mtls')
  selfSigned = bank.as('fapi2-selfsigned')
})
afterAll(() => bank?.close())

const foreignKey = mintKey('PS256')
const p384 = mintKey('ES384')

/** The two endpoints of a flow that authenticate clients. At the token endpoint a client that got in meets a code nobody issued. */
const endpoints: { at: string; call: (party: Party, change: Change) => Promise<Answer>; expectIn: (answer: Answer) => void }[] = [
  { at: 'PAR', call: (party, change) => party.push(change), expectIn: expectPushed },
  {
    at: 'token',
    call: (party, change) => party.redeem('no-such-code', change),
    expectIn: (answer) => expectError(answer, 400, 'invalid_grant'),
  },
]

describe.each(endpoints)('private_key_jwt at the $at endpoint', ({ call, expectIn }) => {
  const accepted: [string, () => JwtChange][] = [
    ['as the profile wants it', () => ({})],
    ['FAPI2-SP-5.3.2.1-13 iat and nbf 8 seconds ahead', () => ({ claims: { iat: fromNow(8), nbf: fromNow(8) } })],
    ['RFC10070-typ-a typ=client-authentication+jwt', () => ({ header: { typ: 'client-authentication+jwt' } })],
    ['typ=JWT', () => ({ header: { typ: 'JWT' } })],
    ['without kid', () => ({ header: { kid: undefined } })],
    ['without iat', () => ({ claims: { iat: undefined } })],
    ['five minutes of life', () => ({ claims: { exp: fromNow(300) } })],
    ['expired 5 seconds ago, within the skew', () => ({ claims: { iat: fromNow(-65), exp: fromNow(-5) } })],
    ['FAPI2-SP-5.4.2-2 a jku header, which is ignored', () => ({ header: { jku: 'https://attacker.example/jwks' } })],
  ]
  test.each(accepted)('%s: accepted', async (_, change) => {
    expectIn(await call(tpp, { assertion: change() }))
  })

  const refused: [string, () => JwtChange][] = [
    ['FAPI2-SP-5.3.2.1-8 aud is the token endpoint', () => ({ claims: { aud: tpp.endpoint('token_endpoint') } })],
    ['FAPI2-SP-5.3.2.1-8 aud is the PAR endpoint', () => ({ claims: { aud: tpp.endpoint('pushed_authorization_request_endpoint') } })],
    ['FAPI2-SP-5.3.2.1-8 aud is the mutual TLS alias of the token endpoint', () => ({ claims: { aud: mtls.endpoint('token_endpoint') } })],
    ['FAPI2-SP-5.3.2.1-8 aud is [issuer]', () => ({ claims: { aud: [bank.issuer] } })],
    ['FAPI2-SP-5.3.2.1-8 aud is [issuer, other]', () => ({ claims: { aud: [bank.issuer, 'https://other.example'] } })],
    ['FAPI2-SP-5.3.2.1-8 aud is the issuer with a slash', () => ({ claims: { aud: `${bank.issuer}/` } })],
    ['FAPI2-SP-5.3.2.1-8 aud is the issuer in capitals', () => ({ claims: { aud: bank.issuer.toUpperCase() } })],
    ['aud is another server', () => ({ claims: { aud: 'https://other.example' } })],
    ['no aud', () => ({ claims: { aud: undefined } })],
    ['aud is an object', () => ({ claims: { aud: { iss: bank.issuer } } })],
    ['RFC7523-3-b exp 5 minutes ago', () => ({ claims: { iat: fromNow(-360), exp: fromNow(-300) } })],
    ['RFC7523-3-a no exp', () => ({ claims: { exp: undefined } })],
    ['exp as text', () => ({ claims: { exp: String(fromNow(60)) } })],
    ['RFC7523-3-c exp in ten years', () => ({ claims: { exp: fromNow(315_360_000) } })],
    ['RFC7523-3-c exp in an hour', () => ({ claims: { exp: fromNow(3600) } })],
    ['RFC7523-3-a no iss', () => ({ claims: { iss: undefined } })],
    ['RFC7523-3-a no sub', () => ({ claims: { sub: undefined } })],
    ['RFC7523-3-a no jti', () => ({ claims: { jti: undefined } })],
    ['an empty jti', () => ({ claims: { jti: '' } })],
    ['jti is a number', () => ({ claims: { jti: 7 } })],
    ['RFC7523-3-a iss is another client', () => ({ claims: { iss: second.tpp.id } })],
    ['RFC7523-3-a sub is another client', () => ({ claims: { sub: second.tpp.id } })],
    ['iss and sub are another client', () => ({ claims: { iss: second.tpp.id, sub: second.tpp.id } })],
    ['sub is an array', () => ({ claims: { sub: [tpp.tpp.id] } })],
    ['FAPI2-SP-5.3.2.1-13 iat 62 seconds ahead', () => ({ claims: { iat: fromNow(62) } })],
    ['FAPI2-SP-5.3.2.1-13 nbf 62 seconds ahead', () => ({ claims: { nbf: fromNow(62) } })],
    ['FAPI2-SP-5.4.1-1.2 RS256', () => ({ alg: 'RS256' })],
    ['FAPI2-SP-5.4.1-1.2 PS512', () => ({ alg: 'PS512' })],
    ['FAPI2-SP-5.4.1-1.2 HS256 with the public key as secret', () => ({ alg: 'HS256' })],
    ['FAPI2-SP-5.4.1-1.2 ES384', () => ({ key: p384 })],
    ['FAPI2-SP-5.4.1-1.3 alg=none', () => ({ alg: 'none' })],
    ['alg=None', () => ({ alg: 'none', header: { alg: 'None' } })],
    ['the key of another client', () => ({ key: second.tpp.key })],
    ['a key of nobody under the own kid', () => ({ key: foreignKey, header: { kid: tpp.tpp.key.kid } })],
    [
      'a key of nobody with jku and jwk headers',
      () => ({ key: foreignKey, header: { jku: 'https://attacker.example', jwk: foreignKey.publicJwk } }),
    ],
    ['another signature', () => ({ signature: 'broken' })],
    ['a critical header nobody knows', () => ({ header: { crit: ['urn:example:critical'], 'urn:example:critical': 1 } })],
    ['RFC10070-typ-b typ=oauth-authz-req+jwt', () => ({ header: { typ: 'oauth-authz-req+jwt' } })],
    ['RFC10070-typ-b typ=dpop+jwt', () => ({ header: { typ: 'dpop+jwt' } })],
  ]
  test.each(refused)('%s: 401 invalid_client', async (_, change) => {
    expectUnauthenticated(await call(tpp, { assertion: change() }))
  })

  test('FAPI2-SP-5.3.2.1-3 client_id alone: 401 invalid_client', async () => {
    expectUnauthenticated(await call(tpp, { assertion: 'none' }))
  })

  test('nothing at all: 400 invalid_request', async () => {
    expectError(await call(tpp, { assertion: 'none', params: { client_id: undefined } }), 400, 'invalid_request')
  })

  test.each(['', 'x', 'a.b.c', 'e30.e30.', '{}', `${'x'.repeat(20_000)}`, '😀.😀.😀'])(
    'a client assertion that is no JWT (number %#): refused',
    async (compact) => {
      const { status, json } = await call(tpp, { assertion: { compact } })
      expect([`${status} ${json.error}`]).toEqual([expect.stringMatching(/^(400 invalid_request|401 invalid_client)$/)])
    },
  )

  test('RFC7523-3-e another client_assertion_type, or none: 400 invalid_request', async () => {
    expectError(
      await call(tpp, { params: { client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer' } }),
      400,
      'invalid_request',
    )
    expectError(await call(tpp, { params: { client_assertion_type: undefined } }), 400, 'invalid_request')
  })

  test('FAPI1-BASE-5.2.2-19 the client_id of another client next to the assertion: 401 invalid_client', async () => {
    expectUnauthenticated(await call(tpp, { params: { client_id: second.tpp.id } }))
    expectIn(await call(tpp, { params: { client_id: tpp.tpp.id } }))
  })

  test('RFC6749-2.3 two ways to authenticate, or one of them twice: 400 invalid_request', async () => {
    const basic = `Basic ${Buffer.from(`${tpp.tpp.id}:secret`).toString('base64')}`
    expectError(await call(tpp, { headers: { authorization: basic } }), 400, 'invalid_request')
    expectError(await call(tpp, { params: { client_assertion: [await tpp.assertion(), await tpp.assertion()] } }), 400, 'invalid_request')
    expectError(await call(tpp, { params: { client_id: [tpp.tpp.id, second.tpp.id] } }), 400, 'invalid_request')
  })

  test('FAPI2-SP-5.3.2.1-6 HTTP Basic or client_secret in the form: refused', async () => {
    const basic = `Basic ${Buffer.from(`${tpp.tpp.id}:secret`).toString('base64')}`
    expectUnauthenticated(await call(tpp, { assertion: 'none', headers: { authorization: basic } }))
    const { status } = await call(tpp, { assertion: 'none', params: { client_secret: 'secret' } })
    expect(status).toBe(401)
  })

  test('RFC7523-3-d the same assertion again: 401 invalid_client; a new one: accepted', async () => {
    const compact = await tpp.assertion()
    expectIn(await call(tpp, { assertion: { compact } }))
    expectUnauthenticated(await call(tpp, { assertion: { compact } }))
    for (const seconds of [50, 65]) await later(seconds, async () => expectUnauthenticated(await call(tpp, { assertion: { compact } })))
    expectIn(await call(tpp, {}))
  })

  test('RFC7523-3-d another assertion with the same jti: 401 invalid_client; from another client: accepted', async () => {
    const once = { claims: { jti: randomUUID() } }
    expectIn(await call(tpp, { assertion: once }))
    expectUnauthenticated(await call(tpp, { assertion: once }))
    expectIn(await call(second, { assertion: once }))
  })

  test('RFC9101-10.8-a a request object as client assertion: 401 invalid_client', async () => {
    expectUnauthenticated(await call(tpp, { assertion: { compact: await tpp.object() } }))
    expectUnauthenticated(await call(tpp, { assertion: { compact: await tpp.object({ sub: tpp.tpp.id }) } }))
  })

  test('a DPoP proof as client assertion: 401 invalid_client', async () => {
    const claims = { iss: tpp.tpp.id, sub: tpp.tpp.id, aud: bank.issuer, exp: fromNow(60) }
    expectUnauthenticated(
      await call(tpp, { assertion: { compact: await tpp.proof({ method: 'POST', url: bank.issuer }, { key: tpp.tpp.key, claims }) } }),
    )
  })
})

test('RFC7523-3-d an assertion used at the PAR endpoint, again at the token endpoint: 401 invalid_client', async () => {
  const compact = await tpp.assertion()
  expectPushed(await tpp.push({ assertion: { compact } }))
  expectUnauthenticated(await tpp.redeem('no-such-code', { assertion: { compact } }))
})

test('FAPI2-SP-5.2.2.1-b private_key_jwt at the mutual TLS alias: accepted, aud is still the issuer alone', async () => {
  const party = bank.as('fapi2-jwt-mtls')
  expectPushed(await party.push())
  expectUnauthenticated(await party.push({ assertion: { claims: { aud: party.endpoint('pushed_authorization_request_endpoint') } } }))
})

describe.each(endpoints)('mutual TLS at the $at endpoint', ({ call, expectIn }) => {
  const issue = (change: Partial<Parameters<typeof issueCertificate>[1]>, authority: Identity | undefined = bank.authority) =>
    issueCertificate(authority, { subject: `C=GB, O=Example TPP, CN=${mtls.tpp.id}`, usage: 'client', keyType: 'EC', ...change })

  test('RFC8705-2.1-a tls_client_auth with the registered subject, from the authority: accepted, renewed too', async () => {
    expectIn(await call(mtls, {}))
    expectIn(await call(mtls, { certificate: await issue({}) }))
    expectIn(await call(mtls, { certificate: await issue({ keyType: 'RSA' }) }))
  })

  const certificates: [string, () => Promise<Identity>][] = [
    ['RFC8705-2-a of another client', async () => bank.as('fapi2-mtls-second').tpp.certificate as Identity],
    ['RFC8705-2.1-a with the right subject, but it signs itself', () => certificateFor(mtls.tpp.id)],
    [
      'RFC8705-2.1-a from the authority, but its subject goes on',
      () => issue({ subject: `C=GB, O=Example TPP, CN=${mtls.tpp.id}, OU=more` }),
    ],
    [
      'RFC8705-2.1-a from the authority, but its subject begins the same',
      () => issue({ subject: `C=GB, O=Example TPP, CN=${mtls.tpp.id}-2` }),
    ],
    ['that has expired', () => issue({ notBefore: new Date(Date.now() - 7200_000), notAfter: new Date(Date.now() - 3600_000) })],
    ['that is not valid yet', () => issue({ notBefore: new Date(Date.now() + 3600_000) })],
    ['for servers', () => issue({ usage: 'server' })],
    ['from a client that plays authority', async () => issue({}, mtls.tpp.certificate)],
  ]
  test.each(certificates)('a certificate %s: 401 invalid_client', async (_, certificate) => {
    expectUnauthenticated(await call(mtls, { certificate: await certificate() }))
  })

  test('FAPI2-SP-5.3.2.1-6 no certificate: 401 invalid_client', async () => {
    expectUnauthenticated(await call(mtls, { certificate: 'none' }))
    expectUnauthenticated(await call(selfSigned, { certificate: 'none' }))
  })

  test('RFC8705-2-a a certificate without client_id: 400 invalid_request', async () => {
    expectError(await call(mtls, { params: { client_id: undefined } }), 400, 'invalid_request')
  })

  test('RFC8705-2-a the client_id of another client of mutual TLS: 401 invalid_client', async () => {
    expectUnauthenticated(await call(mtls, { params: { client_id: 'tpp-fapi2-mtls-second' } }))
    expectUnauthenticated(await call(mtls, { params: { client_id: selfSigned.tpp.id } }))
  })

  test('RFC8705-2.2-a self_signed_tls_client_auth: the registered certificate is accepted, another one is not', async () => {
    expectIn(await call(selfSigned, {}))
    expectUnauthenticated(await call(selfSigned, { certificate: await certificateFor(selfSigned.tpp.id) }))
    expectUnauthenticated(await call(selfSigned, { certificate: mtls.tpp.certificate as Identity }))
  })

  test.each(['client-cert', 'x-client-cert', 'x-ssl-client-cert', 'x-forwarded-client-cert', 'x-amzn-mtls-clientcert'])(
    'a certificate in the header %s, from whoever: 401 invalid_client',
    async (header) => {
      const { certificate } = mtls.tpp.certificate as Identity
      const der = certificate.replaceAll(/-----[^-]+-----|\s/g, '')
      for (const value of [`:${der}:`, der, encodeURIComponent(certificate)]) {
        expectUnauthenticated(await call(mtls, { certificate: 'none', headers: { [header]: value } }))
        expectUnauthenticated(await call(mtls, { certificate: await certificateFor('somebody'), headers: { [header]: value } }))
      }
    },
  )

  test('a client of mutual TLS with an assertion, a client of assertions with a certificate: 401 invalid_client', async () => {
    const compact = await mtls.assertion()
    const params = { client_assertion: compact, client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' }
    expectUnauthenticated(await call(mtls, { params }))
    expectUnauthenticated(await call(bank.as('fapi2-jwt-mtls'), { assertion: 'none' }))
  })
})
