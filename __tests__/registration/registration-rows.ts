import type { Software } from '../../examples/tpp/software.js'
import { expectError } from '../support/expectations.js'
import type { Answer } from '../support/wire.js'
import { type Draft, expectRegistered, type Registrar } from './registrar.js'

/** A bank, a software that registers there, and another one of the same directory. */
export interface Scene {
  readonly registrar: Registrar
  readonly software: Software
  readonly stranger: Software
}

export const METADATA = 'invalid_client_metadata'
export const REDIRECT = 'invalid_redirect_uri'
export const STATEMENT = 'invalid_software_statement'

export type Drafting = (scene: Scene) => Draft | Promise<Draft>

/** What is refused, with which error and why, and what is taken next to it when that is not the honest registration. */
export type Row = [what: string, error: string, why: RegExp, refused: Drafting, taken?: Drafting]

const HONEST: Drafting = () => ({})

/** Registers, and forgets the client once the work is done. */
export async function registered({ registrar, software }: Scene, work: (client: Answer) => Promise<unknown>, draft?: Draft): Promise<void> {
  const client = await registrar.register(software, draft)
  try {
    expectRegistered(client)
    await work(client)
  } finally {
    await registrar.forget(client)
  }
}

/** Nothing of a client is in the answer. */
export function expectNoClient({ json }: Answer): void {
  expect(Object.keys(json).filter((name) => !name.startsWith('error'))).toEqual([])
}

/** Tests each row on an honest registration. */
export function testRows(sceneOf: () => Scene, rows: readonly Row[]): void {
  test.each<Row>([...rows])('%s: 400 %s', async (_what, error, why, refused, taken = HONEST) => {
    const scene = sceneOf()
    const answer = await scene.registrar.register(scene.software, await refused(scene))
    // What should have been refused must not stand in the way of the next row.
    await scene.registrar.forget(answer)
    expectError(answer, 400, error)
    expect(answer.json.error_description).toMatch(why)
    expectNoClient(answer)
    await registered(scene, async () => undefined, await taken(scene))
  })
}
