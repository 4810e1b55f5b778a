import { randomUUID } from 'node:crypto'
import type { Store, Verdict } from 'express-fapi'
import { render } from 'preact-render-to-string'
import { ByRule, lengthOf, OverTime } from '../../lib/console/pages/charts.js'
import { bucketFor, type VerdictTally } from '../../lib/console/verdict-tallies.js'
import { later } from '../support/clock.js'
import { clientOf, type Judged, type OpenConsole, openedConsoles, push, wireOf } from './open-console.js'

const open = openedConsoles()
const now = () => Math.floor(Date.now() / 1000)

/** The clients of the verdicts that the API finds, newest first. */
const found = async (console: OpenConsole, query: Readonly<Record<string, string>> = {}): Promise<readonly unknown[]> =>
  itemsOf((await console.api(`/verdicts?${new URLSearchParams(query)}`)).json).map(({ client }) => client)

const itemsOf = ({ items }: Record<string, unknown>) => items as readonly Record<string, unknown>[]

/** Of each outcome, at other times. */
async function someVerdicts(): Promise<OpenConsole> {
  const console = await open({ reported: ['reported'] })
  const judged: readonly Judged[] = [
    { client: 'old', ago: 7200 },
    { client: 'refused', ago: 60, interaction: 'b1b6bd1a-6e4a-4b62-a86e-5bdee8c1a0d2' },
    { client: 'reported', ago: 50 },
    { client: 'passed', ago: 40, wrong: false },
  ]
  for (const one of judged) push(console, one)
  console.policy.note({
    stage: 'token',
    client: clientOf('noted'),
    wire: undefined,
    error: 'invalid_grant',
    description: 'The Code is old',
  })
  return console
}

describe('verdicts are found', () => {
  test.each<[Readonly<Record<string, string>>, readonly string[]]>([
    [{}, ['noted', 'reported', 'refused', 'old']],
    [{ outcome: 'refused' }, ['noted', 'refused', 'old']],
    [{ outcome: 'broken' }, ['reported']],
    [{ outcome: 'passed' }, ['passed']],
    [{ outcome: 'all' }, ['noted', 'passed', 'reported', 'refused', 'old']],
    [{ client: 'old' }, ['old']],
    [{ client: 'ol' }, []],
    [{ rule: 'grant-valid' }, ['noted']],
    [{ rule: 'pkce-s256' }, ['reported', 'refused', 'old']],
    [{ rule: 'no-such-rule' }, []],
    [{ interaction: 'b1b6bd1a-6e4a-4b62-a86e-5bdee8c1a0d2' }, ['refused']],
    [{ search: 'the code IS' }, ['noted']],
    [{ search: 'the code is not' }, []],
    [{ rule: 'pkce-s256', outcome: 'broken' }, ['reported']],
  ])('by the API: %j', async (query, clients) => {
    expect(await found(await someVerdicts(), query)).toEqual(clients)
  })

  test('by time, of which both ends belong to it', async () => {
    const console = await someVerdicts()
    const from = String(now() - 60)
    expect(await found(console, { from })).toEqual(['noted', 'reported', 'refused'])
    expect(await found(console, { from: String(now() - 59) })).toEqual(['noted', 'reported'])
    expect(await found(console, { from, until: from })).toEqual(['refused'])
  })

  test.each([
    ['?hours=1', ['refused', 'reported', 'noted'], ['old', 'passed']],
    ['', ['old', 'refused', 'reported', 'noted'], ['passed']],
    ['?outcome=passed', ['passed'], ['refused', 'old']],
    ['?rule=grant-valid', ['noted'], ['refused']],
    ['?client=%20refused%20', ['refused'], ['noted']],
  ])('by the page: %s', async (query, shown, hidden) => {
    const { status, text } = await (await someVerdicts()).page(`/verdicts${query}`)
    expect(status).toBe(200)
    for (const client of shown) expect(text).toContain(`href="/console/applications/${client}"`)
    for (const client of hidden) expect(text).not.toContain(`href="/console/applications/${client}"`)
  })

  test('by a moment as browsers send it, in UTC', async () => {
    const console = await someVerdicts()
    const moment = (ago: number) => new Date((now() - ago) * 1000).toISOString().slice(0, 16)
    const { text } = await console.page(`/verdicts?from=${moment(7260)}&until=${moment(7000)}`)
    expect(text).toContain('/applications/old"')
    expect(text).not.toContain('/applications/refused"')
    expect(text).toContain(`value="${moment(7260)}"`)
  })

  test('of one request, whenever it was', async () => {
    const console = await open()
    const interaction = randomUUID()
    push(console, { interaction, ago: 90 * 86_400 })
    expect((await console.page(`/verdicts?interaction=${interaction}`)).text).toContain('/applications/app"')
    expect((await console.page(`/verdicts?interaction=${interaction}&hours=1`)).text).not.toContain('/applications/app"')
  })
})

