import { createServer } from 'node:http'
import express from 'express'
import {
  createPolicy,
  profiles,
  type RegisteredClients,
  type Registration,
  type RegistrationOptions,
  registration,
  type Store,
} from 'express-fapi'
import { Agent, request } from 'undici'
import { portOf } from '../readers/loopback.js'
import type { Metadata } from '../support/registration.js'
import type { Answer } from '../support/wire.js'
import { choose, inMap, type OpenDirectory, UNLIMITED } from './registration-server.js'

/** The registration and nothing else, without TLS: what a thousand requests at once need. */
export interface PlainRegistration {
  readonly registering: Registration
  /** A token that holds for any number of registrations. */
  readonly initialAccessToken: string
  register(metadata: Metadata, token?: string): Promise<Answer>
  manage(registered: Answer, method: string, metadata?: Metadata): Promise<Answer>
  close(): Promise<void>
}

export interface PlainOptions {
  readonly directory: OpenDirectory
  readonly store: Store
  /** Those of all processes on the store. */
  readonly clients: Map<string, Metadata>
  /** What stands between the registration and its clients. */
  readonly wrap?: (clients: RegisteredClients) => RegisteredClients
  readonly options?: Partial<RegistrationOptions>
}

/** Opens a registration as one process of several has it. */
export async function openPlainRegistration({ directory, store, clients, wrap, options }: PlainOptions): Promise<PlainRegistration> {
  const kept = inMap(clients)
  const registering = registration(createPolicy({ profiles, choose }), {
    ...{ issuer: 'https://bank.example', publicUrl: 'https://bank.example/register' },
    ...{ clients: wrap?.(kept) ?? kept, store, rateLimits: UNLIMITED, ...directory.trusting },
    settings: { software_statement_issuers: directory.issuers, fapi_profile: 'fapi2-security' },
    ...options,
  })
  const server = createServer(express().use('/register', registering.endpoint))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${portOf(server)}`
  const dispatcher = new Agent({ keepAliveTimeout: 1000, keepAliveMaxTimeout: 1000 })
  const { token: initialAccessToken } = await registering.initialAccessTokens.issue()

  async function send(path: string, method: string, token: unknown, metadata?: Metadata): Promise<Answer> {
    const headers = { authorization: `Bearer ${token}`, ...(metadata && { 'content-type': 'application/json' }) }
    const body = metadata === undefined ? null : JSON.stringify(metadata)
    const answer = await request(`${origin}/register${path}`, { method: method as 'GET', headers, body, dispatcher })
    const text = await answer.body.text()
    return { status: answer.statusCode, headers: answer.headers, text, json: text === '' ? {} : JSON.parse(text) }
  }
  return {
    ...{ registering, initialAccessToken },
    register: (metadata, token = initialAccessToken) => send('', 'POST', token, metadata),
    manage: ({ json }, method, metadata) => send(`/${json.client_id}`, method, json.registration_access_token, metadata),
    async close() {
      server.closeAllConnections()
      await Promise.all([dispatcher.destroy(), new Promise((resolve) => server.close(resolve))])
    },
  }
}
