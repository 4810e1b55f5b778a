import * as rules from '../../../lib/rules/token-requests.js'
import { ISSUER, NOW, PAR_ENDPOINT, shownCertificate, TOKEN_ENDPOINT, certificate as x509 } from '../facts.js'
import { type RuleTable, ruleTable } from '../support.js'

const NO_CERTIFICATE = 'a client certificate is required to bind the access token to'
const NO_HOLDER = 'a DPoP proof or a client certificate is required to bind the access token to'
const TWO_BINDINGS = 'access tokens of this client are bound to its certificate: a DPoP proof must not be sent'
const NOT_RECENT = 'iat of the DPoP proof is not recent enough'
const WRONG_RECIPIENT = 'htu of the DPoP proof is not an endpoint of this server'
const UNBOUND = 'the access token is not bound to a key of its holder'
const NO_THUMBPRINT = 'the access token is not bound to the certificate of its holder'

const bound = { tls_client_certificate_bound_access_tokens: true }
const unbound = { tls_client_certificate_bound_access_tokens: false }
const certificate = shownCertificate(x509)
const shown = { certificate, headers: { dpop: undefined } }
const nothing = { certificate: undefined, headers: { dpop: undefined } }

const withProof = (claims: Readonly<Record<string, unknown>>) =>
  [
    ['par', { proof: { claims } }],
    ['token', { proof: { claims } }],
    ['resource', { proof: { claims } }],
  ] as const
const wrongProof = (claims: Readonly<Record<string, unknown>>, says = NOT_RECENT) =>
  withProof(claims).map((facts) => [...facts, says] as const)

/** The same `cnf` in a token about to be issued and in one presented. Nothing of the legal `cnf` is left but what is said here. */
const withCnf = (cnf: { readonly jkt?: string; readonly 'x5t#S256'?: string }) => {
  const whole = { jkt: undefined, 'x5t#S256': undefined, ...cnf }
  return [
    ['issuance', { cnf: whole }],
    ['resource', { token: { claims: { cnf: whole } } }],
  ] as const
}

