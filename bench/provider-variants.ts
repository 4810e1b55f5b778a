/** In the order they take turns. */
export const VARIANT_NAMES = ['bare', 'fapi'] as const

export type VariantName = (typeof VARIANT_NAMES)[number]

export const VARIANTS: Readonly<Record<VariantName, string>> = {
  bare: 'node-oidc-provider, set up by hand',
  fapi: 'the same with withFapi, observe and journal',
}
