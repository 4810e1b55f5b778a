import type { RequestHandler, Response } from 'express'
import { isText } from '../core/claims.js'
import { reasonOf } from '../core/errors.js'
import type { Client, Confirmation, Params } from '../core/facts.js'
import { thumbprint } from '../readers/certificate.js'
import { authenticateCaller, type Caller, handOver } from './authenticate-client.js'
import { endpoint, insistOnMethod } from './endpoint.js'
import type { Setup } from './fapi-options.js'
import { noneInQuery, readForm } from './form.js'
import { type Grants, grantOf, type IssuedTokens } from './grants.js'
import { holdResponse, isSuccess, jsonObjectIn } from './held-response.js'
import { insistOn, OAuthRefusal } from './oauth-refusal.js'
import type { Proofs, Proven } from './proof.js'
import { serve } from './served.js'

/** Seconds for which the binding of a token is kept whose answer does not say how long it lives. Our choice. */
const LONGEST_TOKEN = 86_400

/**
 * In front of a server's token endpoint: authenticates the client, proves its key, checks the code and its verifier, and tells the
 * server what to bind the token to. What is used once is marked as used when all else has held.
 */
export function tokenRequest(setup: Setup, proofOf: Proofs, grants: Grants): RequestHandler {
  const { policy } = setup
  return endpoint(setup, 'fapiTokenRequest', 'token', async (req, res) => {
    if (req.method === 'OPTIONS') return true
    insistOnMethod(req, ['POST'], 'token')
    const form = await readForm(req, res, { stage: 'token' })
    noneInQuery(req, { stage: 'token' })
    const caller = await authenticateCaller(setup, req, form)
    if (!caller) return true
    const { client, moment, params } = caller
    const proven = await proofOf(caller, 'token')
    if (proven.nonce !== undefined) res.set('dpop-nonce', proven.nonce)
    insistOn(policy.decide('token', { ...moment, params, proof: proven.proof }), { stage: 'token', client })
    const cnf = confirmation(caller, proven)
    insistOn(policy.decide('issuance', { ...moment, cnf }), { stage: 'issuance', client })

    const opened = await open(caller, params, cnf)
    // Last of all, so that a refused request burns nothing; each is atomic, so that of many simultaneous uses one wins.
    await caller.spend()
    await proven.spend()
    await opened.use()

    handOver(req, caller)
    if (!setup.handsOnPkce) delete req.body.code_verifier
    const token_type = cnf.jkt === undefined ? 'Bearer' : 'DPoP'
    serve(req, { client, params, cnf, token_type })
    keepBinding(setup, res, client, cnf, (tokens) => grants.rememberTokens(tokens, cnf, client, opened.grantId))
    return true
  })

  /** In report mode codes that were not given out through here go on being taken. */
  async function open({ client }: Caller, params: Params, cnf: Confirmation): Promise<Opened> {
    const reports = policy.modeOf(client) === 'report'
    try {
      if (params.grant_type === 'refresh_token') return { ...NOTHING, grantId: await grants.openRefreshToken(client, params, cnf) }
      if (params.grant_type !== 'authorization_code') return NOTHING
      return {
        use: await grants.openCode(client, params, cnf.jkt, reports),
        grantId: isText(params.code) ? grantOf(params.code) : undefined,
      }
    } catch (error) {
      if (error instanceof OAuthRefusal && reports && !error.facts.always) {
        policy.note({ ...error.facts, client, wire: undefined, error: error.error, description: error.message, passes: true })
        return NOTHING
      }
      throw error
    }
  }
}

/** What stands behind a token request, and how it is used up. */
interface Opened {
  readonly use: () => Promise<void>
  readonly grantId: string | undefined
}

const NOTHING: Opened = { use: async () => {}, grantId: undefined }

/**
 * What the token is bound to: a proven key, or the certificate where the client is registered so. Throws an `OAuthRefusal` for a
 * client that is registered to have its tokens bound and shows nothing to bind them to (RFC 9449 §5.2).
 */
function confirmation({ client, moment, flaw }: Caller, { proof }: Proven): Confirmation {
  const facts = { stage: 'token', client } as const
  if (proof) return { jkt: proof.jkt }
  if (client.dpop_bound_access_tokens)
    throw new OAuthRefusal('invalid_dpop_proof', 'a DPoP proof is required', { ...facts, rule: 'dpop-proof-given' })
  if (!client.tls_client_certificate_bound_access_tokens) return {}
  const { certificate } = moment.wire
  if (!certificate)
    throw new OAuthRefusal('invalid_grant', flaw?.message ?? 'a client certificate is required', { ...facts, rule: 'certificate-given' })
  return { 'x5t#S256': thumbprint(certificate.x509) }
}

/** No token leaves before it is stored what it is bound to. */
function keepBinding(
  { policy }: Setup,
  res: Response,
  client: Client,
  cnf: Confirmation,
  keep: (tokens: IssuedTokens) => Promise<void>,
): void {
  holdResponse(res, {
    concerns: () => isSuccess(res),
    async settle(body, release) {
      const answer = jsonObjectIn(body)
      const { access_token: access, refresh_token: refresh, expires_in: seconds } = answer ?? {}
      const reports = policy.modeOf(client) === 'report'
      if (!answer && !reports) throw new TypeError('the token endpoint answered with something else than a JSON object')
      if (isText(access)) {
        const issued = {
          access,
          refresh: isText(refresh) ? refresh : undefined,
          seconds: Number(seconds) > 0 ? Number(seconds) : LONGEST_TOKEN,
        }
        // In report mode nobody goes without a token for what is only kept beside it.
        await keep(issued).catch((cause: unknown) => (reports ? warn(cause) : Promise.reject(cause)))
      }
      release()
      if (isText(access)) res.set('cache-control', 'no-store')
      res.end(isText(access) && cnf.jkt !== undefined ? JSON.stringify({ ...answer, token_type: 'DPoP' }) : body)
    },
    fail(cause) {
      warn(cause)
      const refusal = cause instanceof OAuthRefusal ? cause : undefined
      res.status(refusal ? 400 : 503).set('cache-control', 'no-store')
      if (!refusal) res.set('retry-after', '5')
      res.json({
        error: refusal?.error ?? 'temporarily_unavailable',
        error_description: refusal?.message ?? 'the token cannot be given out right now, try again',
      })
    },
  })
}

const warn = (cause: unknown) =>
  process.emitWarning(`it could not be kept what a token is bound to: ${reasonOf(cause)}`, {
    code: 'FAPI_UNDECIDED',
  })
