import { calculateJwkThumbprint } from 'jose'
import { metadataDiff, shownValue } from '../../lib/console/metadata-diff.js'
import { mintKey } from '../support/keys.js'

const EC = mintKey('ES256', 'ec')
const ED = mintKey('EdDSA', 'ed')
const base = { client_id: 'app', redirect_uris: ['https://app.example/cb'], token_endpoint_auth_method: 'private_key_jwt' }

test.each([
  ['nothing', base, structuredClone(base), []],
  ['the order of members', { a: { x: 1, y: [1] } }, { a: { y: [1], x: 1 } }, []],
  ['a member that says nothing', base, { ...base, scope: undefined }, []],
  ['an added field', base, { ...base, scope: 'openid' }, [{ field: 'scope', after: 'openid', kind: 'added' }]],
  ['a removed field', { ...base, scope: 'openid' }, base, [{ field: 'scope', before: 'openid', kind: 'removed' }]],
  ['a changed flag', { x: true }, { x: false }, [{ field: 'x', before: true, after: false, kind: 'changed' }]],
  ['false and absent', {}, { x: false }, [{ field: 'x', after: false, kind: 'added' }]],
  [
    'a list',
    { redirect_uris: ['https://a.example', 'https://b.example'] },
    { redirect_uris: ['https://b.example', 'https://c.example'] },
    [
      {
        field: 'redirect_uris',
        before: ['https://a.example', 'https://b.example'],
        after: ['https://b.example', 'https://c.example'],
        kind: 'changed',
        items: { added: ['https://c.example'], removed: ['https://a.example'] },
      },
    ],
  ],
  [
    'the order of a list',
    { response_modes: ['jwt', 'query'] },
    { response_modes: ['query', 'jwt'] },
    [
      {
        ...{ field: 'response_modes', before: ['jwt', 'query'], after: ['query', 'jwt'], kind: 'changed' },
        items: { added: [], removed: [] },
      },
    ],
  ],
  [
    'a list that came',
    {},
    { contacts: ['a@b.c'] },
    [{ field: 'contacts', after: ['a@b.c'], kind: 'added', items: { added: ['a@b.c'], removed: [] } }],
  ],
  ['a list that was none', { contacts: 'a' }, { contacts: ['a'] }, [{ field: 'contacts', before: 'a', after: ['a'], kind: 'changed' }]],
  [
    'a secret',
    { client_secret: 'one' },
    { client_secret: 'two' },
    [{ field: 'client_secret', before: '[hidden]', after: '[hidden]', kind: 'changed' }],
  ],
  ['a token', {}, { registration_access_token: 'x' }, [{ field: 'registration_access_token', after: '[hidden]', kind: 'added' }]],
])('%s', (_what, before, after, expected) => {
  expect(metadataDiff(before, after)).toEqual(expected)
})

test('fields come in one order, whatever order they were written in', () => {
  const after = { zeta: 1, alpha: 1, token_endpoint_auth_method: 'none', jwks_uri: 'https://a.example', client_name: 'A' }
  const backwards = Object.fromEntries(Object.entries(after).reverse())
  const names = metadataDiff({}, after).map(({ field }) => field)
  expect(names).toEqual(['client_name', 'jwks_uri', 'token_endpoint_auth_method', 'alpha', 'zeta'])
  expect(metadataDiff({}, backwards).map(({ field }) => field)).toEqual(names)
})

test('keys are named by kid and thumbprint', async () => {
  const [difference] = metadataDiff({ jwks: { keys: [EC.publicJwk] } }, { jwks: { keys: [EC.publicJwk, ED.publicJwk] } })
  const ed = `ed (OKP Ed25519 sig), thumbprint ${await calculateJwkThumbprint(ED.publicJwk)}`
  const ec = `ec (EC P-256 sig), thumbprint ${await calculateJwkThumbprint(EC.publicJwk)}`
  expect(difference).toEqual({ field: 'jwks', before: [ec], after: [ec, ed], kind: 'changed', items: { added: [ed], removed: [] } })
})

test('the thumbprint of RSA is that of RFC 7638', async () => {
  const rsa = mintKey('PS256', 'rsa').publicJwk
  expect(String(shownValue('jwks', { keys: [rsa] }))).toContain(await calculateJwkThumbprint(rsa))
})

test.each([
  ['in the key set', { jwks: { keys: [EC.privateJwk] } }],
  ['deeper', { other: { jwks: [{ keys: [EC.privateJwk] }] } }],
  ['of a symmetric key', { other: { kty: 'oct', k: String(EC.privateJwk.d) } }],
  ['as a secret of another name', { other: { some_secret: String(EC.privateJwk.d) } }],
  ['in a key set that is none', { jwks: [EC.privateJwk] }],
])('what is private is never shown: %s', (_where, metadata) => {
  for (const shown of [metadataDiff({}, metadata), metadataDiff(metadata, {}), metadataDiff(metadata, { x: 1 })]) {
    expect(JSON.stringify(shown)).not.toContain(EC.privateJwk.d)
    expect(JSON.stringify(shown)).toContain('[hidden]')
  }
})

test.each([
  ['constructor', { constructor: 'x' }],
  ['__proto__', JSON.parse('{"__proto__":{"x":1}}')],
  ['toString', { toString: 'x' }],
])('a field named %s is one like the others', (field, metadata) => {
  expect(metadataDiff({}, metadata)).toMatchObject([{ field, kind: 'added' }])
  expect(metadataDiff(metadata, {})).toMatchObject([{ field, kind: 'removed' }])
})

test('a key that changes only its certificate is shown with it', () => {
  const of = (der: string) => ({ jwks: { keys: [{ ...EC.publicJwk, x5c: [der] }] } })
  const [difference] = metadataDiff(of('AAAA'), of('BBBB'))
  expect(difference?.items?.added).toHaveLength(1)
  expect(difference?.before).not.toEqual(difference?.after)
})
