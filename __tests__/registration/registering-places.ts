import express from 'express'
import type { Registration } from 'express-fapi'
import type { Identity } from '../../examples/bank/certificates.js'
import { type Directory, openDirectory } from '../../examples/tpp/directory.js'
import { listenTo, ca as ownAuthority } from '../readers/issuer-servers.js'
import type { SigningKey } from '../support/keys.js'
import { type Party, party } from '../support/party.js'
import type { Metadata } from '../support/registration.js'
import type { Tpp } from '../support/tpp.js'
import { type Answer, openWire, type Wire } from '../support/wire.js'
import { openRegistrar } from './registrar.js'
import { openRegistrationServer, type RegistrationServerOptions } from './registration-server.js'

/** Somewhere clients register as RFC 7591 has it, with a directory that is trusted there. */
export interface Place {
  readonly directory: Directory
  readonly registering: Registration
  readonly issuer: string
  readonly wire: Wire
  /** POST, with a token that holds unless told otherwise; `null` for none. */
  register(metadata: Metadata, token?: string | null): Promise<Answer>
  /** GET, PUT or DELETE, with the client's token unless told otherwise; an update names the client. */
  manage(registered: Answer, method: string, metadata?: Metadata, token?: unknown): Promise<Answer>
  /** A client that authenticates with this key. */
  meet(registered: Answer, key: SigningKey, certificate?: Identity): Party
  /** A request to the settings API. */
  ask(method: string, path: string, body?: unknown, type?: string): Promise<Answer>
  close(): Promise<void>
}

/** The example bank. */
export async function openBank(): Promise<Place> {
  const registrar = await openRegistrar('generic')
  const { bank, directory } = registrar
  const { wire } = registrar
  const publicUrl = registrar.endpoint
  return placeOf({ ...{ directory, wire, publicUrl }, issuer: bank.issuer, registering: bank.registration }, bank.initialAccessToken, () =>
    registrar.close(),
  )
}

/** An Express application with `registration` on it, and clients in a `Map`. */
export async function openOwn(options: RegistrationServerOptions['options'] = () => ({})): Promise<Place> {
  const directory = await openDirectory({ issuer: 'https://directory.example' })
  const server = await openRegistrationServer({
    options: (other) => ({
      outbound: { ca: directory.ca, allowPrivateHosts: [directory.host] },
      settings: { software_statement_issuers: [{ issuer: directory.issuer, jwks_uri: directory.jwksUri }] },
      ...options(other),
    }),
  })
  const { issuer, registering, initialAccessToken } = server
  const place = { ...{ directory, issuer, registering }, wire: server.wire, publicUrl: `${issuer}/register` }
  return placeOf(place, initialAccessToken, async () => {
    await server.close()
    await directory.close()
  })
}

interface Opened extends Pick<Place, 'directory' | 'registering' | 'issuer' | 'wire'> {
  readonly publicUrl: string
}

async function placeOf(opened: Opened, initialAccessToken: string, close: () => Promise<void>): Promise<Place> {
  const { wire, issuer, publicUrl, registering, directory } = opened
  const { json: server } = await wire.send(`${issuer}/.well-known/openid-configuration`)
  const { json: jwks } = await wire.send(String(server.jwks_uri))
  const app = express()
  app.set('env', 'test')
  app.use(registering.settingsApi(() => ({ name: 'ada' })))
  const admin = await listenTo(app)
  const adminWire = openWire(ownAuthority)

  const json = { 'content-type': 'application/json' }
  const bearer = (token: unknown) => ({ authorization: `Bearer ${token}` })
  return {
    ...{ directory, registering, issuer, wire },
    register: (metadata, token = initialAccessToken) =>
      wire.send(publicUrl, { method: 'POST', headers: { ...json, ...(token !== null && bearer(token)) }, body: JSON.stringify(metadata) }),
    manage: ({ json: registered }, method, metadata, token = registered.registration_access_token) =>
      wire.send(String(registered.registration_client_uri), {
        method,
        headers: { ...bearer(token), ...(metadata && json) },
        ...(metadata && { body: JSON.stringify({ client_id: registered.client_id, ...metadata }) }),
      }),
    meet({ json: metadata }, key, certificate) {
      const [redirectUri] = metadata.redirect_uris as readonly string[]
      const tpp = { id: String(metadata.client_id), metadata, redirectUri, key, proofKey: key, certificate }
      return party({ ...{ issuer, wire, jwks }, metadata: server }, tpp as unknown as Tpp)
    },
    ask: (method, path, body, type = 'application/json') =>
      adminWire.send(`https://localhost:${admin.port}${path}`, {
        ...{ method, headers: { 'content-type': type } },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    async close() {
      await adminWire.close()
      await admin.close()
      await close()
    },
  }
}
