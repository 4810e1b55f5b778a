import { configurationOf } from './document.js'
import type { Front } from './proxies.js'

/** The configurations of docs/proxies.md that are run. */
export const fronts: readonly Front[] = [
  { title: 'nginx', proxy: 'nginx', kind: 'nginx' },
  { title: 'haproxy', proxy: 'haproxy', kind: 'haproxy' },
  { title: 'apache', proxy: 'apache', kind: 'apache' },
  { title: 'caddy', proxy: 'caddy', kind: 'caddy' },
  { title: 'haproxy that speaks RFC 9440', proxy: 'haproxy', kind: 'rfc9440', edit: speakRfc9440 },
]

/** Those that let no certificate through which they could not verify, as the page says it of each. */
export const verifyingFronts: readonly Front[] = [
  {
    title: 'nginx with optional',
    proxy: 'nginx',
    kind: 'nginx',
    edit: (text) => exchanged(text, ['optional_no_ca', 'optional'], ['ssl_trusted_certificate', 'ssl_client_certificate']),
  },
  {
    title: 'haproxy that ignores no error',
    proxy: 'haproxy',
    kind: 'haproxy',
    edit: (text) => text.replace(' ca-ignore-err all crt-ignore-err all', ''),
  },
  { title: 'apache with optional', proxy: 'apache', kind: 'apache', edit: (text) => exchanged(text, ['optional_no_ca', 'optional']) },
  {
    title: 'caddy with verify_if_given',
    proxy: 'caddy',
    kind: 'caddy',
    edit: (text) => exchanged(text, ['mode request', 'mode verify_if_given\n\t\t\ttrusted_ca_cert_file /etc/bank/clients-ca.pem']),
    proxyVerifies: true,
  },
]

function speakRfc9440(text: string): string {
  const [, ...lines] = configurationOf('/etc/haproxy/haproxy.cfg, for rfc9440').split('\n')
  const others = text.split('\n').filter((line) => !line.includes('X-SSL-Client-'))
  return others.join('\n').replace(/^ {2}default_backend/m, `${lines.join('\n')}$&`)
}

function exchanged(text: string, ...pairs: readonly (readonly [string, string])[]): string {
  return pairs.reduce((result, [from, to]) => {
    if (!result.includes(from)) throw new Error(`${from} is gone from the page`)
    return result.replaceAll(from, to)
  }, text)
}
