import { createHash, timingSafeEqual } from 'node:crypto'
import type { RequestHandler } from 'express'
import {
  type CertificateSource,
  type Ecosystem,
  ecosystems,
  type Policy,
  profiles,
  type Registration,
  registration,
  type Store,
} from 'express-fapi'
import { registeredClients, storage } from 'express-fapi/provider'
import type Provider from 'oidc-provider'
import { DEFAULT_PROFILE } from './clients.js'
import type { DataFolder } from './data-folder.js'
import { keepInitialAccessToken, type Secrets } from './keys.js'

/** A directory that says which software there is. */
export interface Directory {
  /** `iss` of its software statements. */
  readonly issuer: string
  /** The https URL of the keys it signs them with. */
  readonly jwksUri: string
  /** The https URL of its status document. */
  readonly statusUrl?: string | undefined
  /** PEM: who issued its certificate, and those of the software it lists. Authorities that Node knows when not given. */
  readonly ca?: string | undefined
  /** Hosts with private addresses that may be asked, such as `localhost:9443`. */
  readonly hosts?: readonly string[] | undefined
}

export interface BankRegistrationOptions {
  readonly provider: Provider
  readonly policy: Policy
  readonly store: Store
  readonly certificate: CertificateSource
  readonly ecosystem: Ecosystem
  readonly directory: Directory | undefined
  /** The URL of the registration endpoint. */
  readonly publicUrl: string
  readonly scopes: readonly string[]
  /** Guards the management of clients where that is done with access tokens. */
  readonly guard: RequestHandler
}

/** Seconds, our choice: a client that gets no token in thirty days has come to nothing. */
const UNUSED_FOR = 30 * 86_400

/** How the directory, and what it lists, is read. */
export const outboundTo = (directory: Directory | undefined) => ({
  ...(directory?.ca !== undefined && { ca: directory.ca }),
  allowPrivateHosts: directory?.hosts ?? [],
})

/** The names of the ecosystems whose rules a bank may follow. */
export const ECOSYSTEMS = ecosystems.map(({ name }) => name)

export const ecosystemNamed = (name: string): Ecosystem | undefined => ecosystems.find((one) => one.name === name)

/** Registers clients by the rules of an ecosystem, into the provider's own place for clients. */
export function bankRegistration({
  provider,
  policy,
  store,
  certificate,
  ecosystem,
  directory,
  ...rest
}: BankRegistrationOptions): Registration {
  const registering = registration(policy, {
    ...{ issuer: provider.issuer, store, certificate, ecosystem, ...rest },
    clients: registeredClients(provider, { adapter: storage(store)('Client'), store }),
    settings: {
      authentication_required: true,
      software_statement_required: directory !== undefined,
      software_statement_issuers: directory ? [{ issuer: directory.issuer, jwks_uri: directory.jwksUri }] : [],
      enforce_fapi: true,
      fapi_profile: DEFAULT_PROFILE,
      fapi_profiles: profiles.map(({ name }) => name),
    },
    unusedFor: UNUSED_FOR,
    // An example is tried out by few, who ask often.
    rateLimits: { perCaller: { limit: 2000, seconds: 60 }, total: { limit: 4000, seconds: 60 } },
    outbound: outboundTo(directory),
    ...(directory?.statusUrl !== undefined && { statusUrl: directory.statusUrl }),
  })
  // Whoever got a token is in use.
  provider.on('grant.success', ({ oidc }) => void registering.used(oidc.client?.clientId ?? '').catch(() => undefined))
  return registering
}

/** Ten minutes, our choice. */
const LOOK_AFTER_EVERY = 600_000

/** Asks the directory, and removes what was never used, now and then; what fails is tried again the next time. */
export function lookAfter({ maintain }: Registration): () => Promise<void> {
  const timer = setInterval(() => void maintain().catch(() => undefined), LOOK_AFTER_EVERY)
  timer.unref()
  return async () => clearInterval(timer)
}

/** The settings of the registration and its initial access tokens, for whoever has the operator's token. */
export function registrationAdmin(registering: Registration, operatorToken: string): RequestHandler {
  const expected = createHash('sha256').update(`Bearer ${operatorToken}`).digest()
  return registering.settingsApi(({ headers: { authorization = '' } }) =>
    timingSafeEqual(createHash('sha256').update(authorization).digest(), expected) ? { name: 'operator' } : undefined,
  )
}

/** The initial access token that the bank prints: the one of the last start, as long as it holds. */
export async function printedToken({ initialAccessTokens }: Registration, folder: DataFolder, secrets: Secrets): Promise<string> {
  const kept = await initialAccessTokens.check(secrets.initialAccessToken, Date.now() / 1000).catch(() => undefined)
  if (kept) return secrets.initialAccessToken
  const { token } = await initialAccessTokens.issue({ label: 'printed at the start of the bank', issuedBy: 'the bank' })
  keepInitialAccessToken(folder, token)
  return token
}
