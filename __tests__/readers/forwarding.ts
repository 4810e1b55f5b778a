import type { X509Certificate } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { ClientCertificate } from '../../lib/core/facts.js'
import type { ProxyKind } from '../../lib/readers/proxy-kinds.js'

/** A name and a value of a header. */
export type Header = readonly [name: string, value: string]

/** How a proxy writes what a client showed: its certificate, and those above it where the proxy forwards them. */
export interface Forwarding {
  readonly kind: ProxyKind
  readonly header: string
  /** What the header says of a certificate that is written as the proxy writes one: PEM or DER. */
  readonly write: (...certificates: readonly X509Certificate[]) => string
  /** A header of its own for the certificates above. */
  readonly above?: { readonly header: string; readonly write: (...certificates: readonly X509Certificate[]) => string }
  /** What it sends besides when it has verified the certificate. */
  readonly yes: readonly Header[]
  /** Whether one value may hold a chain. */
  readonly isChain: boolean
  /** Makes a value of text that stands where the PEM or the base64 should. */
  readonly wrap: (text: string) => string
  readonly holds: 'PEM' | 'base64'
}

const base64 = ({ raw }: X509Certificate) => raw.toString('base64')
const pem = (certificates: readonly X509Certificate[]) => certificates.map(String).join('')
/** `ngx_escape_uri` with NGX_ESCAPE_URI_COMPONENT: all but the unreserved characters, in UTF-8. */
const escaped = (text: string) => encodeURIComponent(Buffer.from(text).toString())
/** Envoy's own list. */
const envoyEscaped = (text: string) =>
  text.replaceAll('\n', '%0A').replaceAll(' ', '%20').replaceAll('+', '%2B').replaceAll('/', '%2F').replaceAll('=', '%3D')
/** `+=/` are safe characters. */
const albEscaped = (text: string) => escaped(text).replaceAll('%2B', '+').replaceAll('%2F', '/').replaceAll('%3D', '=')
const oneLine = (text: string) => text.replaceAll('\n', ' ').trimEnd()
const sequence = (text: string) => `:${text}:`

const VERIFY = 'X-SSL-Client-Verify'

const fromPem = (wrap: (text: string) => string) =>
  ({ wrap, write: (...certificates) => wrap(pem(certificates)), holds: 'PEM' }) satisfies Partial<Forwarding>
const fromDer = (wrap: (text: string) => string, between = ',') =>
  ({
    wrap,
    write: (...certificates) => certificates.map(base64).map(wrap).join(between),
    holds: 'base64',
  }) satisfies Partial<Forwarding>
const asIs = (text: string) => text

/** What each kind of proxy sends, the named ones and some of one's own. */
export const FORWARDINGS: Readonly<Record<string, Forwarding>> = {
  rfc9440: {
    ...{ kind: 'rfc9440', header: 'Client-Cert', yes: [], isChain: false },
    ...fromDer(sequence),
    above: { header: 'Client-Cert-Chain', write: fromDer(sequence, ', ').write },
  },
  nginx: { kind: 'nginx', header: 'X-SSL-Client-Cert', yes: [[VERIFY, 'SUCCESS']], isChain: false, ...fromPem(escaped) },
  envoy: {
    ...{ kind: 'envoy', header: 'X-Forwarded-Client-Cert', yes: [], isChain: true, holds: 'PEM' },
    write(leaf, ...others) {
      const hash = leaf?.fingerprint256.replaceAll(':', '').toLowerCase()
      const chain = others.length === 0 ? '' : `;Chain="${envoyEscaped(pem(leaf ? [leaf, ...others] : []))}"`
      const cert = `Cert="${envoyEscaped(String(leaf))}"`
      return `By=spiffe://bank.example/api;Hash=${hash};${cert}${chain};Subject="CN=app,O=Ex\\, ample";URI=https://app.example/;DNS=a.example;DNS=b.example`
    },
    wrap: (text) => `By=spiffe://bank.example/api;Cert="${envoyEscaped(text)}"`,
  },
  haproxy: {
    ...{ kind: 'haproxy', header: 'x-ssl-client-cert', yes: [['x-ssl-client-verify', '0']], isChain: false },
    ...fromDer(asIs),
  },
  apache: { kind: 'apache', header: 'X-SSL-Client-Cert', yes: [[VERIFY, 'SUCCESS']], isChain: false, ...fromPem(oneLine) },
  caddy: { kind: 'caddy', header: 'X-Client-Cert', yes: [], isChain: false, ...fromDer(asIs) },
  traefik: { kind: 'traefik', header: 'X-Forwarded-Tls-Client-Cert', yes: [], isChain: true, ...fromDer(asIs) },
  'traefik, older': { kind: 'traefik', header: 'X-Forwarded-Tls-Client-Cert', yes: [], isChain: true, ...fromDer(escaped) },
  'aws-alb': { kind: 'aws-alb', header: 'X-Amzn-Mtls-Clientcert', yes: [], isChain: true, ...fromPem(albEscaped) },
  'aws-alb-verify': { kind: 'aws-alb-verify', header: 'X-Amzn-Mtls-Clientcert-Leaf', yes: [], isChain: false, ...fromPem(albEscaped) },
  azure: { kind: 'azure', header: 'X-ARR-ClientCert', yes: [], isChain: false, ...fromDer(asIs) },
  cloudflare: {
    ...{ kind: 'cloudflare', header: 'Cf-Client-Cert-Der-Base64', isChain: false },
    yes: [
      ['Cf-Cert-Verified', 'true'],
      ['Cf-Cert-Revoked', 'false'],
    ],
    ...fromDer(asIs),
  },
  'one of our own, PEM': {
    ...{ kind: { header: 'X-Cert', encoding: 'pem-url', chainHeader: 'X-Chain' }, header: 'X-Cert', yes: [], isChain: false },
    ...fromPem(escaped),
    above: { header: 'X-Chain', write: fromPem(escaped).write },
  },
  'one of our own, DER': {
    ...{ kind: { header: 'X-Cert', encoding: 'der-base64', chainHeader: 'X-Chain' }, header: 'X-Cert', yes: [], isChain: false },
    ...fromDer(asIs),
    above: {
      header: 'X-Chain',
      write: (...certificates) => Buffer.concat(certificates.map(({ raw }) => raw)).toString('base64'),
    },
  },
}

/** A request as far as it is read, from a trusted proxy on 10.0.0.2 unless told otherwise. */
export const requestWith = (headers: readonly Header[], remoteAddress: string | undefined = '10.0.0.2'): IncomingMessage =>
  ({ rawHeaders: headers.flat(), socket: { remoteAddress, destroyed: false } }) as unknown as IncomingMessage

/** A certificate and those above it, by their subjects. */
export const told = (shown: ClientCertificate | undefined) =>
  shown && { ...shown, x509: shown.x509.subject, chain: shown.chain.map(({ subject }) => subject) }
