import { hash as hashOf } from 'node:crypto'
import type { Request, RequestHandler, Response } from 'express'
import { isText } from '../core/claims.js'
import { reasonOf } from '../core/errors.js'
import type { Token, Wire } from '../core/facts.js'
import { FAPI_ALGORITHMS } from '../core/jwk.js'
import type { Policy } from '../core/policy.js'
import { told } from '../core/sandbox.js'
import { listed } from '../core/shown.js'
import { thumbprint } from '../readers/certificate.js'
import { DpopError, type DpopProof, readDpop } from '../readers/dpop.js'
import { settleInteractionId } from '../readers/interaction-id.js'
import { claimDetail } from '../readers/jwt-fault.js'
import { proofKeys } from '../readers/proof-key.js'
import { type ShownCertificate, shownCertificate } from '../readers/shown-certificate.js'
import { readWire } from '../readers/wire.js'
import { digest } from '../stores/seal.js'
import { type AccessToken, accessTokens } from './access-tokens.js'
import { type Admission, admission } from './admission.js'
import { readAuthorization, type Sent } from './authorization-header.js'
import { askForToken, type Refused, refuseResource, settleAlways } from './challenge.js'
import { settleHolder } from './holder.js'
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
      if ('error' in admitted) {
        record(req, admitted)
        return refuseResource(res, admitted, typeof sent === 'string' ? undefined : sent.scheme, always)
      }
      if (res.headersSent) return
      req.fapi = admitted
      res.locals.token = admitted.token
      settleAlways(res, always)
    } catch (cause) {
      return refuseUndecided(req, res, cause)
    }
    next()
  }

  /** Tells of a refusal that no rule made. */
  function record(req: Request, { error, description, rule, detail, recorded = false, token }: Refusal): void {
    // Being told a nonce is no refusal: it is how one is got.
    if (recorded || error === 'use_dpop_nonce') return
    const judge = token?.policy ?? policy
    judge.note({ stage: 'resource', client: token?.client, wire: readWire(req, bases[0], undefined), error, description, rule, detail })
  }

  /** A guard that cannot look, or cannot remember, refuses. */
  function refuseUndecided(req: Request, res: Response, cause: unknown): void {
    const detail = reasonOf(cause)
    process.emitWarning(`a request to the API could not be judged: ${detail}`, { code: 'FAPI_UNDECIDED' })
    const refusal = refused('temporarily_unavailable', 'the request cannot be judged right now, try again', 'server-available', detail)
    record(req, refusal)
    if (!res.headersSent) res.set('retry-after', '5')
    refuseResource(res, refusal, undefined, always)
  }

  async function admit(req: Request, res: Response, sent: Sent | string, interactionId: string): Promise<Admission | Refusal> {
    if (typeof sent === 'string') return refused('invalid_request', sent, 'access-token-in-header')
    if (!PLAIN.test(req.originalUrl) || AMBIGUOUS.test(req.originalUrl))
      return refused('invalid_request', 'the path must be written without dot segments, fragment and other ambiguities', 'request-sound')
    const shown = await shownCertificate(certificate, req)
    if (shown.flaw?.kind === 'malformed') return refused('invalid_request', shown.flaw.message, 'certificate-clear')

    const now = Date.now() / 1000
    const hash = hashOf('sha256', sent.token, 'base64url')
    const token = await tokenOf(sent.token, hash, now)
    if ('rule' in token) return refused('invalid_token', token.description, token.rule, token.detail)

    const wire = readWire(req, bases[0], shown.certificate)
    if (!isUnderstood(token.claims.cnf)) {
      const why = 'the access token is bound in a way that is not understood here'
      const detail = `cnf has ${listed(Object.keys(Object(token.claims.cnf)))}, understood are jkt and x5t#S256`
      return { ...refused('invalid_token', why, 'access-token-binding', detail), token }
    }
    const holder = { wire, shown, sent, hash, now, cnf: token.claims.cnf ?? {} }
    const other = otherThanHolder(holder)
    if (other) return { ...other, token }
    const proof = holder.cnf.jkt === undefined ? undefined : await readProof(holder, holder.cnf.jkt).catch(proofRefused)
    if (
      nonces &&
      (proof === undefined || 'error' in proof ? proof?.error === 'use_dpop_nonce' : nonceRequired || proof.claims.nonce !== undefined)
    )
      res.set('dpop-nonce', nonces.current(now)).set('cache-control', 'no-store')
    if (proof && 'error' in proof) return { ...proof, token }

    const recipient = { issuer: token.issuer, endpoints: proof ? urlsOf(wire) : bases }
    const presented = { scheme: sent.scheme, claims: token.claims }
    const verdict = token.policy.decide('resource', { now, wire, client: token.client, recipient, token: presented, proof })
    if (verdict?.rejection) {
      const { error, description, rule } = verdict.rejection
      // Who holds the token has shown so, and may be told more.
      const text = token.policy.sandbox ? told(token.policy, token.client, { error, description, rule, by: 'rules' }) : description
      return { error, description: text, recorded: true }
    }
    // A store that answers with something else has not understood the question.
    if (proof && (await store.once(`dpop:${digest(proof.jkt, proof.jti)}`, proof.acceptableUntil)) !== true)
      return { ...refused('invalid_dpop_proof', 'the DPoP proof has been used', 'dpop-once'), token }
    settleHolder(req, { token, wire })
    return admission(req, token, sent, { certificate: shown.certificate, interactionId })
  }

  /** What this request may have been sent to. */
  function urlsOf({ url }: Wire): string[] {
    return bases.map((base) => base + url.pathname)
  }

  /** The proof of a DPoP-bound token. Rejects with what is wrong. */
  async function readProof({ wire, hash, now }: Holder, jkt: string): Promise<DpopProof> {
    if (wire.headers.dpop === undefined) throw new DpopError('a DPoP proof is required', { rule: 'dpop-proof-given' })
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
function otherThanHolder({ shown, sent, cnf: { 'x5t#S256': bound, jkt } }: Holder): Refusal | undefined {
  if (bound !== undefined) {
    if (shown.flaw) return refused('invalid_token', shown.flaw.message, 'access-token-binding')
    const own = shown.certificate && thumbprint(shown.certificate.x509)
    if (own !== bound) {
      const detail = own === undefined ? 'no client certificate came with the request' : claimDetail('its thumbprint', own, [bound])
      return refused('invalid_token', 'the access token is bound to another client certificate', 'access-token-binding', detail)
    }
  }
  if (jkt === undefined && sent.scheme === 'dpop')
    return refused('invalid_token', 'the access token is not bound to a DPoP key', 'access-token-binding')
  if (jkt !== undefined && sent.scheme === 'bearer')
    return refused(
      'invalid_token',
      'the access token is bound to a DPoP key and must be sent under the DPoP scheme',
      'access-token-binding',
    )
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

/** A refusal as it is answered and recorded. */
interface Refusal extends Refused {
  /** The token, where it is known what it stands for. */
  readonly token?: AccessToken
  /** Whether a verdict has told of it. */
  readonly recorded?: boolean
}

const refused = (error: Refused['error'], description: string, rule: string, detail?: string): Refusal => ({
  error,
  description,
  rule,
  detail,
})

function proofRefused(error: unknown): Refusal {
  if (error instanceof DpopError) return refused(error.error, error.message, error.rule, error.detail)
  throw error
}
