import { createHash } from 'node:crypto'
import type { Request, RequestHandler, Response } from 'express'
import { isHttpsUrl } from '../core/claims.js'
import { ConfigurationError, describable, OAUTH_ERRORS, type OAuthError } from '../core/errors.js'
import type { Client, Confirmation, Token, Wire } from '../core/facts.js'
import { FAPI_ALGORITHMS } from '../core/jwk.js'
import type { Policy } from '../core/policy.js'
import { type CertificateSource, thumbprint } from '../readers/certificate.js'
import { DpopError, type DpopProof, readDpop } from '../readers/dpop.js'
import { proofKeys } from '../readers/proof-key.js'
import { shownCertificate } from '../readers/shown-certificate.js'
import { readWire } from '../readers/wire.js'
import { digest } from '../stores/seal.js'
import type { OnceStore } from '../stores/store.js'

/** Finds what an access token stands for; `undefined` when it is unknown, expired or revoked. What it throws refuses the request. */
export type TokenSource = (token: string) => Promise<{ readonly client: Client; readonly claims: Token['claims'] } | undefined>

export interface ProtectOptions {
  /** The origins the API is reached under, such as `https://api.bank.example`. `htu` is compared with these, never with a Host header. */
  readonly publicUrl: string | readonly string[]
  readonly certificate: CertificateSource
  readonly store: OnceStore
  readonly tokens: TokenSource
}

/** Routers go by the text of a path, URLs by what it comes down to: a proof for one would open the other. */
const AMBIGUOUS = /^[^?]*(?:\\|(?:\/|%2f)(?:\.|%2e){1,2}(?:\/|%2f|\?|$))/i

/** Seconds. FAPI2-SP-5.3.2.1-13 sets the limit ahead; the limit behind is our choice. */
const WINDOW = { ahead: 60, behind: 60 }

/**
 * Lets a request through when its access token holds and was sent by its holder; `res.locals.token` then has the token's
 * claims. The token's own `cnf` says how it is bound, never the scheme the caller chose. Throws a `ConfigurationError`.
 */
export function protect(policy: Policy, { publicUrl, certificate, store, tokens }: ProtectOptions): RequestHandler {
  const bases = [publicUrl].flat()
  const wrong = bases.find((base) => !isHttpsUrl(base) || new URL(base).pathname !== '/')
  if (bases.length === 0 || wrong !== undefined)
    throw new ConfigurationError([{ option: 'publicUrl', got: publicUrl, allowed: 'must be the https origin of the API, or several' }])

  const keys = proofKeys()

  /** What this request may have been sent to. */
  const urlsOf = ({ url }: Wire) => bases.map((base) => new URL(base).origin + url.pathname)

  return async function fapiProtect(req, res, next) {
    try {
      const claims = await admit(req, res)
      if (!claims) return
      if (res.headersSent) return
      res.locals.token = claims
    } catch (cause) {
      // A guard that cannot look, or cannot remember, refuses.
      process.emitWarning(`a request to the API could not be judged: ${cause instanceof Error ? cause.message : 'no reason given'}`, {
        code: 'FAPI_UNDECIDED',
      })
      if (res.headersSent) return
      res.set('retry-after', '5')
      return refuse(res, 'temporarily_unavailable', 'the request cannot be judged right now, try again')
    }
    next()
  }

  async function admit(req: Request, res: Response): Promise<Token['claims'] | undefined> {
    const sent = readAuthorization(req)
    if (!sent) return challenge(res)
    if (AMBIGUOUS.test(req.originalUrl)) return refuse(res, 'invalid_request', 'the path must be written without dot segments')
    if (typeof sent === 'string') return refuse(res, 'invalid_request', sent)
    const { certificate: shown, flaw } = await shownCertificate(certificate, req)
    if (flaw?.kind === 'malformed') return refuse(res, 'invalid_request', flaw.message)
    const found = await tokens(sent.token)
    if (!found) return refuse(res, 'invalid_token', 'the access token is unknown, expired or revoked')

    const now = Date.now() / 1000
    const wire = readWire(req, bases[0] as string, shown)
    const { client, claims } = found
    if (flaw && claims.cnf?.['x5t#S256'] !== undefined) return refuse(res, 'invalid_token', flaw.message)
    const proof = await readHolder(wire, claims.cnf ?? {}, sent, now).catch((error: unknown) => {
      if (error instanceof DpopError) return error
      throw error
    })
    if (proof instanceof DpopError) return refuse(res, 'invalid_dpop_proof', proof.message)
    if (typeof proof === 'string') return refuse(res, 'invalid_token', proof)

    const recipient = { issuer: String(claims.iss ?? ''), endpoints: urlsOf(wire) }
    const verdict = policy.decide('resource', { now, wire, client, recipient, token: { scheme: sent.scheme, claims }, proof })
    if (verdict?.rejection) return refuse(res, verdict.rejection.error, verdict.rejection.description)
    if (proof && !(await store.once(`dpop:${digest(proof.jkt, proof.jti)}`, proof.acceptableUntil)))
      return refuse(res, 'invalid_dpop_proof', 'the DPoP proof has been used')
    return claims
  }

  /** Resolves to the proof of a DPoP-bound token, to nothing where none is needed, or to what is wrong. */
  async function readHolder(wire: Wire, cnf: Confirmation, { scheme, token }: Sent, now: number): Promise<DpopProof | undefined | string> {
    const bound = cnf['x5t#S256']
    if (bound !== undefined && (!wire.certificate || thumbprint(wire.certificate.x509) !== bound))
      return 'the access token is bound to another client certificate'
    if (cnf.jkt === undefined) return scheme === 'dpop' ? 'the access token is not bound to a DPoP key' : undefined
    if (scheme !== 'dpop') return 'the access token is bound to a DPoP key and must be sent under the DPoP scheme'
    if (wire.headers.dpop === undefined) throw new DpopError('a DPoP proof is required')
    const proof = await readDpop(wire.headers.dpop, {
      method: wire.method,
      urls: urlsOf(wire),
      accessTokenHash: createHash('sha256').update(token).digest('base64url'),
      keys,
      algorithms: FAPI_ALGORITHMS,
      now,
      window: WINDOW,
    })
    return proof.jkt === cnf.jkt ? proof : 'the access token is bound to another DPoP key'
  }
}

