import * as rules from '../../../lib/rules/redirect-uris.js'
import { type RuleTable, ruleTable } from '../support.js'

const NOT_REGISTERED = 'redirect_uri must be one of the registered redirect URIs'
const NOT_HTTPS = 'redirect_uri must be an https URL'

const web = (...redirect_uris: readonly string[]) => ({ client: { application_type: 'web', redirect_uris } })
const native = (...redirect_uris: readonly string[]) => ({ client: { application_type: 'native', redirect_uris } })
/** A request for `redirect_uri` by a client that registered others. */
const asked = (redirect_uri: string, { client }: ReturnType<typeof web>) => ({ params: { redirect_uri }, client })

/** https, in every client and generation. */
const SAFE = [
  'https://app.example/cb',
  'HTTPS://app.example/cb',
  'https://app.example',
  'https://app.example:8443/cb?brand=1',
  // FAPI1-BASE-7.5-2: a fixed https URL on localhost, as used in development, is not meant.
  'https://localhost:8443/cb',
  'https://[2001:db8::1]/cb',
  'https://xn--bcher-kva.example/cb',
]

/** Safe for a native application in FAPI 2.0 and for nobody else. */
const LOOPBACK = ['http://127.0.0.1/cb', 'http://127.0.0.1:49152/cb', 'http://[::1]:49152/cb', 'http://localhost/cb', 'http://localhost:1/']

const UNSAFE = [
  'http://app.example/cb',
  'http://localhost.evil.example/cb',
  'http://127.0.0.1.evil.example/cb',
  'http://localhost@evil.example/cb',
  'http://evil.example/?http://127.0.0.1/',
  'http://127.0.0.2/cb',
  // RFC 8252 §7.1: private-use schemes (FAPI1-BASE-7.5-1).
  'com.example.app:/cb',
  'myapp://cb',
  'javascript:alert(1)',
  'data:text/html,x',
  'urn:ietf:wg:oauth:2.0:oob',
  '//app.example/cb',
  '/cb',
  '*',
  '',
  // In a Location header, browsers read these as paths of the authorization server, or mend them.
  'https:/app.example/cb',
  'https:app.example/cb',
  'https:\\\\app.example/cb',
  'https:///app.example/cb',
  'https://',
  'https://?x',
  ' https://app.example/cb',
  'https://app.exa\nmple/cb',
  'ht\ttps://app.example/cb',
  'httpſ://app.example/cb',
]

const notHttps = (uri: string) => `redirect_uris must be https URLs, ${uri || 'one of them'} is not`

