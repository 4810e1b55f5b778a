import express, { type Request, type RequestHandler } from 'express'
import type { Client } from '../core/facts.js'
import { clientFacts } from '../readers/client-metadata.js'
import { endpoint, insistOnMethod } from './endpoint.js'
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
    if (READING.includes(req.method)) return true
    insistOnMethod(req, ['POST', 'PUT'], 'registration')
    if (!req.readableEnded)
      await new Promise<void>((resolve, reject) => parse(req, res, (error: unknown) => (error ? reject(error) : resolve()))).catch(() => {
        throw new OAuthRefusal('invalid_client_metadata', 'the metadata must be JSON', { stage: 'registration' })
      })
    const { body } = req
    if (typeof body !== 'object' || body === null || Array.isArray(body))
      throw new OAuthRefusal('invalid_client_metadata', 'the metadata must be a JSON object', { stage: 'registration' })
    if (body.software_statement !== undefined)
      throw new OAuthRefusal('invalid_client_metadata', 'software statements are not taken here', { stage: 'registration' })
    const current = req.method === 'PUT' ? await updated(req) : undefined
    // What the server gives out is not for a client to choose.
    const { client_id: _id, client_secret: _secret, registration_access_token: _token, registration_client_uri: _uri, ...chosen } = body
    const given = current ? { fapi_profile: current.fapi_profile, ...body } : chosen
    const profile = policy.profileOf(clientFacts(given))
    if (current && policy.modeOf(current) === 'enforce' && policy.profileOf(current) !== profile)
      throw new OAuthRefusal('invalid_client_metadata', 'the profile of a client is for its operator to change', {
        stage: 'registration',
        client: current,
      })
    const filled = profile ? { ...profile.defaults.client, ...given } : given
    const client = clientFacts(filled)
    insistOn(policy.decide('registration', { client, current }), { stage: 'registration', client: current ?? client })
    req.body = policy.modeOf(client) === 'report' ? body : filled
    return true
  })

  /** The client that an update is about (RFC 7592 §2.2): it is named in the metadata, and mostly in the path. */
  async function updated(req: Request): Promise<Client> {
    const id: unknown = req.body.client_id
    const client = typeof id === 'string' ? await setup.find(id) : undefined
    const last = decodeURIComponent(req.path.split('/').at(-1) ?? '')
    if (client && (last === '' || last === id || (await setup.find(last)) === undefined)) return client
    throw new OAuthRefusal('invalid_client_metadata', 'client_id must be that of the client to be updated', { stage: 'registration' })
  }
}

const READING = ['GET', 'HEAD', 'OPTIONS', 'DELETE']
