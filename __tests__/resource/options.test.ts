import {
  ConfigurationError,
  createPolicy,
  fapi2Security,
  fromTls,
  memoryStore,
  type Policy,
  type ProtectOptions,
  protect,
} from 'express-fapi'
import { fakeIssuer } from 'express-fapi/testing'

const policy = createPolicy({ profile: fapi2Security })
const issuer = fakeIssuer()
const opaque = { issuer: 'https://opaque.example', audience: 'api', tokens: async () => undefined }
const owned = { ...opaque, owns: () => true }
const store = memoryStore()
const RIGHT: ProtectOptions = { issuers: issuer, publicUrl: 'https://api.example', certificate: fromTls(), store }

/** `wrong` and `right` may be of any kind: this is what JavaScript could say. */
type Wrong = readonly [option: RegExp, wrong: Readonly<Record<string, unknown>>, right: Partial<ProtectOptions>]

const URLS: readonly unknown[] = [
  ...[undefined, null, 5, '', 'api.example', '/v1', 'http://api.example', 'ftp://api.example', 'https://', 'https:/api.example'],
  ...['https://api.example?x=1', 'https://api.example#x', 'https://API.example', 'https://api.example:443', 'https://api.example/a/../b'],
  ...[' https://api.example', 'https://api.example\n', [], [undefined], ['https://api.example', 'http://api.example'], {}],
  ...['https://user@api.example', 'https://user:password@api.example'],
]

const wrongs: readonly Wrong[] = [
  ...URLS.map((publicUrl): Wrong => [/^publicUrl$/, { publicUrl }, { publicUrl: ['https://api.example/', 'https://api.example:8443/v1'] }]),
  ...[undefined, null, 'tls', {}].map((certificate): Wrong => [/^certificate$/, { certificate }, { certificate: () => undefined }]),
  ...[undefined, null, {}, new Map(), { once: true }].map((store): Wrong => [/^store$/, { store }, { store: { once: async () => true } }]),
  ...[null, '', 'on', 'ALWAYS', true, 5, ['always']].map((nonce): Wrong => [/^nonce$/, { nonce }, { nonce: 'off' }]),
  ...[undefined, null, 'a secret of more than thirty-two characters', new Uint8Array(31), [], new ArrayBuffer(32)].map(
    (nonceSecret): Wrong => [/^nonceSecret$/, { nonce: 'always', nonceSecret }, { nonce: 'on-skew', nonceSecret: new Uint8Array(32) }],
  ),
  ...[null, '', 'x', 'http://api.example', 5].map(
    (resourceMetadata): Wrong => [/^resourceMetadata$/, { resourceMetadata }, { resourceMetadata: 'https://api.example/x' }],
  ),
  ...[undefined, null, 'https://as.example', 5, []].map((issuers): Wrong => [/^issuers$/, { issuers }, { issuers: [issuer] }]),
  ...[null, undefined, 'https://as.example'].map((one): Wrong => [/^issuers/, { issuers: [issuer, one] }, { issuers: [issuer, owned] }]),
  ...[undefined, '', 5, null, {}].map(
    (name): Wrong => [/issuer$/, { issuers: { ...issuer, issuer: name } }, { issuers: { ...issuer, issuer: 'https://as.example' } }],
  ),
  ...[undefined, '', [], [''], 5, ['a', null]].map(
    (audience): Wrong => [/audience$/, { issuers: { ...issuer, audience } }, { issuers: { ...issuer, audience: ['a', 'b'] } }],
  ),
  [/^issuers/, { issuers: { issuer: 'x', audience: 'y' } }, { issuers: opaque }],
  [/^issuers/, { issuers: { ...issuer, keys: issuer.jwks } }, { issuers: { ...issuer, keys: issuer.keys } }],
  [/^issuers/, { issuers: { ...opaque, tokens: new Map() } }, { issuers: opaque }],
  [/^issuers/, { issuers: { ...opaque, owns: 'red_' } }, { issuers: owned }],
  [/^issuers/, { issuers: { ...issuer, policy: fapi2Security } }, { issuers: { ...issuer, policy } }],
  [/^issuers/, { issuers: { ...issuer, clientOf: new Map() } }, { issuers: { ...issuer, clientOf: () => undefined } }],
  [
    /owns$/,
    { issuers: [owned, { ...opaque, issuer: 'https://second.example' }] },
    { issuers: [owned, { ...owned, issuer: 'https://second.example' }] },
  ],
  [/^issuers$/, { issuers: [issuer, issuer] }, { issuers: [issuer, { ...issuer, issuer: 'https://second.example' }] }],
]

const shown = (value: object) => JSON.stringify(value, (_key, one) => (typeof one === 'function' ? 'a function' : one)).slice(0, 100)

test.each(wrongs.map(([option, wrong, right], index) => [index, shown(wrong), { option, wrong, right }] as const))(
  'number %d, %s, stops the boot and is named',
  (_index, _shown, { option, wrong, right }) => {
    const made = () => protect(policy, { ...RIGHT, ...wrong } as unknown as ProtectOptions)
    expect(made).toThrow(ConfigurationError)
    expect(made).toThrow(expect.objectContaining({ faults: [expect.objectContaining({ option: expect.stringMatching(option) })] }))
    expect(protect(policy, { ...RIGHT, ...right })).toBeInstanceOf(Function)
  },
)

test.each([undefined, null, {}, fapi2Security])('a policy that is none, %#, stops the boot and is named', (wrong) => {
  expect(() => protect(wrong as unknown as Policy, RIGHT)).toThrow(ConfigurationError)
})

test.each([undefined, null, 5])('no options at all, %p, stop the boot', (options) => {
  expect(() => protect(policy, options as unknown as ProtectOptions)).toThrow(ConfigurationError)
})

test('everything wrong is named at once', () => {
  const options = { issuers: undefined, publicUrl: 'x', certificate: undefined, store: undefined, nonce: 'x', resourceMetadata: 'x' }
  const made = () => protect(policy, options as unknown as ProtectOptions)
  expect(made).toThrow(/publicUrl[\s\S]*certificate[\s\S]*store[\s\S]*nonce[\s\S]*resourceMetadata[\s\S]*issuers/)
})

test('a secret is not in what is said of it', () => {
  const nonceSecret = Buffer.from('hunter2')
  expect(() => protect(policy, { ...RIGHT, nonce: 'always', nonceSecret })).toThrow(/^(?!.*(hunter2|104|aHVudGVyMg))/s)
})

test('options are not changed, and changing them later changes nothing', () => {
  const urls = Object.freeze(['https://api.example'])
  expect(protect(policy, Object.freeze({ ...RIGHT, publicUrl: urls, issuers: Object.freeze([issuer]) }))).toBeInstanceOf(Function)
})
