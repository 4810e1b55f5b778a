import { isHttpsUrl } from '../core/claims.js'
import { ConfigurationError, type ConfigurationFault } from '../core/errors.js'
import type { Policy } from '../core/policy.js'
import type { CertificateSource } from '../readers/certificate.js'
import { type Nonces, rollingNonces } from '../readers/nonces.js'
import type { OnceStore } from '../stores/store.js'
import type { Always } from './challenge.js'
import type { Issuer } from './issuer.js'

export interface ProtectOptions {
  /** The authorization servers whose access tokens are taken. */
  readonly issuers: Issuer | readonly Issuer[]
  /**
   * The https URLs the application is reached under, such as `https://api.bank.example`; with a path where a gateway takes that path
   * away. `htu` is compared with these, never with a Host header.
   */
  readonly publicUrl: string | readonly string[]
  readonly certificate: CertificateSource
  /** Where used DPoP proofs are remembered. */
  readonly store: OnceStore
  /**
   * Whether DPoP proofs need a nonce (RFC 9449 §9): never (`off`, the default), where the client's clock is wrong (`on-skew`), or
   * `always`. With `on-skew` a client that was given a nonce may go on without one once its clock is right: to hold
   * everybody to a nonce, say `always` (RFC 9449 §11.3).
   */
  readonly nonce?: 'off' | 'on-skew' | 'always'
  /** At least 32 random octets, the same at every instance, for the nonces. */
  readonly nonceSecret?: Uint8Array
  /** Where this API's metadata is (RFC 9728), for challenges to point to. */
  readonly resourceMetadata?: string
}

export interface Settings {
  /** Without a slash at the end. */
  readonly bases: readonly [string, ...string[]]
  readonly issuers: readonly Issuer[]
  readonly certificate: CertificateSource
  readonly store: OnceStore
  readonly nonces: Nonces | undefined
  readonly nonceRequired: boolean
  readonly always: Always
}

const NONCES: readonly unknown[] = ['off', 'on-skew', 'always']

/** Checks the policy and the options of `protect`. Throws a `ConfigurationError` that lists everything wrong with them. */
export function settings(policy: Policy, options: ProtectOptions): Settings {
  if (typeof options !== 'object' || options === null)
    throw new ConfigurationError([
      { option: 'options', got: options, allowed: 'must be given: nothing of what they say has a safe default' },
    ])
  const { issuers, publicUrl, certificate, store, nonce = 'off', nonceSecret, resourceMetadata } = options
  const faults: ConfigurationFault[] = []
  const insist = (holds: boolean, option: string, got: unknown, allowed: string) => {
    if (!holds) faults.push({ option, got, allowed })
  }
  insist(typeof policy?.decide === 'function', 'policy', policy, 'must be a policy, of createPolicy()')
  const urls = [publicUrl].flat()
  const [first, ...others] = urls.filter(isBase).map((url) => url.replace(/\/$/, ''))
  insist(
    first !== undefined && others.length === urls.length - 1,
    'publicUrl',
    publicUrl,
    'must be the https URL of the API without query, or several',
  )
  const bases = urls.filter(isBase).map((url) => `${url.replace(/\/$/, '')}/`)
  const isNested = bases.some((one, at) => bases.some((other, index) => index !== at && other.startsWith(one)))
  insist(!isNested, 'publicUrl', publicUrl, 'must not name a URL inside another: one proof would fit two resources')
  insist(typeof certificate === 'function', 'certificate', certificate, 'must be a certificate source, such as fromTls()')
  insist(typeof store?.once === 'function', 'store', store, 'must be a store, which remembers DPoP proofs')
  insist(NONCES.includes(nonce), 'nonce', nonce, "must be 'off', 'on-skew' or 'always'")
  insist(resourceMetadata === undefined || isHttpsUrl(resourceMetadata), 'resourceMetadata', resourceMetadata, 'must be an https URL')
  const isList = typeof issuers === 'object' && issuers !== null
  insist(isList, 'issuers', issuers, 'must name the authorization servers whose access tokens are taken')
  if (faults.length > 0 || first === undefined) throw new ConfigurationError(faults)
  return {
    bases: [first, ...others],
    issuers: [issuers].flat(),
    ...{ certificate, store },
    nonces: nonce === 'off' ? undefined : rollingNonces(nonceSecret ?? new Uint8Array()),
    nonceRequired: nonce === 'always',
    always: resourceMetadata === undefined ? {} : { resource_metadata: resourceMetadata },
  }
}

const isBase = (url: unknown): url is string =>
  isHttpsUrl(url) && !/[?#@]/.test(url) && new URL(url).href.replace(/\/$/, '') === url.replace(/\/$/, '')
