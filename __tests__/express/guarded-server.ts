import { createServer } from 'node:https'
import { createRequire } from 'node:module'
import express, { type Express } from 'express'
import {
  createPolicy,
  type Fapi,
  type FapiOptions,
  fapi,
  fromTls,
  memoryStore,
  type Policy,
  type PolicyOptions,
  type Verdict,
} from 'express-fapi'
import { trust } from 'express-fapi/trust'
import { createAuthority, type Identity, issueCertificate } from '../../examples/bank/certificates.js'
import { seedUsers, type Users } from '../../examples/bank/users.js'
import { accountsApi } from '../../examples/own-server/accounts.js'
import { ownServer } from '../../examples/own-server/application.js'
import { type Client, clientDirectory } from '../../examples/own-server/clients.js'
import { showFailure } from '../../examples/own-server/failures.js'
import { idTokens } from '../../examples/own-server/id-tokens.js'
import { createModel, type Model } from '../../examples/own-server/model.js'
import { pairwiseSubjects, type Subjects } from '../../examples/own-server/subjects.js'
import '../support/clock.js'
import { mintKey, type SigningKey } from '../support/keys.js'
import { type Party, party } from '../support/party.js'
import { makeTpp, type Role, type Tpp } from '../support/tpp.js'
import { openWire, type Wire } from '../support/wire.js'

const express4 = createRequire(import.meta.url)('express4') as typeof express

/** Both versions of Express that the middlewares are for. */
export const BOTH_EXPRESSES: readonly (readonly [name: string, createApp: typeof express])[] = [
  ['Express 5', express],
  ['Express 4', express4],
]

/** What a team has at hand when it mounts the middlewares. */
export interface Surroundings {
  readonly app: Express
  readonly guard: Fapi
  readonly policy: Policy
  readonly issuer: string
  readonly model: Model
  readonly users: Users
  readonly subjects: Subjects
  readonly store: ReturnType<typeof memoryStore>
  readonly certificate: FapiOptions['certificate']
  /** Mounts the plain server of the examples, as it is. */
  plainServer(): void
}

export interface GuardedOptions {
  /** Who is held to what, and whether it is enforced; verdicts are taken down. */
  readonly policy: PolicyOptions
  /** Clients by name, with keys that are made for them. */
  readonly roles?: Readonly<Record<string, Role>>
  /** Clients as they are. */
  readonly clients?: readonly Client[]
  readonly createApp?: () => Express
  readonly options?: Partial<FapiOptions>
  mount(surroundings: Surroundings): void
}

/** A server with the middlewares in front, open over HTTPS. */
export interface GuardedServer {
  readonly issuer: string
  readonly verdicts: readonly Verdict[]
  readonly wire: Wire
  readonly metadata: Readonly<Record<string, unknown>>
  readonly jwks: unknown
  readonly authority: Identity
  tpp(name: string): Tpp
  as(name: string): Party
  close(): Promise<void>
}

/** The keys of the server: made once, because RSA takes a moment. */
export const SERVER_KEYS: readonly SigningKey[] = [mintKey('PS256'), mintKey('ES256')]
export const privateJwkOf = ({ privateJwk, kid, alg }: SigningKey, use = 'sig') => ({ ...privateJwk, kid, alg, use })

/** Opens a server on a free port; `mount` says what is on it. Client certificates are asked for, none is required. */
export async function openGuarded({
  policy: wanted,
  roles = {},
  clients = [],
  createApp = express,
  options,
  mount,
}: GuardedOptions): Promise<GuardedServer> {
  const authority = await createAuthority('CN=Test CA')
  const names = [{ type: 'dns' as const, value: 'localhost' }]
  const { certificate: cert, key } = await issueCertificate(authority, { subject: 'CN=localhost', usage: 'server', names, keyType: 'EC' })
  const server = createServer({ cert, key, requestCert: true, rejectUnauthorized: false })
  await new Promise<void>((resolve) => server.listen(0, resolve))
  const address = server.address()
  const issuer = `https://localhost:${typeof address === 'object' && address ? address.port : 0}`

  const tpps = await Promise.all(Object.entries(roles).map(([name, role]) => makeTpp(name, role, authority)))
  const findClient = clientDirectory([...tpps.map(({ metadata }) => metadata as unknown as Client), ...clients])
  const verdicts: Verdict[] = []
  const policy = createPolicy({ ...wanted, record: (verdict) => void verdicts.push(verdict) })
  const [store, certificate] = [memoryStore(), trust({ certificate: fromTls(), ca: authority.certificate })]
  const keys = { keys: SERVER_KEYS.map((one) => privateJwkOf(one)) }
  const guard = fapi(policy, { issuer, clients: findClient, keys, store, certificate, ...options })
  const users = await seedUsers()
  const subjects = pairwiseSubjects('a secret of this test')
  const model = createModel({ issuer, findClient, subjects, issueIdToken: idTokens({ issuer, jwks: keys }) })

  const app = createApp()
  app.set('env', 'test')
  app.get('/.well-known/openid-configuration', guard.metadata())
  app.get('/jwks', guard.jwks())
  mount({
    ...{ app, guard, policy, issuer, model, users, subjects, store, certificate },
    plainServer() {
      ownServer(app, { model, users, findClient })
      accountsApi(app, { findToken: model.findToken, users, subjects })
      app.use(showFailure)
    },
  })
  server.on('request', app)

  const wire = openWire(authority.certificate)
  const { json: metadata } = await wire.send(`${issuer}/.well-known/openid-configuration`)
  const { json: jwks } = await wire.send(`${issuer}/jwks`)
  const tppNamed = (name: string) => {
    const found = tpps.find(({ id }) => id === name)
    if (!found) throw new Error(`the server was opened without ${name}`)
    return found
  }
  const parties = new Map(tpps.map((tpp) => [tpp.id, party({ issuer, metadata, jwks, wire }, tpp)]))
  return {
    ...{ issuer, verdicts, wire, metadata, jwks, authority },
    tpp: tppNamed,
    as: (name) => parties.get(tppNamed(name).id) as Party,
    async close() {
      await wire.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
