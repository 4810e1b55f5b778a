import { expectBadRequest, expectPushed, expectTokens, expectUnauthenticated } from '../support/expectations.js'
import type { Party } from '../support/party.js'
import { openTestBank, type TestBank } from '../support/test-bank.js'
import type { Answer } from '../support/wire.js'

let bank: TestBank
let tpp: Party
beforeAll(async () => {
  bank = await openTestBank(['fapi2', 'fapi2-mtls', 'fapi1-jarm', 'signing', 'plain', 'plain-jwt'])
  tpp = bank.as('fapi2')
})
afterAll(() => bank?.close())

const MANY = 50
const ROUNDS = 2

/** Does a thing many times at once, in rounds, each with something of its own to fight about. */
async function race<T>(prepare: () => Promise<T>, run: (prize: T) => Promise<Answer>, judge: (answers: Answer[]) => void): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const prize = await prepare()
    judge(await Promise.all(Array.from({ length: MANY }, () => run(prize))))
  }
}

/** Exactly one got in, and everybody else the same refusal. */
const expectOneWinner =
  (status: number, loser: string) =>
  (answers: Answer[]): void => {
    const outcomes = answers.map((answer) => (answer.status === status ? 'won' : `${answer.status} ${answer.json.error}`)).sort()
    expect(outcomes).toEqual([...Array.from({ length: MANY - 1 }, () => expect.stringMatching(loser)), 'won'])
  }

describe(`${MANY} at once`, () => {
  test.each(['fapi2', 'fapi1-jarm', 'signing', 'plain-jwt'] as const)(
    'regression: one client assertion of %s at the PAR endpoint: one success',
    async (name) => {
      const party = bank.as(name)
      await race(
        () => party.assertion(),
        (compact) => party.push({ assertion: { compact } }),
        expectOneWinner(201, '^401 invalid_client$'),
      )
    },
  )

  test('one client assertion at both endpoints at once: one success', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const compact = await tpp.assertion()
      const answers = await Promise.all([
        ...Array.from({ length: 25 }, () => tpp.push({ assertion: { compact } })),
        ...Array.from({ length: 25 }, () => tpp.redeem('no-such-code', { assertion: { compact } })),
      ])
      expect(answers.filter(({ status }) => status === 401)).toHaveLength(49)
    }
  })

  test.each(['fapi2', 'fapi2-mtls', 'fapi1-jarm', 'plain'] as const)(
    'FAPI2-SP-5.3.2.2-9 FAPI1-BASE-5.2.2-13 one code of %s: one success',
    async (name) => {
      const party = bank.as(name)
      await race(
        () => party.code(),
        (code) => party.redeem(code),
        expectOneWinner(200, '^400 invalid_grant$'),
      )
    },
  )

  test('what won the race for a code is dead once the others have tried', async () => {
    const code = await tpp.code()
    const answers = await Promise.all(Array.from({ length: MANY }, () => tpp.redeem(code)))
    const winner = answers.find(({ status }) => status === 200)
    expect((await tpp.accounts(winner?.json.access_token)).status).toBe(401)
    expectBadRequest(await tpp.refresh(String(winner?.json.refresh_token)), 'invalid_grant')
  })

  test('what won a race of two for a code is dead too', async () => {
    for (let round = 0; round < 10; round += 1) {
      const code = await tpp.code()
      const answers = await Promise.all([tpp.redeem(code), tpp.redeem(code)])
      const winner = answers.find(({ status }) => status === 200)
      expect((await tpp.accounts(winner?.json.access_token)).status).toBe(401)
    }
  })

  test('RFC9449-11.1-b one proof at the API: one success', async () => {
    const { access_token } = await tpp.tokens()
    const url = `${bank.issuer}/accounts`
    await race(
      async () => [await tpp.proof({ method: 'GET', url, accessToken: String(access_token) })],
      (proof) => tpp.accounts(access_token, { proof }),
      expectOneWinner(200, '^401 invalid_dpop_proof$'),
    )
  })

  test('RFC9449-11.1-b one proof at userinfo: one success', async () => {
    const { access_token } = await tpp.tokens()
    const url = tpp.endpoint('userinfo_endpoint')
    await race(
      async () => [await tpp.proof({ method: 'GET', url, accessToken: String(access_token) })],
      (proof) => tpp.present(url, access_token, { proof }),
      expectOneWinner(200, '^40[01] invalid_(dpop_proof|token)$'),
    )
  })

  test('RFC9449-11.1-b one proof at the token endpoint, refreshing: one success', async () => {
    const { refresh_token } = await tpp.tokens()
    await race(
      async () => [await tpp.proof({ method: 'POST', url: tpp.endpoint('token_endpoint') })],
      (proof) => tpp.refresh(String(refresh_token), { proof }),
      expectOneWinner(200, '^400 invalid_(grant|dpop_proof)$'),
    )
  })

  test('RFC9449-11.1-b one proof with a code for each: one success', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const proof = [await tpp.proof({ method: 'POST', url: tpp.endpoint('token_endpoint') })]
      // A grant for each, because a code that is lost takes its grant along.
      const codes = await Promise.all(Array.from({ length: 8 }, () => tpp.code({ browser: bank.browser() })))
      const answers = await Promise.all(codes.map((code) => tpp.redeem(code, { proof })))
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    }
  })

  test('RFC9449-11.1-b one proof at the PAR endpoint: one success', async () => {
    await race(
      async () => [await tpp.proof({ method: 'POST', url: tpp.endpoint('pushed_authorization_request_endpoint') })],
      (proof) => tpp.push({ proof }),
      expectOneWinner(201, '^400 invalid_(request|dpop_proof)$'),
    )
  })

  test('RFC9126-2.2-b one request_uri, in one browser that has consented before: one code', async () => {
    const browser = bank.browser()
    await tpp.tokens({ browser })
    for (let round = 0; round < ROUNDS; round += 1) {
      const address = await tpp.address()
      const landings = await Promise.all(Array.from({ length: MANY }, () => browser.journey(address)))
      const codes = landings.map(({ location }) => location?.searchParams.get('code') ?? undefined).filter((code) => code !== undefined)
      expect(codes).toHaveLength(1)
    }
  })

  test('honest requests do not get in each other\u2019s way', async () => {
    const answers = await Promise.all(Array.from({ length: MANY }, () => tpp.push()))
    for (const answer of answers) expectPushed(answer)
    const { refresh_token } = await tpp.tokens()
    for (const answer of await Promise.all(Array.from({ length: MANY }, () => tpp.refresh(String(refresh_token))))) expectTokens(answer)
  })
})