describe('what is no filter is refused, and what would be right is said', () => {
  /** What no test need print. */
  const long = (query: string) => query.replace('LONG', '%F0%9F%98%80'.repeat(1000))
  const wrong: readonly (readonly [query: string, said: string])[] = [
    ['from=abc', 'from must be'],
    ['from=-1', 'from must be'],
    ['from=1e3', 'from must be'],
    ['from=999999999999', 'from must be'],
    ['until=0x10', 'until must be'],
    ['from=20&until=10', 'from must not be after until'],
    ['client=LONG', 'client must be'],
    ['search=LONG', 'search must be'],
    ['cursor=Zm9v', 'cursor must be'],
    ['cursor=LONG', 'cursor must be'],
    [`cursor=${Buffer.from(JSON.stringify([{ outcome: 'refused', skip: 1e9 }])).toString('base64url')}`, 'cursor must be'],
    [`cursor=${Buffer.from('[null]').toString('base64url')}`, 'cursor must be'],
    ['outcome=REFUSED', 'outcome must be'],
    ['outcome=__proto__', 'outcome must be'],
  ]

  test.each<readonly [query: string, said: string]>([
    ...wrong,
    ['limit=0', 'limit must be'],
    ['limit=201', 'limit must be'],
    ['rule=%20', 'rule must be'],
    ['client=a&client=b', 'client must be there once'],
    ['client[]=a', 'there is no parameter'],
    ['nonsense=1', 'there is no parameter nonsense'],
  ])('by the API: %s', async (query, said) => {
    const { status, json } = await (await open()).api(`/verdicts?${long(query)}`)
    expect([status, json.error]).toEqual([400, 'invalid_request'])
    expect(json.error_description).toContain(said)
  })

  test.each(wrong)('by the page: %s', async (query, said) => {
    const { status, text } = await (await open()).page(`/verdicts?${long(query)}`)
    expect(status).toBe(400)
    expect(text).toContain('role="alert"')
    expect(text).toContain(said)
    expect(text).toContain('name="client"')
  })

  test.each([
    ['hours=0', 'hours must be'],
    ['hours=1.5', 'hours must be'],
    ['hours=99999999', 'hours must be'],
    ['outcome=refused', 'there is no parameter outcome'],
    ['from=4102444800', 'from must not be in the future'],
  ])('where verdicts are counted: %s', async (query, said) => {
    const { status, json } = await (await open()).api(`/verdict-tally?${query}`)
    expect(status).toBe(400)
    expect(json.error_description).toContain(said)
  })

  test('what is there twice on a page is not there', async () => {
    expect((await (await open()).page('/verdicts?from=abc&from=def')).status).toBe(200)
  })

  test.each(['%00', '%F0%9F%94%92', '%E2%80%AEevil', "'%20OR%201=1--", '%25', '*', '('])(
    'what is only strange finds nothing: %s',
    async (text) => {
      const console = await open()
      for (const name of ['client', 'rule', 'interaction', 'search']) {
        const { status, json } = await console.api(`/verdicts?${name}=x${text}`)
        expect([status, json.items]).toEqual([200, []])
        expect((await console.page(`/verdicts?${name}=x${text}`)).status).toBe(200)
      }
    },
  )
})

