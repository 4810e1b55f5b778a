import type { Encoding } from './certificate-encodings.js'

/** A header and the value with which a proxy says yes. */
export interface Says {
  readonly header: string
  readonly value: string
}

/**
 * How a proxy says that it verified the certificate: by a header, or by several that must all say so; `always` states that this
 * proxy forwards no certificate it has not verified; `never` that it does not tell.
 */
export type Verified = Says | readonly Says[] | 'always' | 'never'

/** How a proxy forwards a client certificate. */
export interface ProxyHeaders {
  readonly header: string
  readonly encoding: Encoding
  /** Where the chain stands, when it stands apart. */
  readonly chainHeader?: string | undefined
  readonly verified: Verified
  /** What the proxy sends where the client showed no certificate. */
  readonly none: readonly string[]
  /** Whether whoever sets the proxy up chooses the names of its headers. */
  readonly renamable: boolean
}

export type ProxyName =
  | 'rfc9440'
  | 'nginx'
  | 'envoy'
  | 'haproxy'
  | 'apache'
  | 'caddy'
  | 'traefik'
  | 'aws-alb'
  | 'aws-alb-verify'
  | 'azure'
  | 'cloudflare'

/** A proxy of one's own. An empty header means that the client showed no certificate. */
export interface OwnProxy {
  readonly header: string
  readonly encoding: Encoding
  /** For the encodings `pem-url`, `pem`, `der-base64` and `rfc9440`. Their chain is in the same encoding, for `der-base64` with one certificate behind the other. */
  readonly chainHeader?: string | undefined
}

export type ProxyKind = ProxyName | OwnProxy

const CERT = 'X-SSL-Client-Cert'
const VERIFY = 'X-SSL-Client-Verify'

/** The proxies by name. Every header named here must be set or removed by the proxy itself, also on requests without a certificate. */
export const PROXY_KINDS: Readonly<Record<ProxyName, ProxyHeaders>> = Object.freeze({
  /** RFC 9440, which has no word for "verified". */
  rfc9440: {
    header: 'Client-Cert',
    chainHeader: 'Client-Cert-Chain',
    encoding: 'rfc9440',
    verified: 'never',
    none: [],
    renamable: false,
  },
  /** `$ssl_client_escaped_cert`, and `$ssl_client_verify`: SUCCESS, FAILED:reason or NONE. */
  nginx: { header: CERT, encoding: 'pem-url', verified: { header: VERIFY, value: 'SUCCESS' }, none: [''], renamable: true },
  /** XFCC with `cert` or `chain` among `set_current_client_cert_details`, and SANITIZE_SET. */
  envoy: { header: 'X-Forwarded-Client-Cert', encoding: 'xfcc', verified: 'never', none: [], renamable: false },
  /** `%[ssl_c_der,base64]`, and `%[ssl_c_verify]`: 0 or the number of an OpenSSL error. `%[ssl_c_chain_der,base64]` makes a chain header. */
  haproxy: { header: CERT, encoding: 'der-base64', verified: { header: VERIFY, value: '0' }, none: [''], renamable: true },
  /**
   * `%{SSL_CLIENT_CERT}s`, its line breaks turned to spaces, and `%{SSL_CLIENT_VERIFY}s`: SUCCESS, GENEROUS, FAILED:reason or NONE. With
   * `optional_no_ca` Apache 2.4 says SUCCESS of any certificate once its TLS 1.2 session is resumed: there, sessions must not be.
   */
  apache: { header: CERT, encoding: 'pem', verified: { header: VERIFY, value: 'SUCCESS' }, none: ['', '(null)'], renamable: true },
  /** `{http.request.tls.client.certificate_der_base64}`. Caddy 2.6 sends the placeholder itself where there is nothing to put in its place. */
  caddy: {
    header: 'X-Client-Cert',
    encoding: 'der-base64',
    verified: 'never',
    none: ['', '{http.request.tls.client.certificate_der_base64}'],
    renamable: true,
  },
  /** The middleware PassTLSClientCert with `pem`: the client's own and what came with it, without their PEM markers. */
  traefik: { header: 'X-Forwarded-Tls-Client-Cert', encoding: 'der-base64-list', verified: 'never', none: [], renamable: false },
  /** Mutual TLS in passthrough mode: the whole chain, verified by nobody. `+`, `=` and `/` may stand as they are. */
  'aws-alb': { header: 'X-Amzn-Mtls-Clientcert', encoding: 'pem-url-chain', verified: 'never', none: [], renamable: true },
  /** Mutual TLS in verify mode: a client without a certificate that the trust store knows gets no connection. */
  'aws-alb-verify': { header: 'X-Amzn-Mtls-Clientcert-Leaf', encoding: 'pem-url', verified: 'always', none: [], renamable: true },
  /** App Service, which verifies nothing. Container Apps is an `envoy`. */
  azure: { header: 'X-ARR-ClientCert', encoding: 'der-base64', verified: 'never', none: [], renamable: false },
  /** `client_certificate_forwarding`, and the Managed Transform "Add TLS client auth headers". A revoked certificate is verified too, says its documentation. */
  cloudflare: {
    header: 'Cf-Client-Cert-Der-Base64',
    encoding: 'der-base64',
    verified: [
      { header: 'Cf-Cert-Verified', value: 'true' },
      { header: 'Cf-Cert-Revoked', value: 'false' },
    ],
    none: [],
    renamable: false,
  },
})
