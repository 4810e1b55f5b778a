import type { RequestHandler } from 'express'
import helmet from 'helmet'

/** Nothing but the console's own stylesheet and script; logos of applications are not shown, since they would tell their servers who looks. */
export const consoleHeaders = (): RequestHandler => {
  const secured = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'style-src': ["'self'"],
        'script-src': ["'self'"],
        'img-src': ["'self'"],
        'connect-src': ["'self'"],
        'base-uri': ["'none'"],
        'form-action': ["'self'"],
        'frame-ancestors': ["'none'"],
        'require-trusted-types-for': ["'script'"],
        'trusted-types': ['fapi-console'],
      },
    },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    referrerPolicy: { policy: 'same-origin' },
    strictTransportSecurity: { maxAge: 63_072_000, includeSubDomains: true },
    xFrameOptions: { action: 'deny' },
  })
  return function fapiConsoleHeaders(req, res, next) {
    // What the application set for its own pages allows more.
    res.removeHeader('content-security-policy')
    res.set('cache-control', 'no-store')
    secured(req, res, next)
  }
}
