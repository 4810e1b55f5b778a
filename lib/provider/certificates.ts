import { X509Certificate } from 'node:crypto'
import type { Configuration, KoaContextWithOIDC } from 'oidc-provider'
import type { CertificateSource } from '../readers/certificate.js'

type GetCertificate = NonNullable<NonNullable<NonNullable<Configuration['features']>['mTLS']>['getCertificate']>

/** The client's certificate as the provider is given it, and as facts have it. */
export interface Certificates {
  /** For the provider: what the user's own `getCertificate` answers, untouched, or else the source's certificate. */
  readonly given: GetCertificate
  /** For facts. A source that fails, or gives what is no certificate, has shown none. */
  readonly shown: (ctx: KoaContextWithOIDC) => X509Certificate | undefined
}

export function certificatesOf(own: GetCertificate | undefined, source: CertificateSource | undefined): Certificates {
  const given: GetCertificate = own ?? ((ctx) => source?.(ctx.req))
  return {
    given,
    shown(ctx) {
      try {
        return asCertificate(given(ctx))
      } catch {
        return undefined
      }
    },
  }
}

/** `getCertificate` may answer with text: PEM, or the base64 of DER. */
function asCertificate(value: unknown): X509Certificate | undefined {
  if (value instanceof X509Certificate) return value
  if (typeof value !== 'string' || value === '') return undefined
  return new X509Certificate(value.includes('-----BEGIN') ? value : Buffer.from(value, 'base64'))
}
