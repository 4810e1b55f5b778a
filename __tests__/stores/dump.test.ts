import { openTestBank, type TestBank } from '../support/test-bank.js'
import { describeEach, type Place, postgresDatabases, redisDatabases } from './databases.js'

/* What a thief finds in a database after honest days: nothing that opens anything. There is no key ring here. */

function holdsNothingUsable(place: () => Place): void {
  test('whole flows leave no token, code, request_uri or cookie in clear', async () => {
    const bank = await openTestBank(['fapi2', 'signing', 'fapi1-jarm'], await place().store())
    const secrets = await walk(bank)
    await bank.close()
    const dump = await place().dump()
    expect(dump.length).toBeGreaterThan(1_000)
    expect(secrets.filter(({ value }) => value.length < 16)).toEqual([])
    expect(secrets.filter(({ value }) => dump.includes(value)).map(({ what }) => what)).toEqual([])
    // The search finds what is there: client ids are no secret.
    expect(dump).toContain('tpp-fapi2')
  })
}

interface Secret {
  readonly what: string
  readonly value: string
}

async function walk(bank: TestBank): Promise<Secret[]> {
  const secrets: Secret[] = [{ what: 'initial access token', value: bank.initialAccessToken }]
  for (const name of ['fapi2', 'signing', 'fapi1-jarm'] as const) {
    const party = bank.as(name)
    const browser = bank.browser()
    const { json: pushed } = await party.push()
    const address = await party.address({ via: 'par' })
    // One interaction stays open: it knows the request_uri it came from.
    await bank.browser().open(address)
    const { params } = await party.respond(await browser.journey(address))
    const { json: tokens } = await party.redeem(String(params.code))
    const requestUri = (uri: unknown) => String(uri).split(':').at(-1) ?? ''
    secrets.push(
      { what: `${name}: code`, value: String(params.code) },
      { what: `${name}: access token`, value: String(tokens.access_token) },
      { what: `${name}: refresh token`, value: String(tokens.refresh_token) },
      { what: `${name}: pushed request_uri`, value: requestUri(pushed.request_uri) },
      { what: `${name}: used request_uri`, value: requestUri(new URL(address).searchParams.get('request_uri')) },
      ...browser.cookies().map((value) => ({ what: `${name}: cookie`, value })),
    )
  }
  return secrets
}

describeEach(postgresDatabases, holdsNothingUsable)
describeEach(redisDatabases, holdsNothingUsable)