describe('paging', () => {
  /** All that pages of that size have, each shown once. */
  async function allOf(console: OpenConsole, limit: number, query = '', between?: () => void): Promise<readonly unknown[]> {
    const clients: unknown[] = []
    for (let cursor: unknown, first = true; first || cursor !== undefined; first = false) {
      const { json } = await console.api(`/verdicts?limit=${limit}${query}${cursor === undefined ? '' : `&cursor=${cursor}`}`)
      expect(itemsOf(json).length).toBeLessThanOrEqual(limit)
      clients.push(...itemsOf(json).map(({ client }) => client))
      cursor = json.cursor
      between?.()
    }
    return clients
  }

  /** Refused, let pass and passed by turns that differ. */
  async function manyVerdicts() {
    const reported = Array.from({ length: 60 }, (_, index) => `c${index}`).filter((_, index) => index % 3 === 1 || index > 50)
    const console = await open({ reported })
    for (let index = 0; index < 60; index++) push(console, { client: `c${index}`, ago: 100 - index, wrong: index % 5 !== 0 })
    const wanted = Array.from({ length: 60 }, (_, index) => `c${index}`).filter((_, index) => index % 5 !== 0)
    return { console, wanted: wanted.reverse() }
  }

  test.each([1, 2, 7, 10, 47, 48, 50, 200])('with %d on a page each verdict comes once, newest first', async (limit) => {
    const { console, wanted } = await manyVerdicts()
    expect(await allOf(console, limit)).toEqual(wanted)
  })

  test('what comes meanwhile moves nothing', async () => {
    const { console, wanted } = await manyVerdicts()
    expect(await allOf(console, 5, '', () => push(console, { client: 'later' }))).toEqual(wanted)
  })

  test('a page may be smaller than the one before', async () => {
    const { console, wanted } = await manyVerdicts()
    const first = (await console.api('/verdicts?limit=10')).json
    const second = (await console.api(`/verdicts?limit=3&cursor=${first.cursor}`)).json
    expect([...itemsOf(first), ...itemsOf(second)].map(({ client }) => client)).toEqual(wanted.slice(0, 13))
  })

  test('of one outcome', async () => {
    const { console } = await manyVerdicts()
    expect((await allOf(console, 5, '&outcome=passed')).length).toBe(12)
    expect((await allOf(console, 7, '&outcome=all')).length).toBe(60)
  })

  test('a page leads to the next with its filter, and back', async () => {
    const console = await open()
    for (let index = 59; index >= 0; index--) push(console, { interaction: `i${index}`, ago: index })
    const first = await console.page('/verdicts?client=app&hours=1')
    const next = /href="\/console(\/verdicts\?[^"]*cursor=[^"]*)" rel="next"/.exec(first.text)?.[1]?.replaceAll('&amp;', '&') ?? ''
    expect(next).toContain('client=app&hours=1')
    expect(first.text).toContain('/verdicts/i0"')
    expect(first.text).not.toContain('/verdicts/i50"')
    const second = await console.page(next)
    expect(second.text).toContain('/verdicts/i50"')
    expect(second.text).not.toContain('/verdicts/i49"')
    expect(second.text).toContain('href="/console/verdicts?client=app&amp;hours=1">First page')
    expect(second.text).not.toContain('rel="next"')
  })
})

