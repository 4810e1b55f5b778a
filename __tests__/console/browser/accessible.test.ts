import axe from 'axe-core'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { pages } from '../../../lib/console/pages/index.js'
import { PLACES, type Place } from '../../../scripts/console-places.js'
import { type ConsoleScene, playScene } from '../../../scripts/console-scene.js'
import { type ConsoleDesk, hasChromium, openConsoleDesk, browserTest as test, type Visitor } from '../../support/console-browser.js'

/* Every page of the console, for everybody: with a screen reader, by keyboard, in the dark and on a phone. */

let desk: ConsoleDesk
let scene: ConsoleScene

beforeAll(async () => {
  if (!hasChromium) return
  desk = await openConsoleDesk()
  scene = await playScene(desk.bank)
})

afterAll(() => desk?.close())

const LOOKS: readonly (readonly [name: string, options: BrowserContextOptions])[] = [
  ['light', { colorScheme: 'light' }],
  ['dark', { colorScheme: 'dark' }],
  ['390 px', { viewport: { width: 390, height: 844 } }],
]

async function show({ page, open }: Visitor, { page: path, at = () => path, act }: Place): Promise<void> {
  await open(at(scene))
  await act?.(page)
  // What is folded is looked at too.
  await page.evaluate("for (const details of document.querySelectorAll('details')) details.open = true")
}

interface Finding {
  readonly id: string
  readonly impact: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[]
}

/** What axe finds, in a line each. */
async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source)
  const found = (await page.evaluate(
    'axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations)',
  )) as readonly Finding[]
  return found.map(
    ({ id, impact, nodes }) =>
      `${impact} ${id}: ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 150)} ${failureSummary}`).join('\n')}`,
  )
}

test('there is a place of every page that can be looked at', () => {
  const shown = pages.filter(({ get, path }) => get && !path.endsWith('.json')).map(({ path }) => path)
  const known = new Set(PLACES.map(({ page }) => page))
  expect(shown.filter((path) => !known.has(path))).toEqual([])
})

describe.each(LOOKS)('%s', (_name, options) => {
  let admin: Visitor

  beforeAll(async () => {
    if (hasChromium) admin = await desk.visitor('admin', options)
  })

  afterAll(async () => {
    expect(admin?.complaints ?? []).toEqual([])
    await admin?.close()
  })

  test.each(PLACES)('$name: axe finds nothing, it is named, and it fits', async (place) => {
    const { page } = admin
    await show(admin, place)
    expect(await violations(page)).toEqual([])
    expect(await page.locator('h1').count()).toBe(1)
    expect(await page.evaluate('document.documentElement.lang')).toBe('en')
    expect(await page.title()).toMatch(/^\S.* · First Example Bank$/)
    expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true)
  })
})

test.each(LOOKS)('the sign-in, %s', async (_name, options) => {
  const { page, open, complaints, close } = await desk.stranger(options)
  await open('/verdicts')
  expect(await violations(page)).toEqual([])
  expect(await page.locator('h1').count()).toBe(1)
  expect(await page.evaluate('document.documentElement.lang')).toBe('en')
  expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true)
  expect(complaints).toEqual([])
  await close()
})

describe('by keyboard', () => {
  let admin: Visitor

  beforeAll(async () => {
    if (hasChromium) admin = await desk.visitor('admin')
  })

  test('the first thing reached skips the navigation', async () => {
    const { page, open } = admin
    await open('/applications')
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.textContent.trim()')).toBe('Skip to the content')
    expect(await page.getByRole('link', { name: 'Skip to the content' }).isVisible()).toBe(true)
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    expect(await page.evaluate("document.activeElement.closest('main') !== null")).toBe(true)
  })

  test.each(PLACES.filter(({ act }) => act === undefined))(
    '$name: all that can be used is reached, in its order, and is seen to be',
    async (place) => {
      const { page } = admin
      await show(admin, place)
      await page.evaluate('window.scrollTo(0, 0)')
      const wanted = Number(await page.evaluate(NUMBER_THEM))
      await page.evaluate('document.activeElement?.blur()')
      const reached: number[] = []
      for (let presses = 0; presses < wanted + 20 && reached.at(-1) !== wanted - 1; presses++) {
        await page.keyboard.press('Tab')
        const [number, isSeen] = (await page.evaluate(FOCUSED)) as readonly [number, boolean]
        if (number < 0 || reached.includes(number)) continue
        reached.push(number)
        expect(isSeen).toBe(true)
      }
      expect(reached).toEqual([...Array(wanted).keys()])
    },
  )
})

/** Numbers all that can be used; of radio buttons of one name only the one that Tab stops at. */
const NUMBER_THEM = `(() => {
  const all = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')]
  const usable = all.filter((one) => !one.disabled && one.checkVisibility())
  const stops = usable.filter((one) => {
    if (one.type !== 'radio') return true
    const group = usable.filter((other) => other.type === 'radio' && other.name === one.name)
    const checked = group.find((other) => other.checked)
    return checked ? one === checked : one === group[0]
  })
  for (const [number, one] of stops.entries()) one.dataset.stop = number
  return stops.length
})()`

/** What has the focus, and whether it can be seen to. */
const FOCUSED = `(() => {
  const one = document.activeElement
  const { outlineStyle, outlineWidth } = getComputedStyle(one)
  return [Number(one.dataset.stop ?? -1), outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2]
})()`
