import Provider, { type Configuration, type Client as ProviderClient } from 'oidc-provider'
import type { Jwk } from '../core/facts.js'
import type { Policy } from '../core/policy.js'
import { isKeySet } from '../readers/client-metadata.js'
import { clientOf } from './facts.js'

const read = new WeakMap<ProviderClient, readonly Jwk[]>()

/** The keys of a client as they were last read from its `jwks_uri`; `undefined` for one whose keys have not been read in this process. */
export const keysRead = (client: ProviderClient): readonly Jwk[] | undefined => read.get(client)

type Fetch = NonNullable<Configuration['fetch']>

/**
 * Judges the keys of a client's `jwks_uri` whenever it is read; a key that its profile refuses is left out, so nothing can
 * be verified with it. A set of more than `limit` bytes is not read to its end.
 */
export function judgeKeySets(
  policy: Policy,
  fetch: Fetch = (url, options) => globalThis.fetch(url, options as RequestInit),
  limit = Number.POSITIVE_INFINITY,
): Fetch {
  return async (url, options) => {
    const response = await fetch(url, options)
    const client = Provider.ctx?.oidc.client
    if (!client?.jwksUri || new URL(client.jwksUri).href !== String(url) || !response.ok) return response

    const body = await readUpTo(response, limit)
    const set = parse(body)
    const facts = clientOf(client)
    if (isKeySet(set)) read.set(client, set.keys)
    const keys = isKeySet(set) ? set.keys.filter((key) => !policy.decide('key', { client: facts, key })?.rejection) : undefined
    const headers = new Headers(response.headers)
    for (const name of ['content-encoding', 'content-length']) headers.delete(name)
    return new Response(keys ? JSON.stringify({ ...(set as object), keys }) : body, { status: response.status, headers })
  }
}

async function readUpTo(response: Response, limit: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength
    // Leaving the loop cancels the rest.
    if (bytes > limit) throw new RangeError(`a key set must not have more than ${limit} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
