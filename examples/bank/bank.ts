import { isIPv6 } from 'node:net'
import { type Ecosystem, keyRing, type Registration, type Store, type Verdict } from 'express-fapi'
import type Provider from 'oidc-provider'
import { guard } from './api.js'
import { application } from './application.js'
import { certificateSource } from './certificate-source.js'
import type { Identity } from './certificates.js'
import { joinClients, OUTSIDE } from './clients.js'
import { bankConsole, CONSOLE_PATH } from './console.js'
import { type DataFolder, openDataFolder } from './data-folder.js'
import { openStore } from './database.js'
import { loadAuthority, loadServerIdentity, readServerIdentity } from './identities.js'
import { loadSecrets, loadServerKeys } from './keys.js'
import { type Listener, openListeners, openPlainListener } from './listeners.js'
import { operatorSignIn } from './operator-sign-in.js'
import { loadOperators } from './operators.js'
import { type BankOptions, type Settings, settle } from './options.js'
import { bankPolicy } from './policy.js'
import { createProvider } from './provider.js'
import { bankRegistration, lookAfter, printedToken } from './registration.js'
import { SCOPES } from './scopes.js'
import { seedClients } from './seed-clients.js'
import { StartError } from './start-error.js'
import { seedUsers } from './users.js'
import { recordInto } from './verdicts.js'

/** A bank that is open. */
export interface Bank {
  readonly issuer: string
  /** The port of the main listener; the issuer's is another where something stands in front. */
  readonly port: number
  /** Where a proxy in front connects to; `undefined` without one. */
  readonly backend: string | undefined
  /** The origin under which client certificates are asked for. */
  readonly mtlsOrigin: string
  /** PEM: who trusts it trusts the listeners, unless they have a certificate of your own. Client certificates come from it too. */
  readonly caCertificate: string
  /** The data folder, as an absolute path. */
  readonly dataDir: string
  /** What a client registers with (RFC 7591 §3). */
  readonly initialAccessToken: string
  /** What the settings of the registration are changed with. */
  readonly operatorToken: string
  /** The admin console. */
  readonly consoleUrl: string
  /** The password of the operator `admin`, when it was made at this start: it is nowhere else. */
  readonly firstPassword: string | undefined
  /** The latest verdicts of the policy, oldest first. */
  readonly verdicts: readonly Verdict[]
  readonly clientIds: readonly string[]
  readonly logins: readonly string[]
  readonly provider: Provider
  readonly registration: Registration
  close(): Promise<void>
}

