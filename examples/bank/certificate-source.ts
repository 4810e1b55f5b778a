import { type CertificateSource, type FromProxyOptions, fromProxy, fromTls, type Policy } from 'express-fapi'
import { trust } from 'express-fapi/trust'
import type { Behind } from './behind.js'

export interface CertificateSourceOptions {
  readonly policy: Policy
  /** PEM: who issues the clients' certificates. */
  readonly authority: string
  readonly behind: Behind | undefined
}

/** These say of each certificate whether they verified it; the others leave that to the bank (docs/proxies.md). */
const TELLING: readonly string[] = ['nginx', 'haproxy', 'apache', 'aws-alb-verify', 'cloudflare']

/**
 * Where the bank finds the certificates of its clients: on its own connections, or in the header of the proxy in front. Whether
 * the authority issued one the bank sees for itself, unless the proxy says. Throws a `ConfigurationError`.
 */
export function certificateSource({ policy, authority, behind }: CertificateSourceOptions): CertificateSource {
  if (!behind) return trust({ certificate: fromTls(), ca: authority })
  const { kind, trusts, verifies } = behind
  const forwarded = fromProxy(kind, { trusts, record: intoJournal(policy), ...(verifies && { verified: 'always' }) })
  return verifies || TELLING.includes(kind) ? forwarded : trust({ certificate: forwarded, ca: authority })
}

/** Either somebody gets past the proxy to the bank, or the proxy connects from elsewhere than was said: the operator wants to know. */
function intoJournal(policy: Policy): NonNullable<FromProxyOptions['record']> {
  return function recordDropped({ header, remoteAddress = 'a connection without an address' }) {
    const description = `the header ${header} came from ${remoteAddress}, which is not trusted, and was dropped`
    policy.note({ stage: 'authentication', client: undefined, wire: undefined, error: 'invalid_client', description })
  }
}
