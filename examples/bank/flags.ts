import { parseArgs } from 'node:util'
import { readClients } from './clients.js'
import { type NewOperator, ROLES } from './operators.js'
import type { BankOptions } from './options.js'
import { StartError } from './start-error.js'

export const HELP = `npm start -- [flags]

  --port PORT        where everybody connects (default 8443; 0 picks a free port)
  --mtls-port PORT   where clients with a certificate connect (default 8444)
  --issuer ORIGIN    the issuer (default https://localhost:<port>); its host must lead to this machine
  --clients FILE     more clients: a JSON array of client metadata (RFC 7591) with client_id and fapi_profile
  --data DIR         where keys and certificates are kept (default .bank)
  --store ADDRESS    pglite: (default: a database of its own in the data folder), memory:,
                     postgres://… or redis://… (several with commas for a Cluster)
  --rotate-refresh-tokens
                     replace refresh tokens at each use, where the profile allows it
  --tls-cert FILE    a server certificate of your own (PEM), and with it
  --tls-key FILE     its RSA key (PEM)
  --behind KIND      plain HTTP behind a proxy that ends TLS (docs/proxies.md): rfc9440, nginx, haproxy, apache, caddy,
                     envoy, traefik, aws-alb, aws-alb-verify, azure or cloudflare; it needs --issuer, and
  --trust-proxy CIDR where the proxy connects from, several with commas; unix for a Unix socket
  --proxy-verifies   the proxy lets no certificate through that it has not verified
  --mtls-origin ORIGIN
                     where the proxy asks for certificates (default: the issuer)
  --host ADDRESS     where the bank listens behind a proxy (default 127.0.0.1, with --port 8080), or
  --socket PATH      a Unix socket for it
  --ecosystem NAME   whose rules registrations follow: generic (default), uk-obie, br-openfinance or au-cdr, and
  --statement-issuer ISSUER
                     the directory whose software statements are taken, with
  --statement-keys URL
                     the https URL of its keys
  --operator NAME=ROLE
                     add a user of the console, or give one a new password: viewer, operator or admin; prints the
                     password and ends. The bank must have been opened once, and knows of it when it is opened again
  --sandbox          tell clients that have authenticated what to do about a refusal: for test environments alone
  --quiet            say where the bank is, and nothing else
  --help             this text
`

const FLAGS = {
  port: { type: 'string' },
  'mtls-port': { type: 'string' },
  issuer: { type: 'string' },
  clients: { type: 'string' },
  data: { type: 'string' },
  store: { type: 'string' },
  'rotate-refresh-tokens': { type: 'boolean' },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  behind: { type: 'string' },
  'trust-proxy': { type: 'string' },
  'proxy-verifies': { type: 'boolean' },
  'mtls-origin': { type: 'string' },
  host: { type: 'string' },
  socket: { type: 'string' },
  ecosystem: { type: 'string' },
  'statement-issuer': { type: 'string' },
  'statement-keys': { type: 'string' },
  operator: { type: 'string' },
  sandbox: { type: 'boolean' },
  quiet: { type: 'boolean' },
  help: { type: 'boolean' },
} as const

/** A user of the console that is to be added to the bank in a folder. */
export interface NewUser {
  readonly operator: NewOperator
  readonly dataDir: string | undefined
}

/** What the command line asks for: a bank, another user of its console, or help. Throws a `StartError` that names the flag. */
export function readFlags(args: readonly string[]): BankOptions | NewUser | 'help' {
  const flags = parsed(args)
  if (flags.help) return 'help'
  if (flags.operator !== undefined) return { operator: operatorOf(flags.operator), dataDir: flags.data }
  return {
    port: portOf('--port', flags.port),
    mtlsPort: portOf('--mtls-port', flags['mtls-port']),
    issuer: flags.issuer,
    clients: flags.clients === undefined ? undefined : readClients(flags.clients),
    dataDir: flags.data,
    store: flags.store ?? 'pglite:',
    rotateRefreshTokens: flags['rotate-refresh-tokens'],
    tlsCert: flags['tls-cert'],
    tlsKey: flags['tls-key'],
    behind: flags.behind,
    trustProxy: flags['trust-proxy']?.split(','),
    proxyVerifies: flags['proxy-verifies'],
    mtlsOrigin: flags['mtls-origin'],
    host: flags.host,
    socket: flags.socket,
    ecosystem: flags.ecosystem,
    directory: directoryOf(flags['statement-issuer'], flags['statement-keys']),
    sandbox: flags.sandbox,
    quiet: flags.quiet,
  }
}

function operatorOf(text: string): NewOperator {
  const [, id = '', role = ''] = /^(.+)=(.+)$/.exec(text) ?? []
  const known = ROLES.find((one) => one === role)
  if (!known) throw new StartError(`--operator is ${JSON.stringify(text)}: give a name, = and one of ${ROLES.join(', ')}`)
  return { id, roles: [known] }
}

function directoryOf(issuer: string | undefined, jwksUri: string | undefined): BankOptions['directory'] {
  if (issuer === undefined && jwksUri === undefined) return undefined
  if (issuer === undefined) throw new StartError('--statement-keys is given without --statement-issuer: give both')
  if (jwksUri === undefined) throw new StartError('--statement-issuer is given without --statement-keys: give both')
  return { issuer, jwksUri }
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, strict: true }).values
  } catch (cause) {
    const known = Object.keys(FLAGS).map((name) => `--${name}`)
    throw new StartError(`${cause instanceof Error ? cause.message : cause}\nThe flags are ${known.join(', ')}; --help explains them.`)
  }
}

function portOf(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,5}$/.test(text))
    throw new StartError(`${flag} is ${JSON.stringify(text)}: give a whole number from 0 to 65535 (0 picks a free port)`)
  return Number(text)
}
