import * as rules from '../../../lib/rules/cryptography.js'
import { alsoPublished, type RuleTable, ruleTable } from '../support.js'

const { FAPI1_ALGORITHMS, FAPI2_ALGORITHMS } = rules
const FAPI1 = 'PS256, ES256'
const FAPI2 = 'PS256, ES256, EdDSA, Ed25519'

/** What neither generation takes, however it is spelled. */
const REFUSED = ['RS256', 'HS256', 'ES384', 'ES512', 'ES256K', 'PS384', 'PS512', 'Ed448', 'none', 'NONE', 'ps256', 'PS256 ', '', 'ＰＳ256']
const ODD: readonly unknown[] = [undefined, null, 0, true, ['PS256'], {}, { toString: 1, valueOf: 1 }]

const inAssertion = (alg: unknown) => ['authentication', { assertion: { header: { alg } } }] as const
const inRequestObject = (alg: unknown) =>
  [
    ['par', { requestObject: { header: { alg } } }],
    ['authorization', { requestObject: { header: { alg } } }],
  ] as const
const inProof = (alg: unknown) =>
  [
    ['par', { proof: { header: { alg } } }],
    ['token', { proof: { header: { alg } } }],
    ['resource', { proof: { header: { alg } } }],
  ] as const

const registers = (client: Readonly<Record<string, unknown>>) => ['registration', { client }] as const
const withSecret = (token_endpoint_auth_signing_alg: unknown) =>
  registers({ token_endpoint_auth_method: 'client_secret_jwt', token_endpoint_auth_signing_alg })

const SIGNING_METADATA = [
  'token_endpoint_auth_signing_alg',
  'request_object_signing_alg',
  'id_token_signed_response_alg',
  'userinfo_signed_response_alg',
  'authorization_signed_response_alg',
  'introspection_signed_response_alg',
]
const ENCRYPTION_METADATA = [
  'request_object_encryption_alg',
  'id_token_encrypted_response_alg',
  'userinfo_encrypted_response_alg',
  'authorization_encrypted_response_alg',
  'introspection_encrypted_response_alg',
]

/** Every rule of `serverAlgorithms` reads one setting; the tables are alike but for its name. */
const serverTables = rules.serverAlgorithms(FAPI2_ALGORITHMS).map((rule): RuleTable => {
  const [setting = '', name] = (rule.setting ?? '').split('.')
  return name ? clientDefault(rule, name) : serverList(rule, setting)
})

function serverList(rule: RuleTable['rule'], setting: string): RuleTable {
  const withList = (list: readonly string[], more: object = {}) => ['configuration', { server: { [setting]: list, ...more } }] as const
  const secrets = { token_endpoint_auth_methods_supported: ['private_key_jwt', 'client_secret_jwt'] }
  const hmac = setting === 'token_endpoint_auth_signing_alg_values_supported'
  const says = `must list only ${FAPI2}`
  return {
    rule,
    passes: [
      withList(['PS256', 'ES256', 'EdDSA', 'Ed25519']),
      withList(['ES256']),
      withList([]),
      // Other clients of this server may need the others.
      withList(['PS256', 'RS256', 'HS256'], { exclusive: false }),
      ...(hmac ? [withList(['PS256', 'HS256'], secrets)] : []),
    ],
    breaks: [
      [...withList(['PS256', 'RS256']), says],
      [...withList(['HS256']), says],
      [...withList(['none']), says],
      [...withList(['RS256', 'HS256'], secrets), hmac ? `${says}, HS256` : says],
    ],
  }
}

function clientDefault(rule: RuleTable['rule'], name: string): RuleTable {
  const withDefault = (value: unknown, more: object = {}) =>
    ['configuration', { server: { client_defaults: { [name]: value }, ...more } }] as const
  return {
    rule,
    passes: [...FAPI2_ALGORITHMS.map((alg) => withDefault(alg)), withDefault(undefined), withDefault('RS256', { exclusive: false })],
    breaks: [...REFUSED, ...ODD.slice(1)].map((alg) => [...withDefault(alg), `must be one of ${FAPI2}`] as const),
  }
}

