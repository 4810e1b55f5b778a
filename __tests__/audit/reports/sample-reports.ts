import { AREAS, type Area, type Finding, type Report, type Status } from '../../../lib/audit/finding.js'
import type { ExplainedClause } from '../../../lib/core/explanation.js'
import { specificationOf } from '../../../lib/core/specifications.js'

const clauseOf = (clause: string): ExplainedClause => {
  const { title, link } = specificationOf(clause, undefined) ?? {}
  return { clause, specification: title, link }
}

const found = (
  area: Area,
  [id, title, status]: readonly [id: string, title: string, status: Status],
  clauses: readonly string[],
  more: Partial<Finding> = {},
): Finding => ({
  ...{ area, id, rule: id.split('/')[0] ?? id, title, status },
  clauses: clauses.map(clauseOf),
  expected: `${title}.`,
  got: status === 'unjudged' ? 'There was no client to try it with.' : `${title}.`,
  mend: undefined,
  evidence: status === 'unjudged' ? [] : ['GET https://bank.example/.well-known/openid-configuration: 200'],
  ...more,
})

/** A report as an audit of a server that is nearly there makes it: every area, every status. */
export const realistic: Report = {
  issuer: 'https://bank.example',
  profile: {
    name: 'fapi2-security',
    title: 'FAPI 2.0 Security Profile',
    spec: 'https://openid.net/specs/fapi-security-profile-2_0-final.html',
  },
  startedAt: 1_795_392_000,
  took: 12.345,
  version: '0.1.0',
  with: ['a client by private_key_jwt with an ES256 key', 'the API https://api.bank.example/accounts'],
  without: ['a client certificate: --mtls CERT KEY', 'an initial access token: --initial-access-token TOKEN'],
  findings: [
    found('discovery', ['issuer-is-url', 'The issuer of the metadata is the one that was asked for', 'passed'], ['RFC8414-3.3']),
    found('discovery', ['pkce-s256/plain', 'PKCE is offered by S256 alone', 'failed'], ['FAPI2-SP-5.3.2.2-5', 'RFC9700-2.1.1'], {
      expected: 'The server offers PKCE by the method S256, and no other.',
      got: 'code_challenge_methods_supported is ["S256","plain"]',
      mend: 'Offer S256 alone: node-oidc-provider does with pkce: { methods: ["S256"] }, and refuses plain from then on.',
    }),
    found(
      'discovery',
      ['authorization-response-issuer', 'The issuer is announced in authorization responses', 'passed'],
      ['FAPI2-SP-5.3.2.2-7'],
    ),
    found('tls', ['tls-versions/1.1', 'TLS 1.1 is not spoken', 'passed'], ['FAPI2-SP-5.2.1-1'], {
      evidence: ['TLS 1.1 to bank.example:443: refused (protocol version)'],
    }),
    found('tls', ['tls-cipher-suites', 'TLS 1.2 is spoken with recommended cipher suites alone', 'warned'], ['FAPI2-SP-5.2.2-1'], {
      expected: 'With TLS 1.2 only the cipher suites that BCP 195 recommends are permitted.',
      got: 'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA was agreed upon',
      mend: 'Leave only the four GCM suites of RFC 9325 §4.2 in the configuration of whatever ends TLS before the server.',
      evidence: ['TLS 1.2 to bank.example:443 with ECDHE-RSA-AES128-SHA: agreed'],
    }),
    found('registration', ['initial-access-token', 'Nobody registers without an initial access token', 'passed'], ['RFC7591-3']),
    found(
      'registration',
      ['client-authentication-methods', 'A client with a shared secret is refused', 'unjudged'],
      ['FAPI2-SP-5.3.2.1-6'],
      {
        got: 'There was no initial access token to register a client with.',
        mend: 'Give the audit one: --initial-access-token TOKEN.',
      },
    ),
    found('authentication', ['assertion-once', 'A client assertion is taken once', 'failed'], ['RFC7523-3', 'FAPI2-SP-5.3.2.1-7'], {
      expected: 'Each client assertion is used once: a jti that has been seen is refused until the assertion expires.',
      got: 'The same assertion was taken twice, 1 s apart.',
      mend: 'Remember the jti of each assertion until its exp, in a store that all instances share, and mark it in one atomic step.',
      evidence: ['POST https://bank.example/par: 201', 'POST https://bank.example/par: 201, with the same client_assertion'],
    }),
    found('authentication', ['client-certificate', 'A client is known by its certificate', 'unjudged'], ['FAPI2-SP-5.3.2.1-6']),
    found('par', ['pushed-requests', 'Authorization requests are pushed', 'passed'], ['FAPI2-SP-5.3.2.2-3']),
    found('par', ['request-uri-lifetime', 'A request_uri lives less than 600 seconds', 'passed'], ['FAPI2-SP-5.3.2.2-11'], {
      evidence: ['POST https://bank.example/par: 201, expires_in 60'],
    }),
    found('authorization', ['request-uri-known', 'A request_uri of nobody is refused', 'passed'], ['RFC9126-2.2']),
    found('token', ['code-known', 'A code that was never issued is refused', 'passed'], ['RFC6749-5.2']),
    found('dpop', ['dpop-once', 'A DPoP proof is taken once', 'unjudged'], ['RFC9449-11.1']),
    found('dpop', ['dpop-algorithms', 'DPoP proofs are signed by PS256, ES256 or EdDSA', 'passed'], ['FAPI2-SP-5.4.1-1']),
    found('resource', ['token-in-header', 'A token in the URL is refused', 'passed'], ['FAPI2-SP-5.3.4-2'], {
      evidence: ['GET https://api.bank.example/accounts: 401, WWW-Authenticate: DPoP'],
    }),
  ],
}

