import { createServer } from 'node:http'
import express from 'express'
import { type Client, createPolicy, memoryStore, type Policy, profiles, registration, type Store, type Waiver } from 'express-fapi'
import { adminConsole } from 'express-fapi/console'
import type { Wire } from '../../lib/core/facts.js'
import { portOf } from '../readers/loopback.js'
import { choose, inStore } from '../registration/registration-server.js'
import { factsAt } from '../rules/facts.js'
import '../support/clock.js'

export interface ConsoleSetting {
  readonly waivers?: Readonly<Record<string, Waiver>>
  /** Clients that are only reported on. */
  readonly reported?: readonly string[]
  /** What stands between the console and its store. */
  readonly wrap?: (store: Store) => Store
  readonly roles?: readonly 'viewer'[]
}

export interface Shown {
  readonly status: number
  readonly text: string
  readonly location: string | null
}

/** A console over a journal that a policy writes. */
export interface OpenConsole {
  readonly policy: Policy
  readonly store: Store
  /** A page, as a viewer sees it. */
  page(path: string): Promise<Shown>
  /** What the API answers. */
  api(path: string): Promise<{ readonly status: number; readonly json: Record<string, unknown> }>
  close(): Promise<void>
}

export async function openConsole({
  waivers = {},
  reported = [],
  wrap = (store) => store,
  roles = ['viewer'],
}: ConsoleSetting = {}): Promise<OpenConsole> {
  const store = memoryStore()
  const policy = createPolicy({
    ...{ profiles, choose, waivers, record: (verdict) => store.append(verdict) },
    mode: ({ client_id: id }) => (reported.includes(id) ? 'report' : 'enforce'),
  })
  const registering = registration(policy, {
    issuer: 'https://bank.example',
    publicUrl: 'https://bank.example/register',
    clients: inStore(store),
    store,
  })
  const authorize = () => ({ id: 'somebody who looks', roles })
  const router = adminConsole({ registration: registering, store: wrap(store), authorize, publicUrl: 'https://bank.example/console' })
  const server = createServer(express().use('/console', router))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${portOf(server)}/console`
  return {
    ...{ policy, store },
    async page(path) {
      const answer = await fetch(origin + path, { redirect: 'manual' })
      return { status: answer.status, text: await answer.text(), location: answer.headers.get('location') }
    },
    async api(path) {
      const answer = await fetch(`${origin}/api${path}`)
      return { status: answer.status, json: await answer.json() }
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Consoles that are closed when their test is over. To be called where `beforeAll` is. */
export function openedConsoles(): typeof openConsole {
  const consoles: OpenConsole[] = []
  afterEach(async () => {
    await Promise.all(consoles.splice(0).map((one) => one.close()))
  })
  return async function opened(setting) {
    const console = await openConsole(setting)
    consoles.push(console)
    return console
  }
}

/** A request that is judged, and what is wrong with it. */
export interface Judged {
  readonly client?: string
  readonly interaction?: string
  /** Seconds ago. */
  readonly ago?: number
  /** Whether it lacks PKCE (rule `pkce-s256`). */
  readonly wrong?: boolean
}

/** A client that is held to FAPI 2.0. */
export const clientOf = (client_id: string): Client => ({ ...OWN, client_id })

/** Its requests are signed by nothing, so that none is too old. */
const OWN = { ...factsAt('par', {}).client, fapi_profile: 'fapi2-security', require_signed_request_object: false }

export function wireOf(interaction: string | undefined): Wire {
  const { wire } = factsAt('par', {})
  return { ...wire, headers: { ...wire.headers, 'x-fapi-interaction-id': interaction } }
}

/** Judges a pushed authorization request. */
export function push({ policy }: OpenConsole, { client = 'app', interaction, ago = 0, wrong = true }: Judged = {}): void {
  const now = Math.floor(Date.now() / 1000) - ago
  const facts = factsAt('par', wrong ? { params: { code_challenge: undefined } } : {})
  policy.decide('par', { ...facts, now, client: clientOf(client), wire: wireOf(interaction), requestObject: undefined, proof: undefined })
}
