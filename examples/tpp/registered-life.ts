import type { Harvest } from './flows.js'
import { manage, ownAccessToken, type RegisteredClient } from './registered-client.js'
import { type Answer, inShort, type Scene } from './registering.js'

/** A third party at a bank, from its first attempt to its end as a client. */
export interface Life {
  readonly scene: Scene
  client: RegisteredClient | undefined
  /** The statement it registered with. */
  statement: string | undefined
  /** Its registration access token, where it has one; another one after a loss. */
  token: string | undefined
  /** What its last flow ended with. */
  harvest: Harvest | undefined
}

/** Something that happens in a life. What it resolves to is told; it throws when anything is not as it should be. */
export interface Step {
  readonly title: string
  readonly clause: string
  run(life: Life): Promise<string>
}

/** Throws what the bank answered, unless it is what was expected. */
export function insistOn(answer: Answer, expected: string, because = /(?:)/): void {
  const { error_description: description = '' } = answer.json
  if (inShort(answer) !== expected || !because.test(String(description)))
    throw new Error(`expected ${expected}, got ${inShort(answer)} ${description}`)
}

/** The client, once it has registered. */
export function clientIn({ client }: Life): RegisteredClient {
  if (!client) throw new Error('it has not registered')
  return client
}

/** What its last flow ended with. */
export function harvestOf({ harvest }: Life): Harvest {
  if (!harvest) throw new Error('it has not walked its flow')
  return harvest
}

/** What the client manages its registration with. */
export async function managementToken(life: Life): Promise<string> {
  const { scene, token = '' } = life
  const { recovery } = scene.ways
  return typeof recovery === 'object' ? ownAccessToken(scene, harvestOf(life).party, recovery.scope) : token
}

/** Reads the registration. */
export const read = async (life: Life, token?: string): Promise<Answer> =>
  manage(life.scene, 'GET', clientIn(life), { token: token ?? (await managementToken(life)) })
