/** A server of the comparison. */
export interface Variant {
  readonly title: string
  /** Who guards it; nobody where it is bare. */
  readonly guard?: 'peer' | 'ours'
  /** Over TLS every client shows a certificate; without, a proxy has ended TLS. */
  readonly tls: boolean
}

/** In the order they take turns. */
export const VARIANT_NAMES = ['bare', 'peer', 'dpop', 'bareTls', 'mtls'] as const

export type VariantName = (typeof VARIANT_NAMES)[number]

export const VARIANTS: Readonly<Record<VariantName, Variant>> = {
  bare: { title: 'bare Express', tls: false },
  peer: { title: 'express-oauth2-jwt-bearer, DPoP required', guard: 'peer', tls: false },
  dpop: { title: 'express-fapi, DPoP and replay store', guard: 'ours', tls: false },
  bareTls: { title: 'bare Express over mutual TLS', tls: true },
  mtls: { title: 'express-fapi, certificate-bound tokens', guard: 'ours', tls: true },
}
