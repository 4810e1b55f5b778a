import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, constants, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { until } from '../support/until.js'
import { configurationOf } from './document.js'

/* The proxies of docs/proxies.md that Debian has, each run with the configuration of that page. */

export interface Proxy {
  /** Stops it, and waits until it is gone. */
  stop(): Promise<void>
}

/** What a configuration of the page needs to be run here. */
export interface Setup {
  /** Where the proxy listens, on 127.0.0.1. */
  readonly port: number
  /** Where the bank listens, as the proxy writes it. */
  readonly backend: string
  /** PEM of the server's certificate and of its key, and of who issues client certificates. */
  readonly certificate: string
  readonly key: string
  readonly clientAuthority: string
  readonly edit: ((text: string) => string) | undefined
}

interface Product {
  readonly binary: string
  /** The files of the page, by the name under which they are kept here. */
  readonly pages: Readonly<Record<string, string>>
  /** What the page says of where to listen, and what is said here. */
  readonly listen: readonly [string, (port: number) => string]
  /** The settings around those of the page: in the foreground, in one folder, for any user. */
  readonly frame: (folder: string, port: number) => string
  readonly args: (folder: string) => readonly string[]
}

const PRODUCTS = {
  nginx: {
    binary: 'nginx',
    pages: { 'bank.conf': '/etc/nginx/conf.d/bank.conf' },
    listen: ['listen 443', (port) => `listen 127.0.0.1:${port}`],
    frame: (folder) => `
      daemon off;
      master_process off;
      pid ${folder}/pid;
      error_log stderr;
      events {}
      http {
        access_log off;
        ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join('\n')}
        include ${folder}/bank.conf;
      }`,
    args: (folder) => ['-e', 'stderr', '-p', folder, '-c', join(folder, 'frame')],
  },
  haproxy: {
    binary: 'haproxy',
    pages: { 'haproxy.cfg': '/etc/haproxy/haproxy.cfg', 'crt-list.txt': '/etc/haproxy/crt-list.txt' },
    listen: ['bind :443', (port) => `bind 127.0.0.1:${port}`],
    frame: () => '',
    args: (folder) => ['-db', '-f', join(folder, 'haproxy.cfg')],
  },
  apache: {
    binary: 'apache2',
    pages: { 'bank.conf': '/etc/apache2/sites-available/bank.conf' },
    listen: ['<VirtualHost *:443>', (port) => `<VirtualHost 127.0.0.1:${port}>`],
    frame: (folder, port) => `
      ServerRoot ${folder}
      ServerName localhost
      PidFile ${folder}/pid
      ErrorLog ${folder}/log
      Mutex posixsem
      Listen 127.0.0.1:${port}
      ${['mpm_event', 'authz_core', 'headers', 'ssl', 'proxy', 'proxy_http'].map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
      ${process.getuid?.() === 0 ? 'User www-data\nGroup www-data' : ''}
      Include ${folder}/bank.conf
    `,
    args: (folder) => ['-f', join(folder, 'frame'), '-DFOREGROUND'],
  },
  caddy: {
    binary: 'caddy',
    pages: { Caddyfile: '/etc/caddy/Caddyfile' },
    listen: ['auth.bank.example {', () => 'auth.bank.example {'],
    frame: (folder, port) => `
      {
        admin off
        auto_https disable_redirects
        default_bind 127.0.0.1
        https_port ${port}
        storage file_system ${folder}/storage
      }
      import ${folder}/Caddyfile
    `,
    args: (folder) => ['run', '--config', join(folder, 'frame'), '--adapter', 'caddyfile'],
  },
} satisfies Readonly<Record<string, Product>>

export type ProxyName = keyof typeof PRODUCTS

/** Where a program is; Debian keeps servers where not everybody looks. */
function pathOf(binary: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin']
  return folders.map((folder) => join(folder, binary)).find(isProgram)
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** A way to stand in front of the bank. */
export interface Front {
  readonly title: string
  readonly proxy: ProxyName
  /** What `fromProxy` calls it. */
  readonly kind: string
  /** Turns the page's configuration into the variant that the page describes. */
  readonly edit?: (text: string) => string
  readonly proxyVerifies?: boolean
  /** Whether a Unix socket leads to the bank, instead of a port. */
  readonly socket?: boolean
}

/** Runs the same tests behind each proxy there is, and says which there are not. */
export function describeEachFront(fronts: readonly Front[], tests: (front: Front) => void): void {
  for (const front of fronts) {
    const there = pathOf(PRODUCTS[front.proxy].binary) !== undefined
    if (!there) console.log(`${front.title} is skipped: ${PRODUCTS[front.proxy].binary} is not installed (.ci/run)`)
    const suite = there ? describe : describe.skip
    suite(`behind ${front.title}`, () => tests(front))
  }
}

/** Starts a proxy and waits until it listens. Throws what it said when it does not. */
export async function startProxy(name: ProxyName, site: Setup): Promise<Proxy> {
  const product: Product = PRODUCTS[name]
  const folder = mkdtempSync(join(tmpdir(), `${name}-`))
  const put = (file: string, text: string) => writeFileSync(join(folder, file), text, { mode: 0o600 })
  put('server.pem', site.certificate)
  put('server.key', site.key)
  put('server-and-key.pem', site.certificate + site.key)
  put('clients-ca.pem', site.clientAuthority)
  put('frame', product.frame(folder, site.port))
  for (const [file, page] of Object.entries(product.pages))
    put(file, filledIn(site.edit ? site.edit(configurationOf(page)) : configurationOf(page), product, folder, site))

  const said: string[] = []
  const child = spawn(pathOf(product.binary) ?? product.binary, product.args(folder), {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, HOME: folder },
  })
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => said.push(String(data)))
  const killed = () => child.kill('SIGKILL')
  process.once('exit', killed)
  const stop = async () => {
    await ended(child)
    process.off('exit', killed)
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await listens(child, site.port)
  } catch (cause) {
    const log = join(folder, 'log')
    if (existsSync(log)) said.push(readFileSync(log, 'utf8'))
    await stop()
    throw new Error(`${name} did not start: ${said.join('')}`, { cause })
  }
  return { stop }
}

/** The text of the page with the ports and files of this run. Throws when a place to fill in is gone from the page. */
function filledIn(text: string, { listen: [listen, place] }: Product, folder: string, { port, backend }: Setup): string {
  const filled = text
    .replaceAll(listen, place(port))
    .replaceAll('127.0.0.1:8080', backend)
    .replaceAll(/\/etc\/bank\/|\/etc\/haproxy\//g, `${folder}/`)
  const left = /(?<![\w.])443\b|:8080|\/etc\//.exec(filled.replaceAll(/^# .*/gm, ''))
  if (left) throw new Error(`${left[0]} is left in the configuration:\n${filled}`)
  return filled
}

async function listens(child: ChildProcess, port: number): Promise<void> {
  await until('it listens', async () => {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`)
    return accepts(port)
  })
}

const accepts = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connectTcp(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    }).on('error', () => resolve(false))
  })

/** Asks a process to end, and after three seconds makes it. */
async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const impatience = setTimeout(() => child.kill('SIGKILL'), 3000)
  await gone
  clearTimeout(impatience)
}
