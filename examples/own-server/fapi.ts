import type { ErrorRequestHandler, Express } from 'express'
import { createPolicy, fapi, fromTls, memoryStore, profileNamed, profiles, protect, requireScope, securityHeaders } from 'express-fapi'
import { trust } from 'express-fapi/trust'
import type { OwnServerContext } from './context.js'

/** Makes the server a FAPI one: mounted in front of it, and nothing of it changes. Answers with what comes behind it. */
export function makeFapi(app: Express, context: OwnServerContext): ErrorRequestHandler {
  const { issuer, mtlsOrigin, findClient, findToken, findCode, listAccounts, jwks, caCertificate, record } = context
  const policy = createPolicy({ profiles, choose: ({ fapi_profile }) => profileNamed(String(fapi_profile)), record })
  const [store, certificate] = [memoryStore(), trust({ certificate: fromTls(), ca: caCertificate })]
  const idToken = (code: string) => {
    const { sub = '', auth_time } = findCode(code) ?? {}
    return { sub, auth_time }
  }
  const endpoints = { introspection: '/introspect' }
  const metadata = { scopes_supported: ['openid', 'accounts'], subject_types_supported: ['pairwise'] }
  const guard = fapi(policy, { issuer, mtlsOrigin, endpoints, clients: findClient, keys: jwks, store, certificate, idToken, metadata })

  app.use(guard.interactionId(), securityHeaders())
  app.get('/.well-known/openid-configuration', guard.metadata())
  app.get('/jwks', guard.jwks())
  app.use('/par', guard.pushAuthorizationRequest())
  app.use('/authorize', guard.authorizationRequest(), guard.authorizationResponse())
  app.use('/token', guard.tokenRequest())
  app.use('/introspect', guard.introspection())

  const issuers = { issuer, audience: issuer, tokens: guard.accessTokens(findToken) }
  const guarded = protect(policy, { issuers, publicUrl: [issuer, mtlsOrigin], certificate, store })
  app.get('/accounts', guarded, requireScope('accounts'), listAccounts)
  return guard.fapiErrors()
}
