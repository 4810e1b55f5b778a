import type { Request, RequestHandler } from 'express'

/** What a form sent under a name, once for each time it was there. */
export function values(req: Request, name: string): string[] {
  const body: unknown = req.body
  if (typeof body !== 'object' || body === null) return []
  const sent: unknown = Object.entries(body).find(([key]) => key === name)?.[1]
  return [sent].flat().filter((value) => typeof value === 'string')
}

/** What a form sent under a name that is there once; empty when it is not. */
export const value = (req: Request, name: string): string => values(req, name)[0] ?? ''

/**
 * Refuses forms that were sent from another site (cross-site request forgery). Browsers say where a form comes from;
 * those that do not are stopped by the cookie, which is `SameSite=Lax`.
 */
export const refuseForeignForms: RequestHandler = (req, _res, next) => {
  const site = req.get('sec-fetch-site')
  const origin = req.get('origin')
  const isOwn = site ? site === 'same-origin' || site === 'none' : origin === undefined || origin === `https://${req.get('host')}`
  next(isOwn ? undefined : Object.assign(new Error('The form came from another site.'), { status: 403, expose: true }))
}
