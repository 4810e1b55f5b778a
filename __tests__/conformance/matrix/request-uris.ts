import { later } from '../../support/clock.js'
import { PAGE, told } from './answers.js'
import { arrived } from './outcome.js'
import { addressOf, attempted, honest, look, type Row } from './row.js'

const FAPI2 = { as: 'fapi2', by: 'pushed' } as const
const JARM = { as: 'fapi1-jarm', by: 'by value' } as const
const PUSHED_JARM = { as: 'fapi1-jarm', by: 'pushed' } as const
const OF_ANOTHER = told('invalid_request', 'invalid_request_object', 'invalid_request_uri')
const REQUEST_URI = told('invalid_request_uri')
const HOSTED = told('invalid_request', 'invalid_request_uri', 'request_uri_not_supported')

/** How often, how long and for whom a request_uri serves, in both generations. */
export const REQUEST_URIS: readonly Row[] = [
  attempted(
    FAPI2,
    ['par-ensure-reused-request-uri-prior-to-auth-completion-succeeds', 'opened twice before the login'],
    async (scene, party) => {
      const [browser, address] = [scene.browser(), await party.address()]
      await browser.journey(address, { decision: 'leave' })
      return arrived(party, await browser.journey(address))
    },
    ['code', 'redirect invalid_request_uri'],
  ),
  attempted(
    FAPI2,
    ['par-attempt-reuse-request_uri', 'opened after completion'],
    async (scene, party) => {
      const [browser, address] = [scene.browser(), await party.address()]
      expect(await arrived(party, await browser.journey(address))).toBe('code')
      return arrived(party, await browser.journey(address))
    },
    REQUEST_URI,
  ),
  attempted(
    FAPI2,
    ['par-attempt-reuse-request_uri', 'completed by two browsers: what the second one gets'],
    async (scene, party) => {
      const [one, other, address] = [scene.browser(), scene.browser(), await party.address()]
      await other.journey(address, { decision: 'leave' })
      expect(await arrived(party, await one.journey(address))).toBe('code')
      return arrived(party, await other.journey(address))
    },
    REQUEST_URI,
  ),
  attempted(
    FAPI2,
    ['par-attempt-to-use-expired-request_uri', 'opened 61 seconds after the push'],
    async (scene, party) => {
      const [soon, late] = [await party.address(), await party.address()]
      await later(55, async () => expect(await arrived(party, await scene.browser().journey(soon))).toBe('code'))
      return later(61, async () => arrived(party, await scene.browser().journey(late)))
    },
    REQUEST_URI,
  ),
  attempted(
    FAPI2,
    ['par-attempt-to-use-request_uri-for-different-client', 'client_id of another client'],
    async (scene, party) => {
      const { json } = await party.push()
      const other = scene.as('fapi2-second')
      const outcome = await look(scene, other, { client_id: other.tpp.id, request_uri: String(json.request_uri) })
      // It stays its own client's.
      expect(await look(scene, party, { client_id: party.tpp.id, request_uri: String(json.request_uri) })).toBe('code')
      return outcome
    },
    OF_ANOTHER,
  ),
  attempted(
    FAPI2,
    ['FAPI1-ADV-5.2.3-16', 'request_uri without client_id'],
    async (scene, party) => look(scene, party, { request_uri: String((await party.push()).json.request_uri) }),
    PAGE,
  ),
  attempted(
    FAPI2,
    ['RFC9126-7.1-a', 'a request_uri that was guessed'],
    async (scene, party) => look(scene, party, { client_id: party.tpp.id, request_uri: 'urn:ietf:params:oauth:request_uri:guessed' }),
    REQUEST_URI,
  ),
  attempted(
    FAPI2,
    ['FAPI2-SP-5.3.2.2-3', 'a request_uri that the client hosts'],
    async (scene, party) => look(scene, party, { client_id: party.tpp.id, request_uri: 'https://tpp.example/request.jwt' }),
    HOSTED,
  ),
  attempted(
    FAPI2,
    ['RFC9101-5-b', 'request next to request_uri'],
    async (scene, party) => {
      const { json } = await party.push()
      return look(scene, party, { client_id: party.tpp.id, request_uri: String(json.request_uri), request: await party.object() })
    },
    told('invalid_request'),
  ),
  attempted(
    PUSHED_JARM,
    ['par-attempt-to-use-request_uri-for-different-client', 'FAPI 1.0: client_id of another client'],
    async (scene, party) => {
      const { json } = await party.push()
      const other = scene.as('fapi1-both')
      return look(scene, other, { client_id: other.tpp.id, request_uri: String(json.request_uri) })
    },
    OF_ANOTHER,
  ),
  attempted(
    PUSHED_JARM,
    ['par-attempt-reuse-request_uri', 'FAPI 1.0: opened after completion'],
    async (scene, party) => {
      const [browser, address] = [scene.browser(), await party.address({ via: 'par' })]
      expect(await arrived(party, await browser.journey(address))).toBe('code')
      return arrived(party, await browser.journey(address))
    },
    REQUEST_URI,
  ),
  attempted(
    JARM,
    ['RFC9101-10.4-a', 'a request_uri that the client hosts'],
    async (scene, party) => look(scene, party, { ...honest(party), request_uri: addressOf(scene, {}) }),
    HOSTED,
  ),
]
