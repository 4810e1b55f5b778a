import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type Provider from 'oidc-provider'

/**
 * What a node-oidc-provider says of itself (RFC 8414), asked within the process: for `serverMetadata` of the admin console. Rejects with an
 * error when the provider does not answer with it.
 */
export async function serverMetadata(provider: Provider): Promise<Readonly<Record<string, unknown>>> {
  const { host } = new URL(provider.issuer)
  const req = new IncomingMessage(new Socket())
  req.method = 'GET'
  req.url = '/.well-known/openid-configuration'
  req.headers = { host, accept: 'application/json' }
  const res = new ServerResponse(req)
  const text = await new Promise<string>((resolve, reject) => {
    const chunks: Buffer[] = []
    // Koa ends an answer with all of it, and nobody is there to send it to.
    res.write = (chunk: unknown) => {
      chunks.push(Buffer.from(chunk instanceof Uint8Array ? chunk : String(chunk)))
      return true
    }
    res.end = ((chunk?: unknown) => {
      if (chunk !== undefined && chunk !== null) res.write(chunk)
      resolve(Buffer.concat(chunks).toString('utf8'))
      return res
    }) as typeof res.end
    Promise.resolve(provider.callback()(req, res)).catch(reject)
  })
  const metadata: unknown = res.statusCode === 200 ? JSON.parse(text) : undefined
  if (typeof metadata !== 'object' || metadata === null) throw new Error(`the provider answered its own metadata with ${res.statusCode}`)
  return { ...metadata }
}
