import * as rules from '../../../lib/rules/clients.js'
import { legalFacts } from '../facts.js'
import { type RuleTable, ruleTable } from '../support.js'

type Metadata = Readonly<Record<string, unknown>>

const withMethod = (token_endpoint_auth_method: string) => ['registration', { client: { token_endpoint_auth_method } }] as const
const usesMethod = (token_endpoint_auth_method: string) => ['authentication', { client: { token_endpoint_auth_method } }] as const
const registers = (client: Metadata) => ['registration', { client }] as const
const updates = (client: Metadata, current: Metadata) =>
  ['registration', { client, current: { ...legalFacts.registration.client, ...current } }] as const

const KEY_BASED = ['private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth']
const KEYS = 'private_key_jwt, tls_client_auth, self_signed_tls_client_auth'
const ODD = ['', 'PRIVATE_KEY_JWT', 'private_key_jwt ', 'ｎｏｎｅ', 'constructor']

const wrongMethod = (method: string, allowed: string) =>
  [...withMethod(method), `token_endpoint_auth_method is ${method}, it must be one of ${allowed}`] as const
const NOT_ACCEPTED = 'the authentication method of this client is not accepted'
const bindings = (dpop: boolean, certificate: boolean) => ({
  dpop_bound_access_tokens: dpop,
  tls_client_certificate_bound_access_tokens: certificate,
})

const oneSubject = (given: number) => `exactly one of the tls_client_auth_ subject parameters must be given, ${given} were`
const byCertificate = { token_endpoint_auth_method: 'tls_client_auth' }
const SUBJECTS = ['subject_dn', 'san_dns', 'san_uri', 'san_ip', 'san_email'].map((name) => `tls_client_auth_${name}`)

const SUBJECT_VALUES = [
  ['tls_client_auth_subject_dn', ['CN=app', 'CN=app,O=Bank,C=GB', '2.5.4.97=PSDGB-FCA-1 , CN="a, b"', 'C=#13024252', 'CN=\\#app']],
  ['tls_client_auth_san_dns', ['app.example', 'App.Example', 'localhost', 'xn--bcher-kva.example']],
  ['tls_client_auth_san_uri', ['https://app.example', 'urn:app', 'spiffe://bank.example/app']],
  ['tls_client_auth_san_ip', ['192.0.2.1', '2001:DB8::1', '::ffff:192.0.2.1']],
  ['tls_client_auth_san_email', ['ops@app.example', 'Ops+x@App.Example']],
] as const
const UNREADABLE_SUBJECTS = [
  [
    'tls_client_auth_san_dns',
    'a host name in A-labels, without wildcard and without a final dot',
    ['*.app.example', 'app.example.', 'bücher.example', 'app.example:443', 'https://app.example', 'app\0.example', ' '],
  ],
  ['tls_client_auth_san_uri', 'a URI with its scheme, in ASCII', ['app.example', '//app.example', 'https://bücher.example', 'urn:a b']],
  [
    'tls_client_auth_san_ip',
    'an IPv4 address in four decimal numbers or an IPv6 address',
    ['app.example', '192.0.2.1/32', '192.0.2.01', '[::1]', '1::2::3', '0x7f.1'],
  ],
  ['tls_client_auth_san_email', 'an email address whose domain is in A-labels', ['app.example', '@app.example', 'öps@app.example']],
] as const
const UNREADABLE_NAMES = [
  ['app', 'app is no attribute type that is known by name: write its object identifier (at character 1)'],
  ['CN=app,', 'an attribute type is missing (CN, O, an object identifier, ...) (at character 8)'],
  ['CN=a<b', 'this character must be escaped by a backslash (at character 5)'],
  ['CN=#app', 'after # must stand one DER value in hexadecimal; a # that is a character must be escaped by a backslash (at character 5)'],
  [
    '/C=GB/CN=app',
    'a name with slashes is not in the form of RFC 4514, which begins with the last RDN: CN=...,O=...,C=... (at character 1)',
  ],
  [' ', 'it is empty (at character 1)'],
] as const

const NOT_HTTPS = [
  'http://app.example/jwks',
  'https:/app.example/jwks',
  'ftp://app.example/jwks',
  'file:///etc/passwd',
  '//app.example',
  '',
  ' https://a.example',
]

