/** What node-oidc-provider issues under a grant, and a revoked grant takes with it. */
export const GRANT_MODELS: readonly string[] = Object.freeze([
  'AccessToken',
  'AuthorizationCode',
  'RefreshToken',
  'DeviceCode',
  'BackchannelAuthenticationRequest',
  'PreAuthorizedCode',
])
