import { ConfigurationError } from '../../lib/core/errors.js'
import type { Client } from '../../lib/core/facts.js'
import { createPolicy } from '../../lib/core/policy.js'
import type { PolicyOptions } from '../../lib/core/policy-options.js'
import { fapi1Advanced, fapi2Security, profiles } from '../../lib/profiles/index.js'
import { legalFacts } from '../rules/facts.js'
import { brokenRule, clientNamed, profileOf } from './support.js'

const { token } = legalFacts
const one = profileOf('one', { '1.1': [brokenRule('a')] })
const two = profileOf('two', { '2.2': [brokenRule('a'), brokenRule('b')] })

describe('createPolicy refuses', () => {
  const waivers = (value: unknown) => ({ profile: fapi2Security, waivers: { 'pkce-s256': value } })
  const choose = () => undefined

  const faults: readonly (readonly [options: unknown, ...options: string[]])[] = [
    [{ profile: undefined }, 'profile'],
    [{ profile: 'fapi2-security' }, 'profile'],
    [{ profile: {} }, 'profile'],
    [{ profile: fapi2Security, choose }, 'profile'],
    [{ profiles: [], choose }, 'profiles'],
    [{ profiles: fapi2Security, choose }, 'profiles'],
    [{ profiles: [undefined], choose }, 'profiles'],
    [{ profiles: [fapi2Security, undefined], choose }, 'profiles'],
    [{ profiles: ['fapi2-security'], choose }, 'profiles'],
    [{ choose }, 'profiles'],
    [{ profiles: [fapi2Security] }, 'choose'],
    [{ profiles: [fapi2Security], choose: fapi2Security }, 'choose'],
    [{}, 'profiles', 'choose'],
    [{ profile: fapi2Security, mode: 'off' }, 'mode'],
    [{ profile: fapi2Security, mode: null }, 'mode'],
    [{ profile: fapi2Security, waivers: { 'no-such-rule': { reason: 'OPS-1' } } }, 'waivers.no-such-rule'],
    [{ profile: fapi2Security, waivers: { constructor: { reason: 'OPS-1' } } }, 'waivers.constructor'],
    // A rule, but of another profile.
    [{ profile: fapi2Security, waivers: { 'code-needs-jarm': { reason: 'OPS-1' } } }, 'waivers.code-needs-jarm'],
    // What a journal calls a refusal of the server itself, and what only an audit sees.
    [{ profile: fapi2Security, waivers: { 'assertion-once': { reason: 'OPS-1' } } }, 'waivers.assertion-once'],
    [{ profile: fapi2Security, waivers: { 'tls-versions': { reason: 'OPS-1' } } }, 'waivers.tls-versions'],
    [waivers({ reason: '' }), 'waivers.pkce-s256.reason'],
    [waivers({ reason: ' \n' }), 'waivers.pkce-s256.reason'],
    [waivers({ reason: 5 }), 'waivers.pkce-s256.reason'],
    [waivers({}), 'waivers.pkce-s256.reason'],
    [waivers('because'), 'waivers.pkce-s256.reason'],
    [waivers(true), 'waivers.pkce-s256.reason'],
    [waivers(null), 'waivers.pkce-s256.reason'],
    [waivers(undefined), 'waivers.pkce-s256.reason'],
    ...['2027-6-1', '01.06.2027', '2027-13-01', '2027-06-01T00:00:00Z', 'soon', '', 1_800_000_000, new Date(0), null].map(
      (until) => [waivers({ reason: 'OPS-1', until }), 'waivers.pkce-s256.until'] as const,
    ),
    ...['partner-10', [1], [''], {}, null].map((clients) => [waivers({ reason: 'OPS-1', clients }), 'waivers.pkce-s256.clients'] as const),
    // A rule about the server: it has no client to go by.
    [{ profile: fapi2Security, waivers: { 'par-required': { reason: 'OPS-1', clients: ['app'] } } }, 'waivers.par-required.clients'],
    [{ profile: 5, mode: 'off', waivers: { x: {} } }, 'profile', 'mode', 'waivers.x'],
    [
      { ...waivers({ reason: '', until: 'soon', clients: 'a' }), mode: 'off' },
      ...['mode', 'waivers.pkce-s256.reason', 'waivers.pkce-s256.until', 'waivers.pkce-s256.clients'],
    ],
  ]

  test.each(faults)('%j, naming everything that is wrong', (options, ...wrong) => {
    const create = () => createPolicy(options as PolicyOptions)
    expect(create).toThrow(ConfigurationError)
    expect(create).toThrow(expect.objectContaining({ code: 'ERR_FAPI_CONFIGURATION' }))
    expect(faultsOf(create)).toEqual([...wrong].sort())
  })

  test.each(profiles.map((profile) => [profile.name, profile] as const))('nothing about %s alone', (_name, profile) => {
    expect(createPolicy({ profile })).toMatchObject({ exclusive: true, mode: 'enforce', profiles: [profile], waivers: {} })
  })
})

describe('nobody can change a policy', () => {
  test('by the options it was made with, which it does not write to', () => {
    const waivers: Record<string, { reason: string }> = { a: { reason: 'OPS-1' } }
    const list = [one, two]
    const choose = (_client: Client): typeof two | undefined => two
    const options = { profiles: list, choose, waivers }
    const policy = createPolicy(options)
    const before = { ...options, profiles: [...list], waivers: structuredClone(waivers) }
    expect(options).toEqual(before)

    waivers.b = { reason: '' }
    if (waivers.a) waivers.a.reason = ''
    options.choose = () => undefined
    list.push(fapi1Advanced)
    const verdict = policy.decide('token', token)
    expect(verdict?.violations.map(({ waived }) => waived)).toEqual(['OPS-1', undefined])
    expect(policy.profiles).toEqual([one, two])
    expect(policy.waivers).toEqual({ a: { reason: 'OPS-1' } })
  })

  test('by another profile in its place', () => {
    const options = { profile: two }
    const policy = createPolicy(options)
    options.profile = one
    expect(policy.decide('token', token)?.profile).toBe('two')
    expect(policy.profileOf(clientNamed('x'))).toBe(two)
  })

  test('by what can be read off it', () => {
    const policy = createPolicy({ profile: one, waivers: { a: { reason: 'OPS-1', clients: ['x'] } } })
    for (const value of [policy, policy.profiles, policy.waivers, policy.waivers.a]) expect(Object.isFrozen(value)).toBe(true)
    expect(Object.isFrozen(policy.decide('token', token))).toBe(true)
  })

  test('which takes frozen options', () => {
    const options = Object.freeze({ profile: one, waivers: Object.freeze({ a: Object.freeze({ reason: 'OPS-1' }) }) })
    expect(createPolicy(options).decide('token', token)?.rejection).toBeUndefined()
  })
})

function faultsOf(work: () => unknown): readonly string[] {
  try {
    work()
    return []
  } catch (error) {
    return error instanceof ConfigurationError ? error.faults.map(({ option }) => option).sort() : [`${error}`]
  }
}