export const clientTables: readonly RuleTable[] = [
  ruleTable(rules.authenticationMethods(rules.KEY_BASED_METHODS), {
    // Public clients are the business of confidential-clients.
    passes: [...KEY_BASED, 'none'].map(withMethod),
    breaks: ['client_secret_jwt', 'client_secret_basic', 'client_secret_post', ...ODD].map((method) => wrongMethod(method, KEYS)),
  }),
  ruleTable(rules.authenticationMethods(rules.BASELINE_METHODS), {
    passes: [...KEY_BASED, 'client_secret_jwt', 'none'].map(withMethod),
    breaks: ['client_secret_basic', 'client_secret_post', ...ODD].map((method) => wrongMethod(method, `${KEYS}, client_secret_jwt`)),
  }),
  ruleTable(rules.authenticatedBy(rules.KEY_BASED_METHODS), {
    passes: KEY_BASED.map(usesMethod),
    breaks: ['none', 'client_secret_jwt', 'client_secret_basic', 'client_secret_post', ...ODD].map(
      (method) => [...usesMethod(method), NOT_ACCEPTED] as const,
    ),
  }),
  ruleTable(rules.authenticatedBy([...rules.BASELINE_METHODS, 'none']), {
    passes: [...KEY_BASED, 'client_secret_jwt', 'none'].map(usesMethod),
    breaks: ['client_secret_basic', 'client_secret_post', ...ODD].map((method) => [...usesMethod(method), NOT_ACCEPTED] as const),
  }),
  ruleTable(rules.confidentialClients, {
    passes: [...KEY_BASED, 'client_secret_jwt', 'NONE'].map(withMethod),
    breaks: [[...withMethod('none'), 'public clients are not supported: token_endpoint_auth_method must not be none']],
  }),
  ruleTable(rules.httpsKeySets, {
    passes: [
      registers({ jwks_uri: undefined, sector_identifier_uri: undefined }),
      registers({ jwks_uri: 'https://app.example/jwks', sector_identifier_uri: 'https://app.example/sector' }),
      registers({ jwks_uri: 'HTTPS://app.example:8443/jwks?v=1' }),
    ],
    breaks: [
      ...NOT_HTTPS.map((jwks_uri) => [...registers({ jwks_uri }), 'jwks_uri must be an https URL'] as const),
      ...[...NOT_HTTPS, null, 0, ['https://app.example/sector'], {}, { toString: 1, valueOf: 1 }].map(
        (sector_identifier_uri) => [...registers({ sector_identifier_uri }), 'sector_identifier_uri must be an https URL'] as const,
      ),
      [
        ...registers({ jwks_uri: 'http://app.example/jwks', sector_identifier_uri: 'http://app.example/sector' }),
        'jwks_uri, sector_identifier_uri must be an https URL',
      ],
    ],
  }),
  ruleTable(rules.clientResponseTypes(['code']), {
    passes: [registers({ response_types: ['code'] }), registers({ response_types: [] })],
    breaks: [
      ...['code id_token', 'id_token', 'none', 'CODE', '', 'code '].map(
        (type) => [...registers({ response_types: ['code', type] }), `response_types must be among code, ${type} is not`] as const,
      ),
      [...registers({ response_types: ['token', 'code', 'none'] }), 'response_types must be among code, token, none is not'],
    ],
  }),
  ruleTable(rules.clientResponseTypes(['code', 'code id_token']), {
    passes: [registers({ response_types: ['code', 'code id_token', 'id_token code'] })],
    breaks: [
      [
        ...registers({ response_types: ['code id_token token'] }),
        'response_types must be among code, code id_token, code id_token token is not',
      ],
      [...registers({ response_types: ['code', 'id_token'] }), 'response_types must be among code, code id_token, id_token is not'],
    ],
  }),
  ruleTable(rules.certificateBoundClients, {
    passes: [registers(bindings(false, true)), registers(bindings(true, true))],
    breaks: [bindings(false, false), bindings(true, false)].map(
      (flags) => [...registers(flags), 'tls_client_certificate_bound_access_tokens must be true'] as const,
    ),
  }),
  ruleTable(rules.senderConstrainedClients, {
    passes: [registers(bindings(true, false)), registers(bindings(false, true))],
    breaks: [bindings(false, false), bindings(true, true)].map(
      (flags) =>
        [
          ...registers(flags),
          'exactly one of dpop_bound_access_tokens and tls_client_certificate_bound_access_tokens must be true',
        ] as const,
    ),
  }),
  ruleTable(rules.clientsPush, {
    passes: [registers({ require_pushed_authorization_requests: true })],
    breaks: [[...registers({ require_pushed_authorization_requests: false }), 'require_pushed_authorization_requests must be true']],
  }),
  ruleTable(rules.clientsSign, {
    passes: [registers({ require_signed_request_object: true })],
    breaks: [[...registers({ require_signed_request_object: false }), 'require_signed_request_object must be true']],
  }),
  ruleTable(rules.strongSecrets, {
    passes: [
      registers({ token_endpoint_auth_method: 'client_secret_jwt', client_secret: 's'.repeat(32) }),
      // Octets, not characters.
      registers({ token_endpoint_auth_method: 'client_secret_jwt', client_secret: 'é'.repeat(16) }),
      // The server makes one.
      registers({ token_endpoint_auth_method: 'client_secret_jwt', client_secret: undefined }),
      registers({ token_endpoint_auth_method: 'private_key_jwt', client_secret: 'short' }),
    ],
    breaks: ['s'.repeat(31), 'é'.repeat(15), ''].map(
      (client_secret) =>
        [
          ...registers({ token_endpoint_auth_method: 'client_secret_jwt', client_secret }),
          'client_secret must have at least 32 octets',
        ] as const,
    ),
  }),
  ruleTable(rules.noWeakening, {
    passes: [
      ['registration', { current: undefined, client: { ...bindings(false, false), require_signed_request_object: false } }],
      updates({}, {}),
      // From one binding to the other, and from none to one.
      updates(bindings(false, true), bindings(true, false)),
      updates(bindings(true, false), bindings(false, false)),
      updates({ require_signed_request_object: true }, { require_signed_request_object: false }),
      updates(
        { ...bindings(false, false), require_pushed_authorization_requests: false },
        { ...bindings(false, false), require_pushed_authorization_requests: false },
      ),
      // Signs by another of its two registrations.
      updates({ request_object_signing_alg: 'PS256' }, { request_object_signing_alg: 'ES256' }),
      updates({ request_object_signing_alg: 'PS256' }, {}),
      updates({ response_modes: ['query.jwt'] }, { response_modes: ['jwt'] }),
      updates({ response_modes: ['query'] }, { response_modes: undefined }),
      updates({ response_modes: ['query'] }, { response_modes: ['jwt', 'query'] }),
    ],
    breaks: [
      [
        ...updates({ require_signed_request_object: false }, { require_signed_request_object: false, request_object_signing_alg: 'PS256' }),
        'this client was registered to sign its requests and must stay so',
      ],
      ...[['query'], ['jwt', 'query']].map(
        (response_modes) =>
          [
            ...updates({ response_modes }, { response_modes: ['jwt'] }),
            'this client was registered for signed responses and must stay so',
          ] as const,
      ),
      [...updates({ require_pushed_authorization_requests: false }, {}), 'require_pushed_authorization_requests was true and must stay so'],
      [...updates({ require_signed_request_object: false }, {}), 'require_signed_request_object was true and must stay so'],
      [
        ...updates({ require_pushed_authorization_requests: false, require_signed_request_object: false }, {}),
        'require_pushed_authorization_requests, require_signed_request_object was true and must stay so',
      ],
      [...updates(bindings(false, false), bindings(true, false)), 'access tokens of this client were bound to a key and must stay so'],
      [...updates(bindings(false, false), bindings(false, true)), 'access tokens of this client were bound to a key and must stay so'],
    ],
  }),
  ruleTable(rules.exactlyOneCertificateSubject, {
    passes: [
      ...SUBJECTS.map((name) => registers({ ...byCertificate, [name]: 'x' })),
      registers({ token_endpoint_auth_method: 'private_key_jwt' }),
      registers({ token_endpoint_auth_method: 'self_signed_tls_client_auth' }),
    ],
    breaks: [
      [...registers(byCertificate), oneSubject(0)],
      [...registers({ ...byCertificate, tls_client_auth_subject_dn: 'CN=app', tls_client_auth_san_dns: 'app.example' }), oneSubject(2)],
      [...registers({ ...byCertificate, ...Object.fromEntries(SUBJECTS.map((name) => [name, 'x'])) }), oneSubject(5)],
    ],
  }),
  ruleTable(rules.readableCertificateSubject, {
    passes: [
      ...SUBJECT_VALUES.flatMap(([name, values]) => values.map((value) => registers({ ...byCertificate, [name]: value }))),
      registers(byCertificate),
      // How many there are is the business of exactly-one-certificate-subject.
      registers({ ...byCertificate, tls_client_auth_subject_dn: 'CN=app', tls_client_auth_san_dns: 'app.example' }),
      // Other methods read none of them.
      ...['private_key_jwt', 'self_signed_tls_client_auth'].map((token_endpoint_auth_method) =>
        registers({ token_endpoint_auth_method, tls_client_auth_subject_dn: 'app', tls_client_auth_san_ip: {} }),
      ),
    ],
    breaks: [
      ...UNREADABLE_SUBJECTS.flatMap(([name, form, values]) =>
        values.map((value) => [...registers({ ...byCertificate, [name]: value }), `${name} must be ${form}`] as const),
      ),
      ...UNREADABLE_NAMES.map(
        ([tls_client_auth_subject_dn, why]) =>
          [
            ...registers({ ...byCertificate, tls_client_auth_subject_dn }),
            `tls_client_auth_subject_dn must be a distinguished name as RFC 4514 writes it: ${why}`,
          ] as const,
      ),
      ...SUBJECTS.flatMap((name) =>
        [null, '', 0, true, [], ['CN=app'], {}, { toString: 1, valueOf: 1 }, Symbol('x'), 10n].map(
          (value) => [...registers({ ...byCertificate, [name]: value }), `${name} must be a string that is not empty`] as const,
        ),
      ),
      [
        ...registers({ ...byCertificate, tls_client_auth_subject_dn: 'CN=app', tls_client_auth_san_ip: 'app.example' }),
        'tls_client_auth_san_ip must be an IPv4 address in four decimal numbers or an IPv6 address',
      ],
    ],
  }),
]
