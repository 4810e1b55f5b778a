import { fapi2Security, profiles } from 'express-fapi'
import { openedConsoles } from './open-console.js'

const open = openedConsoles()

const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
const itemsOf = ({ items }: Record<string, unknown>) => items as readonly Record<string, unknown>[]

describe('profiles', () => {
  test('are listed with how their clauses are settled', async () => {
    const { status, json } = await (await open()).api('/profiles')
    expect(status).toBe(200)
    expect(itemsOf(json).map(({ name }) => name)).toEqual(profiles.map(({ name }) => name))
    for (const [index, { clauses, unchecked, beyond }] of profiles.entries()) {
      const counts = itemsOf(json)[index]?.counts as Readonly<Record<string, number>>
      const { checked = 0, beyond: more, rules = 0, ...settled } = counts
      expect(checked).toBe(Object.keys(clauses).length)
      expect(more).toBe(Object.keys(beyond).length)
      expect(Object.values(settled).reduce((all, one) => all + one, 0)).toBe(Object.keys(unchecked).length)
      expect(rules).toBeGreaterThan(10)
    }
    expect(itemsOf(json)[0]).toMatchObject({ generation: '1.0', mode: 'by client' })
  })

  test('are read clause by clause, in the order of the document', async () => {
    const { json } = await (await open()).api('/profiles/fapi2-security')
    const clauses = json.clauses as readonly Record<string, unknown>[]
    expect(clauses).toHaveLength(Object.keys(fapi2Security.clauses).length + Object.keys(fapi2Security.unchecked).length)
    const names = clauses.map(({ clause }) => clause)
    expect(names.indexOf('FAPI2-SP-5.3.2.1-9')).toBeLessThan(names.indexOf('FAPI2-SP-5.3.2.1-13'))
    expect(clauses.find(({ clause }) => clause === 'FAPI2-SP-5.3.2.2-5')).toMatchObject({
      by: 'rules',
      link: fapi2Security.spec,
      rules: [{ rule: 'pkce-s256', stages: ['par', 'authorization'], mend: expect.stringContaining('code_verifier') }],
    })
    for (const { by, why, rules } of clauses) {
      if (by === 'rules') expect(rules).not.toEqual([])
      else expect([rules, typeof why]).toEqual([[], 'string'])
    }
    expect((json.beyond as unknown[]).length).toBe(Object.keys(fapi2Security.beyond).length)
    expect(json.client_defaults).toEqual(fapi2Security.defaults.client)
  })

  test.each(profiles.map(({ name, title }) => [name, title] as const))('have a page: %s', async (name, title) => {
    const console = await open({ waivers: { 'strong-keys': { reason: 'Old keys' } } })
    const { status, text } = await console.page(`/profiles/${name}`)
    expect(status).toBe(200)
    expect(text).toContain(`<h1>${title}</h1>`)
    expect(text).toContain('Checked by rules')
    expect(text).toContain('<code>strong-keys</code> <span class="badge warning">has a waiver</span>')
    expect(text).toContain('set in code, by the options of the policy')
    expect(text).not.toMatch(/ style=| on\w+="|<form/)
  })

  test.each(['no-such-profile', '__proto__', 'constructor', '%00', '..%2f..', '%F0%9F%98%80'])(
    'there is none of the name %s',
    async (name) => {
      const console = await open()
      expect((await console.api(`/profiles/${name}`)).status).toBe(404)
      expect((await console.page(`/profiles/${name}`)).status).toBe(404)
    },
  )
})

describe('waivers', () => {
  test.each([
    ['without end', undefined, 'in force', undefined],
    ['that ended yesterday', -1, 'expired', 0],
    ['that ends with today', 0, 'expiring', 0],
    ['that ends tomorrow', 1, 'expiring', 1],
    ['that ends in 30 days', 30, 'expiring', 30],
    ['that ends in 31 days', 31, 'in force', 31],
  ])('%s', async (_what, days, state, left) => {
    const until = days === undefined ? {} : { until: day(days) }
    const console = await open({ waivers: { 'pkce-s256': { reason: 'Old apps', clients: ['a', 'b'], ...until } } })
    const [waiver] = itemsOf((await console.api('/waivers')).json)
    expect(waiver).toMatchObject({ rule: 'pkce-s256', reason: 'Old apps', clients: ['a', 'b'], state, ...until })
    expect(waiver?.days_left).toBe(left)
    const { text } = await console.page('/profiles')
    expect(text.includes('Waivers end')).toBe(state !== 'in force')
  })

  test('come with those that end first, and name the profiles that have the rule', async () => {
    const waivers = {
      'strong-keys': { reason: 'for ever' },
      'assertion-audience-is-issuer': { reason: 'later', until: day(60) },
      'pkce-s256': { reason: 'sooner', until: day(10) },
    }
    const items = itemsOf((await (await open({ waivers })).api('/waivers')).json)
    expect(items.map(({ rule }) => rule)).toEqual(['pkce-s256', 'assertion-audience-is-issuer', 'strong-keys'])
    expect(items.map((item) => item.profiles)).toEqual([
      expect.arrayContaining(['fapi2-security', 'fapi1-baseline']),
      ['fapi2-security', 'fapi2-message-signing'],
      profiles.map(({ name }) => name),
    ])
  })

  test('stand at the top of the page, in plain words', async () => {
    const reason = `<script>alert('\u202e🔒')</script>`
    const console = await open({ waivers: { 'pkce-s256': { reason, until: day(3) } } })
    const { status, text } = await console.page('/profiles')
    expect(status).toBe(200)
    expect(text.indexOf('Waivers</h2>')).toBeLessThan(text.indexOf('Coverage</h2>'))
    expect(text).toContain('ends in 3 days')
    expect(text).toContain('&lt;script>alert')
    expect(text).not.toContain('<script>alert')
    expect(text).toContain('cannot be changed here')
    expect((await (await open()).page('/profiles')).text).toContain('No rule is waived')
  })
})

test('somebody without a role sees none of it', async () => {
  const console = await open({ roles: [] })
  for (const path of ['/profiles', '/profiles/fapi2-security', '/verdicts', '/verdicts/one'])
    expect((await console.page(path)).status).toBe(403)
  for (const path of ['/profiles', '/waivers', '/verdicts', '/verdict-tally', '/interactions/one'])
    expect((await console.api(path)).status).toBe(403)
})
