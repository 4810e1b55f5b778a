import {
  ConfigurationError,
  createPolicy,
  fapi1Advanced,
  fapi1Baseline,
  fapi2MessageSigning,
  fapi2Security,
  fromTls,
  memoryStore,
  type Profile,
  profiles,
} from 'express-fapi'
import { withFapi } from 'express-fapi/provider'
import Provider, { type Configuration } from 'oidc-provider'
import { makeKeys } from './support.js'

const ISSUER = 'https://as.bank.example'
const { jwks, weakRsa, onlyRs256 } = makeKeys()

/** Mutual TLS without a certificate source of its own, as JavaScript has it. */
const certificateBinding = { enabled: true, certificateBoundAccessTokens: true } as NonNullable<Configuration['features']>['mTLS']

const start = (profile: Profile, configuration: Configuration, issuer = ISSUER) =>
  withFapi(createPolicy({ profile }), issuer, { jwks, ...configuration }, { certificate: fromTls(), store: memoryStore() })

/** A setting that contradicts a profile, the option that must be named, the clause, and the nearest legal setting. */
const CONTRADICTIONS: readonly (readonly [profile: Profile, option: string, clause: string, wrong: Configuration, right: Configuration])[] =
  [
    [
      fapi2Security,
      'clientAuthMethods',
      'FAPI2-SP-5.3.2.1-6',
      { clientAuthMethods: ['private_key_jwt', 'client_secret_basic'] },
      { clientAuthMethods: ['private_key_jwt'] },
    ],
    [
      fapi2Security,
      'clientAuthMethods',
      'FAPI2-SP-5.3.2.1-6',
      { clientAuthMethods: ['private_key_jwt', 'none'] },
      { clientAuthMethods: ['private_key_jwt', 'self_signed_tls_client_auth'] },
    ],
    [
      fapi1Advanced,
      'clientAuthMethods',
      'FAPI1-BASE-5.2.2-4',
      { clientAuthMethods: ['private_key_jwt', 'client_secret_jwt'] },
      { clientAuthMethods: ['private_key_jwt'] },
    ],
    [
      fapi1Baseline,
      'clientAuthMethods',
      'FAPI1-BASE-5.2.2-4',
      { clientAuthMethods: ['client_secret_post'] },
      { clientAuthMethods: ['none', 'client_secret_jwt'] },
    ],
    [
      fapi2Security,
      'enabledJWA.clientAuthSigningAlgValues',
      'FAPI2-SP-5.4.1-1.2',
      { enabledJWA: { clientAuthSigningAlgValues: ['PS256', 'RS256'] } },
      { enabledJWA: { clientAuthSigningAlgValues: ['PS256', 'EdDSA'] } },
    ],
    [
      fapi1Advanced,
      'enabledJWA.clientAuthSigningAlgValues',
      'FAPI1-ADV-8.6-1',
      { enabledJWA: { clientAuthSigningAlgValues: ['PS256', 'EdDSA'] } },
      { enabledJWA: { clientAuthSigningAlgValues: ['PS256'] } },
    ],
    [
      fapi1Advanced,
      'enabledJWA.requestObjectSigningAlgValues',
      'FAPI1-ADV-8.6-1',
      { enabledJWA: { requestObjectSigningAlgValues: ['RS256'] } },
      { enabledJWA: { requestObjectSigningAlgValues: ['ES256'] } },
    ],
    [
      fapi2Security,
      'enabledJWA.idTokenSigningAlgValues',
      'FAPI2-SP-5.4.1-1.2',
      { enabledJWA: { idTokenSigningAlgValues: ['PS256', 'RS256'] } },
      { enabledJWA: { idTokenSigningAlgValues: ['PS256'] } },
    ],
    [
      fapi2Security,
      'enabledJWA.userinfoSigningAlgValues',
      'FAPI2-SP-5.4.1-1.2',
      { enabledJWA: { userinfoSigningAlgValues: ['RS256'] } },
      { enabledJWA: { userinfoSigningAlgValues: ['PS256'] } },
    ],
    [
      fapi2MessageSigning,
      'enabledJWA.authorizationSigningAlgValues',
      'FAPI2-SP-5.4.1-1.2',
      { enabledJWA: { authorizationSigningAlgValues: ['PS256', 'RS256'] } },
      { enabledJWA: { authorizationSigningAlgValues: ['PS256'] } },
    ],
    [
      fapi2MessageSigning,
      'enabledJWA.introspectionSigningAlgValues',
      'FAPI2-SP-5.4.1-1.2',
      { enabledJWA: { introspectionSigningAlgValues: ['PS256', 'RS256'] } },
      { enabledJWA: { introspectionSigningAlgValues: ['PS256'] } },
    ],
    [
      fapi1Advanced,
      'features.dPoP and enabledJWA.dPoPSigningAlgValues',
      'FAPI1-ADV-5.2.2-6',
      { features: { dPoP: { enabled: true } } },
      { features: { dPoP: { enabled: false } } },
    ],
    [
      fapi2Security,
      'features.dPoP.allowReplay',
      'RFC9449-11.1',
      { features: { dPoP: { enabled: true, allowReplay: true } } },
      { features: { dPoP: { enabled: true, allowReplay: false } } },
    ],
    [fapi2Security, 'responseTypes', 'FAPI2-SP-5.3.2.2-1', { responseTypes: ['code', 'code id_token'] }, { responseTypes: ['code'] }],
    [fapi1Advanced, 'responseTypes', 'FAPI1-BASE-5.2.2-23', { responseTypes: ['code', 'id_token'] }, { responseTypes: ['code id_token'] }],
    [
      fapi2Security,
      'features.pushedAuthorizationRequests.enabled',
      'FAPI2-SP-5.3.2.2-2',
      { features: { pushedAuthorizationRequests: { enabled: false } } },
      { features: { pushedAuthorizationRequests: { enabled: true } } },
    ],
    [
      fapi2Security,
      'features.pushedAuthorizationRequests.requirePushedAuthorizationRequests',
      'FAPI2-SP-5.3.2.2-3',
      { features: { pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: false } } },
      { features: { pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true } } },
    ],
    [
      fapi1Advanced,
      'features.pushedAuthorizationRequests.allowUnregisteredRedirectUris',
      'FAPI1-BASE-5.2.2-8',
      { features: { pushedAuthorizationRequests: { enabled: true, allowUnregisteredRedirectUris: true } } },
      { features: { pushedAuthorizationRequests: { enabled: true, allowUnregisteredRedirectUris: false } } },
    ],
    [
      fapi1Advanced,
      'features.requestObjects.enabled',
      'FAPI1-ADV-5.2.2-1',
      { features: { requestObjects: { enabled: false } } },
      { features: { requestObjects: { enabled: true } } },
    ],
    [
      fapi1Advanced,
      'features.requestObjects.requireSignedRequestObject',
      'FAPI1-ADV-5.2.2-1',
      { features: { requestObjects: { enabled: true, requireSignedRequestObject: false } } },
      { features: { requestObjects: { enabled: true, requireSignedRequestObject: true } } },
    ],
    [
      fapi2MessageSigning,
      'features.requestObjects.requireSignedRequestObject',
      'FAPI2-MS-5.3.1-1',
      { features: { requestObjects: { enabled: true, requireSignedRequestObject: false } } },
      { features: { requestObjects: { enabled: true } } },
    ],
    [
      fapi1Advanced,
      'features.jwtResponseModes',
      'FAPI1-ADV-5.2.2-2',
      { features: { jwtResponseModes: { enabled: false } } },
      { features: { jwtResponseModes: { enabled: true } } },
    ],
    [
      fapi2MessageSigning,
      'features.jwtResponseModes',
      'FAPI2-MS-5.4.1-1',
      { features: { jwtResponseModes: { enabled: false } } },
      { features: { jwtResponseModes: { enabled: true } } },
    ],
    [
      fapi1Advanced,
      'features.mTLS.certificateBoundAccessTokens',
      'FAPI1-ADV-5.2.2-6',
      { features: { mTLS: { enabled: true, certificateBoundAccessTokens: false } } },
      { features: { mTLS: certificateBinding } },
    ],
    [
      fapi2Security,
      'features.dPoP and enabledJWA.dPoPSigningAlgValues',
      'FAPI2-SP-5.3.2.1-5',
      { features: { dPoP: { enabled: false }, mTLS: { enabled: false } } },
      { features: { dPoP: { enabled: false } } },
    ],
    [
      fapi2Security,
      'allowOmittingSingleRegisteredRedirectUri',
      'FAPI2-SP-5.3.2.2-6',
      { allowOmittingSingleRegisteredRedirectUri: true },
      { allowOmittingSingleRegisteredRedirectUri: false },
    ],
    [
      fapi2Security,
      'acceptQueryParamAccessTokens',
      'FAPI2-SP-5.3.4-2',
      { acceptQueryParamAccessTokens: true },
      { acceptQueryParamAccessTokens: false },
    ],
    [fapi2Security, 'rotateRefreshToken', 'FAPI2-SP-5.3.2.1-9', { rotateRefreshToken: true }, { rotateRefreshToken: false }],
    [fapi2Security, 'ttl.AuthorizationCode', 'FAPI2-SP-5.3.2.1-11', { ttl: { AuthorizationCode: 61 } }, { ttl: { AuthorizationCode: 60 } }],
    [fapi2Security, 'clockTolerance', 'FAPI2-SP-5.3.2.1-13', { clockTolerance: 9 }, { clockTolerance: 10 }],
    [fapi2Security, 'clockTolerance', 'FAPI2-SP-5.3.2.1-13', { clockTolerance: 300 }, { clockTolerance: 60 }],
    [
      fapi2Security,
      'features.fapi',
      'server-checks',
      { features: { fapi: { enabled: true, profile: '1.0 Final' } } },
      { features: { fapi: { enabled: true, profile: '2.0' } } },
    ],
    [
      fapi1Advanced,
      'features.fapi',
      'server-checks',
      { features: { fapi: { enabled: false } } },
      { features: { fapi: { enabled: true, profile: '1.0 Final' } } },
    ],
    [
      fapi2Security,
      'features.devInteractions.enabled',
      'server-checks',
      { features: { devInteractions: { enabled: true } } },
      { features: { devInteractions: { enabled: false } } },
    ],
    [fapi2Security, 'jwks', 'FAPI2-SP-5.4.1-2', { jwks: weakRsa }, { jwks }],
    [fapi2Security, 'jwks', 'FAPI2-SP-5.4.1-1.2', { jwks: onlyRs256 }, { jwks }],
    [
      fapi2Security,
      'clientDefaults.id_token_signed_response_alg',
      'FAPI2-SP-5.4.1-1.2',
      { clientDefaults: { id_token_signed_response_alg: 'RS256' } },
      { clientDefaults: { id_token_signed_response_alg: 'ES256' } },
    ],
    [
      fapi2Security,
      'clientDefaults.token_endpoint_auth_method',
      'FAPI2-SP-5.3.2.1-6',
      { clientDefaults: { token_endpoint_auth_method: 'client_secret_basic' } },
      { clientDefaults: { token_endpoint_auth_method: 'self_signed_tls_client_auth' } },
    ],
  ]

