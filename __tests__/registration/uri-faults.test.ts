import { metadataFaults } from '../../lib/registration/metadata-faults.js'
import { honest, hybrid, ofLength, type Row, testRows, uris } from './metadata-rows.js'

const native = (uri: string) => ({ application_type: 'native', redirect_uris: [uri] })

function numbered(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `https://tpp.example/${index}`)
}

const REDIRECT_URIS: readonly Row[] = [
  ['none', uris(), 'redirect_uris must name at least one URI', uris('https://tpp.example/cb')],
  [
    'left out',
    { redirect_uris: undefined },
    'redirect_uris must name at least one URI',
    { ...uris(), grant_types: ['client_credentials'], response_types: [] },
  ],
  [
    'null',
    { redirect_uris: null },
    'redirect_uris must name at least one URI',
    { redirect_uris: null, grant_types: ['client_credentials'], response_types: [] },
  ],
  ['no URI', uris('cb'), 'cb in redirect_uris must be an absolute URI', uris('https://tpp.example/cb')],
  ['a path', uris('/cb'), 'must be an absolute URI', uris('https://tpp.example/cb')],
  ['without scheme', uris('//tpp.example/cb'), 'must be an absolute URI', uris('https://tpp.example')],
  ['without host', uris('https:/cb'), 'must name a host behind ://', uris('https://cb')],
  ['a fragment', uris('https://tpp.example/cb#x'), 'must have no fragment', uris('https://tpp.example/cb?x=1')],
  ['an empty fragment', uris('https://tpp.example/cb#'), 'must have no fragment', uris('https://tpp.example/cb?')],
  ['any host', uris('https://*.tpp.example/cb'), 'must have no wildcard', uris('https://a.tpp.example/cb')],
  ['any host, encoded', uris('https://%2a.tpp.example/cb'), 'must have no wildcard', uris('https://a.tpp.example/cb')],
  ['any path', uris('https://tpp.example/*'), 'must have no wildcard', uris('https://tpp.example/cb?x=*')],
  ['a user', uris('https://me@tpp.example/cb'), 'must have no user name or password', uris('https://tpp.example/@cb')],
  ['a password', uris('https://me:hunter2@tpp.example/cb'), 'must have no user name or password', uris('https://tpp.example/cb?a@b')],
  ['no user', uris('https://@tpp.example/cb'), 'must have no user name or password', uris('https://tpp.example/cb')],
  ...[' ', '\n', '\0', '\t', '\\', 'é', '😀', '<', '"', '\u202e', '\ud800', '%', '%zz'].map(
    (character): Row => [
      `the character ${JSON.stringify(character)}`,
      uris(`https://tpp.example/c${character}b`),
      'must have only the characters of a URI',
      uris(`https://tpp.example/c%20b`),
    ],
  ),
  ['a backslash for a host', uris('https://tpp.example\\@evil.example'), 'must have only the characters', uris('https://tpp.example/cb')],
  ...[
    'javascript:alert(1)',
    'JavaScript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'blob:https://tpp.example/x',
    'file:///etc/passwd',
  ].flatMap((uri): Row[] => [
    [uri, uris(uri), `must not have the scheme ${uri.split(':')[0]?.toLowerCase()}:`, uris('https://tpp.example/cb')],
    [`${uri}, native`, native(uri), 'must not have the scheme', native('com.example.app:/cb')],
  ]),
  ['a scheme of its own', uris('com.example.app:/cb'), 'must be an https URL: schemes of its own', native('com.example.app:/cb')],
  ['a scheme that is no domain', native('myapp:/cb'), 'or have a scheme made of a domain name', native('com.example.app:/cb')],
  ['http of a native application', native('http://10.0.0.1/cb'), 'an http URL of a loopback address', native('http://127.0.0.1/cb')],
  ['http of what begins like loopback', native('http://127.0.0.1.evil.example/cb'), 'loopback', native('http://[::1]:8080/cb')],
  [
    'http with implicit',
    { ...hybrid, ...uris('http://tpp.example/cb') },
    'because grant_types has implicit',
    uris('http://tpp.example/cb'),
  ],
  [
    'localhost with implicit',
    { ...hybrid, ...uris('https://localhost/cb') },
    'because grant_types has implicit',
    uris('https://localhost/cb'),
  ],
  [
    'one twice',
    uris('https://tpp.example/cb', 'https://tpp.example/cb'),
    'only once',
    uris('https://tpp.example/cb', 'https://tpp.example/CB'),
  ],
  ['101', uris(...numbered(101)), 'redirect_uris has 101 URIs, at most 100 are taken', uris(...numbered(100))],
  ['2001 characters', uris(ofLength(2001)), 'must have at most 2000 characters', uris(ofLength(2000))],
  ['a bad one last', uris('https://tpp.example/cb', 'x'), 'x in redirect_uris must be an absolute URI', uris('https://tpp.example/cb')],
]

