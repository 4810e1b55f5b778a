import * as rules from '../../../lib/rules/transport.js'
import { NOW } from '../facts.js'
import { type RuleTable, ruleTable } from '../support.js'

type Changes = Readonly<Record<string, unknown>>
const at = (listener: Changes) => ['tls', { listener }] as const
const broken = (listener: Changes, says: string) => ['tls', { listener }, says] as const
const ciphers = (...some: readonly string[]) => ({ ciphers: some.map((suite) => `TLS_${suite}`) })
const lasting = (days: number) => ({ expires: NOW + days * 86_400 })
const strict = (strictTransportSecurity: string | undefined) => ({ strictTransportSecurity })

const ECDHE = ciphers('ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'ECDHE_RSA_WITH_AES_256_GCM_SHA384')
const DHE = ciphers('DHE_RSA_WITH_AES_128_GCM_SHA256')
const CHACHA = ciphers('ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256')
const STATIC_RSA = ciphers('RSA_WITH_AES_128_GCM_SHA256')
const CBC = ciphers('ECDHE_RSA_WITH_AES_256_CBC_SHA384')
const TRIPLE = ciphers('ECDHE_RSA_WITH_3DES_EDE_CBC_SHA')
const CCM = ciphers('ECDHE_ECDSA_WITH_AES_128_CCM')

const NOT_ALLOWED = 'which are not allowed for TLS 1.2'
const DEPRECATED = 'which BCP 195 advises against'

const deprecated = (asks: 'shall' | 'should') =>
  ruleTable(rules.tlsCiphersUndeprecated(asks), {
    passes: [ECDHE, CHACHA, CBC, CCM, ciphers(), ciphers('RSA_WITH_NULL_SHA')].map(at),
    breaks: [
      broken(DHE, `accepts TLS_DHE_RSA_WITH_AES_128_GCM_SHA256, ${DEPRECATED}`),
      broken(STATIC_RSA, `accepts TLS_RSA_WITH_AES_128_GCM_SHA256, ${DEPRECATED}`),
      broken(TRIPLE, `accepts TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA, ${DEPRECATED}`),
      broken(ciphers('ECDH_RSA_WITH_AES_128_GCM_SHA256'), `accepts TLS_ECDH_RSA_WITH_AES_128_GCM_SHA256, ${DEPRECATED}`),
    ],
  })

const hsts = (asks: 'shall' | 'should') =>
  ruleTable(rules.strictTransportSecurity(asks), {
    passes: [
      ...['max-age=31536000', 'includeSubDomains; max-age=1', 'Max-Age="300" ; preload', 'max-age=00010'].map((one) => at(strict(one))),
      at({ ...strict(undefined), browsers: false }),
    ],
    breaks: [
      broken(strict(undefined), 'answers browsers without Strict-Transport-Security'),
      broken(strict(''), 'answers browsers without Strict-Transport-Security'),
      ...['max-age=0', 'max-age=', 'max-age', 'includeSubDomains', 'x-max-age=5', 'max-age=-1', 'max-age=1e9', 'max-age=000'].map((one) =>
        broken(strict(one), 'Strict-Transport-Security must have a max-age above 0'),
      ),
    ],
  })

export const transportTables: readonly RuleTable[] = [
  ruleTable(rules.tlsVersions, {
    passes: [
      at({}),
      at({ versions: ['TLSv1.3'], refusedVersions: ['TLSv1', 'TLSv1.1', 'TLSv1.2'] }),
      at({ versions: ['TLSv1.2'], refusedVersions: [] }),
      // Nothing is known.
      at({ versions: [], refusedVersions: [] }),
      at({ versions: [], refusedVersions: ['TLSv1.2'] }),
    ],
    breaks: [
      broken({ versions: ['TLSv1', 'TLSv1.1', 'TLSv1.2'] }, 'accepts TLS 1.0 and TLS 1.1, only TLS 1.2 and TLS 1.3 may be accepted'),
      broken({ versions: ['TLSv1.1', 'TLSv1.3'] }, 'accepts TLS 1.1, only TLS 1.2 and TLS 1.3 may be accepted'),
      broken({ versions: ['SSLv3'] }, 'accepts SSL 3.0, only TLS 1.2 and TLS 1.3 may be accepted'),
      broken({ versions: [], refusedVersions: ['TLSv1.2', 'TLSv1.3'] }, 'accepts neither TLS 1.2 nor TLS 1.3'),
    ],
  }),
  ruleTable(rules.tls13Offered, {
    passes: [at({}), at({ versions: ['TLSv1.2'], refusedVersions: [] })],
    breaks: [broken({ versions: ['TLSv1.2'], refusedVersions: ['TLSv1.3'] }, 'refuses TLS 1.3')],
  }),
  ruleTable(rules.tls13Preferred, {
    passes: [at({}), at({ versions: ['TLSv1.2'], preferred: 'TLSv1.2' }), at({ preferred: undefined })],
    breaks: [broken({ preferred: 'TLSv1.2' }, 'chooses TLS 1.2 although TLS 1.3 is offered and accepted')],
  }),
  ruleTable(rules.tlsCiphers(rules.FAPI1_SUITES), {
    passes: [at(ECDHE), at(DHE), at(ciphers()), at({ ...CBC, clients: false })],
    breaks: [
      broken(CHACHA, `accepts TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, ${NOT_ALLOWED}`),
      broken(CBC, `accepts TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384, ${NOT_ALLOWED}`),
      broken(ciphers('ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'), `accepts TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, ${NOT_ALLOWED}`),
    ],
  }),
  ruleTable(rules.tlsCiphers(rules.FAPI2_SUITES), {
    passes: [at(ECDHE), at(CHACHA), at(ciphers('ECDHE_ECDSA_WITH_AES_256_GCM_SHA384')), at({ ...CBC, clients: false })],
    breaks: [
      broken(DHE, `accepts TLS_DHE_RSA_WITH_AES_128_GCM_SHA256, ${NOT_ALLOWED}`),
      broken(CCM, `accepts TLS_ECDHE_ECDSA_WITH_AES_128_CCM, ${NOT_ALLOWED}`),
      broken(
        { ciphers: Array.from({ length: 9 }, (_, index) => `S${index}`) },
        `accepts S0, S1, S2, S3, S4, S5 and 3 more, ${NOT_ALLOWED}`,
      ),
    ],
  }),
  ruleTable(rules.tlsCiphersUnbroken, {
    passes: [ECDHE, DHE, CHACHA, STATIC_RSA, CBC, TRIPLE, CCM].map(at),
    breaks: [
      'RSA_WITH_NULL_SHA256',
      'DH_anon_WITH_AES_128_GCM_SHA256',
      'RSA_EXPORT_WITH_DES40_CBC_SHA',
      'ECDHE_RSA_WITH_RC4_128_SHA',
      'RSA_EXPORT_WITH_RC2_CBC_40_MD5',
      'DHE_RSA_WITH_DES_CBC_SHA',
      'RSA_WITH_IDEA_CBC_SHA',
    ].map((suite) => broken({ ciphers: [...ECDHE.ciphers, `TLS_${suite}`] }, `accepts TLS_${suite}, which are broken`)),
  }),
  deprecated('shall'),
  deprecated('should'),
  ruleTable(rules.serverCertificateTrusted, {
    passes: [at({})],
    breaks: [broken({ untrusted: 'it signs itself' }, 'the certificate is not accepted: it signs itself')],
  }),
  ruleTable(rules.serverCertificateLasting, {
    passes: [at(lasting(14)), at({ expires: undefined })],
    breaks: [
      broken(lasting(13.99), 'the certificate expires in 13 days'),
      broken(lasting(1), 'the certificate expires in 1 day'),
      broken(lasting(0), 'the certificate expires within a day'),
      broken(lasting(-0.1), 'the certificate has expired'),
    ],
  }),
  hsts('shall'),
  hsts('should'),
  ruleTable(rules.noPlainHttp, {
    passes: [at({ plain: 'nothing' }), at({ plain: 'redirect' }), at({ plain: undefined })],
    breaks: [broken({ plain: 'content' }, 'serves content over plain http')],
  }),
]
