import type { Express } from 'express'
import {
  profiles as all,
  type Client,
  type FapiOptions,
  memoryStore,
  type Profile,
  protect,
  type RegisteredClients,
  type Registration,
  type RegistrationOptions,
  registration,
  requireScope,
  type Store,
} from 'express-fapi'
import type { Identity } from '../../examples/bank/certificates.js'
import { listAccounts } from '../../examples/own-server/accounts.js'
import { ownServer } from '../../examples/own-server/application.js'
import type { Client as KnownClient } from '../../examples/own-server/clients.js'
import { showFailure } from '../../examples/own-server/failures.js'
import { idTokens } from '../../examples/own-server/id-tokens.js'
import { createModel } from '../../examples/own-server/model.js'
import { type GuardedServer, openGuarded, privateJwkOf, SERVER_KEYS, type Surroundings } from '../express/guarded-server.js'
import { ca, type Listening, listenTo } from '../readers/issuer-servers.js'
import { mintKey, type SigningKey } from '../support/keys.js'
import { type Party, party } from '../support/party.js'
import type { Metadata } from '../support/registration.js'
import type { Tpp } from '../support/tpp.js'
import type { Answer, Sending } from '../support/wire.js'
import { directory } from './statements.js'

/** An issuer of software statements that is open over HTTPS, and what a server needs to take them. */
export interface OpenDirectory extends Listening {
  readonly trusting: Pick<RegistrationOptions, 'outbound'>
  readonly issuers: readonly { readonly issuer: string; readonly jwks_uri: string }[]
}

/** Serves the keys that statements are signed with. */
export async function openDirectory(): Promise<OpenDirectory> {
  const keys = JSON.stringify({ keys: [directory.publicJwk] })
  const server = await listenTo((_req, res) => res.setHeader('content-type', 'application/json').end(keys))
  const host = `localhost:${server.port}`
  return {
    ...server,
    trusting: { outbound: { ca, allowPrivateHosts: [host] } },
    issuers: [{ issuer: 'https://directory.example', jwks_uri: `https://${host}/jwks` }],
  }
}

/** Clients in a `Map`: the least that a server of one's own needs. */
export const inMap = (map: Map<string, Metadata>): RegisteredClients => ({
  find: (clientId) => map.get(clientId),
  save(clientId, metadata) {
    map.set(clientId, metadata)
    return undefined
  },
  remove: (clientId) => void map.delete(clientId),
})

/** Clients next to everything else. */
export const inStore = (store: Store): RegisteredClients => ({
  find: (clientId) => store.find('Client', clientId),
  async save(clientId, metadata) {
    await store.upsert('Client', clientId, metadata, undefined)
    return undefined
  },
  remove: (clientId) => store.destroy('Client', clientId),
})

/** Limits that no test comes near. */
export const UNLIMITED = { perCaller: { limit: 1e6, seconds: 60 }, total: { limit: 1e6, seconds: 60 } } as const

/** The profile that a client names. */
export const choose = ({ fapi_profile: name }: Client): Profile | undefined => all.find((profile) => profile.name === name)

export interface RegistrationServerOptions {
  readonly profiles?: readonly Profile[]
  readonly createApp?: () => Express
  readonly store?: Store
  /** A `Map` when not given. */
  readonly clients?: (store: Store) => RegisteredClients
  readonly options?: (directory: OpenDirectory) => Partial<RegistrationOptions>
}

/** An authorization server of one's own at which clients register, with an API. */
export interface RegistrationServer extends GuardedServer {
  readonly registering: Registration
  readonly clients: RegisteredClients
  readonly store: Store
  /** A token that holds for any number of registrations. */
  readonly initialAccessToken: string
  send(path: string, sending?: Sending): Promise<Answer>
  /** POST, with the initial access token unless told otherwise; `null` for none. */
  register(metadata: unknown, token?: string | null, certificate?: Identity): Promise<Answer>
  /** GET, PUT or DELETE, with the token of the answer unless told otherwise. */
  manage(registered: Answer, method?: string, metadata?: unknown, token?: unknown): Promise<Answer>
  /** Asks for a token in place of a lost one. */
  recover(registered: Answer, body?: unknown, certificate?: Identity): Promise<Answer>
  meet(registered: Answer, key: SigningKey): Party
}

