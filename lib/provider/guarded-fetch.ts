import type { Configuration } from 'oidc-provider'
import { outbound } from '../readers/outbound.js'
import type { OutboundOptions } from '../readers/outbound-options.js'

type Fetch = NonNullable<Configuration['fetch']>

/** What the provider looks at, to know how long keys are good. */
const KEPT = ['content-type', 'cache-control', 'expires', 'date', 'age'] as const

/**
 * The `fetch` of a node-oidc-provider that reads what clients publish (`jwks_uri`, sector documents) the way `registration` does: https alone, no
 * redirects, outside private networks, within limits of time and size. What is not read but sent goes through `base`. Throws a
 * `ConfigurationError`.
 */
export function guardedFetch(
  options: OutboundOptions = {},
  base: Fetch = (url, init) => globalThis.fetch(url, init as RequestInit),
): Fetch {
  const read = outbound(options)
  return async function fapiFetch(url, init) {
    if ((init?.method ?? 'GET') !== 'GET') return base(url, init)
    const { headers, text } = await read(new URL(String(url)))
    return new Response(text, {
      headers: KEPT.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]] as [string, string]])),
    })
  }
}