interface Sent {
  readonly scheme: Token['scheme']
  readonly token: string
}

/** The token from the Authorization header, the only place it is taken from; a string says what is wrong. */
function readAuthorization(req: Request): Sent | string | undefined {
  if (req.query.access_token !== undefined) return 'an access token must not be sent in the query'
  const header = req.headers.authorization
  if (header === undefined) return undefined
  const [, scheme = '', token = ''] = /^(bearer|dpop) +([A-Za-z0-9\-._~+/]+=*)$/i.exec(header) ?? []
  return token
    ? { scheme: scheme.toLowerCase() === 'dpop' ? 'dpop' : 'bearer', token }
    : 'the Authorization header must be Bearer or DPoP with an access token'
}

/** RFC 6750 §3.1: no error code where no token was sent. */
function challenge(res: Response): undefined {
  res.status(401).set('www-authenticate', ['Bearer', `DPoP algs="${FAPI_ALGORITHMS.join(' ')}"`])
  res.set('cache-control', 'no-store').json({ error: 'invalid_token', error_description: 'an access token is required' })
}

/** Resource-server statuses (RFC 6750 §3.1, RFC 9449 §7.1): a bad token or proof is 401, a malformed request 400. */
function refuse(res: Response, error: OAuthError, text: string): undefined {
  // A timeout may have answered meanwhile.
  if (res.headersSent) return
  const description = describable(text)
  const parameters = `error="${error}", error_description="${description}"`
  const status = error === 'invalid_dpop_proof' ? 401 : OAUTH_ERRORS[error]
  if (status < 500) res.set('www-authenticate', [`Bearer ${parameters}`, `DPoP ${parameters}, algs="${FAPI_ALGORITHMS.join(' ')}"`])
  res.status(status).set('cache-control', 'no-store').json({ error, error_description: description })
}

/** Lets a request through when the token of {@link protect} has the scope, as a whole word (FAPI1-BASE-6.2.1-5). */
export function requireScope(scope: string): RequestHandler {
  if (!/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope))
    throw new ConfigurationError([{ option: 'scope', got: scope, allowed: 'must be one scope value' }])
  return function fapiRequireScope(_req, res, next) {
    const { scope: granted } = (res.locals.token ?? {}) as { readonly scope?: unknown }
    if (typeof granted === 'string' && granted.split(' ').includes(scope)) return next()
    const description = `the scope ${scope} is required`
    res.status(403).set('www-authenticate', `Bearer error="insufficient_scope", error_description="${description}", scope="${scope}"`)
    res.json({ error: 'insufficient_scope', error_description: description })
  }
}
