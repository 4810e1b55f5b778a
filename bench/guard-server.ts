import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import express, { type RequestHandler } from 'express'
import { apiErrors, createPolicy, fapi2Security, fromTls, localKeySet, memoryStore, protect } from 'express-fapi'
import { auth } from 'express-oauth2-jwt-bearer'
import { API, type Cast, ISSUER } from './guard-cast.js'
import { PATH } from './guard-requests.js'
import { VARIANT_NAMES, VARIANTS, type Variant } from './guard-variants.js'
import { answerParent } from './process.js'

/* A server of the comparison, as a process of its own: told which one by its argument, and the keys by the first message. */

const ACCOUNTS = { accounts: [{ id: 'GB33BUKB20201555555555', currency: 'GBP', balance: '1204.50' }] }

const GUARDS: Readonly<Record<NonNullable<Variant['guard']>, (jwks: Cast['jwks']) => RequestHandler>> = {
  /** `strict` is RFC 9068: typ at+jwt, and the claims it asks for. */
  peer: (jwks) =>
    auth({
      issuer: ISSUER,
      audience: API,
      publicKey: { keys: jwks.keys.map((key) => ({ ...key })) },
      tokenSigningAlg: 'PS256',
      strict: true,
      dpop: { enabled: true, required: true },
    }),
  ours: (jwks) =>
    protect(createPolicy({ profile: fapi2Security }), {
      issuers: { issuer: ISSUER, audience: API, keys: localKeySet(jwks) },
      publicUrl: API,
      certificate: fromTls(),
      store: memoryStore(),
    }),
}

const name = VARIANT_NAMES.find((one) => one === process.argv[2])
if (!name) throw new TypeError('no such server')
const { guard, tls } = VARIANTS[name]

function listen({ jwks, authority: ca, server: { certificate: cert, key } }: Cast): Promise<number> {
  const app = express()
  // The peer compares htu with what the proxy says, ours with publicUrl; so both take the same proofs.
  app.set('trust proxy', 'loopback')
  if (guard) app.use(GUARDS[guard](jwks))
  app.get(PATH, (_req, res) => void res.json(ACCOUNTS))
  // Where a guard leaves the refusal to Express: nothing on the console.
  app.use(apiErrors())
  const server = tls ? createTlsServer({ ca, cert, key, requestCert: true }, app) : createServer(app)
  // Connections outlast the turns of the other servers.
  server.keepAliveTimeout = 300_000
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}

answerParent<{ cast?: Cast }>(async ({ cast }) => {
  if (cast) return listen(cast)
  // All threads, in microseconds.
  const { user, system } = process.cpuUsage()
  return user + system
})
