import type { RequestListener } from 'node:http'
import express, { type RequestHandler } from 'express'
import { interactionId, type Registration, securityHeaders } from 'express-fapi'
import { type ApiOptions, api } from './api.js'
import { assets } from './assets.js'
import { CONSOLE_PATH } from './console.js'
import { showFailure } from './failures.js'
import { onlyHosts, overHttps } from './hosts.js'
import { interactions } from './interactions.js'
import type { OperatorSignIn } from './operator-sign-in.js'
import { homePage } from './pages.js'
import { registrationAdmin } from './registration.js'

export interface ApplicationOptions extends ApiOptions {
  /** Whether TLS ends at a proxy in front. */
  readonly behindProxy: boolean
  readonly registration: Registration
  /** What opens the settings of the registration. */
  readonly operatorToken: string
  readonly signIn: OperatorSignIn
  readonly console: RequestHandler
}

/** The whole bank as one Express application: pages, API and, for everything else, the provider. */
export function application(options: ApplicationOptions): RequestListener {
  const { provider, users, origins, behindProxy, registration, operatorToken, signIn, console } = options
  const app = express()
  app.disable('x-powered-by')
  if (behindProxy) app.use(overHttps)
  app.use(interactionId(), securityHeaders(), onlyHosts(origins))
  app.use(assets())
  app.get('/', (_req, res) => {
    res.send(homePage(provider.issuer))
  })
  app.use(interactions(provider, users))
  app.use(api(options))
  app.use('/reg', registration.endpoint)
  app.use('/reg-admin', registrationAdmin(registration, operatorToken))
  app.use(signIn.router)
  app.use(CONSOLE_PATH, console)
  app.use(provider.callback())
  app.use(showFailure)
  return app
}