const tables: readonly RuleTable[] = [
  ruleTable(rules.assertionAlgorithms(FAPI1_ALGORITHMS), {
    passes: [...['PS256', 'ES256'].map(inAssertion), ['authentication', { assertion: undefined }]],
    breaks: [...REFUSED, ...ODD, 'EdDSA', 'Ed25519'].map(
      (alg) => [...inAssertion(alg), `the alg of the client assertion must be one of ${FAPI1}`] as const,
    ),
  }),
  ruleTable(rules.assertionAlgorithms(FAPI2_ALGORITHMS), {
    passes: ['PS256', 'ES256', 'EdDSA', 'Ed25519'].map(inAssertion),
    breaks: [...REFUSED, ...ODD].map((alg) => [...inAssertion(alg), `the alg of the client assertion must be one of ${FAPI2}`] as const),
  }),
  ruleTable(rules.requestObjectAlgorithms(FAPI1_ALGORITHMS), {
    passes: [...['PS256', 'ES256'].flatMap(inRequestObject), ['par', { requestObject: undefined }]],
    breaks: [...REFUSED, ...ODD, 'EdDSA', 'Ed25519']
      .flatMap(inRequestObject)
      .map((facts) => [...facts, `the alg of the request object must be one of ${FAPI1}`] as const),
  }),
  ruleTable(rules.requestObjectAlgorithms(FAPI2_ALGORITHMS), {
    passes: ['PS256', 'ES256', 'EdDSA', 'Ed25519'].flatMap(inRequestObject),
    breaks: [...REFUSED, ...ODD]
      .flatMap(inRequestObject)
      .map((facts) => [...facts, `the alg of the request object must be one of ${FAPI2}`] as const),
  }),
  ruleTable(rules.proofAlgorithms(FAPI2_ALGORITHMS), {
    passes: [
      ...['PS256', 'ES256', 'EdDSA', 'Ed25519'].flatMap(inProof),
      ['token', { proof: undefined }],
      ['resource', { proof: undefined }],
    ],
    breaks: [...REFUSED, ...ODD].flatMap(inProof).map((facts) => [...facts, `the alg of the DPoP proof must be one of ${FAPI2}`] as const),
  }),
  ruleTable(rules.registeredAlgorithms(FAPI1_ALGORITHMS), {
    passes: [
      registers({}),
      ...SIGNING_METADATA.flatMap((name) => ['PS256', 'ES256', undefined].map((alg) => registers({ [name]: alg }))),
      withSecret('HS256'),
    ],
    breaks: [
      ...SIGNING_METADATA.flatMap((name) =>
        [...REFUSED, ...ODD.slice(1), 'EdDSA'].map((alg) => [...registers({ [name]: alg }), `${name} must be one of ${FAPI1}`] as const),
      ),
      [
        ...registers({ request_object_signing_alg: 'RS256', id_token_signed_response_alg: 'none' }),
        `request_object_signing_alg, id_token_signed_response_alg must be one of ${FAPI1}`,
      ],
      // A secret signs with HS256 and with nothing else, and signs nothing but assertions.
      ...['none', 'HS384', 'HS512', 'RS256', null].map(
        (alg) => [...withSecret(alg), `token_endpoint_auth_signing_alg must be one of ${FAPI1}`] as const,
      ),
      [
        ...registers({ token_endpoint_auth_method: 'client_secret_jwt', request_object_signing_alg: 'HS256' }),
        `request_object_signing_alg must be one of ${FAPI1}`,
      ],
    ],
  }),
  ruleTable(rules.registeredAlgorithms(FAPI2_ALGORITHMS), {
    passes: SIGNING_METADATA.flatMap((name) => FAPI2_ALGORITHMS.map((alg) => registers({ [name]: alg }))),
    breaks: SIGNING_METADATA.map((name) => [...registers({ [name]: 'RS256' }), `${name} must be one of ${FAPI2}`] as const),
  }),
  ruleTable(rules.noRsa15Encryption, {
    passes: ENCRYPTION_METADATA.flatMap((name) => ['RSA-OAEP', 'RSA-OAEP-256', undefined, null].map((alg) => registers({ [name]: alg }))),
    breaks: [
      ...ENCRYPTION_METADATA.map((name) => [...registers({ [name]: 'RSA1_5' }), `${name} must not be RSA1_5`] as const),
      [
        ...registers({ userinfo_encrypted_response_alg: 'RSA1_5', id_token_encrypted_response_alg: 'RSA1_5' }),
        'id_token_encrypted_response_alg, userinfo_encrypted_response_alg must not be RSA1_5',
      ],
    ],
  }),
  ...serverTables,
]

export const cryptographyTables = tables.map(alsoPublished)