export const redirectUriTables: readonly RuleTable[] = [
  ruleTable(rules.httpsRedirectUris({ nativeLoopback: true }), {
    passes: [
      ...SAFE.flatMap((uri) => [['registration', web(uri)] as const, ['registration', native(uri)] as const]),
      ...LOOPBACK.map((uri) => ['registration', native(uri)] as const),
      ['registration', native('https://app.example/cb', 'http://127.0.0.1/cb', 'http://[::1]/cb')],
      ['registration', web()],
    ],
    breaks: [
      ...UNSAFE.flatMap((uri) => [
        ['registration', web(uri), notHttps(uri)] as const,
        ['registration', native(uri), notHttps(uri)] as const,
      ]),
      ...LOOPBACK.map((uri) => ['registration', web(uri), notHttps(uri)] as const),
      ['registration', web('https://app.example/cb', 'http://app.example/cb', 'https://app.example/b'), notHttps('http://app.example/cb')],
      ['registration', web('http://app.example/1', 'http://app.example/2'), notHttps('http://app.example/1')],
      ['registration', web('https://app.example/cb', 'https://app.example/b', 'http://app.example/c'), notHttps('http://app.example/c')],
    ],
  }),
  ruleTable(rules.httpsRedirectUris({ nativeLoopback: false }), {
    passes: SAFE.flatMap((uri) => [['registration', web(uri)] as const, ['registration', native(uri)] as const]),
    breaks: [...UNSAFE, ...LOOPBACK].flatMap((uri) => [
      ['registration', web(uri), notHttps(uri)] as const,
      ['registration', native('https://app.example/cb', uri), notHttps(uri)] as const,
    ]),
  }),
  ruleTable(rules.httpsRedirectUri({ nativeLoopback: true }), {
    passes: [
      ...SAFE.flatMap((uri) => [['par', asked(uri, web())] as const, ['authorization', asked(uri, native())] as const]),
      ...LOOPBACK.map((uri) => ['par', asked(uri, native())] as const),
      // Its absence is for another rule.
      ['par', { params: { redirect_uri: undefined } }],
    ],
    breaks: [
      ...UNSAFE.flatMap((uri) => [
        ['par', asked(uri, web()), NOT_HTTPS] as const,
        ['authorization', asked(uri, native()), NOT_HTTPS] as const,
      ]),
      ...LOOPBACK.map((uri) => ['par', asked(uri, web()), NOT_HTTPS] as const),
      ['par', { params: { redirect_uri: ['https://app.example/cb'] } }, NOT_HTTPS],
    ],
  }),
  ruleTable(rules.redirectUriGiven, {
    passes: [
      ['par', {}],
      ['authorization', {}],
    ],
    breaks: [undefined, '', [], ['https://app.example/cb', 'https://app.example/cb']].flatMap((redirect_uri) => [
      ['par', { params: { redirect_uri } }, 'redirect_uri is required'] as const,
      ['authorization', { params: { redirect_uri } }, 'redirect_uri is required'] as const,
    ]),
  }),
  ruleTable(rules.redirectUriRegistered, {
    passes: [
      ['par', asked('https://app.example/cb', web('https://app.example/cb'))],
      // Its absence is for another rule.
      ['par', { params: { redirect_uri: undefined } }],
      ['par', asked('https://app.example/cb?brand=1', web('https://app.example/cb?brand=1'))],
      ['authorization', asked('https://b.example/cb', web('https://a.example/cb', 'https://b.example/cb'))],
      ['authorization', asked('http://127.0.0.1:49152/cb', native('http://127.0.0.1/cb'))],
      ['authorization', asked('http://127.0.0.1/cb', native('http://127.0.0.1:8080/cb'))],
      ['authorization', asked('http://127.0.0.1:49152/cb', native('http://127.0.0.1:8080/cb'))],
      ['authorization', asked('http://[::1]:49152/cb?x=1', native('http://[::1]/cb?x=1'))],
      ['authorization', asked('http://localhost:49152/cb', native('https://app.example/cb', 'http://localhost/cb'))],
    ],
    breaks: [
      ...[
        'https://app.example/cb/',
        'https://app.example/cb/more',
        'https://app.example/cb?x=1',
        'https://app.example/cb#x',
        'https://app.example:443/cb',
        'https://app.example/CB',
        'https://APP.example/cb',
        'HTTPS://app.example/cb',
        'http://app.example/cb',
        'https://app.example/x/../cb',
        'https://app.example/c%62',
        ' https://app.example/cb',
        'https://user@app.example/cb',
        'https://аpp.example/cb',
        'x'.repeat(100_000),
        '',
      ].flatMap((uri) => [
        ['par', asked(uri, web('https://app.example/cb')), NOT_REGISTERED] as const,
        ['authorization', asked(uri, native('https://app.example/cb')), NOT_REGISTERED] as const,
      ]),
      ['par', { params: { redirect_uri: ['https://app.example/cb'] } }, NOT_REGISTERED],
      ['par', { params: { redirect_uri: ['https://app.example/cb', 'https://evil.example/cb'] } }, NOT_REGISTERED],
      ['par', web(), NOT_REGISTERED],
      ['par', asked('http://127.0.0.1:49152/cb', web('http://127.0.0.1/cb')), NOT_REGISTERED],
      ['par', asked('http://127.0.0.1:49152/other', native('http://127.0.0.1/cb')), NOT_REGISTERED],
      ['par', asked('http://127.0.0.1:49152/cb#x', native('http://127.0.0.1/cb')), NOT_REGISTERED],
      ['par', asked('http://localhost:49152/cb', native('http://127.0.0.1/cb')), NOT_REGISTERED],
      ['par', asked('http://localhost.evil.example:80/cb', native('http://localhost/cb')), NOT_REGISTERED],
      ['par', asked('http://127.0.0.1.evil.example/cb', native('http://127.0.0.1/cb')), NOT_REGISTERED],
      ['par', asked('http://127.0.0.1:80@evil.example/cb', native('http://127.0.0.1/cb')), NOT_REGISTERED],
      ['par', asked('https://app.example:8443/cb', native('https://app.example/cb')), NOT_REGISTERED],
      // Only the port is free (RFC 8252 §7.3); the rest is still compared character by character.
      ['par', asked('http://127.0.0.1:49152/x/../cb', native('http://127.0.0.1/cb')), NOT_REGISTERED],
      ['par', asked('http://LOCALHOST:49152/cb', native('http://localhost/cb')), NOT_REGISTERED],
    ],
  }),
]