describe('why somebody was rejected', () => {
  test('is told of each verdict of the request, oldest first', async () => {
    const console = await open({ waivers: { 'pkce-s256': { reason: 'Until the app is new', clients: ['waived'] } } })
    const interaction = randomUUID()
    push(console, { interaction, wrong: false })
    push(console, { interaction })
    push(console, { interaction, client: 'waived' })
    push(console, { interaction: randomUUID(), client: 'somebody-else' })
    const { json } = await console.api(`/interactions/${interaction}`)
    const verdicts = json.verdicts as readonly Record<string, unknown>[]
    expect(verdicts.map(({ outcome }) => outcome)).toEqual(['passed', 'refused', 'broken'])
    expect(json.more).toBe(false)

    const { status, text } = await console.page(`/verdicts/${interaction}`)
    expect(status).toBe(200)
    const told = [
      'Refused: Pushed authorization request, invalid_request',
      'Authorization requests carry a PKCE challenge made with S256.',
      'code_challenge is required',
      'How to mend it',
      'Waived because',
      'Until the app is new',
      'FAPI 2.0 Security Profile',
      'href="https://openid.net/specs/fapi-security-profile-2_0-final.html" rel="noopener noreferrer">FAPI2-SP-5.3.2.2-5<',
      'href="/console/applications/waived"',
    ]
    for (const one of told) expect(text).toContain(one)
    expect(text).not.toContain('somebody-else')
  })

  test.each([
    ['what passed', { wrong: false }, 'Everything that was judged held'],
    ['what report mode let pass', { client: 'reported' }, 'Once they are enforced, this is refused'],
  ])('says of %s that it was not refused', async (_what, judged, said) => {
    const console = await open({ reported: ['reported'] })
    push(console, { ...judged, interaction: 'one' })
    expect((await console.page('/verdicts/one')).text).toContain(said)
  })

  test('is found by the search field, and by an id in capitals', async () => {
    const console = await open()
    const interaction = randomUUID()
    push(console, { interaction })
    const { status, location } = await console.page(`/verdicts?explain=%20${interaction.toUpperCase()}%20`)
    expect([status, location]).toEqual([303, `/console/verdicts/${interaction.toUpperCase()}`])
    const { status: shown, text } = await console.page(`/verdicts/${interaction.toUpperCase()}`)
    expect(shown).toBe(200)
    expect(text).toContain(`<code>${interaction}</code>`)
  })

  test('where nothing is known, says what to look at', async () => {
    const console = await open()
    const { status, text } = await console.page(`/verdicts/${randomUUID()}`)
    expect(status).toBe(404)
    expect(text).toContain('Verdicts are kept for as long as the journal')
    expect((await console.api(`/interactions/${randomUUID()}`)).json.verdicts).toEqual([])
  })

  test('shows the newest of a client that sends one id for ever', async () => {
    const console = await open()
    for (let index = 0; index < 250; index++) push(console, { interaction: 'always', client: `c${index}`, ago: 250 - index })
    const { json } = await console.api('/interactions/always')
    const clients = (json.verdicts as readonly { readonly client: string }[]).map(({ client }) => client)
    expect([clients.length, clients[0], clients.at(-1), json.more]).toEqual([200, 'c50', 'c249', true])
    expect((await console.page('/verdicts/always')).text).toContain('There are more verdicts under this id')
  })

  test.each(['%20', 'x'.repeat(301)])('refuses what cannot be an id: %s', async (id) => {
    const console = await open()
    expect((await console.api(`/interactions/${id}`)).status).toBe(400)
    expect((await console.page(`/verdicts/${id}`)).status).toBe(400)
  })

  test('what cannot be asked for is looked for nowhere', async () => {
    const { status, location } = await (await open()).page('/verdicts?explain=..')
    expect([status, location]).toEqual([200, null])
  })
})