/** Opens it, with whoever issues its software statements. */
export async function openRegistrationServer(wanted: RegistrationServerOptions = {}): Promise<RegistrationServer> {
  const { profiles = all, createApp, store = memoryStore({ capacity: 1_000_000 }) } = wanted
  const issuer = await openDirectory()
  const clients = (wanted.clients ?? (() => inMap(new Map())))(store)
  // The example finds clients without waiting: those that were found for the guard in front of it.
  const found = new Map<string, KnownClient>()
  const guardOptions: Partial<FapiOptions> = {
    endpoints: { introspection: '/introspect', registration: '/register' },
    async clients(clientId) {
      const client = await clients.find(clientId)
      if (client) found.set(clientId, { ...client, client_id: clientId })
      else found.delete(clientId)
      return client
    },
  }
  let registering: Registration | undefined
  const mount = (surroundings: Surroundings) => {
    const { app, policy, issuer: own, certificate } = surroundings
    registering = registration(policy, {
      ...{ issuer: own, publicUrl: `${own}/register`, clients, store, certificate, rateLimits: UNLIMITED, ...issuer.trusting },
      settings: { software_statement_issuers: issuer.issuers },
      ...wanted.options?.(issuer),
    })
    app.use('/register', registering.endpoint)
    serveClients(surroundings, found)
  }
  const server = await openGuarded({
    policy: { profiles, choose },
    ...(createApp && { createApp }),
    ...{ options: guardOptions, mount },
  })
  if (!registering) throw new Error('nothing was mounted')
  const { token: initialAccessToken } = await registering.initialAccessTokens.issue()
  return {
    ...server,
    ...{ registering, clients, store, initialAccessToken },
    ...requests(server, initialAccessToken),
    async close() {
      await server.close()
      await issuer.close()
    },
  }
}

/** The example server behind the middlewares, and an API in front of which they check tokens. */
function serveClients(
  { app, guard, policy, issuer, users, subjects, store, certificate }: Surroundings,
  found: Map<string, KnownClient>,
): void {
  const findClient = (clientId: string) => found.get(clientId)
  const jwks = { keys: SERVER_KEYS.map((one) => privateJwkOf(one)) }
  const model = createModel({ issuer, findClient, subjects, issueIdToken: idTokens({ issuer, jwks }) })
  app.use('/par', guard.pushAuthorizationRequest())
  app.use('/authorize', guard.authorizationRequest(), guard.authorizationResponse())
  app.use('/token', guard.tokenRequest())
  app.use('/introspect', guard.introspection())
  ownServer(app, { model, users, findClient })
  const issuers = { issuer, audience: issuer, tokens: guard.accessTokens(model.findToken) }
  const guarded = protect(policy, { issuers, publicUrl: issuer, certificate, store })
  app.get('/accounts', guarded, requireScope('accounts'), listAccounts({ users, subjects }))
  app.use(guard.fapiErrors())
  app.use(showFailure)
}

type Requests = Pick<RegistrationServer, 'send' | 'register' | 'manage' | 'recover' | 'meet'>

const json = { 'content-type': 'application/json' }
const bearer = (token: unknown) => ({ authorization: `Bearer ${token}` })

function requests(server: GuardedServer, initialAccessToken: string): Requests {
  const { issuer, wire, metadata: ofServer, jwks } = server
  return {
    send: (path, sending) => wire.send(`${issuer}/register${path}`, sending),
    register(metadata, token = initialAccessToken, certificate) {
      const headers = { ...json, ...(token !== null && bearer(token)) }
      return wire.send(`${issuer}/register`, { method: 'POST', headers, body: JSON.stringify(metadata), certificate })
    },
    manage({ json: registered }, method = 'GET', metadata, token = registered.registration_access_token) {
      const headers = { ...bearer(token), ...(metadata !== undefined && json) }
      const body = metadata === undefined ? {} : { body: JSON.stringify(metadata) }
      return wire.send(String(registered.registration_client_uri), { method, headers, ...body })
    },
    recover({ json: registered }, body, certificate) {
      const uri = `${registered.registration_client_uri}/registration-access-token`
      const sent = body === undefined ? {} : { headers: json, body: JSON.stringify(body) }
      return wire.send(uri, { method: 'POST', ...sent, certificate })
    },
    meet({ json: metadata }, key) {
      const [redirectUri] = metadata.redirect_uris as readonly string[]
      const tpp = { id: String(metadata.client_id), metadata, redirectUri, key, proofKey: mintKey(), certificate: undefined }
      return party({ ...{ issuer, wire, jwks }, metadata: ofServer }, tpp as unknown as Tpp)
    },
  }
}

/** What the server alone says, and no update may send back. */
const GIVEN = ['registration_access_token', 'registration_client_uri', 'client_id_issued_at', 'client_secret_expires_at']

/** An answer as a client sends it back with an update. */
export const sentBack = ({ json: registered }: Answer): Metadata =>
  Object.fromEntries(Object.entries(registered).filter(([name]) => !GIVEN.includes(name) && name !== 'metadata_set_by_server'))
