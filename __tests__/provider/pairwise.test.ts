import { ConfigurationError } from 'express-fapi'
import { pairwiseSubject } from 'express-fapi/provider'
import type { Client, KoaContextWithOIDC } from 'oidc-provider'

const SECRET = 'a secret of thirty-two bytes or more'
const ctx = {} as KoaContextWithOIDC
const of = (sectorIdentifier: string | undefined, secret: string | Uint8Array = SECRET, account = 'alice') =>
  Promise.resolve(pairwiseSubject({ secret })(ctx, account, { clientId: 'tpp', sectorIdentifier } as unknown as Client))

test('a user has one sub in a sector, and another in every other', async () => {
  expect(await of('tpp.example')).toBe(await of('tpp.example'))
  expect(await of('tpp.example')).not.toBe(await of('other.example'))
  expect(await of('tpp.example')).not.toBe(await of('tpp.example', SECRET, 'bob'))
  expect(await of('tpp.example')).not.toBe(await of('tpp.example', `${SECRET}!`))
})

test('it says nothing of the account, and is no longer than 255 characters', async () => {
  expect(await of('tpp.example')).toMatch(/^[\w-]{43}$/)
})

test('sector and account cannot be traded for each other', async () => {
  expect(await of('tpp.example:a', SECRET, 'b')).not.toBe(await of('tpp.example', SECRET, 'a:b'))
})

test('a client without a sector has no sub', async () => {
  await expect(of(undefined)).rejects.toThrow('has no sector')
})

test.each([
  ['text', 'x'.repeat(31)],
  ['bytes', new Uint8Array(31)],
  ['nothing', undefined],
])('a secret that is too short (%s) stops the boot', (_what, secret) => {
  expect(() => pairwiseSubject({ secret: secret as string })).toThrow(ConfigurationError)
})

test.each([
  ['text', 'x'.repeat(32)],
  ['bytes', new Uint8Array(32)],
])('32 bytes are enough (%s)', (_what, secret) => {
  expect(() => pairwiseSubject({ secret })).not.toThrow()
})
