import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type CryptoKey, importJWK, type JWK } from 'jose'
import * as client from 'openid-client'
import { Agent, fetch, type RequestInit, type Response } from 'undici'
import type { Target } from './target.js'

/** A client of the server with its keys, and a way to send its requests. */
export interface Party {
  readonly id: string
  readonly metadata: Readonly<Record<string, unknown>>
  /** Its signing key as a JWK, for what no honest library would sign. */
  readonly jwk: JWK
  readonly key: { readonly key: CryptoKey; readonly kid: string }
  /** Sends a request with the client's certificate, following no redirect. */
  send(url: string | URL, init?: RequestInit): Promise<Response>
  close(): Promise<void>
}

/** Reads what the server keeps of one of its own clients. */
export async function openParty({ dataDir, caCertificate }: Target, id: string): Promise<Party> {
  const read = (name: string) => readFileSync(join(dataDir, 'clients', id, name), 'utf8')
  const jwk = JSON.parse(read('private.jwk.json')) as JWK & { kid: string; alg: string }
  const agent = new Agent({ connect: { ca: caCertificate, cert: read('certificate.pem'), key: read('key.pem') } })
  return {
    id,
    metadata: JSON.parse(read('metadata.json')) as Record<string, unknown>,
    jwk,
    key: { key: (await importJWK(jwk, jwk.alg)) as CryptoKey, kid: jwk.kid },
    send: (url, init) => fetch(url, { redirect: 'manual', ...init, dispatcher: agent }),
    close: () => agent.close(),
  }
}

/** The party as openid-client has it: discovery, authentication method, certificate. */
export async function configure({ issuer }: Target, party: Party): Promise<client.Configuration> {
  const authentication =
    party.metadata.token_endpoint_auth_method === 'private_key_jwt' ? client.PrivateKeyJwt(party.key) : client.TlsClientAuth()
  return client.discovery(new URL(issuer), party.id, party.metadata as Partial<client.ClientMetadata>, authentication, {
    [client.customFetch]: (url, options) => party.send(url, options as RequestInit) as unknown as Promise<globalThis.Response>,
  })
}
