import { hash as hashOf } from 'node:crypto'
import type { Request, RequestHandler, Response } from 'express'
import { isText } from '../core/claims.js'
import { reasonOf } from '../core/errors.js'
import type { Token, Wire } from '../core/facts.js'
import { FAPI_ALGORITHMS } from '../core/jwk.js'
import type { Policy } from '../core/policy.js'
import { thumbprint } from '../readers/certificate.js'
import { DpopError, type DpopProof, readDpop } from '../readers/dpop.js'
import { settleInteractionId } from '../readers/interaction-id.js'
import { proofKeys } from '../readers/proof-key.js'
import { type ShownCertificate, shownCertificate } from '../readers/shown-certificate.js'
import { readWire } from '../readers/wire.js'
import { digest } from '../stores/seal.js'
import { accessTokens } from './access-tokens.js'
import { type Admission, admission } from './admission.js'
import { readAuthorization, type Sent } from './authorization-header.js'
import { type Always, askForToken, type Refused, refuseResource, settleAlways } from './challenge.js'
import { type ProtectOptions, settings } from './protect-options.js'

/** Routers go by the text of a path, URLs by what it comes down to: a proof for one would open the other. */
const AMBIGUOUS = /^[^?]*(?:\\|(?:\/|%2f)(?:\.|%2e){1,2}(?:\/|%2f|\?|$))/i

