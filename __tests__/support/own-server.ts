import { createServer } from 'node:https'
import { fromTls, type Policy } from 'express-fapi'
import { observe, type WithFapiOptions, withFapi } from 'express-fapi/provider'
import Provider, { type Configuration } from 'oidc-provider'
import { createAuthority, type Identity, issueCertificate } from '../../examples/bank/certificates.js'
import './clock.js'
import { type Party, party } from './party.js'
import { makeTpp, type Role } from './tpp.js'
import { openWire } from './wire.js'

export interface OwnServerOptions {
  readonly policy: Policy
  readonly configuration?: Configuration
  readonly options?: WithFapiOptions
  /** Clients by name. */
  readonly clients: Readonly<Record<string, Role>>
}

/** An authorization server without pages, for what the bank has set up otherwise: pushes, tokens of `client_credentials`, registrations. */
export interface OwnServer {
  readonly issuer: string
  readonly provider: Provider
  readonly authority: Identity
  as(name: string): Party
  close(): Promise<void>
}

export async function openOwnServer({ policy, configuration, options, clients }: OwnServerOptions): Promise<OwnServer> {
  const authority = await createAuthority('CN=Test CA')
  const names = [{ type: 'dns' as const, value: 'localhost' }]
  const { certificate, key } = await issueCertificate(authority, { subject: 'CN=localhost', usage: 'server', names, keyType: 'EC' })
  const server = createServer({ cert: certificate, key, requestCert: true, rejectUnauthorized: false })
  await new Promise<void>((resolve) => server.listen(0, resolve))
  const address = server.address()
  const issuer = `https://localhost:${typeof address === 'object' && address ? address.port : 0}`

  const tpps = await Promise.all(Object.entries(clients).map(([name, role]) => makeTpp(name, role, authority)))
  const whole = { ...configuration, clients: tpps.map(({ metadata }) => metadata) }
  const provider = observe(policy, new Provider(issuer, withFapi(policy, issuer, whole, { certificate: fromTls(), ...options })))
  server.on('request', provider.callback())

  const wire = openWire(authority.certificate)
  const { json: metadata } = await wire.send(`${issuer}/.well-known/openid-configuration`)
  const { json: jwks } = await wire.send(String(metadata.jwks_uri))
  const parties = new Map(tpps.map((tpp) => [tpp.id, party({ issuer, metadata, jwks, wire }, tpp)]))
  return {
    ...{ issuer, provider, authority },
    as(name) {
      const found = parties.get(name)
      if (!found) throw new Error(`the server was opened without ${name}`)
      return found
    },
    async close() {
      await wire.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
