import OAuth2Server from '@node-oauth/oauth2-server'
import express, { type Express, type RequestHandler } from 'express'
import type { Users } from '../bank/users.js'
import { authorizationEndpoint } from './authorize.js'
import type { FindClient } from './clients.js'
import { route } from './failures.js'
import { introspectionEndpoint } from './introspect.js'
import { loginEndpoint } from './login.js'
import type { Model } from './model.js'
import { createSessions } from './sessions.js'
import { tokenEndpoint } from './token.js'

export interface OwnServerOptions {
  readonly model: Model
  readonly users: Users
  readonly findClient: FindClient
}

/** An OAuth 2.0 authorization server: login, consent, codes, access tokens and refresh tokens (RFC 6749), and ID tokens. */
export function ownServer(app: Express, { model, users, findClient }: OwnServerOptions): void {
  const sessions = createSessions()
  const oauth = new OAuth2Server({
    model,
    // A state is for the client to send or not.
    allowEmptyState: true,
    authorizationCodeLifetime: 60,
    accessTokenLifetime: 300,
    // Ninety days, as long as a consent lasts.
    refreshTokenLifetime: 90 * 24 * 60 * 60,
    alwaysIssueNewRefreshToken: false,
    // The model asks a client for its secret if it has one.
    requireClientAuthentication: { authorization_code: false, refresh_token: false },
    // The ID token.
    allowExtendedTokenAttributes: true,
  })
  const authorize = authorizationEndpoint({ oauth, sessions, users, findClient })
  const login = loginEndpoint(sessions, users)
  const form = express.urlencoded({ extended: false, limit: '100kb' })

  app.get('/login', unframed, route(login.show))
  app.post('/login', unframed, form, route(login.submit))
  app.get('/authorize', unframed, route(authorize.ask))
  app.post('/authorize', unframed, form, route(authorize.decide))
  app.post('/token', form, route(tokenEndpoint(oauth)))
  app.post('/introspect', form, route(introspectionEndpoint(findClient, model.findToken)))
}

/** Nobody shows our pages inside theirs. */
const unframed: RequestHandler = (_req, res, next) => {
  res.set({ 'x-frame-options': 'DENY', 'content-security-policy': "frame-ancestors 'none'" })
  next()
}
