import type { openBrowser } from '../support/browser.js'
import type { Party } from '../support/party.js'
import type { Answer } from '../support/wire.js'

/** Somewhere to race: two banks behind one address. */
export interface Track {
  readonly issuer: string
  as(name: 'fapi2' | 'plain'): Party
  browser(): ReturnType<typeof openBrowser>
}

/** Something that may be used once, used many times at the same moment; resolves how often it worked. */
export type Race = (track: Track) => Promise<number>

const MANY = 50
const atOnce = <T>(work: () => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: MANY }, work))
const succeeded = (answers: readonly Answer[]) => answers.filter(({ status }) => status === 200 || status === 201).length

/** The five kinds of values that are used once. */
export const RACES: Readonly<Record<string, Race>> = {
  async 'one authorization code'(track) {
    const party = track.as('fapi2')
    const code = await party.code({ browser: track.browser() })
    return succeeded(await atOnce(() => party.redeem(code)))
  },
  async 'one refresh token that is rotated'(track) {
    const party = track.as('plain')
    const { refresh_token } = await party.tokens({ browser: track.browser() })
    return succeeded(await atOnce(() => party.refresh(String(refresh_token))))
  },
  async 'one client assertion'(track) {
    const party = track.as('fapi2')
    const compact = await party.assertion()
    return succeeded(await atOnce(() => party.push({ assertion: { compact } })))
  },
  async 'one DPoP proof'(track) {
    const party = track.as('fapi2')
    const { access_token } = await party.tokens({ browser: track.browser() })
    const url = `${track.issuer}/accounts`
    const proof = [await party.proof({ method: 'GET', url, accessToken: String(access_token) })]
    return succeeded(await atOnce(() => party.present(url, access_token, { proof })))
  },
  async 'one request_uri'(track) {
    const party = track.as('fapi2')
    const browser = track.browser()
    await party.tokens({ browser })
    const address = await party.address()
    const landings = await atOnce(() => browser.journey(address))
    return landings.filter(({ location }) => location?.searchParams.get('code')).length
  },
}
