import express, { type Express } from 'express'
import type { Recorder, Verdict } from 'express-fapi'
import { openDataFolder } from '../bank/data-folder.js'
import { loadAuthority, loadServerIdentity } from '../bank/identities.js'
import { loadSecrets, loadServerKeys } from '../bank/keys.js'
import { openListeners } from '../bank/listeners.js'
import { seedClients } from '../bank/seed-clients.js'
import { seedUsers } from '../bank/users.js'
import { accountsApi, listAccounts } from './accounts.js'
import { ownServer } from './application.js'
import { type Client, clientDirectory } from './clients.js'
import type { Endpoints, OwnServerContext } from './context.js'
import { showFailure } from './failures.js'
import { makeFapi } from './fapi.js'
import { idTokens } from './id-tokens.js'
import { createModel } from './model.js'
import { pairwiseSubjects } from './subjects.js'

export interface StartOptions {
  /** Where everybody connects; 0 picks a free port. Default 9443. */
  readonly port?: number | undefined
  /** Where clients with a certificate connect; 0 picks a free port. Default 9444. */
  readonly mtlsPort?: number | undefined
  /** Where keys and certificates are kept. Default `.own-server`. */
  readonly dataDir?: string | undefined
  /** Who else is told of every verdict. */
  readonly record?: readonly Recorder[] | undefined
  /** Whether refusals are left unsaid on the console. */
  readonly quiet?: boolean | undefined
  /** Whether the middlewares of express-fapi are mounted in front. */
  readonly fapi: boolean
  /** Clients next to the demo's own (RFC 7591 metadata). */
  readonly clients?: readonly Client[] | undefined
  /** Which Express it runs on. Default the installed one. */
  readonly createApp?: (() => Express) | undefined
}

/** A server that is open. */
export interface OwnServer {
  readonly issuer: string
  /** The origin under which client certificates are asked for. */
  readonly mtlsOrigin: string
  readonly endpoints: Endpoints
  /** PEM: who trusts it trusts the listeners. Client certificates come from it too. */
  readonly caCertificate: string
  /** The data folder, as an absolute path. */
  readonly dataDir: string
  /** What the middlewares decided, oldest first. */
  readonly verdicts: readonly Verdict[]
  close(): Promise<void>
}

/** Opens the server. Throws a `StartError` that says what is wrong; then nothing is left open. */
export async function startOwnServer(options: StartOptions): Promise<OwnServer> {
  const { port = 9443, mtlsPort = 9444, dataDir = '.own-server', quiet = false, fapi, clients: more = [], createApp = express } = options
  const { record: recorders = [] } = options
  const folder = openDataFolder(dataDir)
  const authority = await loadAuthority(folder)
  const secrets = loadSecrets(folder)
  const [users, jwks, seeds] = await Promise.all([seedUsers(), loadServerKeys(folder), seedClients(folder, authority, secrets.plainClient)])
  const listeners = await openListeners(port, mtlsPort, await loadServerIdentity(folder, authority, 'localhost'))
  const [issuer = '', mtlsOrigin = ''] = listeners.map((listener) => `https://localhost:${listener.port}`)
  const close = async () => void (await Promise.all(listeners.map((listener) => listener.close())))
  try {
    const clients: readonly Client[] = [...seeds, ...more]
    const findClient = clientDirectory(clients)
    const subjects = pairwiseSubjects(secrets.pairwise)
    const model = createModel({ issuer, findClient, subjects, issueIdToken: idTokens({ issuer, jwks }) })
    const { findToken, findCode } = model
    const endpoints = endpointsOf(issuer)
    const verdicts: Verdict[] = []
    const remember = (verdict: Verdict) => {
      verdicts.push(verdict)
      if (verdict.rejection && !quiet) console.log(`refused at ${verdict.stage}: ${JSON.stringify(verdict.rejection.description)}`)
    }
    const context: OwnServerContext = {
      ...{ issuer, mtlsOrigin, endpoints, clients, findClient, jwks, findToken, findCode },
      caCertificate: authority.certificate,
      subjectOf: subjects.subjectOf,
      listAccounts: listAccounts({ users, subjects }),
      record: [remember, ...recorders],
    }

    const app = createApp()
    app.disable('x-powered-by')
    const fapiErrors = fapi && makeFapi(app, context)
    ownServer(app, { model, users, findClient })
    accountsApi(app, { findToken, users, subjects })
    if (fapiErrors) app.use(fapiErrors)
    app.use(showFailure)
    for (const listener of listeners) listener.serve(app)
    return Object.freeze<OwnServer>({
      ...{ issuer, mtlsOrigin, endpoints, verdicts, close },
      caCertificate: authority.certificate,
      dataDir: folder.path,
    })
  } catch (error) {
    await close()
    throw error
  }
}

const endpointsOf = (issuer: string): Endpoints => ({
  authorization: `${issuer}/authorize`,
  token: `${issuer}/token`,
  introspection: `${issuer}/introspect`,
  accounts: `${issuer}/accounts`,
  par: `${issuer}/par`,
})