/** Nothing was tried. */
export const empty: Report = { ...realistic, took: 0, with: [], without: [], findings: [] }

/** Everything that could be judged passed. */
export const compliant: Report = {
  ...realistic,
  without: [],
  findings: realistic.findings.filter(({ status }) => status === 'passed'),
}

/** What an audited server could answer to harm whoever reads the report. */
export const HOSTILE = [
  '<script>window.owned = true</script>',
  '"><img src=x onerror="window.owned = true">',
  "' onmouseover='window.owned = true",
  ']]><failure/>',
  '<!-- --><style>body { display: none }</style>',
  '\x1b[2J\x1b]0;owned\x07\x1b]8;;https://evil.example\x1b\\here\x1b]8;;\x1b\\\x9b31m',
  'first\r\nsecond\u2028third\ttabbed',
  'nul \0 and others \x01\x7f\u0085',
  'user\u202egnp.exe\u2066\u200f',
  'hidden\u200b\u00ad\ufeff\u{e0041}',
  'not characters \ufffe\uffff \ud800 \udc00',
  '[click](https://evil.example) {0} **bold** &amp; &lt; %s %n',
  '汉字漢字かな🎉'.repeat(40),
  `z${'\u0301'.repeat(500)}`,
  'x'.repeat(100_000),
  '',
] as const

/** Each of them everywhere in a finding. */
export const hostile: Report = {
  ...realistic,
  issuer: `https://bank.example/${HOSTILE[0]}\x1b[31m\u202e`,
  profile: { name: HOSTILE[1], title: HOSTILE[0], spec: 'javascript:alert(1)' },
  startedAt: Number.NaN,
  took: Number.POSITIVE_INFINITY,
  with: HOSTILE,
  without: HOSTILE,
  findings: HOSTILE.map((text, index) => ({
    area: (Object.keys(AREAS) as Area[])[index % 9] ?? 'par',
    ...{
      id: `${index}${text}`,
      rule: text,
      title: text || 'empty',
      status: (['failed', 'warned', 'unjudged', 'passed'] as const)[index % 4] ?? 'failed',
    },
    clauses: [
      { clause: text || 'empty', specification: text, link: 'javascript:window.owned=true', why: text },
      { clause: text || 'empty', specification: undefined, link: `https://evil.example/"${text}` },
    ],
    ...{ expected: text, got: text, mend: text, evidence: [text, text] },
  })),
}