const ADDRESSES: readonly Row[] = [
  ...['client_uri', 'logo_uri', 'policy_uri', 'tos_uri', 'client_uri#de', 'frontchannel_logout_uri', 'backchannel_logout_uri'].flatMap(
    (name): Row[] =>
      [
        'javascript:alert(1)',
        'data:image/png,x',
        'tpp.example',
        'https:/tpp.example',
        'https://tpp.example\\x',
        'https://a b/',
        '//tpp.example',
        'https://tpp.example/\n',
      ].map((uri) => [
        `${name} ${JSON.stringify(uri)}`,
        { [name]: uri },
        `${name} must be an http or https URL`,
        { [name]: 'http://tpp.example/é?a#b' },
      ]),
  ),
  [
    'client_uri with a user',
    { client_uri: 'https://bank.example@tpp.example/' },
    'must have no user name or password',
    { client_uri: 'https://tpp.example/@bank.example' },
  ],
  [
    'client_uri of 2001 characters',
    { client_uri: ofLength(2001) },
    'client_uri must have at most 2000 characters',
    { client_uri: ofLength(2000) },
  ],
  ...['sector_identifier_uri', 'initiate_login_uri', 'backchannel_client_notification_endpoint'].map(
    (name): Row => [
      `${name} over http`,
      { [name]: 'http://tpp.example/x' },
      `${name} must be an https URL`,
      { [name]: 'https://tpp.example/x' },
    ],
  ),
  [
    'jwks_uri over http',
    { jwks: undefined, jwks_uri: 'http://tpp.example/x' },
    'jwks_uri must be an https URL',
    { jwks: undefined, jwks_uri: 'https://tpp.example/x' },
  ],
  [
    'request_uris that are none',
    { request_uris: ['urn:x'] },
    'urn:x in request_uris must be an http or https URL',
    { request_uris: ['https://tpp.example/r#hash'] },
  ],
  [
    'post_logout_redirect_uris with a script',
    { post_logout_redirect_uris: ['javascript:x'] },
    'in post_logout_redirect_uris must not have the scheme',
    { post_logout_redirect_uris: ['com.example.app:/bye', 'https://tpp.example/bye#x'] },
  ],
  [
    'pairwise with two hosts',
    { subject_type: 'pairwise', ...uris('https://a.example/cb', 'https://b.example/cb') },
    'sector_identifier_uri is required',
    { subject_type: 'pairwise', ...uris('https://a.example/cb', 'https://b.example/cb'), sector_identifier_uri: 'https://a.example/s' },
  ],
  [
    'pairwise with no host',
    { subject_type: 'pairwise', ...native('com.example.app:/cb') },
    'sector_identifier_uri is required',
    { subject_type: 'public', ...native('com.example.app:/cb') },
  ],
  [
    'pairwise with two hosts, one of them in capitals',
    { subject_type: 'pairwise', ...uris('https://a.example/1', 'https://A.example/2', 'https://a.example.org/') },
    'sector_identifier_uri is required',
    { subject_type: 'pairwise', ...uris('https://a.example/1', 'https://A.example/2') },
  ],
]

describe('redirect URIs', () => testRows(REDIRECT_URIS))
describe('other addresses', () => testRows(ADDRESSES))

test.each(REDIRECT_URIS)('redirect_uris, %s: the error is invalid_redirect_uri', (_what, refused) => {
  expect(metadataFaults({ ...honest, ...refused })[0]?.error).toBe('invalid_redirect_uri')
})
