import { named } from './named-refusal.js'

/** Refresh tokens. */
export const refreshTokens = named({
  'refresh-token-known': [
    'The refresh token is one that this server has issued and not taken back.',
    'Use the newest refresh token, at the server that issued it. If it has expired, was taken back or is lost, send the user through the authorization endpoint again.',
    ['FAPI1-BASE-5.2.2-16', 'FAPI2-SP-5.3.2.1-9', 'RFC6749-6'],
  ],
  'refresh-token-client': [
    'A refresh token is used by the client that it was issued to.',
    'Authenticate as the client that got the refresh token. Several clients do not share refresh tokens, not even those of one company.',
    ['FAPI1-BASE-5.2.2-16', 'FAPI2-SP-5.3.2.1-6', 'RFC6749-6', 'RFC6749-10.4'],
  ],
  'refresh-token-binding': [
    'A refresh token is used with the key or certificate that it is bound to.',
    'Use the client certificate or the DPoP key with which the refresh token was issued. If that is lost, send the user through the authorization endpoint again.',
    ['FAPI1-ADV-5.2.2-5', 'FAPI2-SP-5.3.2.1-5', 'RFC8705-4', 'RFC9449-5'],
  ],
  'refresh-scope': [
    'A refreshed access token reaches no further than what was granted.',
    'Send as scope of the refresh request nothing, or some of the scopes that were granted. For more, send the user through the authorization endpoint again.',
    ['RFC6749-6'],
  ],
})