/** RFC 9112 §3.2: a path, or a whole URL whose host nobody can read in two ways; never a fragment. */
const PLAIN = /^(?:https?:\/\/[A-Za-z0-9.:[\]-]+)?\/[!"$-~\u0080-\uffff]*$/

/** Seconds. FAPI2-SP-5.3.2.1-13 sets the limit ahead; the limit behind is our choice. */
const WINDOW = { ahead: 60, behind: 60 }

/**
 * Lets a request through when its access token holds and was sent by its holder; `req.fapi` then says whose it is, and
 * `res.locals.token` has its claims. The token's own `cnf` says how it is bound, never the scheme the caller chose. What cannot be
 * decided is refused with 503. Throws a `ConfigurationError`.
 */
export function protect(policy: Policy, options: ProtectOptions): RequestHandler {
  const { bases, issuers, certificate, store, nonces, nonceRequired, always } = settings(policy, options)
  const tokenOf = accessTokens(policy, issuers)
  const keys = proofKeys()

  return async function fapiProtect(req, res, next) {
    const interactionId = settleInteractionId(req, res)
    try {
      const sent = readAuthorization(req)
      if (!sent) return askForToken(res, always)
      const admitted = await admit(req, res, sent, interactionId)
      if (res.headersSent) return
      if ('error' in admitted) return refuseResource(res, admitted, typeof sent === 'string' ? undefined : sent.scheme, always)
      req.fapi = admitted
      res.locals.token = admitted.token
      settleAlways(res, always)
    } catch (cause) {
      return refuseUndecided(res, cause, always)
    }
    next()
  }

  async function admit(req: Request, res: Response, sent: Sent | string, interactionId: string): Promise<Admission | Refused> {
    if (typeof sent === 'string') return refused('invalid_request', sent)
    if (!PLAIN.test(req.originalUrl) || AMBIGUOUS.test(req.originalUrl))
      return refused('invalid_request', 'the path must be written without dot segments, fragment and other ambiguities')
    const shown = await shownCertificate(certificate, req)
    if (shown.flaw?.kind === 'malformed') return refused('invalid_request', shown.flaw.message)

    const now = Date.now() / 1000
    const hash = hashOf('sha256', sent.token, 'base64url')
    const token = await tokenOf(sent.token, hash, now)
    if (typeof token === 'string') return refused('invalid_token', token)

    const wire = readWire(req, bases[0], shown.certificate)
    if (!isUnderstood(token.claims.cnf)) return refused('invalid_token', 'the access token is bound in a way that is not understood here')
    const holder = { wire, shown, sent, hash, now, cnf: token.claims.cnf ?? {} }
    const other = otherThanHolder(holder)
    if (other) return other
    const proof = holder.cnf.jkt === undefined ? undefined : await readProof(holder, holder.cnf.jkt).catch(proofRefused)
    if (
      nonces &&
      (proof === undefined || 'error' in proof ? proof?.error === 'use_dpop_nonce' : nonceRequired || proof.claims.nonce !== undefined)
    )
      res.set('dpop-nonce', nonces.current(now)).set('cache-control', 'no-store')
    if (proof && 'error' in proof) return proof

    const recipient = { issuer: token.issuer, endpoints: proof ? urlsOf(wire) : bases }
    const presented = { scheme: sent.scheme, claims: token.claims }
    const verdict = token.policy.decide('resource', { now, wire, client: token.client, recipient, token: presented, proof })
    if (verdict?.rejection) return verdict.rejection
    // A store that answers with something else has not understood the question.
    if (proof && (await store.once(`dpop:${digest(proof.jkt, proof.jti)}`, proof.acceptableUntil)) !== true)
      return refused('invalid_dpop_proof', 'the DPoP proof has been used')
    return admission(req, token, sent, { certificate: shown.certificate, interactionId })
  }

  /** What this request may have been sent to. */
  function urlsOf({ url }: Wire): string[] {
    return bases.map((base) => base + url.pathname)
  }

  /** The proof of a DPoP-bound token. Rejects with what is wrong. */
  async function readProof({ wire, hash, now }: Holder, jkt: string): Promise<DpopProof> {
    if (wire.headers.dpop === undefined) throw new DpopError('a DPoP proof is required')
    return readDpop(wire.headers.dpop, {
      method: wire.method,
      urls: urlsOf(wire),
      accessToken: { hash, jkt },
      algorithms: FAPI_ALGORITHMS,
      now,
      window: WINDOW,
      keys,
      nonceUntil: nonces && ((nonce) => nonces.freshUntil(nonce, now)),
      nonceRequired,
    })
  }
}

/** Why the token is not of who sent it, as far as that shows without a proof. */
function otherThanHolder({ shown, sent, cnf: { 'x5t#S256': bound, jkt } }: Holder): Refused | undefined {
  if (bound !== undefined) {
    if (shown.flaw) return refused('invalid_token', shown.flaw.message)
    if (!shown.certificate || thumbprint(shown.certificate.x509) !== bound)
      return refused('invalid_token', 'the access token is bound to another client certificate')
  }
  if (jkt === undefined && sent.scheme === 'dpop') return refused('invalid_token', 'the access token is not bound to a DPoP key')
  if (jkt !== undefined && sent.scheme === 'bearer')
    return refused('invalid_token', 'the access token is bound to a DPoP key and must be sent under the DPoP scheme')
  return undefined
}

/** RFC 7800 §3.1: a token that is bound to something is no bearer token, whatever it is bound to. */
function isUnderstood(cnf: unknown): boolean {
  if (cnf === undefined) return true
  if (typeof cnf !== 'object' || cnf === null || Array.isArray(cnf)) return false
  const { jkt, 'x5t#S256': certificate }: Readonly<Record<string, unknown>> = { ...cnf }
  const known = [jkt, certificate].filter((value) => value !== undefined)
  return known.every(isText) && (known.length > 0 || Object.values(cnf).every((value) => value === undefined))
}

interface Holder {
  readonly wire: Wire
  readonly shown: ShownCertificate
  readonly sent: Sent
  readonly hash: string
  readonly now: number
  readonly cnf: NonNullable<Token['claims']['cnf']>
}

const refused = (error: Refused['error'], description: string): Refused => ({ error, description })

function proofRefused(error: unknown): Refused {
  if (error instanceof DpopError) return refused(error.error, error.message)
  throw error
}

/** A guard that cannot look, or cannot remember, refuses. */
function refuseUndecided(res: Response, cause: unknown, always: Always): void {
  const reason = reasonOf(cause)
  process.emitWarning(`a request to the API could not be judged: ${reason}`, { code: 'FAPI_UNDECIDED' })
  if (!res.headersSent) res.set('retry-after', '5')
  refuseResource(res, refused('temporarily_unavailable', 'the request cannot be judged right now, try again'), undefined, always)
}
