import type { RequestHandler } from 'express'

/**
 * Refuses requests for another host than the bank's own. The provider derives URLs from the Host header, or from the
 * request line where it has a whole URL, so nobody may choose them.
 */
export function onlyHosts(origins: readonly string[]): RequestHandler {
  const hosts = new Set(origins.flatMap(hostsOf))
  return function refuseOtherHosts(req, res, next) {
    const host = req.headers.host?.toLowerCase()
    if (host !== undefined && hosts.has(host) && req.originalUrl.startsWith('/')) return next()
    res
      .status(421)
      .type('text')
      .send(`This bank answers as ${origins.join(' and ')}. Send the request to one of these.\n`)
  }
}

/** The ways a Host header may name an origin: the default port is left out or written. */
function hostsOf(origin: string): string[] {
  const { host, hostname, port } = new URL(origin)
  return port === '' ? [host, `${hostname}:443`] : [host]
}

/**
 * Tells the application that a request came over https, as every request does that the proxy in front passes on. What
 * X-Forwarded-* and Forwarded say is not asked: anybody can send those, and the provider would derive its URLs from them.
 */
export const overHttps: RequestHandler = function forgetForwarded(req, _res, next) {
  for (const name of ['x-forwarded-for', 'x-forwarded-host', 'forwarded']) delete req.headers[name]
  req.headers['x-forwarded-proto'] = 'https'
  next()
}
