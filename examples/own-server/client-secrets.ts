import { createHash, timingSafeEqual } from 'node:crypto'
import type { Request } from 'express'
import type { Client, FindClient } from './clients.js'
import { RequestError } from './request-error.js'

/** Whether this is the client's secret. A client that was registered without one is a public client and needs none. */
export function knowsItsSecret({ client_secret }: Client, secret: string | undefined): boolean {
  return client_secret === undefined || (secret !== undefined && timingSafeEqual(digest(secret), digest(client_secret)))
}

/** The client that sends a request, by HTTP Basic or in the form (RFC 6749 §2.3.1). Throws a `RequestError`. */
export function authenticatedClient(req: Request, findClient: FindClient): Client {
  const { id, secret } = basic(req) ?? { id: text(req.body?.client_id), secret: text(req.body?.client_secret) }
  const client = id === undefined ? undefined : findClient(id)
  if (!client || !knowsItsSecret(client, secret)) throw new RequestError(401, 'invalid_client', 'The client is not who it says it is.')
  return client
}

function basic(req: Request): { id: string; secret: string } | undefined {
  const [, encoded = ''] = /^basic ([\w+/=-]+)$/i.exec(req.get('authorization') ?? '') ?? []
  const [, id, secret] = /^([^:]+):(.*)$/.exec(Buffer.from(encoded, 'base64').toString()) ?? []
  return id === undefined || secret === undefined ? undefined : { id, secret }
}

const text = (value: unknown) => (typeof value === 'string' ? value : undefined)

/** Digests have one length, whatever was typed. */
const digest = (value: string) => createHash('sha256').update(value).digest()
