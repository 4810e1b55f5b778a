import { isText } from '../core/claims.js'
import type { Attempt } from './attempt.js'
import type { Scene } from './scene.js'
import { answerTo } from './sending.js'

/** What a browser sends. */
export const visit = (params: Attempt['params']): Attempt => ({
  ...{ endpoint: 'authorization', method: 'GET', params, headers: {} },
  ...{ requestObject: undefined, assertion: undefined, proof: undefined, certificate: undefined },
})

/** Pushes a request, and answers with what is then sent to the authorization endpoint; `undefined` where nothing is pushed. */
export async function pushed(
  legal: Attempt,
  scene: Scene,
): Promise<{ readonly client_id: string; readonly request_uri: string } | undefined> {
  if (legal.endpoint !== 'par') return undefined
  const { json, line } = (await answerTo(scene, legal)).answer
  if (!isText(json?.request_uri)) throw new Error(`nothing was pushed: ${line}`)
  return { client_id: scene.party?.client.client_id ?? '', request_uri: json.request_uri }
}

/** Pushes a request where it can be pushed, and answers with what the browser then sends. */
export async function followed(legal: Attempt, scene: Scene): Promise<Attempt | undefined> {
  if (legal.endpoint === 'authorization') return legal
  const params = await pushed(legal, scene)
  return params && visit(params)
}
