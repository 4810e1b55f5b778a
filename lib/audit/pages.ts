import { isText } from '../core/claims.js'
import { outgoingOf } from './attempt.js'
import { followed } from './browsing.js'
import { legalRequest, plainRequest } from './legal.js'
import { type Outcome, outcomeOf } from './outcome.js'
import { withParams } from './probes/request-changes.js'
import type { Scene } from './scene.js'

/** Where the authorization endpoint sends a browser with a request that breaks nothing, and with one that nobody can take. */
export interface Pages {
  readonly legal: string | undefined
  readonly strange: string | undefined
}

/** Never rejects: what cannot be asked is not known. */
export async function pagesOf(scene: Scene): Promise<Pages> {
  const legal = legalRequest(scene)
  const plain = plainRequest(scene)
  const nobody = { client_id: 'nobody-registered-this', redirect_uri: 'https://attacker.example/cb' }
  return {
    legal: await placeOf(scene, async () => legal && followed(legal, scene)),
    strange: await placeOf(scene, async () => plain && withParams(plain, nobody)),
  }
}

async function placeOf(scene: Scene, make: () => Promise<Parameters<typeof outcomeOf>[0] | undefined>): Promise<string | undefined> {
  try {
    const attempt = await make()
    return attempt && outcomeOf(attempt, await scene.send(outgoingOf(scene, attempt))).place
  } catch {
    return undefined
  }
}

/** An error page may come with 200, or by a redirect: only beside others it shows what it is. */
export function seenAmong({ legal, strange }: Pages, outcome: Outcome): Outcome {
  const { kind, place } = outcome
  if (kind !== 'accepted' || !isText(place)) return outcome
  if (place === strange) return { ...outcome, kind: place === legal ? 'unclear' : 'refused' }
  return legal === undefined || legal === place ? outcome : { ...outcome, kind: 'unclear' }
}
