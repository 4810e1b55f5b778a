import { X509Certificate } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Configuration, KoaContextWithOIDC } from 'oidc-provider'
import type { ClientCertificate } from '../core/facts.js'
import type { CertificateSource } from '../readers/certificate.js'
import type { CertificateError } from '../readers/certificate-error.js'
import { type ShownCertificate, shownCertificate, withoutCertificate } from '../readers/shown-certificate.js'

type Settings = NonNullable<NonNullable<Configuration['features']>['mTLS']>
type Context = Pick<KoaContextWithOIDC, 'req'>

/** The client's certificate as the provider is given it, and as facts have it. */
export interface Certificates {
  /** Reads what a request shows, once: what takes time is done before anybody asks. Returns a promise only where there is something to wait for. */
  prepare(req: IncomingMessage): Promise<void> | undefined
  /** For the provider: what the user's own `getCertificate` answers, untouched, or else the source's certificate. */
  given(ctx: KoaContextWithOIDC): ReturnType<NonNullable<Settings['getCertificate']>>
  /** For facts. A source that fails, or gives what is no certificate, has shown none. */
  shown(ctx: KoaContextWithOIDC): ClientCertificate | undefined
  /** Why what the request shows does not count. */
  flaw(ctx: Context): CertificateError | undefined
}

/** `own`: what the user has under `features.mTLS`; a `getCertificate` there goes before the source. */
export function certificatesOf(own: Settings = {}, source: CertificateSource | undefined): Certificates {
  const { getCertificate, certificateAuthorized } = own
  const read = new WeakMap<IncomingMessage, ShownCertificate>()
  let hasWarned = false

  function reading(req: IncomingMessage): ShownCertificate {
    const known = read.get(req)
    if (known) return known
    const now = readAtOnce(source, req, warnOnce)
    read.set(req, now)
    return now
  }

  function warnOnce(): void {
    if (hasWarned) return
    hasWarned = true
    process.emitWarning('the certificate source takes time to answer: hand the provider to observe(), which waits for it', {
      code: 'FAPI_UNPREPARED_CERTIFICATE',
    })
  }

  function shown(ctx: KoaContextWithOIDC): ClientCertificate | undefined {
    try {
      const certificate = getCertificate ? asCertificate(getCertificate(ctx)) : reading(ctx.req).certificate
      if (!certificate || !certificateAuthorized) return certificate
      return { ...certificate, verified: certificateAuthorized(ctx) === true && (certificate.verified || 'tls') }
    } catch {
      return undefined
    }
  }

  return {
    shown,
    given: (ctx) => (getCertificate ? getCertificate(ctx) : reading(ctx.req).certificate?.x509),
    flaw: ({ req }) => (getCertificate ? undefined : reading(req).flaw),
    prepare(req) {
      if (!source || getCertificate || read.has(req)) return undefined
      const shown = shownCertificate(source, req)
      if (shown instanceof Promise) return shown.then((certificate) => void read.set(req, certificate))
      read.set(req, shown)
      return undefined
    },
  }
}

/** For a provider that nobody observes. */
function readAtOnce(source: CertificateSource | undefined, req: IncomingMessage, warn: () => void): ShownCertificate {
  try {
    const certificate = source?.(req)
    if (!(certificate instanceof Promise)) return { certificate }
    certificate.catch(() => {})
    warn()
    return {}
  } catch (error) {
    return withoutCertificate(error)
  }
}

/** `getCertificate` may answer with text: PEM, or the base64 of DER. */
function asCertificate(value: unknown): ClientCertificate | undefined {
  const x509 = value instanceof X509Certificate ? value : typeof value === 'string' && value !== '' ? readText(value) : undefined
  return x509 && { x509, chain: [], verified: false }
}

const readText = (value: string) => new X509Certificate(value.includes('-----BEGIN') ? value : Buffer.from(value, 'base64'))
