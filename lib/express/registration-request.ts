import express, { type RequestHandler } from 'express'
import { clientFacts } from '../readers/client-metadata.js'
import { endpoint } from './endpoint.js'
import type { Setup } from './fapi-options.js'
import { insistOn, OAuthRefusal } from './oauth-refusal.js'

/** Octets, our choice: metadata with a few keys in it. */
const parse = express.json({ limit: 65_536 })

/**
 * In front of a server's registration endpoint (RFC 7591): judges the metadata by the profile it asks for, with what that profile
 * sets where the metadata is silent. The server goes on with `req.body`.
 */
export function registration(setup: Setup): RequestHandler {
  const { policy } = setup
  return endpoint(setup, 'fapiRegistration', 'registration', async (req, res) => {
    if (req.method !== 'POST' && req.method !== 'PUT') return true
    if (!req.readableEnded)
      await new Promise<void>((resolve, reject) => parse(req, res, (error: unknown) => (error ? reject(error) : resolve()))).catch(() => {
        throw new OAuthRefusal('invalid_client_metadata', 'the metadata must be JSON', { stage: 'registration' })
      })
    const { body } = req
    if (typeof body !== 'object' || body === null || Array.isArray(body))
      throw new OAuthRefusal('invalid_client_metadata', 'the metadata must be a JSON object', { stage: 'registration' })
    const profile = policy.profileOf(clientFacts(body))
    const filled = profile ? { ...profile.defaults.client, ...body } : body
    const client = clientFacts(filled)
    insistOn(policy.decide('registration', { client }), { stage: 'registration', client })
    req.body = policy.modeOf(client) === 'report' ? body : filled
    return true
  })
}
