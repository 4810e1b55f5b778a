import { errors, type KoaContextWithOIDC } from 'oidc-provider'

/*
 * What node-oidc-provider checks by itself when these two options are left alone. Taking the option means taking its work
 * over, and a report never switches a control off.
 */

type Claims = Readonly<Record<string, unknown>>

/** The provider's own `features.requestObjects.assertJwtClaimsAndHeader`. With `judged`, rules see to the FAPI part. */
export function ownRequestObjectChecks({ oidc }: KoaContextWithOIDC, claims: Claims, judged: boolean): void {
  const fapi = !judged && oidc.isFapi('1.0 Final', '2.0') !== undefined
  const required = [
    ...(fapi ? ['exp', 'aud', 'nbf'] : []),
    ...(oidc.route === 'backchannel_authentication' ? ['exp', 'iat', 'nbf', 'jti'] : []),
  ]
  const missing = required.find((claim) => claims[claim] === undefined)
  if (missing) throw new errors.InvalidRequestObject(`the request object is missing ${missing}`)
  const lifetime = Number(claims.exp) - Number(claims.nbf)
  if (fapi && !(lifetime > 0 && lifetime <= 3600)) throw new errors.InvalidRequestObject('exp of the request object is too far from nbf')
}

/** The provider's own `assertJwtClientAuthClaimsAndHeader`. With `judged`, a rule sees to it. */
export function ownAssertionChecks({ oidc }: KoaContextWithOIDC, claims: Claims, judged: boolean): void {
  if (judged || !oidc.isFapi('2.0') || claims.aud === oidc.issuer) return
  throw new errors.InvalidClientAuth('aud of the client assertion must be the issuer')
}

/** The provider's own `rotateRefreshToken`: near the end of a token's life, and for public clients always, for a year at the most. */
export function ownRotation({ oidc }: KoaContextWithOIDC): boolean {
  const { RefreshToken: token, Client: client } = oidc.entities
  if (!token || token.totalLifetime() >= 365.25 * 24 * 3600) return false
  if (client?.tokenEndpointAuthMethod === 'none' && !token.isSenderConstrained()) return true
  return token.ttlPercentagePassed() >= 70
}

/** The provider's own `features.introspection.allowedPolicy`: a public client is told of its own tokens alone. */
export function ownIntrospectionPolicy(
  _ctx: KoaContextWithOIDC,
  client: { readonly clientAuthMethod?: string | undefined; readonly clientId: string },
  token: { readonly clientId?: string | undefined },
): boolean {
  return client.clientAuthMethod !== 'none' || token.clientId === client.clientId
}
