import { authorizationParams, STATE } from '../../support/authorization-request.js'
import type { AuthorizationChange } from '../../support/change.js'
import type { Party } from '../../support/party.js'
import type { TppName } from '../../support/tpp.js'
import { formOf, type Params } from '../../support/wire.js'
import { arrived, said, saidByApi } from './outcome.js'
import type { Scene } from './scene.js'

/** A request with a change. */
type Changed = (scene: Scene, name: TppName, change?: AuthorizationChange) => Promise<string>

export type RequestName = 'push' | 'by value' | 'pushed' | 'redeem' | 'refresh' | 'accounts'

/** The legal requests: each is sent as the profile wants it, unless it is changed, and says what came of it. */
export const REQUESTS: Readonly<Record<RequestName, Changed>> = {
  push: async (scene, name, change) => said(await scene.as(name).push(change)),
  'by value': async (scene, name, change = {}) => {
    const party = scene.as(name)
    return arrived(party, await party.authorize({ browser: scene.browser(), ...change, via: 'value' }), sentIn(change))
  },
  pushed: async (scene, name, change = {}) => {
    const party = scene.as(name)
    return arrived(party, await party.authorize({ ...change, via: 'par' }), sentIn(change))
  },
  redeem: async (scene, name, change) => said(await scene.as(name).redeem(await scene.as(name).code(), change)),
  refresh: async (scene, name, change) => said(await scene.as(name).refresh((await scene.grant(name)).refreshToken, change)),
  accounts: async (scene, name, change) => saidByApi(await scene.as(name).accounts((await scene.grant(name)).accessToken, change)),
}

/** What comes of a legal request. */
export const SUCCESS: Readonly<Record<RequestName, string>> = {
  push: '201',
  'by value': 'code',
  pushed: 'code',
  redeem: '200',
  refresh: '200',
  accounts: '200',
}

/** The `state` that has to come back. */
function sentIn({ params = {} }: AuthorizationChange): { readonly state: string | undefined } {
  const { state = 'state' in params ? undefined : STATE } = params
  return { state: typeof state === 'string' ? state : undefined }
}

type ChangeAt = (scene: Scene, party: Party) => AuthorizationChange | Promise<AuthorizationChange>

/** One row of the matrix. */
export interface Row {
  /** The module of the conformance suite, or the clause where it has none. */
  readonly module: string
  readonly sent: string
  readonly as: TppName
  /** The legal request next to it. */
  readonly by: RequestName
  readonly accepted: readonly string[]
  send(scene: Scene): Promise<string>
  /** A legal request that is nearer than the one without any change. */
  readonly nearest?: ((scene: Scene) => Promise<string>) | undefined
}

interface What {
  readonly as: TppName
  readonly by: RequestName
}

/** A row that changes a legal request; `nearest` is the change that is still legal. */
export const changed = (
  { as, by }: What,
  [module, sent]: readonly [module: string, sent: string],
  change: AuthorizationChange | ChangeAt,
  accepted: readonly string[],
  nearest?: AuthorizationChange | ChangeAt,
): Row => {
  const sending = (one: AuthorizationChange | ChangeAt) => async (scene: Scene) =>
    REQUESTS[by](scene, as, typeof one === 'function' ? await one(scene, scene.as(as)) : one)
  return { module, sent, as, by, accepted, send: sending(change), nearest: nearest && sending(nearest) }
}

/** A row that takes more than one request. */
export const attempted = (
  { as, by }: What,
  [module, sent]: readonly [module: string, sent: string],
  attempt: (scene: Scene, party: Party) => Promise<string>,
  accepted: readonly string[],
): Row => ({ module, sent, as, by, accepted, send: (scene) => attempt(scene, scene.as(as)) })

/** The address of the authorization endpoint with these parameters and no others. */
export const addressOf = (scene: Scene, query: Params) => `${scene.authorizationEndpoint}?${formOf(query)}`

/** One look at the authorization endpoint with a browser that has never been there. */
export const look = async (scene: Scene, party: Party, query: Params): Promise<string> =>
  arrived(party, await scene.browser().journey(addressOf(scene, query)))

/** The parameters of the authorization request of an honest client. */
export const honest = ({ tpp }: Party): Params => authorizationParams(tpp)

/** A push and, where it is taken, what the authorization endpoint makes of it. */
export async function followed(scene: Scene, party: Party, change: AuthorizationChange): Promise<string> {
  const answer = await party.push(change)
  if (answer.status !== 201) return said(answer)
  return look(scene, party, { client_id: party.tpp.id, request_uri: String(answer.json.request_uri) })
}
