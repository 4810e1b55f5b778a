import { isText } from '../core/claims.js'
import type { ConfigurationFault } from '../core/errors.js'
import { FAPI_ALGORITHMS } from '../core/jwk.js'
import { hostsOf, type OutboundOptions, outboundFaults, urlFault } from './outbound-options.js'

export interface LocalKeySetOptions {
  /** The JWS algorithms that are verified, of those that FAPI allows; all of them when not given. */
  readonly algorithms?: readonly string[]
}

export interface KeySetOptions extends OutboundOptions, LocalKeySetOptions {
  /**
   * Seconds for which a set is fresh, 600 when not given. An issuer may ask for less by `Cache-Control`, though for no less than
   * 60 (our choice). The set is read anew in the background before that.
   */
  readonly maxAge?: number
  /** Seconds for which a set that is no longer fresh goes on to be used while it cannot be read; 86,400 when not given. */
  readonly staleIfError?: number
  /**
   * Seconds between looking for one unknown kid and looking for the next, 5 when not given. What was not found is not looked for
   * again for twice as long, which is also the longest that a new key can stay unknown, whatever else is asked for meanwhile.
   */
  readonly cooldown?: number
}

/** What is wrong with the URL and the options of a key set, all of it. */
export function keySetFaults(url: unknown, options: KeySetOptions): ConfigurationFault[] {
  const { maxAge = 600, staleIfError = 86_400, cooldown = 5, algorithms = FAPI_ALGORITHMS, allowPrivateHosts } = options
  const written = url instanceof URL ? url.href : url
  const fault = urlFault(written, hostsOf(allowPrivateHosts))
  const bounds: readonly (readonly [option: string, got: unknown, least: number, most: number])[] = [
    ['maxAge', maxAge, 1, 86_400],
    ['staleIfError', staleIfError, 0, 604_800],
    ['cooldown', cooldown, 1, 60],
  ]
  return [
    ...(fault === undefined ? [] : [{ option: 'url', got: withoutCredentials(written), allowed: fault }]),
    ...bounds
      .filter(([, got, least, most]) => !(typeof got === 'number' && got >= least && got <= most))
      .map(([option, got, least, most]) => ({ option, got, allowed: `must be seconds, from ${least} to ${most}` })),
    ...algorithmFaults(algorithms),
    ...outboundFaults(options),
  ]
}

/** What is wrong with a list of algorithms. */
export function algorithmFaults(algorithms: unknown): ConfigurationFault[] {
  const known: readonly unknown[] = FAPI_ALGORITHMS
  if (Array.isArray(algorithms) && algorithms.length > 0 && algorithms.every((alg) => known.includes(alg))) return []
  return [{ option: 'algorithms', got: algorithms, allowed: `must list some of ${known.join(', ')}` }]
}

/** What ends up in a log. */
const withoutCredentials = (url: unknown) => (isText(url) ? url.replace(/\/\/[^/]*@/, '//…@') : url)