export const tokenRequestTables: readonly RuleTable[] = [
  ruleTable(rules.noPasswordGrant, {
    passes: ['authorization_code', 'refresh_token', 'client_credentials', undefined, ''].map(
      (grant_type) => ['token', { params: { grant_type } }] as const,
    ),
    breaks: [['token', { params: { grant_type: 'password' } }, 'the password grant is not supported']],
  }),
  ruleTable(rules.certificateAtTokenRequest, {
    passes: [['token', { client: bound, wire: shown }]],
    breaks: [
      ['token', { client: bound, wire: nothing }, NO_CERTIFICATE],
      ['token', { client: bound, wire: { certificate: undefined } }, NO_CERTIFICATE],
      // The certificate is there, but the token would not be bound to it.
      ['token', { client: unbound, wire: shown }, NO_CERTIFICATE],
    ],
  }),
  ruleTable(rules.holderAtTokenRequest, {
    passes: [
      ['token', {}],
      ['token', { client: bound, wire: shown }],
      ['token', { client: bound, wire: { certificate } }],
    ],
    breaks: [
      ['token', { wire: nothing }, NO_HOLDER],
      ['token', { wire: { headers: { dpop: '' } } }, NO_HOLDER],
      ['token', { client: bound, wire: nothing }, NO_HOLDER],
      ['token', { client: unbound, wire: shown }, NO_HOLDER],
    ],
  }),
  ruleTable(rules.oneBinding, {
    passes: [
      ['token', { client: bound, wire: shown }],
      ['token', { client: bound, wire: { certificate, headers: { dpop: '' } } }],
      ['token', { client: unbound }],
    ],
    breaks: [
      ['token', { client: bound }, TWO_BINDINGS],
      ['token', { client: bound, wire: { certificate } }, TWO_BINDINGS],
    ],
  }),
  ruleTable(rules.proofClock(60, 240), {
    passes: [
      ...withProof({ iat: NOW }),
      ...withProof({ iat: NOW + 8 }),
      ...withProof({ iat: NOW + 60 }),
      ...withProof({ iat: NOW - 10 }),
      ...withProof({ iat: NOW - 240 }),
      // A proof with a nonce is as fresh as its nonce.
      ...withProof({ iat: NOW - 3600, nonce: 'from the server' }),
      ...withProof({ iat: NOW + 3600, nonce: 'from the server' }),
      ['token', { proof: undefined }],
    ],
    breaks: [
      ...wrongProof({ iat: NOW + 61 }),
      ...wrongProof({ iat: NOW + 60.5 }),
      ...wrongProof({ iat: NOW - 241 }),
      ...wrongProof({ iat: NOW - 3600 }),
      ...wrongProof({ iat: NOW + 3600 }),
      ...wrongProof({ iat: 0 }),
      ...['1800000000', null, [NOW], {}].flatMap((iat) => wrongProof({ iat })),
      // Only a nonce that says something can date a proof: the server underneath reads an empty one as none.
      ...['', null, 0, false, [], {}].flatMap((nonce) => wrongProof({ iat: NOW + 200, nonce })),
    ],
  }),
  ruleTable(rules.proofRecipient, {
    passes: [
      ...[TOKEN_ENDPOINT, PAR_ENDPOINT, `${TOKEN_ENDPOINT}?x=1`, `${TOKEN_ENDPOINT}#x`].flatMap((htu) => withProof({ htu })),
      ...withProof({ htu: TOKEN_ENDPOINT.replace('https://as.bank.example', 'HTTPS://AS.BANK.EXAMPLE:443') }),
      ['token', { recipient: { endpoints: [`${TOKEN_ENDPOINT}?x=1`] } }],
      ['token', { proof: undefined }],
    ],
    breaks: [
      ...[
        ...[undefined, null, '', 5, {}, [TOKEN_ENDPOINT], 'nonsense', '/token'],
        ...[ISSUER, `${TOKEN_ENDPOINT}/`, `${ISSUER}/Token`, `${ISSUER}:8443/token`, 'http://as.bank.example/token'],
        ...['https://evil.example/token', 'https://as.bank.example.evil.example/token', 'https://as.bank.example@evil.example/token'],
      ].flatMap((htu) => wrongProof({ htu }, WRONG_RECIPIENT)),
      ['token', { recipient: { endpoints: [] } }, WRONG_RECIPIENT],
      ['token', { recipient: { endpoints: ['nowhere'] }, proof: { claims: { htu: 'nonsense' } } }, WRONG_RECIPIENT],
    ],
  }),
  ruleTable(rules.senderConstrainedTokens, {
    passes: [...withCnf({ jkt: 'a thumbprint' }), ...withCnf({ 'x5t#S256': 'a thumbprint' }), ...withCnf({ jkt: 'a', 'x5t#S256': 'b' })],
    breaks: [
      ...withCnf({}).map((facts) => [...facts, UNBOUND] as const),
      ...withCnf({ jkt: '' }).map((facts) => [...facts, UNBOUND] as const),
      ...withCnf({ 'x5t#S256': '' }).map((facts) => [...facts, UNBOUND] as const),
      ['resource', { token: { scheme: 'bearer', claims: { cnf: undefined } } }, UNBOUND],
    ],
  }),
  ruleTable(rules.certificateBoundTokens, {
    passes: [...withCnf({ 'x5t#S256': 'a thumbprint' }), ...withCnf({ jkt: 'a', 'x5t#S256': 'b' })],
    breaks: [
      ...withCnf({}).map((facts) => [...facts, NO_THUMBPRINT] as const),
      ...withCnf({ jkt: 'a thumbprint' }).map((facts) => [...facts, NO_THUMBPRINT] as const),
      ...withCnf({ 'x5t#S256': '' }).map((facts) => [...facts, NO_THUMBPRINT] as const),
      ['resource', { token: { scheme: 'bearer', claims: { cnf: undefined } } }, NO_THUMBPRINT],
    ],
  }),
]
