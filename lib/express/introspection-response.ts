import type { RequestHandler } from 'express'
import { isText } from '../core/claims.js'
import type { Client } from '../core/facts.js'
import { authenticateCaller, handOver, isOutside } from './authenticate-client.js'
import { endpoint, insistOnMethod } from './endpoint.js'
import type { Setup } from './fapi-options.js'
import { readForm, textIn } from './form.js'
import type { Grants } from './grants.js'
import { holdResponse, jsonObjectIn } from './held-response.js'
import { serve } from './served.js'

const SIGNED = 'application/token-introspection+jwt'

/**
 * In front of a server's introspection endpoint (RFC 7662): authenticates who asks, adds what a token is bound to, and signs the answer
 * for a caller that asks for a signed one (RFC 9701).
 */
export function introspection(setup: Setup, grants: Grants): RequestHandler {
  const { policy, keys, issuer, find } = setup
  return endpoint(setup, 'fapiIntrospection', 'authentication', async (req, res) => {
    if (req.method === 'OPTIONS') return true
    insistOnMethod(req, ['POST'], 'authentication')
    const form = await readForm(req, res, { stage: 'authentication' })
    const caller = await authenticateCaller(setup, req, form)
    await caller?.spend()
    if (caller) {
      handOver(req, caller)
      serve(req, { client: caller.client, params: {} })
    }
    // It is the same token, whoever asks.
    holdResponse(res, {
      concerns: () => res.statusCode === 200,
      async settle({ body }, release) {
        const answer = await told(jsonObjectIn(body), textIn(form, 'token'), policy.modeOf(caller?.client) === 'report')
        const isAsked = caller !== undefined && req.accepts(['application/json', SIGNED]) === SIGNED
        const text = isAsked ? await signed(caller.client, answer) : JSON.stringify(answer)
        release()
        res.set('cache-control', 'no-store').type(isAsked ? SIGNED : 'json')
        res.end(text)
      },
      fail() {
        res
          .status(503)
          .set('retry-after', '5')
          .json({ error: 'temporarily_unavailable', error_description: 'the token cannot be looked up right now' })
      },
    })
    return true
  })

  /** RFC 9701 §5. */
  function signed({ client_id, introspection_signed_response_alg: alg }: Client, answer: Answer): Promise<string> {
    const claims = { iss: issuer, aud: client_id, iat: Math.floor(Date.now() / 1000), token_introspection: answer }
    return keys.sign(alg, 'token-introspection+jwt', claims)
  }

  /** In report mode a store that is away changes no answer. */
  async function told(answer: Answer = { active: false }, token: string | undefined, reports: boolean): Promise<Answer> {
    return completed(answer, token).catch((cause: unknown) => (reports ? answer : Promise.reject(cause)))
  }

  /** Adds what a token is bound to. One of a client that is held to a profile is not active when nothing binds it, or when it was taken back. */
  async function completed(answer: Answer, token: string | undefined): Promise<Answer> {
    if (answer.active !== true || token === undefined) return answer
    const cnf = await grants.bindingOf(token)
    if (cnf) return { ...answer, ...(Object.keys(cnf).length > 0 && { cnf }), ...(cnf.jkt !== undefined && { token_type: 'DPoP' }) }
    const owner = isText(answer.client_id) ? await find(answer.client_id) : undefined
    const isHeld = owner !== undefined && !isOutside(setup, owner) && policy.modeOf(owner) === 'enforce'
    return isHeld ? { active: false } : answer
  }
}

type Answer = Readonly<Record<string, unknown>>