describe('a refused request uses nothing up', () => {
  test('a push refused for what it asks: the same assertion works afterwards', async () => {
    const compact = await tpp.assertion()
    const claims = { jti: 'of-the-refused-one' }
    expectUnauthenticated(await tpp.push({ assertion: { claims: { ...claims, aud: [bank.issuer] } } }))
    expectPushed(await tpp.push({ assertion: { claims } }))
    expectBadRequest(await tpp.redeem('no-such-code', { assertion: { compact }, proof: 'none' }), 'invalid_grant')
    expectPushed(await tpp.push({ assertion: { compact } }))
  })

  test('an assertion of somebody else with my jti does not use up mine', async () => {
    const claims = { jti: 'a-jti-that-is-known' }
    expectUnauthenticated(await tpp.push({ assertion: { claims, key: bank.as('signing').tpp.key } }))
    expectUnauthenticated(await tpp.push({ assertion: { claims, signature: 'broken' } }))
    expectPushed(await tpp.push({ assertion: { claims } }))
  })

  test('a token request without proof uses up neither the assertion nor the code', async () => {
    const [code, compact] = [await tpp.code(), await tpp.assertion()]
    expectBadRequest(await tpp.redeem(code, { assertion: { compact }, proof: 'none' }), 'invalid_grant')
    expectTokens(await tpp.redeem(code, { assertion: { compact } }))
  })

  test('a token request with a bad proof uses up neither the jti of the proof nor the code', async () => {
    const code = await tpp.code()
    const claims = { jti: 'of-a-proof' }
    expectBadRequest(await tpp.redeem(code, { proof: { claims, method: 'GET' } }), 'invalid_dpop_proof')
    expectTokens(await tpp.redeem(code, { proof: { claims } }))
  })

  test('at the API a proof for a token that is not known uses up nothing', async () => {
    const { access_token } = await tpp.tokens()
    const jti = 'of-a-proof-at-the-api'
    expect((await tpp.accounts('unknown', { proof: { claims: { jti } } })).status).toBe(401)
    expect((await tpp.accounts(access_token, { proof: { claims: { jti }, signature: 'broken' } })).status).toBe(401)
    expect((await tpp.accounts(access_token, { proof: { claims: { jti } } })).status).toBe(200)
  })

  test('once the client is in, its assertion is spent whatever else is wrong; a new one works', async () => {
    const compact = await tpp.assertion()
    expectBadRequest(await tpp.push({ assertion: { compact }, params: { code_challenge_method: 'plain' } }), 'invalid_request')
    expectUnauthenticated(await tpp.push({ assertion: { compact } }))
    expectPushed(await tpp.push())
  })
})