/** Opens a bank. Throws a `StartError` or a `ConfigurationError` that says what is wrong; then nothing is left open. */
export async function startBank(options: BankOptions = {}): Promise<Bank> {
  const settings = settle(options)
  const {
    issuer: chosenIssuer,
    clients: given,
    dataDir,
    store: address,
    rotateRefreshTokens,
    behind,
    ecosystem,
    directory,
    sandbox,
    record,
    quiet,
  } = settings
  const folder = openDataFolder(dataDir)
  const authority = await loadAuthority(folder)
  const secrets = loadSecrets(folder)
  const [users, jwks, seeds] = await Promise.all([seedUsers(), loadServerKeys(folder), seedClients(folder, authority, secrets.plainClient)])
  const clients = joinClients(seeds, given)

  const encryption = keyRing([{ id: 'bank', secret: Buffer.from(secrets.store, 'base64url').subarray(0, 32) }])
  const database =
    typeof address === 'string' ? await openStore(address, { folder: folder.path, encryption }) : { store: address, close: async () => {} }
  const { store } = database
  const closing: (() => Promise<void>)[] = [database.close]
  const close = async () => {
    for (const part of closing.splice(0).reverse()) await part()
  }
  try {
    // The ports come before the provider: the issuer may depend on them.
    const listeners = await openPorts(settings, folder, authority)
    closing.push(async () => void (await Promise.all(listeners.map((listener) => listener.close()))))
    closing.push(purgeNowAndThen(store))
    const [main, mtls = main] = listeners
    const issuer = chosenIssuer ?? onPort('https://localhost', main.port)
    const mtlsOrigin = behind?.mtlsOrigin ?? onPort(issuer, mtls.port)
    const verdicts: Verdict[] = []
    // Until then, what is wrong is thrown.
    let open = false
    const outside = new Set(clients.filter(({ fapi_profile }) => fapi_profile === OUTSIDE).map(({ client_id }) => client_id))
    const policy = bankPolicy({ outside, record: [recordInto(verdicts, store, () => open && !quiet), ...record], sandbox })
    const common = { policy, store, certificate: certificateSource({ policy, authority: authority.certificate, behind }), users }
    const scopes = [...new Set(scopesOf(ecosystem))]
    // Whoever needs a certificate to register is not asked for one elsewhere.
    const registrationUrl = `${ecosystem.certificate === 'required' ? mtlsOrigin : issuer}/reg`
    const provider = createProvider({
      ...common,
      ...{ issuer, mtlsOrigin, clients, outside, scopes, registrationUrl, directory, jwks, secrets, rotateRefreshTokens },
    })
    await checkClients(provider, clients)
    const origins = [...new Set([issuer, mtlsOrigin])]
    const registration = bankRegistration({
      ...common,
      ...{ provider, ecosystem, directory, scopes, publicUrl: registrationUrl, guard: guard({ ...common, provider, origins }) },
    })
    closing.push(lookAfter(registration))
    const initialAccessToken = await printedToken(registration, folder, secrets)

    // What stands in front of the bank is its own, and overHttps says what the provider may believe of it.
    provider.proxy = behind !== undefined
    // Late: who is told the first password is told it this once.
    const { operators, firstPassword } = await loadOperators(folder)
    const signIn = operatorSignIn({ operators, store, operatorToken: secrets.operator, behindProxy: behind !== undefined })
    const certificates = [
      { name: 'Authority of this bank: its listeners, and the certificates of its clients', pem: authority.certificate },
    ]
    const app = application({
      ...common,
      ...{ provider, registration, signIn },
      console: bankConsole({ provider, registration, store, signIn, jwks, certificates, clients }),
      operatorToken: secrets.operator,
      origins,
      behindProxy: behind !== undefined,
    })
    for (const listener of listeners) listener.serve(app)
    open = true
    return Object.freeze<Bank>({
      ...{
        issuer,
        port: main.port,
        mtlsOrigin,
        verdicts,
        provider,
        registration,
        initialAccessToken,
        operatorToken: secrets.operator,
        consoleUrl: issuer + CONSOLE_PATH,
        firstPassword,
        close,
      },
      backend: behind && (behind.socket ?? httpOrigin(behind.host, main.port)),
      caCertificate: authority.certificate,
      dataDir: folder.path,
      clientIds: clients.map(({ client_id }) => client_id),
      logins: users.logins,
    })
  } catch (error) {
    await close()
    throw error
  }
}

/** The bank's own scopes, what the roles of an ecosystem give, and what its clients are managed with. */
const scopesOf = ({ scopes, management: { by } }: Ecosystem): string[] => [
  ...SCOPES,
  ...Object.values(scopes?.table ?? {}).flat(),
  ...(scopes?.always ?? []),
  ...(typeof by === 'object' ? [by.scope] : []),
]

/** Ten minutes, our choice: what has expired is not found anyway, it only takes room. */
const PURGE_EVERY = 600_000

/** Drops what has expired now and then; what fails is tried again the next time. */
function purgeNowAndThen(store: Store): () => Promise<void> {
  const timer = setInterval(() => void store.purge().catch(() => undefined), PURGE_EVERY)
  timer.unref()
  return async () => clearInterval(timer)
}

/** The provider looks at a configured client when it is first used; here that is before anybody can use one. */
async function checkClients(provider: Provider, clients: readonly { readonly client_id: string }[]): Promise<void> {
  for (const { client_id } of clients) {
    try {
      await provider.Client.find(client_id)
    } catch (cause) {
      const reason = cause instanceof Error && 'error_description' in cause ? cause.error_description : cause
      throw new StartError(`--clients: the client ${client_id} cannot be used: ${reason}`)
    }
  }
}

/** The ports, for everybody and for certificates, or the one that the proxy in front connects to. */
async function openPorts(
  { port, mtlsPort, issuer, tls, behind }: Settings,
  folder: DataFolder,
  authority: Identity,
): Promise<readonly [Listener, ...Listener[]]> {
  if (behind) return [await openPlainListener(port, behind)]
  const host = issuer === undefined ? 'localhost' : hostOf(issuer)
  const identity = tls ? readServerIdentity(tls.certificatePath, tls.keyPath, host) : await loadServerIdentity(folder, authority, host)
  return openListeners(port, mtlsPort, identity)
}

/** A host as certificates name it: without the brackets of an IPv6 address. */
const hostOf = (origin: string) => new URL(origin).hostname.replaceAll(/^\[|\]$/g, '')

const httpOrigin = (host: string, port: number) => `http://${isIPv6(host) ? `[${host}]` : host}:${port}`

function onPort(origin: string, port: number): string {
  const url = new URL(origin)
  url.port = String(port)
  return url.origin
}