describe('what strangers wrote into a verdict is text', () => {
  const MARKUP = `"'><script>alert(1)</script><img src=x onerror=alert(1)>`
  const SCRIPT = /<script(?! type="module" src="\/console\/assets\/console.js">)/
  const strange = [
    MARKUP,
    '\u202ereversed',
    'ein \ud83d\udd12 Schloß',
    '\ud800 half',
    'a\0b',
    '..',
    '.',
    '../../keys',
    'javascript:alert(1)',
    '%2e%2e',
  ]

  test.each(strange)('%j', async (text) => {
    const console = await open({ waivers: { 'pkce-s256': { reason: MARKUP, clients: ['waived'] } } })
    const noted = { error: text, description: text, detail: `${text} more`, rule: text }
    console.policy.note({ stage: 'par', client: clientOf(text), wire: wireOf(text), ...noted })
    console.policy.note({ stage: 'par', client: clientOf(text), wire: wireOf('well-known'), ...noted })
    push(console, { client: 'waived', interaction: 'well-known' })
    for (const path of ['/verdicts', '/verdicts?outcome=all', '/verdicts/well-known']) {
      const { status, text: shown } = await console.page(path)
      expect(status).toBe(200)
      expect(shown).not.toMatch(SCRIPT)
      expect(shown).not.toMatch(/<img|href="javascript:|href="\/console\/(?:verdicts|applications)\/\.*"/)
    }
    expect(await found(console)).toHaveLength(3)
  })

  test.each(strange.filter((text) => !/[\0\ud800]/.test(text) && !/^\.+$/.test(text)))('and its link leads to it: %j', async (text) => {
    const console = await open()
    push(console, { client: 'somebody', interaction: text })
    const link = /href="\/console(\/verdicts\/[^"]+)"/.exec((await console.page('/verdicts')).text)?.[1] ?? ''
    const { status, text: shown } = await console.page(link)
    expect(status).toBe(200)
    expect(shown).toContain('somebody')
  })

  test.each([MARKUP, '<b>'])('what is typed into the page is text as well: %j', async (text) => {
    const console = await open()
    for (const name of ['client', 'rule', 'outcome', 'interaction', 'search', 'from', 'until', 'hours', 'cursor']) {
      const { text: shown } = await console.page(`/verdicts?${name}=${encodeURIComponent(text)}`)
      expect(shown).not.toMatch(SCRIPT)
      expect(shown).not.toMatch(/<img|<b>/)
    }
    expect((await console.page(`/verdicts/${encodeURIComponent(text)}`)).text).not.toMatch(SCRIPT)
  })
})

test('what belongs to no request is explained where it is listed', async () => {
  const console = await open()
  push(console)
  push(console, { interaction: 'one' })
  const { text } = await console.page('/verdicts')
  expect(text).toContain('href="/console/verdicts/one"')
  expect(text).toContain('href="#verdict-2"')
  expect(text.match(/<section class="panel" id="verdict-2">.*/)?.[0]).toContain('code_challenge is required')
  expect(text).not.toContain('id="verdict-1"')
})

test('an entry that no version writes does not break a page', async () => {
  const console = await open()
  const odd: unknown[] = [
    { at: now(), violations: [] },
    { at: 1e300, stage: {}, client: [], interaction: 7, violations: ['text', { rule: 5, clauses: 'none' }], rejection: 'yes' },
    { at: now(), stage: 'of tomorrow', mode: 'other', by: 'nobody', violations: [{}], interaction: 'odd' },
  ]
  for (const verdict of odd) await console.store.append(verdict as Verdict)
  for (const path of ['/verdicts', '/verdicts?outcome=all&from=0', '/verdicts/odd']) expect((await console.page(path)).status).toBe(200)
  expect((await console.page('/verdicts/odd')).text).toContain('of tomorrow')
})

