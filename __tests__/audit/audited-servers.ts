import type { RequestListener } from 'node:http'
import { profiles } from 'express-fapi'
import Provider, { type Adapter, type AdapterPayload, type Configuration } from 'oidc-provider'
import { exchange } from '../../lib/audit/exchange.js'
import type { Finding } from '../../lib/audit/finding.js'
import type { Scene } from '../../lib/audit/scene.js'
import { fetchTarget } from '../../lib/audit/target.js'
import type { Profile } from '../../lib/core/profile.js'
import { httpsListener, listening, pemOf, rsa } from './listeners.js'

/** The profile of that name. */
export function profileNamed(name: string): Profile {
  const profile = profiles.find((one) => one.name === name)
  if (!profile) throw new Error(`there is no profile ${name}`)
  return profile
}

/** What an audit of a server starts with. */
export async function sceneOf(profile: string, issuer: string, ca: string, more: Partial<Scene> = {}): Promise<Scene> {
  const send = exchange({ ca, timeout: 5 })
  const metadata = more.metadata ?? (await fetchTarget(send, issuer, undefined)).metadata
  const rest = { party: undefined, resource: undefined, initialAccessToken: undefined }
  return { ...{ profile: profileNamed(profile), issuer, metadata, send }, ...rest, ...more }
}

/** A node-oidc-provider over https that nobody has set up but for this, and the clients that it keeps. */
export async function openPlainProvider(configuration: Configuration = {}, around: (adapter: Adapter) => Adapter = (same) => same) {
  const clients: Records = new Map()
  let handle: RequestListener = (_request, response) => void response.end()
  const port = await listening(httpsListener({}, (request, response) => handle(request, response)))
  const issuer = `https://localhost:${port}`
  const provider = new Provider(issuer, { ...configuration, adapter: (model: string) => around(adapterOver(clients)(model)) })
  handle = provider.callback()
  return { issuer, provider, clients, ca: pemOf(rsa) }
}

type Records = Map<string, AdapterPayload>

const adapterOver =
  (clients: Records) =>
  (model: string): Adapter => {
    const records = model === 'Client' ? clients : new Map<string, AdapterPayload>()
    const ignored = async () => undefined
    return {
      upsert: async (id, payload) => void records.set(id, payload),
      find: async (id) => records.get(id),
      destroy: async (id) => void records.delete(id),
      findByUid: ignored,
      findByUserCode: ignored,
      consume: ignored,
      revokeByGrantId: ignored,
    }
  }

/** A server of which only its answers are known, with metadata that name every endpoint at itself. */
export async function openHostileServer(answer: RequestListener) {
  const port = await listening(httpsListener({}, answer))
  const issuer = `https://localhost:${port}`
  const metadata = {
    issuer,
    registration_endpoint: `${issuer}/reg`,
    token_endpoint: `${issuer}/token`,
    grant_types_supported: ['client_credentials'],
  }
  return { issuer, metadata, ca: pemOf(rsa) }
}

/** Findings by id, with their status. */
export const statusesOf = (findings: readonly Finding[]): Record<string, string> =>
  Object.fromEntries(findings.map(({ id, status }) => [id, status]))

/** The findings of that status, told so that a failing test shows why. */
export const toldOf = (findings: readonly Finding[], ...statuses: readonly string[]): string[] =>
  findings.filter(({ status }) => statuses.includes(status)).map(({ id, got }) => `${id}: ${got}`)
