import type { RequestHandler, Response } from 'express'
import { authenticateCaller } from './authenticate-client.js'
import { endpoint, methodIsOneOf } from './endpoint.js'
import type { Setup } from './fapi-options.js'
import { readForm, withoutAssertion } from './form.js'
import type { Grants } from './grants.js'
import { serve } from './served.js'

const SIGNED = 'application/token-introspection+jwt'

/**
 * In front of a server's introspection endpoint (RFC 7662): authenticates who asks, adds what a token is bound to, and signs the answer
 * for a caller that asks for a signed one (RFC 9701).
 */
export function introspection(setup: Setup, grants: Grants): RequestHandler {
  return endpoint(setup, 'fapiIntrospection', 'authentication', async (req, res) => {
    if (req.method === 'OPTIONS') return true
    if (!methodIsOneOf(req, res, ['POST'])) return false
    const form = await readForm(req, res, { stage: 'authentication' })
    const caller = await authenticateCaller(setup, req, form)
    if (!caller) return true
    const { client } = caller
    await caller.spend()
    withoutAssertion(req, client)
    serve(req, { client, params: {} })
    const alg = client.introspection_signed_response_alg
    const isAsked = req.accepts([SIGNED, 'application/json']) === SIGNED
    answerBy(res, async (answer) => {
      const cnf = answer.active === true && form.token !== undefined ? await grants.bindingOf(form.token) : undefined
      const told = { ...answer, ...(cnf && Object.keys(cnf).length > 0 && { cnf }), ...(cnf?.jkt !== undefined && { token_type: 'DPoP' }) }
      if (!isAsked) return told
      const iat = Math.floor(Date.now() / 1000)
      const claims = { iss: setup.issuer, aud: client.client_id, iat, token_introspection: told }
      return setup.keys.sign(alg, 'token-introspection+jwt', claims)
    })
    return true
  })
}

type Answer = Readonly<Record<string, unknown>>

/** Lets the server's JSON go out as something else. */
function answerBy(res: Response, told: (answer: Answer) => Promise<Answer | string>): void {
  const json = res.json.bind(res)
  res.json = function fapiJson(body) {
    res.json = json
    if (res.statusCode !== 200) return json(body)
    told({ ...body }).then(
      (answer) => (typeof answer === 'string' ? res.set('cache-control', 'no-store').type(SIGNED).send(answer) : json(answer)),
      () => json({ active: false }),
    )
    return res
  }
}