describe('verdicts are counted', () => {
  const tallyOf = async (console: OpenConsole, query = '') => (await console.api(`/verdict-tally${query}`)).json as unknown as VerdictTally

  test('by outcome, over time and by rule', async () => {
    const tally = await tallyOf(await someVerdicts())
    expect(tally.total).toEqual({ refused: 3, broken: 1, passed: 1 })
    expect(tally.rules).toEqual([
      { rule: 'pkce-s256', refused: 2, broken: 1 },
      { rule: 'grant-valid', refused: 1, broken: 0 },
    ])
    expect(tally.bucket_seconds).toBe(1800)
    expect(tally.buckets).toHaveLength((tally.until - tally.from) / 1800)
    const sum = (name: 'refused' | 'broken' | 'passed') => tally.buckets.reduce((all, bucket) => all + bucket[name], 0)
    expect([sum('refused'), sum('broken'), sum('passed')]).toEqual([3, 1, 1])
    expect(tally.buckets.filter(({ refused }) => refused > 0).length).toBeGreaterThan(1)
  })

  test.each([
    ['?client=old', 1],
    ['?rule=grant-valid', 1],
    ['?search=the+code', 1],
    ['?hours=1', 2],
    ['?client=nobody', 0],
  ])('with a filter: %s', async (query, refused) => {
    expect((await tallyOf(await someVerdicts(), query)).total.refused).toBe(refused)
  })

  test.each([
    ['from=100&until=100', 1],
    ['from=0', 24],
    ['until=253402300799&from=0', 24],
    ['hours=87600', 24],
  ])('over any time: %s', async (query, bars) => {
    const { buckets } = await tallyOf(await someVerdicts(), `?${query}`)
    expect(buckets.length).toBeGreaterThanOrEqual(bars)
    expect(buckets.length).toBeLessThanOrEqual(60)
  })

  test('in 24 to 60 bars, whatever the time', () => {
    const from = 1_800_000_123
    for (let seconds = 24; seconds < 4e9; seconds = Math.ceil(seconds * 1.013)) {
      const bucket = bucketFor(from, from + seconds)
      const bars = Math.floor((from + seconds) / bucket) - Math.floor(from / bucket) + 1
      expect([seconds, bars >= 24 && bars <= 60]).toEqual([seconds, true])
    }
  })

  /** A console, and how often its journal has been counted. */
  async function counting(fails = () => false) {
    const counted = { times: 0 }
    const wrap = (store: Store): Store => ({
      ...store,
      async tally(query, bucket) {
        counted.times++
        if (fails()) throw new Error('away')
        return store.tally(query, bucket)
      },
    })
    return { console: await open({ wrap }), counted }
  }

  test('once for everybody who asks within 15 seconds', async () => {
    const { console, counted } = await counting()
    await Promise.all(Array.from({ length: 50 }, () => console.page('/verdicts')))
    expect(counted.times).toBe(1)
    push(console)
    expect((await tallyOf(console)).total.refused).toBe(0)
    await later(14, () => tallyOf(console))
    expect(counted.times).toBe(1)
    expect((await later(16, () => tallyOf(console))).total.refused).toBe(1)
    expect(counted.times).toBe(2)
  })

  test('anew for another filter, and for another console', async () => {
    const { console, counted } = await counting()
    for (const query of ['', '?client=a', '?rule=a', '?client=a&rule=a', '?rule=a&client=a', '?hours=1']) await tallyOf(console, query)
    expect(counted.times).toBe(5)
    const other = await counting()
    await tallyOf(other.console)
    expect(other.counted.times).toBe(1)
  })

  test('and remembered for 100 filters at the most, the oldest of which is forgotten', async () => {
    const { console, counted } = await counting()
    for (let index = 0; index < 101; index++) await tallyOf(console, `?client=c${index}`)
    await tallyOf(console, '?client=c100')
    await tallyOf(console, '?client=c1')
    expect(counted.times).toBe(101)
    await tallyOf(console, '?client=c0')
    expect(counted.times).toBe(102)
  })

  test('again when that failed', async () => {
    let isAway = true
    const { console, counted } = await counting(() => isAway)
    expect((await console.api('/verdict-tally')).status).toBe(503)
    expect((await console.page('/verdicts')).status).toBe(503)
    isAway = false
    expect((await console.api('/verdict-tally')).status).toBe(200)
    expect(counted.times).toBe(3)
  })
})

