import type { RequestHandler, Response } from 'express'
import helmet from 'helmet'
import { urlOf } from '../core/claims.js'

const POLICY = 'content-security-policy'

/**
 * helmet with a content security policy for login and consent pages. Browsers hold `form-action` against the whole chain
 * of redirects after a form, so helmet's own `'self'` would stop the user on the way back to the client: here forms may lead
 * to any https address, and {@link allowFormTarget} narrows that to the one client of a page. HSTS is on (FAPI2-SP-5.2.3-1).
 */
export const securityHeaders = (): RequestHandler =>
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'style-src': ["'self'"],
        'script-src': ["'self'"],
        'img-src': ["'self'", 'data:', 'https:'],
        'font-src': ["'self'"],
        'base-uri': ["'none'"],
        'frame-ancestors': ["'none'"],
        'form-action': ["'self'", 'https:'],
      },
    },
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: { maxAge: 63_072_000, includeSubDomains: true },
  })

/** Lets the forms of this answer lead to this server and to `url`'s origin only. Call it with the redirect URI of the client the page is about. */
export function allowFormTarget(res: Response, url: string): void {
  const policy = res.getHeader(POLICY)
  const target = formTarget(url)
  if (typeof policy !== 'string' || target === undefined) return
  // A host may hold characters that would end the directive; such a client gets no more than this server does.
  const targets = /^[a-z0-9.:/[\]+-]+$/i.test(target) ? `'self' ${target}` : "'self'"
  res.setHeader(
    POLICY,
    policy.replace(/form-action [^;]*/, () => `form-action ${targets}`),
  )
}

function formTarget(url: string): string | undefined {
  const parsed = urlOf(url)
  return parsed?.origin === 'null' ? parsed.protocol : parsed?.origin
}
