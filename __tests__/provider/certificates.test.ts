import { X509Certificate } from 'node:crypto'
import { jest } from '@jest/globals'
import {
  CertificateError,
  type CertificateSource,
  type ClientCertificate,
  createPolicy,
  fapi2Security,
  thumbprint,
  type Verdict,
} from 'express-fapi'
import { withFapi } from 'express-fapi/provider'
import type { Configuration, KoaContextWithOIDC } from 'oidc-provider'
import { type Identity, issueCertificate } from '../../examples/bank/certificates.js'
import { expectError, expectPushed, expectTokens, expectUnauthenticated } from '../support/expectations.js'
import { type OwnServer, openOwnServer } from '../support/own-server.js'
import { certificateFor, certificateJwk, type Role } from '../support/tpp.js'
import type { Answer } from '../support/wire.js'

const GRANTS = { grant_types: ['client_credentials', 'authorization_code'], response_types: ['code'] }
const ROLES: Record<string, Role> = {
  tls: { profile: 'fapi2-security', auth: 'tls_client_auth', bound: 'certificate', metadata: GRANTS },
  selfsigned: { profile: 'fapi2-security', auth: 'self_signed_tls_client_auth', bound: 'certificate', metadata: GRANTS },
  bound: { profile: 'fapi2-security', auth: 'private_key_jwt', bound: 'certificate', metadata: GRANTS },
  dpop: { profile: 'fapi2-security', auth: 'private_key_jwt', bound: 'dpop', metadata: GRANTS },
}
const grant = { grant_type: 'client_credentials' }
const configuration: Configuration = {
  features: { clientCredentials: { enabled: true }, introspection: { enabled: true }, revocation: { enabled: true } },
  findAccount: (_ctx, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
}

const verdicts: Verdict[] = []
const policy = createPolicy({ profile: fapi2Security, record: (verdict) => void verdicts.push(verdict) })
const fail = (error: unknown) => {
  throw error
}

/** What the source makes of a request that shows a certificate. */
let see: (shown: X509Certificate) => ClientCertificate | undefined
const source: CertificateSource = async ({ socket }) => {
  const shown = 'getPeerX509Certificate' in socket ? (socket.getPeerX509Certificate as () => X509Certificate | undefined)() : undefined
  return shown && see(shown)
}
const verified = (x509: X509Certificate): ClientCertificate => ({ x509, chain: [], verified: 'proxy' })

let server: OwnServer
beforeAll(async () => {
  server = await openOwnServer({ policy, configuration, options: { certificate: source }, clients: ROLES })
})
afterAll(() => server.close())
beforeEach(() => {
  see = verified
  verdicts.splice(0)
})

/** 401 `invalid_client`; not every endpoint says whether the answer may be kept. */
const expectStranger = ({ status, json }: Answer) => expect({ status, error: json.error }).toEqual({ status: 401, error: 'invalid_client' })

/** Calls each endpoint at which a client authenticates. */
const calls: [string, (name: string) => Promise<Answer>, (answer: Answer) => void][] = [
  ['token', (name) => server.as(name).token(grant), (answer) => expectTokens(answer)],
  ['pushed authorization request', (name) => server.as(name).push(), expectPushed],
  ['revocation', (name) => server.as(name).call('revocation_endpoint', { token: 'x' }), ({ status }) => expect(status).toBe(200)],
  ['introspection', (name) => server.as(name).call('introspection_endpoint', { token: 'x' }), ({ status }) => expect(status).toBe(200)],
]

describe.each(calls)('at the %s endpoint', (_, call, expectIn) => {
  test('tls_client_auth with a verified certificate: accepted', async () => {
    expectIn(await call('tls'))
  })

  test('RFC8705-2.1-a tls_client_auth with one that nobody verified: 401, and the record says why', async () => {
    see = (x509) => ({ x509, chain: [], verified: false, unverified: 'the proxy says: FAILED:self-signed certificate' })
    const answer = await call('tls')
    expectStranger(answer)
    expect(answer.text).not.toContain('self-signed')
    expect(verdicts.at(-1)).toMatchObject({
      stage: 'authentication',
      client: 'tls',
      violations: [
        {
          rule: 'certificate-trusted',
          clauses: expect.arrayContaining(['RFC8705-2.1']),
          detail: 'the proxy says: FAILED:self-signed certificate',
        },
      ],
    })
  })

  test('RFC8705-2.2-a self_signed_tls_client_auth needs nobody to verify it', async () => {
    see = (x509) => ({ x509, chain: [], verified: false })
    expectIn(await call('selfsigned'))
  })

  test('RFC8705-2-a the certificate of another client: 401, and the record shows both sides', async () => {
    const other = await certificateFor('somebody', server.authority)
    see = () => verified(new X509Certificate(other.certificate))
    const answer = await call('tls')
    expectStranger(answer)
    expect(answer.text).not.toContain('somebody')
    const [violation] = verdicts.at(-1)?.violations ?? []
    expect(violation?.detail).toContain('CN=tls,O=Example TPP,C=GB')
    expect(violation?.detail).toContain('CN=somebody,O=Example TPP,C=GB')
  })

  test.each(['tls', 'selfsigned'])('one that must not be used: 401 with the reason (%s)', async (name) => {
    see = () => fail(new CertificateError('unusable', 'the client certificate has expired'))
    const answer = await call(name)
    expectStranger(answer)
    expect(answer.json.error_description).toBe('the client certificate has expired')
    expect(verdicts.at(-1)).toMatchObject({ stage: 'authentication', client: name })
  })

  test.each(Object.keys(ROLES))('a request that is not clear about it: 400, whoever sends it (%s)', async (name) => {
    see = () => fail(new CertificateError('malformed', 'the header "X" was sent twice'))
    const shown = await certificateFor('whoever')
    const answer = await server.as(name).token(grant, { certificate: shown })
    expectError(answer, 400, 'invalid_request')
    expect(answer.json.error_description).toBe("the header 'X' was sent twice")
    expect(verdicts.at(-1)).toMatchObject({ violations: [{ error: 'invalid_request' }] })
  })

  test('a source that fails has shown none: 401', async () => {
    see = () => fail(new Error('out of order'))
    expectStranger(await call('tls'))
  })
})

describe('a token bound to a certificate', () => {
  test('RFC8705-3.4-a with one that may be used, verified or not: bound', async () => {
    see = (x509) => ({ x509, chain: [], verified: false })
    expectTokens(await server.as('bound').token(grant), 'Bearer')
  })

  test('with one that must not be used: 400 invalid_grant with the reason', async () => {
    see = () => fail(new CertificateError('unusable', 'the client certificate has expired'))
    const answer = await server.as('bound').token(grant)
    expectError(answer, 400, 'invalid_grant')
    expect(answer.json.error_description).toBe('the client certificate has expired')
  })

  test('who is bound to a DPoP key may show any', async () => {
    see = () => fail(new CertificateError('unusable', 'the client certificate has expired'))
    expectTokens(await server.as('dpop').token(grant, { certificate: await certificateFor('whoever') }), 'DPoP')
  })
})

describe('at the userinfo endpoint', () => {
  async function userinfo(certificate?: Identity): Promise<Answer> {
    const { provider } = server
    const { tpp } = server.as('bound')
    const grant = new provider.Grant({ clientId: 'bound', accountId: 'alice' })
    grant.addOIDCScope('openid')
    const shown = new X509Certificate(tpp.certificate?.certificate ?? '')
    const client = await provider.Client.find('bound')
    const fields = {
      accountId: 'alice',
      clientId: 'bound',
      client,
      grantId: await grant.save(),
      scope: 'openid',
      gty: 'authorization_code',
    }
    const token = new provider.AccessToken({ ...fields, 'x5t#S256': thumbprint(shown) } as unknown as ConstructorParameters<
      typeof provider.AccessToken
    >[0])
    return server.as('bound').present(server.as('bound').endpoint('userinfo_endpoint'), await token.save(), certificate && { certificate })
  }

  test('with its certificate: 200; with another: 401', async () => {
    expect((await userinfo()).status).toBe(200)
    expectError(await userinfo(await certificateFor('other')), 401, 'invalid_token')
  })

  test('with one that must not be used: 401 with the reason', async () => {
    see = () => fail(new CertificateError('unusable', 'the client certificate has expired'))
    const answer = await userinfo()
    expectError(answer, 401, 'invalid_token')
    expect(answer.json.error_description).toBe('the client certificate has expired')
  })
})

describe('several certificates of one client', () => {
  const HOUR = 3_600_000
  const selfSigned = (name: string, change: { notBefore?: Date; notAfter?: Date } = {}) =>
    issueCertificate(undefined, { subject: `C=GB, O=Example TPP, CN=${name}`, usage: 'client', keyType: 'EC', ...change })

  test('each registered one is accepted while it is valid, one taken out is not', async () => {
    const [old, next, other] = await Promise.all([selfSigned('overlap'), selfSigned('overlap'), selfSigned('overlap')])
    const expired = await selfSigned('overlap', { notBefore: new Date(Date.now() - 2 * HOUR), notAfter: new Date(Date.now() - HOUR) })
    const [a, b, c] = [old, next, expired].map(certificateJwk)
    const { fromTls } = await import('express-fapi')
    const role: Role = { ...(ROLES.selfsigned as Role), metadata: { ...GRANTS, jwks: { keys: [a, b, c] } } }
    const later: Role = { ...role, metadata: { ...GRANTS, jwks: { keys: [b] } } }
    const overlapping = await openOwnServer({ policy, configuration, options: { certificate: fromTls() }, clients: { a: role, b: later } })
    const as = (name: string, certificate: Identity) => overlapping.as(name).token(grant, { certificate })
    expectTokens(await as('a', old), 'Bearer')
    expectTokens(await as('a', next), 'Bearer')
    expectUnauthenticated(await as('a', expired))
    expectUnauthenticated(await as('a', other))
    expectTokens(await as('b', next), 'Bearer')
    expectUnauthenticated(await as('b', old))
    await overlapping.close()
  })
})

describe('where the user answers the provider', () => {
  const asked: string[] = []
  const tlsClientAuth = true as const

  test('getCertificate, certificateAuthorized and certificateSubjectMatches of their own go on to decide', async () => {
    let isAuthorized = true
    let matches = true
    const own = await openOwnServer({
      policy,
      configuration: {
        ...configuration,
        features: {
          ...configuration.features,
          mTLS: {
            ...{ enabled: true, tlsClientAuth, certificateBoundAccessTokens: true },
            getCertificate: ({ socket }) =>
              'getPeerX509Certificate' in socket ? (socket.getPeerX509Certificate as () => X509Certificate)() : undefined,
            certificateAuthorized: () => isAuthorized,
            certificateSubjectMatches(_ctx, property, expected) {
              asked.push(`${property} ${expected}`)
              return matches
            },
          },
        },
      } as Configuration,
      options: { certificate: () => fail(new Error('nobody asks')) },
      clients: { tls: ROLES.tls as Role },
    })
    expectTokens(await own.as('tls').token(grant), 'Bearer')
    expect(asked).toEqual(['tls_client_auth_subject_dn CN=tls,O=Example TPP,C=GB'])
    isAuthorized = false
    expectUnauthenticated(await own.as('tls').token(grant))
    isAuthorized = true
    matches = false
    expectUnauthenticated(await own.as('tls').token(grant))
    await own.close()
  })
})

test('a source that takes time needs observe: without it nobody gets in, and a warning says so', async () => {
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
  const { certificate } = await certificateFor('tls')
  const options = { certificate: async () => verified(new X509Certificate(certificate)) }
  const { features } = withFapi(policy, 'https://as.bank.example', configuration, options)
  expect(features?.mTLS?.getCertificate?.({ oidc: {}, req: {} } as KoaContextWithOIDC)).toBeUndefined()
  expect(warn.mock.calls.map(([, about]) => (about as { code?: string }).code)).toContain('FAPI_UNPREPARED_CERTIFICATE')
  warn.mockRestore()
})
