import type { RequestHandler } from 'express'
import { claimDetail } from '../readers/jwt-fault.js'
import { authenticateCaller } from './authenticate-client.js'
import { insistOnAnswerable } from './authorization-answer.js'
import { endpoint, insistOnMethod } from './endpoint.js'
import type { Setup } from './fapi-options.js'
import { readForm, textIn } from './form.js'
import { insistOn, OAuthRefusal } from './oauth-refusal.js'
import type { Proofs } from './proof.js'
import type { PushedRequests } from './pushed-requests.js'
import { readRequestObject } from './request-object.js'

/** The whole pushed authorization request endpoint (RFC 9126): mount it where `endpoints.pushed_authorization_request` says. */
export function pushAuthorizationRequest(setup: Setup, proofOf: Proofs, pushed: PushedRequests): RequestHandler {
  const { policy, requestLifetime } = setup
  return endpoint(setup, 'fapiPushAuthorizationRequest', 'par', async (req, res) => {
    // RFC 9126 §2.3.
    insistOnMethod(req, ['POST'], 'par')
    const form = await readForm(req, res, { stage: 'par' })
    const caller = await authenticateCaller(setup, req, form, 'nobody')
    if (!caller)
      throw new OAuthRefusal('unauthorized_client', 'this client is not held to a profile, and pushes no requests', {
        stage: 'par',
        rule: 'client-permitted',
      })
    const { client, moment, params: sent } = caller
    const facts = { stage: 'par', client } as const
    if (sent.request_uri !== undefined)
      throw new OAuthRefusal('invalid_request', 'request_uri must not be pushed', { ...facts, rule: 'request-uri-pushed' })

    const request = textIn(sent, 'request')
    const signed = request === undefined ? undefined : await readRequestObject(setup, request, client, { stage: 'par' })
    const asked = signed?.params ?? { ...sent, client_id: client.client_id }
    // RFC 9126 §2.1: what could not be answered is not taken either.
    insistOnAnswerable(setup, asked, client, 'par')
    const proven = await proofOf(caller, 'pushed_authorization_request')
    if (proven.nonce !== undefined) res.set('dpop-nonce', proven.nonce)
    const { proof } = proven
    // RFC 9449 §10.1: a proof here says the same as dpop_jkt.
    if (proof && asked.dpop_jkt !== undefined && asked.dpop_jkt !== proof.jkt)
      throw new OAuthRefusal('invalid_dpop_proof', 'dpop_jkt is not the key of the DPoP proof', {
        ...facts,
        rule: 'dpop-key',
        detail: claimDetail('dpop_jkt', asked.dpop_jkt, [proof.jkt]),
      })
    const params = proof ? { ...asked, dpop_jkt: proof.jkt } : asked
    insistOn(policy.decide('par', { ...moment, params, requestObject: signed?.object, proof }), facts)

    await caller.spend()
    await proven.spend()
    const request_uri = await pushed.push({ client_id: client.client_id, params, requestObject: signed?.object })
    res.status(201).set('cache-control', 'no-store').json({ request_uri, expires_in: requestLifetime })
    return false
  })
}
