import type { JsonWebKey } from 'node:crypto'
import { createServer } from 'node:https'
import express, { type Express } from 'express'
import {
  apiErrors,
  createPolicy,
  fapi2Security,
  fromTls,
  interactionId,
  introspection,
  memoryStore,
  protect,
  requireAcr,
  requireScope,
  resourceMetadata,
  resourceMetadataUrl,
} from 'express-fapi'
import { openDataFolder } from '../bank/data-folder.js'
import { RESOURCE_SERVER } from '../bank/seeds.js'
import { StartError } from '../bank/start-error.js'

export interface ApiOptions {
  /** The bank. */
  readonly issuer: string
  /** The bank's data folder: the API's own key and the certificates are there. */
  readonly dataDir: string
  /** 0 picks a free one. */
  readonly port: number
}

export interface Api {
  readonly url: string
  close(): Promise<void>
}

/** The strongest login of the bank. */
const STRONG = 'urn:openbanking:psd2:sca'

/** Starts an API that knows nothing of access tokens but what the bank says of them. Throws a `StartError`. */
export async function startApi({ issuer, dataDir, port }: ApiOptions): Promise<Api> {
  const folder = openDataFolder(dataDir)
  const [ca, cert, key] = ['ca.pem', 'server.pem', 'server-key.pem'].map(folder.read)
  const own = folder.readJson(`clients/${RESOURCE_SERVER}/private.jwk.json`)
  if (!ca || !cert || !key || !isKey(own))
    throw new StartError(`${folder.path} is not the data folder of a bank: start the bank first, or give --data`)

  let app: Express | undefined
  const server = createServer({ cert, key, minVersion: 'TLSv1.2', requestCert: true, rejectUnauthorized: false }, (req, res) =>
    app?.(req, res),
  )
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, resolve))
  const address = server.address()
  const url = `https://localhost:${typeof address === 'object' && address ? address.port : port}`
  app = application(url, issuer, ca, own)
  return {
    url,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function application(url: string, issuer: string, ca: string, key: JsonWebKey): Express {
  const policy = createPolicy({ profile: fapi2Security })
  const tokens = introspection({
    ...{ issuer, endpoint: `${issuer}/token/introspection`, clientId: RESOURCE_SERVER, key, ca },
    // The bank is on this machine.
    allowPrivateHosts: [new URL(issuer).host],
  })
  const guard = protect(policy, {
    issuers: { issuer, audience: url, tokens },
    publicUrl: url,
    certificate: fromTls(),
    store: memoryStore(),
    nonce: 'off',
    resourceMetadata: resourceMetadataUrl(url),
  })

  const app = express()
  app.disable('x-powered-by')
  app.use(interactionId())
  app.use(resourceMetadata({ resource: url, authorizationServers: [issuer], scopes: ['accounts'] }))
  app.use(guard)
  app.get('/balances', requireScope('accounts'), (req, res) => {
    res.set('cache-control', 'no-store').json({ sub: req.fapi?.token.sub, balances: [{ currency: 'EUR', amount: '1204.30' }] })
  })
  // Where more is at stake the login must be a strong one, and not of yesterday.
  app.get('/statements', requireScope('accounts'), requireAcr({ acr: STRONG, maxAge: 600 }), (req, res) => {
    res.set('cache-control', 'no-store').json({ sub: req.fapi?.token.sub, statements: [] })
  })
  app.use(apiErrors())
  return app
}

const isKey = (value: unknown): value is JsonWebKey => typeof value === 'object' && value !== null && 'd' in value