describe('charts', () => {
  const bucket = (index: number, refused: number, broken: number) => ({ from: index * 3600, refused, broken, passed: 0 })
  const tally = (counts: readonly (readonly [number, number])[]): VerdictTally => ({
    ...{ from: 0, until: counts.length * 3600, bucket_seconds: 3600, rules: [] },
    total: { refused: counts.reduce((all, [one]) => all + one, 0), broken: counts.reduce((all, [, one]) => all + one, 0), passed: 0 },
    buckets: counts.map(([refused, broken], index) => bucket(index, refused, broken)),
  })
  const drawn = (text: string, name: string) => text.match(new RegExp(`<rect class="${name}" x=`, 'g'))?.length ?? 0
  const overTime = (counts: readonly (readonly [number, number])[]) => render(OverTime({ tally: tally(counts) }))
  const none = Array.from({ length: 24 }, () => [0, 0] as const)
  const byRule = (rules: VerdictTally['rules']) => render(ByRule({ rules, href: (rule) => `/rules/${encodeURIComponent(rule)}` }))

  test('of nothing are a sentence', () => {
    expect(overTime(none)).toContain('Nothing was refused in this time')
    expect(byRule([])).toContain('No rule was broken in this time')
    for (const text of [overTime(none), byRule([])]) expect(text).not.toContain('<svg')
  })

  test.each([
    ['one refusal', [...none.slice(1), [1, 0] as const], 1, 0],
    ['one that would have been refused', [...none.slice(1), [0, 1] as const], 0, 1],
    ['both at once', [...none.slice(1), [3, 4] as const], 1, 1],
    ['many', Array.from({ length: 60 }, (_, index) => [index, 1_000_000 - index] as const), 59, 60],
  ])('of %s', (_what, counts, refused, broken) => {
    const text = overTime(counts)
    expect([drawn(text, 'bar-refused'), drawn(text, 'bar-broken')]).toEqual([refused, broken])
    expect(text).toMatch(/role="img" aria-labelledby="over-time-title" aria-describedby="over-time-description"/)
    expect(text).toContain('<desc id="over-time-description">From 1970-01-01 00:00 to')
    expect(text).not.toMatch(/NaN|Infinity|style=|on\w+=/)
    expect(text).toContain('(striped)')
    const measures = [...text.matchAll(/ (?:x|y|width|height)="(-?[\d.]+)"/g)].map(([, measure]) => Number(measure))
    expect(measures.every((measure) => measure >= 0 && measure <= 320)).toBe(true)
  })

  test('have the same numbers as a table', () => {
    const text = overTime([
      [0, 0],
      [12, 345],
      [0, 0],
    ])
    expect(text.match(/<tbody>.*<\/tbody>/)?.[0].match(/<tr>/g)).toHaveLength(1)
    expect(text).toMatch(/<td[^>]*>12<\/td><td[^>]*>345<\/td><td[^>]*>0<\/td>/)
  })

  test('draw ten rules, the most often broken, and list all', () => {
    const rules = Array.from({ length: 30 }, (_, index) => ({ rule: `rule-${index}`, refused: 30 - index, broken: index }))
    const text = byRule(rules)
    expect(drawn(text, 'bar-refused')).toBe(10)
    expect(text.match(/<td[^>]*><a href/g)).toHaveLength(30)
    expect(text).toContain('<desc id="by-rule-description">rule-0: 30 refused, 0 would have been refused.')
  })

  test('take a rule of any name', () => {
    const text = byRule([{ rule: `<script>${'x'.repeat(500)}`, refused: 1, broken: 0 }])
    expect(text).not.toContain('<script')
    expect(text).toContain('x…')
  })

  test.each([
    [1, '1 second'],
    [1800, '30 minutes'],
    [3600, '1 hour'],
    [86_400, '1 day'],
    [172_800, '2 days'],
  ])('call %d seconds %s', (seconds, words) => {
    expect(lengthOf(seconds)).toBe(words)
  })
})
