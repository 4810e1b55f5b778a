import type { Cast, Party } from './guard-cast.js'
import { openAs, type Target } from './guard-connection.js'
import { dpopRequests, mtlsRequest, requestBytes } from './guard-requests.js'

/** What a guard answers to requests that are not honest, by what is wrong with them. */
export type Checked = Readonly<Record<string, number>>

/** Sees that a guard of DPoP-bound tokens lets an honest client in, and what it does with others. */
export async function checkDpop(target: Target, cast: Cast): Promise<Checked> {
  const [party, other] = pair(cast)
  const request = dpopRequests(party)()
  const [status, close] = await asker(target, cast, party)
  expect(200, await status(request), 'an honest request')
  const checked = {
    'no token': await status(requestBytes({})),
    'no proof': await status(requestBytes({ authorization: `DPoP ${party.dpopToken}` })),
    "another's proof": await status(dpopRequests({ ...party, proofKey: other.proofKey })()),
    'the same proof again': await status(request),
  }
  close()
  return checked
}

/** Sees that a guard of certificate-bound tokens lets an honest client in, and what it does with others. */
export async function checkMtls(target: Target, cast: Cast): Promise<Checked> {
  const [party, other] = pair(cast)
  const [status, close] = await asker(target, cast, party)
  expect(200, await status(mtlsRequest(party)), 'an honest request')
  const checked = { 'no token': await status(requestBytes({})), "another's token": await status(mtlsRequest(other)) }
  close()
  return checked
}

/** Throws when a guard let anybody in whom it should not have. */
export function expectRefusals(checked: Checked): void {
  for (const [what, status] of Object.entries(checked)) expect(401, status, what)
}

function expect(wanted: number, got: number, what: string): void {
  if (got !== wanted) throw new Error(`${what}: answered with ${got}, not ${wanted}`)
}

async function asker(target: Target, cast: Cast, party: Party) {
  const { ask, close } = await openAs(party, target, cast)
  return [async (request: Buffer) => (await ask(request)).status, close] as const
}

function pair({ parties: [party, other] }: Cast): readonly [Party, Party] {
  if (!party || !other) throw new Error('it takes two clients')
  return [party, other]
}
