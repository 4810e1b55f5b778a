import { randomUUID } from 'node:crypto'
import { generic, memoryStore } from 'express-fapi'
import type { Metadata } from '../support/registration.js'
import type { Answer } from '../support/wire.js'
import { openPlainRegistration, type PlainOptions, type PlainRegistration } from './plain-registration.js'
import { type OpenDirectory, openDirectory } from './registration-server.js'
import { mintStatement } from './statements.js'

/** A registration that is closed when its test is over, and its clients. */
export interface OpenedRegistration extends PlainRegistration {
  readonly clients: Map<string, Metadata>
}

/** Registrations for tests that stand together, with one directory for all of them. To be called where `beforeAll` is. */
export function openedRegistrations() {
  let directory: OpenDirectory
  const open: PlainRegistration[] = []
  beforeAll(async () => {
    directory = await openDirectory()
  })
  afterEach(async () => {
    await Promise.all(open.splice(0).map((one) => one.close()))
  })
  afterAll(() => directory?.close())

  async function opened(
    options: PlainOptions['options'] = {},
    { store = memoryStore({ capacity: 100_000 }), wrap = (kept) => kept }: Partial<Pick<PlainOptions, 'store' | 'wrap'>> = {},
  ): Promise<OpenedRegistration> {
    const clients = new Map<string, Metadata>()
    // Some tests have a host more that may be asked.
    const { allowPrivateHosts: more = [], ...how } = options.outbound ?? {}
    const { allowPrivateHosts = [], ...trusting } = directory.trusting.outbound ?? {}
    const outbound = { ...trusting, ...how, allowPrivateHosts: [...allowPrivateHosts, ...more] }
    const server = await openPlainRegistration({ directory, store, clients, wrap, options: { ...options, outbound } })
    open.push(server)
    return { ...server, clients }
  }
  return opened
}

export async function registered(server: Pick<PlainRegistration, 'register'>, metadata: Metadata, token?: string): Promise<Answer> {
  const answer = await server.register(metadata, token)
  expect({ status: answer.status, error: answer.json.error_description }).toEqual({ status: 201, error: undefined })
  return answer
}

export const idOf = ({ json }: Answer): string => String(json.client_id)

/** A fresh statement of a software. */
export const statementOf = (software_id: string, claims: Metadata = {}): Promise<string> =>
  mintStatement(generic, { claims: { software_id, jti: randomUUID(), ...claims } })
