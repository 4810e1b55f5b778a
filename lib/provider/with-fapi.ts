import type { ClientMetadata, Configuration, KoaContextWithOIDC, Client as ProviderClient } from 'oidc-provider'
import { fillClient } from '../core/client-defaults.js'
import { ConfigurationError, type ConfigurationFault } from '../core/errors.js'
import type { Client } from '../core/facts.js'
import { FAPI_ALGORITHMS } from '../core/jwk.js'
import type { Policy } from '../core/policy.js'
import { waivedBecause } from '../core/waiver.js'
import type { CertificateSource } from '../readers/certificate.js'
import { clientFacts } from '../readers/client-metadata.js'
import { memoryStore } from '../stores/memory.js'
import type { OnceStore } from '../stores/store.js'
import { certificatesOf } from './certificates.js'
import { clientOf } from './facts.js'
import { clientFaults, settingFaults } from './faults.js'
import { hooks } from './hooks.js'
import { judgeKeySets } from './key-sets.js'
import { remember } from './observe.js'
import { judgeClients } from './registration.js'
import { serverFacts } from './server-facts.js'
import { type Extent, extentOf, fillSettings, signingAlgorithm } from './settings.js'
import { ownRotation } from './upstream.js'

export interface WithFapiOptions {
  /** Where client certificates are found. Without it, and without a `getCertificate` of yours, no client can use mutual TLS. */
  readonly certificate?: CertificateSource
  /** Where used client assertions are remembered. Without it, in this process alone: with two processes each accepts one use. */
  readonly store?: OnceStore
}

/**
 * Plugs a policy into a configuration of node-oidc-provider and returns the configuration to start it with; the one given
 * is not written to. What a profile wants is filled in where you are silent. Throws a `ConfigurationError` that lists
 * everything in it that contradicts the profile, each with option, what was found, what is allowed and the clause.
 * In report mode nothing that refuses is set or thrown. Hand the provider made of it to `observe`.
 */
export function withFapi(policy: Policy, issuer: string, configuration: Configuration = {}, options: WithFapiOptions = {}): Configuration {
  const extent = extentOf(policy)
  const { getCertificate, certificateAuthorized } = configuration.features?.mTLS ?? {}
  const hasCertificates = options.certificate !== undefined || getCertificate !== undefined
  const verifies = certificateAuthorized !== undefined || (options.certificate !== undefined && getCertificate === undefined)
  const filled = fillSettings(configuration, policy.profiles, extent, { hasCertificates, verifies })
  const algorithm = filled.jwks && signingAlgorithm(filled.jwks, FAPI_ALGORITHMS)
  const clients = filled.clients?.map((client) => filledClient(policy, client, algorithm))

  const faults = [
    ...(configuration.features?.mTLS?.enabled && !hasCertificates && extent !== 'nothing' ? [NO_CERTIFICATE_SOURCE] : []),
    ...settingFaults(policy, serverFacts(issuer, filled, policy.exclusive && policy.mode !== 'by client')),
    ...(clients ?? []).flatMap((client) => clientFaults(policy, clientFacts({ ...filled.clientDefaults, ...client }))),
  ]
  if (faults.length) throw new ConfigurationError(faults)
  if (extent !== 'nothing' && !hasCertificates && filled.features?.mTLS?.enabled)
    warn('FAPI_NO_CERTIFICATES', 'no certificate source given: no client can get a certificate-bound token')

  const aliases = Object.values((filled.discovery?.mtls_endpoint_aliases ?? {}) as Record<string, string>)
  const certificates = certificatesOf(configuration.features?.mTLS, options.certificate)
  remember(policy, issuer, { aliases, certificates })
  return {
    ...filled,
    ...perClient(policy, filled, extent),
    ...(clients && { clients }),
    extraClientMetadata: judgeClients(policy, filled.extraClientMetadata, algorithm),
    fetch: judgeKeySets(
      policy,
      filled.fetch,
      filled.fetchResponseBodyLimits?.jwks_uri ?? (extent === 'nothing' ? Number.POSITIVE_INFINITY : KEY_SET_BYTES),
    ),
    ...hooks(policy, withChecks(policy, filled, extent), {
      store: options.store ?? (extent === 'nothing' ? NOT_ASKED : memoryStore()),
      certificates,
      aliases,
    }),
  }
}

const NO_CERTIFICATE_SOURCE: ConfigurationFault = {
  option: 'certificate',
  got: undefined,
  allowed: 'must say where client certificates are found, such as fromTls(), because features.mTLS is on',
}

/** Our choice where the user sets no limit: far more than any client's keys need. */
const KEY_SET_BYTES = 512 * 1024

/** In report mode nothing is refused for being a replay, so nothing is remembered. */
const NOT_ASKED: OnceStore = { once: () => Promise.reject(new Error('no store was given')) }

const warn = (code: string, message: string) => process.emitWarning(message, { code })

/** Whether a client is held to a rule of FAPI 2.0 that a setting sees to. */
const isHeldTo2 = (policy: Policy, client: Client, rule: string) =>
  policy.modeOf(client) === 'enforce' &&
  policy.profileOf(client)?.generation === '2.0' &&
  waivedBecause(policy.waivers[rule], client, Date.now() / 1000) === undefined

/** What an issuer that serves several kinds of clients decides for each. */
function perClient(policy: Policy, base: Configuration, extent: Extent): Configuration {
  if (extent === 'nothing') return {}
  const { AuthorizationCode: lifetime = 60 } = base.ttl ?? {}
  const rotate = base.rotateRefreshToken ?? ownRotation
  return {
    // A number that is too long stops the boot where all are held to it; what a function answers can only be cut.
    ttl: {
      ...base.ttl,
      AuthorizationCode(ctx, code, client: ProviderClient) {
        const seconds = typeof lifetime === 'function' ? lifetime(ctx, code, client) : lifetime
        return isHeldTo2(policy, clientOf(client), 'authorization-code-lifetime') ? Math.min(seconds, 60) : seconds
      },
    },
    ...(extent === 'what must be offered' && {
      async rotateRefreshToken(ctx: KoaContextWithOIDC) {
        const { client } = ctx.oidc
        if (client && isHeldTo2(policy, clientOf(client), 'no-refresh-rotation')) return false
        return typeof rotate === 'function' ? rotate(ctx) : rotate
      },
    }),
  }
}

/** The provider's own FAPI checks follow the client's profile, unless the user decided about them. */
function withChecks(policy: Policy, base: Configuration, extent: Extent): Configuration {
  if (extent !== 'what must be offered' || base.features?.fapi) return base
  const profile = (_ctx: unknown, client?: ProviderClient) => {
    const facts = client && clientOf(client)
    if (!facts || policy.modeOf(facts) === 'report') return undefined
    const checks = policy.profileOf(facts)?.defaults.server.fapi_checks
    if (checks === undefined || checks === 'off') return undefined
    return checks === '2.0' ? '2.0' : '1.0 Final'
  }
  return { ...base, features: { ...base.features, fapi: { enabled: true, profile } } }
}

/** A client of the configuration with what its profile wants where it is silent. */
function filledClient(policy: Policy, client: ClientMetadata, algorithm: string | undefined): ClientMetadata {
  const facts = clientFacts(client)
  const metadata = { ...client }
  if (policy.modeOf(facts) === 'report') return metadata
  try {
    const profile = policy.profileOf(facts)
    if (profile) fillClient(profile, metadata, (name) => client[name as keyof ClientMetadata] !== undefined, undefined, algorithm)
  } catch {
    // The same failure is answered by policy.decide, which turns it into a fault of this client.
  }
  return metadata
}