describe('settings that contradict a profile stop the boot', () => {
  test.each(
    CONTRADICTIONS.map(([profile, option, clause, wrong, right]) => ({ name: profile.name, option, clause, profile, wrong, right })),
  )('$name: $option ($clause) $wrong', ({ profile, option, clause, wrong, right }) => {
    const error = failure(() => start(profile, wrong))
    expect(error.code).toBe('ERR_FAPI_CONFIGURATION')
    expect(error.faults.map((fault) => ({ option: fault.option, clause: fault.clause }))).toContainEqual({ option, clause })
    expect(error.message).toContain(option)
    expect(error.message).toContain(clause)
    expect(() => new Provider(ISSUER, start(profile, right))).not.toThrow()
  })

  test('an issuer without TLS', () => {
    expect(failure(() => start(fapi2Security, {}, 'http://as.bank.example')).message).toContain(
      'issuer is "http://as.bank.example", must be',
    )
    expect(failure(() => start(fapi2Security, {}, 'http://as.bank.example')).faults).toMatchObject([
      { option: 'issuer', clause: 'FAPI2-SP-5.2.1-1' },
    ])
    expect(failure(() => start(fapi1Advanced, {}, 'https://as.bank.example?x=1')).faults).toMatchObject([
      { option: 'issuer', clause: 'FAPI1-BASE-7.1' },
    ])
  })

  test('all faults are listed at once, with what was found and what is allowed', () => {
    const error = failure(() => start(fapi2Security, { clockTolerance: 5, responseTypes: ['none'], rotateRefreshToken: true }))
    expect(error.message.split('\n').sort()).toEqual([
      'clockTolerance is 5, must be between 10 and 60 seconds (fapi2-security FAPI2-SP-5.3.2.1-13)',
      'responseTypes is ["none"], must include code (fapi2-security FAPI2-SP-5.3.2.2-1)',
      'rotateRefreshToken is true, must be false (fapi2-security FAPI2-SP-5.3.2.1-9)',
    ])
  })

  test('private keys never appear in an error', () => {
    const { d } = (weakRsa.keys[0] ?? {}) as { d?: string }
    expect(failure(() => start(fapi2Security, { jwks: weakRsa })).message).not.toContain(d)
  })

  test('a waiver with a reason lets a setting stand, and is still recorded', () => {
    const recorded: string[] = []
    const policy = createPolicy({
      profile: fapi2Security,
      waivers: { 'no-refresh-rotation': { reason: 'OPS-142: a migration that wants new tokens' } },
      record: ({ violations }) => recorded.push(...violations.map(({ rule, waived }) => `${rule}: ${waived}`)),
    })
    expect(() => withFapi(policy, ISSUER, { jwks, rotateRefreshToken: true }, { store: memoryStore() })).not.toThrow()
    expect(recorded).toEqual(['no-refresh-rotation: OPS-142: a migration that wants new tokens'])
  })

  test('mutual TLS without a certificate source', () => {
    const policy = createPolicy({ profile: fapi2Security })
    const configuration: Configuration = { jwks, features: { mTLS: certificateBinding } }
    expect(failure(() => withFapi(policy, ISSUER, configuration)).faults).toMatchObject([{ option: 'certificate' }])
    expect(() => withFapi(policy, ISSUER, configuration, { certificate: fromTls(), store: memoryStore() })).not.toThrow()
  })
})

