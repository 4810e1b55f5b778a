import type { RequestHandler } from 'express'
import type { Client, Token } from '../core/facts.js'
import { authenticateCaller, type Caller, handOver } from './authenticate-client.js'
import { endpoint, insistOnMethod } from './endpoint.js'
import type { Setup } from './fapi-options.js'
import { readForm, textIn } from './form.js'
import type { Grants } from './grants.js'
import { holdResponse, isSuccess, jsonObjectIn } from './held-response.js'
import { serve } from './served.js'
import { isHeld, ownerOf, standingOf } from './token-standing.js'

const SIGNED = 'application/token-introspection+jwt'

/**
 * In front of a server's introspection endpoint (RFC 7662): authenticates who asks, adds what a token is bound to, and signs the answer
 * for a caller that asks for a signed one (RFC 9701).
 */
export function introspection(setup: Setup, grants: Grants): RequestHandler {
  const { keys, issuer } = setup
  return endpoint(setup, 'fapiIntrospection', 'authentication', async (req, res) => {
    if (req.method === 'OPTIONS') return true
    insistOnMethod(req, ['POST'], 'authentication')
    const form = await readForm(req, res, { stage: 'authentication' })
    let caller: Caller | undefined
    // It is the same token, whoever asks, and whatever comes of that.
    holdResponse(res, {
      concerns: () => isSuccess(res),
      async settle(body, release) {
        const answer = await told(jsonObjectIn(body), textIn(form, 'token'))
        const asking = req.accepts(['application/json', SIGNED]) === SIGNED ? caller?.client : undefined
        const text = asking ? await signed(asking, answer) : JSON.stringify(answer)
        release()
        res.set('cache-control', 'no-store').type(asking ? SIGNED : 'json')
        res.end(text)
      },
      fail() {
        const error_description = 'the token cannot be looked up right now'
        res.status(503).set('retry-after', '5').json({ error: 'temporarily_unavailable', error_description })
      },
    })
    caller = await authenticateCaller(setup, req, form)
    await caller?.spend()
    if (caller) {
      handOver(req, caller)
      serve(req, { client: caller.client, params: {} })
    }
    return true
  })

  /** RFC 9701 §5. */
  function signed({ client_id, introspection_signed_response_alg: alg }: Client, answer: Answer): Promise<string> {
    const claims = { iss: issuer, aud: client_id, iat: Math.floor(Date.now() / 1000), token_introspection: answer }
    return keys.sign(alg, 'token-introspection+jwt', claims)
  }

  /** The server's answer with what the token is bound to. */
  async function told(answer: Answer = { active: false }, token: string | undefined): Promise<Answer> {
    if (answer.active !== true || token === undefined) return answer
    const standing = await standingOf(setup, grants, token, answer).catch(async (cause: unknown) => {
      // Where nobody is held to anything, a store that is away changes no answer.
      if (isHeld(setup, await ownerOf(setup, answer.client_id))) throw cause
      return { cnf: answer.cnf }
    })
    if (!standing) return { active: false }
    const { cnf } = standing
    return { ...answer, ...(cnf && { cnf }), ...(cnf?.jkt !== undefined && { token_type: 'DPoP' }) }
  }
}

type Answer = Token['claims']
