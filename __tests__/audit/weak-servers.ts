import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Adapter, ClientMetadata, Configuration, JWK } from 'oidc-provider'
import { startOwnServer } from '../../examples/own-server/start.js'
import { type AuditOptions, audit } from '../../lib/audit/audit.js'
import type { Report, Status } from '../../lib/audit/finding.js'
import { freshKeys } from '../../lib/readers/fresh-keys.js'
import { openPlainProvider, profileNamed } from './audited-servers.js'

/** What an audit found at a server: the status of each finding, by its id without the port. */
export type Found = Readonly<Record<string, Status>>

const foundIn = ({ findings }: Report): Found =>
  Object.fromEntries(findings.map(({ id, status }) => [id.replace(/localhost:\d+/, 'localhost'), status]))

/** Finds as late as a database does. */
const late = (adapter: Adapter): Adapter => ({
  ...adapter,
  find: async (id) => {
    const record = await adapter.find(id)
    await wait(50)
    return record
  },
})

async function auditOf(configuration: Configuration, profile: string, more: Partial<AuditOptions> = {}): Promise<Found> {
  const { issuer, ca } = await openPlainProvider(configuration, late)
  return foundIn(await audit({ issuer, profile: profileNamed(profile), ca, version: '0', ...more }))
}

/** Every feature flag on, all else as it comes. */
export function auditOfFlags(profile: 'fapi1-advanced' | 'fapi2-security'): Promise<Found> {
  const on = { enabled: true }
  const fapi = { enabled: true, profile: profile === 'fapi2-security' ? '2.0' : '1.0 Final' } as const
  const features = {
    ...{ fapi, clientCredentials: on, pushedAuthorizationRequests: on, requestObjects: on, jwtResponseModes: on, dPoP: on },
    ...{ registration: on, registrationManagement: on },
  }
  return auditOf({ features }, profile)
}

const key = { ...freshKeys('RSA').privateKey.export({ format: 'jwk' }), kid: 'rsa' }
const { kty, n, e, kid } = key

/** A client that does all that it can by itself, and registered nothing that it could leave out. */
const client: ClientMetadata = {
  client_id: 'careful',
  token_endpoint_auth_method: 'private_key_jwt',
  redirect_uris: ['https://careful.example/cb'],
  grant_types: ['authorization_code', 'client_credentials'],
  jwks: { keys: [{ kty, n, e, kid } as JWK] },
}

/** Nothing set up but a client, as it comes out of the box; with `fapi`, that alone switched on. */
export const auditOfDefaults = (fapi: boolean): Promise<Found> =>
  auditOf(
    {
      clients: [client],
      features: { clientCredentials: { enabled: true }, ...(fapi && { fapi: { enabled: true, profile: '2.0' } as const }) },
    },
    'fapi2-security',
    { client: { metadata: client, keys: [key] } },
  )

/** The first configuration that the README of node-oidc-provider shows, with FAPI switched on. */
export function auditOfQuickStart(): Promise<Found> {
  const [foo] = [{ client_id: 'foo', client_secret: 'bar', redirect_uris: ['http://localhost:8080/cb'] }]
  const configuration: Configuration = { clients: [foo], features: { fapi: { enabled: true, profile: '2.0' } } }
  return auditOf(configuration, 'fapi2-security', { client: { metadata: foo, keys: [] } })
}

/** The example of a server of one's own, with or without the middlewares, as one of its clients. */
export async function auditOfOwnServer(fapi: boolean, profile: string, clientId: string): Promise<Found> {
  const dataDir = mkdtempSync(join(tmpdir(), 'own-'))
  const server = await startOwnServer({ port: 0, mtlsPort: 0, dataDir, quiet: true, fapi })
  const file = (name: string) => readFileSync(join(dataDir, 'clients', clientId, name), 'utf8')
  try {
    const { issuer, endpoints, caCertificate, mtlsOrigin } = server
    const metadata = { issuer, authorization_endpoint: endpoints.authorization, token_endpoint: endpoints.token }
    const given: AuditOptions['client'] = { metadata: JSON.parse(file('metadata.json')), keys: [JSON.parse(file('private.jwk.json'))] }
    const byCertificate = given.metadata.tls_client_certificate_bound_access_tokens === true
    const resource = new URL(byCertificate ? endpoints.accounts.replace(issuer, mtlsOrigin) : endpoints.accounts)
    return foundIn(
      await audit({
        ...{ issuer, profile: profileNamed(profile), ca: caCertificate, version: '0', client: given, resource },
        ...(!fapi && { metadata }),
        ...(byCertificate && { mtls: { certificate: file('certificate.pem'), key: file('key.pem') } }),
      }),
    )
  } finally {
    await server.close()
  }
}
