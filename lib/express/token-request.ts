import type { Request, RequestHandler, Response } from 'express'
import { isText } from '../core/claims.js'
import type { Confirmation, Params } from '../core/facts.js'
import { thumbprint } from '../readers/certificate.js'
import { authenticateCaller, type Caller } from './authenticate-client.js'
import { endpoint, methodIsOneOf } from './endpoint.js'
import type { Setup } from './fapi-options.js'
import { readForm, withoutAssertion, withoutCredentials } from './form.js'
import { type Grants, grantOf, type IssuedTokens } from './grants.js'
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
    if (!methodIsOneOf(req, res, ['POST'])) return false
    const form = await readForm(req, res, { stage: 'token' })
    const caller = await authenticateCaller(setup, req, form)
    if (!caller) return true
    const { client, moment } = caller
    const params = withoutCredentials(form)
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
    keepBinding(res, { cnf, keep: (tokens) => grants.rememberTokens(tokens, cnf, client, opened.grantId) })
    return true
  })

  /** In report mode codes that were not given out through here go on being taken. */
  async function open({ client }: Caller, params: Params, { jkt }: Confirmation): Promise<Opened> {
    try {
      if (params.grant_type === 'refresh_token') return { ...NOTHING, grantId: await grants.openRefreshToken(client, params) }
      if (params.grant_type !== 'authorization_code') return NOTHING
      return { use: await grants.openCode(client, params, jkt), grantId: isText(params.code) ? grantOf(params.code) : undefined }
    } catch (error) {
      if (error instanceof OAuthRefusal && policy.modeOf(client) === 'report') {
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

/** What the token is bound to: a proven key, or the certificate where the client is registered so. Throws an `OAuthRefusal`. */
function confirmation({ client, moment, flaw }: Caller, { proof }: Proven): Confirmation {
  if (proof) return { jkt: proof.jkt }
  if (!client.tls_client_certificate_bound_access_tokens) return {}
  if (flaw) throw new OAuthRefusal('invalid_grant', flaw.message, { stage: 'token', client })
  return moment.wire.certificate ? { 'x5t#S256': thumbprint(moment.wire.certificate.x509) } : {}
}

/** The server sees a client that has authenticated: its id, and none of what it showed. Who has a secret is the server's to check. */
function handOver(req: Request, { client }: Caller): void {
  if (/^client_secret_(?:basic|post)$|^none$/.test(client.token_endpoint_auth_method)) return
  withoutAssertion(req, client)
}

interface Binding {
  readonly cnf: Confirmation
  readonly keep: (tokens: IssuedTokens) => Promise<void>
}

/** No token leaves before it is known what it is bound to. */
function keepBinding(res: Response, { cnf, keep }: Binding): void {
  const json = res.json.bind(res)
  res.json = function fapiJson(body) {
    res.json = json
    const { access_token: access, refresh_token: refresh, expires_in: seconds }: Readonly<Record<string, unknown>> = { ...body }
    if (!isText(access)) return json(body)
    const issued = {
      access,
      refresh: isText(refresh) ? refresh : undefined,
      seconds: Number(seconds) > 0 ? Number(seconds) : LONGEST_TOKEN,
    }
    keep(issued).then(
      () => res.set('cache-control', 'no-store') && json(cnf.jkt === undefined ? body : { ...body, token_type: 'DPoP' }),
      (cause: unknown) => {
        process.emitWarning(`a token was not given out: ${cause instanceof Error ? cause.message : 'no reason given'}`, {
          code: 'FAPI_UNDECIDED',
        })
        res.status(503).set('retry-after', '5')
        json({ error: 'temporarily_unavailable', error_description: 'the token cannot be given out right now, try again' })
      },
    )
    return res
  }
}
