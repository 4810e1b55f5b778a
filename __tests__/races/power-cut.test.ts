import { jest } from '@jest/globals'
import type { Answer } from '../support/wire.js'
import { type Processes, startProcesses } from './processes.js'

jest.setTimeout(600_000)

/* A bank is killed in the middle of its work. What it acknowledged is there afterwards, and what was used stays used. */

const FLOWS = 500
const AT_ONCE = 8
const STORES = { PGlite: 'pglite:', PostgreSQL: process.env.FAPI_TEST_POSTGRES, Redis: process.env.FAPI_TEST_REDIS }

/** What clients were told had worked. */
interface Acknowledged {
  readonly refreshTokens: string[]
  readonly codes: string[]
  readonly assertions: string[]
  readonly registrations: { readonly url: string; readonly token: string }[]
}

for (const [name, address] of Object.entries(STORES)) {
  if (address === undefined) console.log(`${name} is skipped: there is no server (source .ci/servers)`)
  const suite = address === undefined ? describe.skip : describe
  suite(`on ${name}, killed in the middle of ${FLOWS} flows`, () => {
    let bank: Processes
    const acknowledged: Acknowledged = { refreshTokens: [], codes: [], assertions: [], registrations: [] }
    beforeAll(async () => {
      bank = await startProcesses(address ?? '', 1, ['fapi2'])
      await workUntilKilled(bank, acknowledged)
      await bank.restart(0)
    })
    afterAll(() => bank?.close())

    test('it was in the middle', () => {
      expect(acknowledged.refreshTokens.length).toBeGreaterThan(10)
      expect(acknowledged.refreshTokens.length).toBeLessThan(FLOWS)
      expect(acknowledged.registrations.length).toBeGreaterThan(0)
    })

    test('every grant it gave still gives tokens', async () => {
      const answers = await eachOf(acknowledged.refreshTokens, (token) => bank.as('fapi2').refresh(token))
      expect(answers.filter(({ status }) => status !== 200)).toEqual([])
    })

    test('every client it registered is still registered', async () => {
      const answers = await eachOf(acknowledged.registrations, ({ url, token }) =>
        bank.as('fapi2').send(url, { headers: { authorization: `Bearer ${token}` } }),
      )
      expect(answers.filter(({ status }) => status !== 200)).toEqual([])
    })

    test('no assertion is taken a second time', async () => {
      const answers = await eachOf(acknowledged.assertions, (compact) => bank.as('fapi2').push({ assertion: { compact } }))
      expect(answers.filter(({ status }) => status !== 401)).toEqual([])
    })

    test('no code is taken a second time', async () => {
      const answers = await eachOf(acknowledged.codes, (code) => bank.as('fapi2').redeem(code))
      expect(answers.filter(({ status }) => status !== 400)).toEqual([])
    })

    test('and work goes on', async () => {
      expect((await bank.as('fapi2').tokens({ browser: bank.browser() })).access_token).toBeDefined()
    })
  })
}

async function workUntilKilled(bank: Processes, { refreshTokens, codes, assertions, registrations }: Acknowledged): Promise<void> {
  const party = bank.as('fapi2')
  let [started, killed] = [0, false]
  const flow = async (index: number) => {
    if (index % 10 === 0) {
      const { status, json } = await register(bank)
      if (status === 201) registrations.push({ url: String(json.registration_client_uri), token: String(json.registration_access_token) })
    }
    const compact = await party.assertion()
    if ((await party.push({ assertion: { compact } })).status === 201) assertions.push(compact)
    const code = await party.code({ browser: bank.browser() })
    const { status, json } = await party.redeem(code)
    if (status !== 200) return
    refreshTokens.push(String(json.refresh_token))
    codes.push(code)
  }
  const worker = async () => {
    while (started < FLOWS && !killed) await flow(started++).catch(ignoreWhatWasCutOff)
  }
  const workers = Promise.all(Array.from({ length: AT_ONCE }, worker))
  while (refreshTokens.length < FLOWS / 2) await new Promise((resolve) => setTimeout(resolve, 20))
  killed = true
  await bank.kill(0)
  await workers
}

/** A request that was under way when the bank died was not acknowledged, and nobody may say what became of it. */
const ignoreWhatWasCutOff = () => undefined

const register = (bank: Processes): Promise<Answer> => {
  const { metadata } = bank.as('fapi2').tpp
  const { client_id: _id, ...body } = metadata
  return bank.as('fapi2').send(`${bank.issuer}/reg`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bank.initialAccessToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}

async function eachOf<T>(items: readonly T[], ask: (item: T) => Promise<Answer>): Promise<Answer[]> {
  const answers: Answer[] = []
  for (const item of items) answers.push(await ask(item))
  return answers
}