describe('an empty configuration boots', () => {
  test.each(profiles.map((profile) => [profile.name, profile] as const))('%s', (_name, profile) => {
    const policy = createPolicy({ profile })
    const provider = new Provider(ISSUER, withFapi(policy, ISSUER))
    expect(provider.issuer).toBe(ISSUER)
  })

  test('the configuration given is not written to', () => {
    const configuration: Configuration = Object.freeze({
      jwks,
      features: Object.freeze({ mTLS: Object.freeze({ enabled: true }) }),
      clients: [],
    })
    expect(() =>
      withFapi(createPolicy({ profile: fapi2Security }), ISSUER, configuration, { certificate: fromTls(), store: memoryStore() }),
    ).not.toThrow()
    expect(configuration).toEqual({ jwks, features: { mTLS: { enabled: true } }, clients: [] })
  })
})

describe('report mode', () => {
  test.each(CONTRADICTIONS.map(([profile, option, clause, wrong]) => ({ name: profile.name, option, clause, profile, wrong })))(
    '$name: $option is recorded and stops nothing',
    ({ profile, clause, wrong }) => {
      const clauses: string[] = []
      const policy = createPolicy({
        profile,
        mode: 'report',
        record: ({ violations }) => clauses.push(...violations.flatMap((violation) => violation.clauses)),
      })
      const configuration: Configuration = { jwks, ...wrong }
      expect(() => withFapi(policy, ISSUER, configuration)).not.toThrow()
      expect(clauses).toContain(clause)
    },
  )

  test('nothing that refuses is set', () => {
    const configuration: Configuration = { jwks }
    const result = withFapi(createPolicy({ profile: fapi2Security, mode: 'report' }), ISSUER, configuration)
    for (const option of [
      'clientAuthMethods',
      'responseTypes',
      'enabledJWA',
      'clientDefaults',
      'rotateRefreshToken',
      'allowOmittingSingleRegisteredRedirectUri',
      'ttl',
      'clockTolerance',
    ] as const) {
      expect(result[option]).toBeUndefined()
    }
    expect(Object.keys(result.features ?? {})).toEqual(['dPoP'])
  })
})

function failure(work: () => unknown): ConfigurationError {
  try {
    work()
  } catch (error) {
    if (error instanceof ConfigurationError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
