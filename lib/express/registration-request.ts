import express, { type Request, type RequestHandler } from 'express'
import { isText } from '../core/claims.js'
import { fillClient, SIGNED_METADATA } from '../core/client-defaults.js'
import type { Client } from '../core/facts.js'
import { profileIfAny } from '../core/policy.js'
import { clientFacts } from '../readers/client-metadata.js'
import type { MetadataFault } from '../registration/metadata.js'
import { forbiddenInUpdate, metadataFaults } from '../registration/metadata-faults.js'
import { kindFaults } from '../registration/metadata-kinds.js'
import { endpoint, insistOnMethod } from './endpoint.js'
import type { Setup } from './fapi-options.js'
import { parsed } from './form.js'
import { insistOn, OAuthRefusal } from './oauth-refusal.js'

/** Octets, our choice: metadata with a few keys in it. */
const parse = express.json({ limit: 65_536 })

/**
 * In front of a server's registration endpoint (RFC 7591): judges the metadata by the profile it asks for, with what that profile
 * sets where the metadata is silent. The server goes on with `req.body`.
 */
export function registration(setup: Setup): RequestHandler {
  const { policy, keys } = setup
  return endpoint(setup, 'fapiRegistration', 'registration', async (req, res) => {
    if (READING.includes(req.method)) return true
    insistOnMethod(req, ['POST', 'PUT'], 'registration')
    await parsed(parse, req, res, { stage: 'registration' })
    const { body } = req
    if (typeof body !== 'object' || body === null || Array.isArray(body))
      throw new OAuthRefusal('invalid_client_metadata', 'the metadata must be a JSON object', {
        stage: 'registration',
        rule: 'registration-request',
      })
    if (body.software_statement !== undefined)
      throw new OAuthRefusal('invalid_client_metadata', 'software statements are not taken here', {
        stage: 'registration',
        rule: 'software-statement',
      })
    const current = req.method === 'PUT' ? await updated(req) : undefined
    // What the server gives out is not for a client to choose.
    const { client_id: _id, client_secret: _secret, registration_access_token: _token, registration_client_uri: _uri, ...chosen } = body
    const given = current ? { fapi_profile: current.fapi_profile, ...body } : chosen
    insistOnNone(kindFaults(given), current ?? clientFacts(given))
    const profile = profileIfAny(policy, clientFacts(given))
    if (current && policy.modeOf(current) === 'enforce' && profileIfAny(policy, current) !== profile)
      throw new OAuthRefusal('invalid_client_metadata', 'the profile of a client is for its operator to change', {
        stage: 'registration',
        client: current,
        rule: 'registration-permitted',
      })
    const filled: Record<string, unknown> = { ...given }
    const isGiven = (name: string) => given[name] !== undefined && given[name] !== null && given[name] !== ''
    if (profile) fillClient(profile, filled, isGiven, current, keys.algorithmFor(undefined))
    const client = clientFacts(filled)
    const unsigned =
      profile && SIGNED_METADATA.find((name) => client[name] !== undefined && !keys.algorithms.includes(String(client[name])))
    if (unsigned)
      throw new OAuthRefusal('invalid_client_metadata', `${unsigned} must be one of ${keys.algorithms.join(', ')}`, {
        stage: 'registration',
        client,
        rule: 'metadata-sound',
      })
    insistOn(policy.decide('registration', { client, current }), { stage: 'registration', client: current ?? client })
    // A client outside all profiles is the server's business.
    if (profile) insistOnNone([...(current ? forbiddenInUpdate(body) : []), ...metadataFaults(filled)], current ?? client)
    req.body = policy.modeOf(client) === 'report' ? body : filled
    return true
  })

  /** The client that an update is about (RFC 7592 §2.2): it is named in the metadata, and mostly in the path. */
  async function updated(req: Request): Promise<Client> {
    const id: unknown = req.body.client_id
    const client = typeof id === 'string' ? await setup.find(id) : undefined
    const named = [lastSegment(req.path), req.query.client_id].flat().filter(isText)
    const others = await Promise.all(named.filter((name) => name !== id).map((name) => setup.find(name)))
    if (client && others.every((other) => other === undefined)) return client
    throw new OAuthRefusal('invalid_client_metadata', 'client_id must be that of the client to be updated', {
      stage: 'registration',
      rule: 'registration-permitted',
    })
  }
}

/** The last part of a path, as Express decodes it; `undefined` for one that it refuses. */
function lastSegment(path: string): string | undefined {
  try {
    return decodeURIComponent(path.split('/').filter(Boolean).at(-1) ?? '')
  } catch {
    return undefined
  }
}

/** Throws an `OAuthRefusal` that says all that is wrong with metadata. */
function insistOnNone(faults: readonly MetadataFault[], client: Client | undefined): void {
  const [first] = faults
  if (!first) return
  const error = first.error === 'invalid_redirect_uri' ? first.error : 'invalid_client_metadata'
  throw new OAuthRefusal(error, faults.map(({ description }) => description).join('; '), {
    stage: 'registration',
    client,
    rule: error === 'invalid_redirect_uri' ? 'redirect-uris-registrable' : 'metadata-sound',
  })
}

const READING = ['GET', 'HEAD', 'OPTIONS', 'DELETE']
