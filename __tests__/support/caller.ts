import type { Change } from './change.js'
import type { Occasion, ProofChange } from './proof.js'
import type { Signer } from './signer.js'
import type { Tpp } from './tpp.js'
import { type Answer, formOf, type Params, type Sending, type Wire } from './wire.js'

/** A bank as its clients see it. */
export interface Server {
  readonly issuer: string
  readonly metadata: Readonly<Record<string, unknown>>
  readonly jwks: unknown
  readonly wire: Wire
}

export type Endpoint =
  | 'token_endpoint'
  | 'pushed_authorization_request_endpoint'
  | 'userinfo_endpoint'
  | 'introspection_endpoint'
  | 'revocation_endpoint'

/** Sends a client's requests. */
export interface Caller {
  endpoint(name: Endpoint): string
  /** Calls an endpoint as this client authenticates. */
  call(endpoint: Endpoint, params: Params, change?: Change): Promise<Answer>
  /** Presents an access token the way it is bound. */
  present(url: string, accessToken: unknown, change?: Change): Promise<Answer>
}

export function callerOf({ metadata, wire }: Server, { id, metadata: own, certificate, proofKey }: Tpp, signer: Signer): Caller {
  const aliases = (metadata.mtls_endpoint_aliases ?? {}) as Readonly<Record<string, string>>
  const endpoint = (name: Endpoint) => String((certificate && aliases[name]) ?? metadata[name])

  return {
    endpoint,
    async call(name, params, change = {}) {
      const url = endpoint(name)
      const method = change.method ?? 'POST'
      const form = { ...(await credentials(change)), ...params }
      return wire.send(url, {
        method,
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          ...basic(),
          ...(await proofHeader({ method: 'POST', url }, change)),
          ...change.headers,
        },
        ...(method !== 'GET' && { body: change.body ?? formOf(form) }),
        certificate: shown(change),
      })
    },
    async present(url, accessToken, change = {}) {
      const token = String(accessToken)
      const method = change.method ?? 'GET'
      return wire.send(url, {
        method,
        headers: {
          authorization: `${proofKey ? 'DPoP' : 'Bearer'} ${token}`,
          ...(await proofHeader({ method, url, accessToken: token }, change)),
          ...change.headers,
        },
        certificate: shown(change),
      })
    },
  }

  function shown({ certificate: wanted }: Change) {
    return wanted === 'none' ? undefined : (wanted ?? certificate)
  }

  async function credentials({ assertion: wanted }: Change): Promise<Params> {
    if (own.client_secret) return {}
    if (own.token_endpoint_auth_method !== 'private_key_jwt' || wanted === 'none') return { client_id: id }
    const compact = wanted && 'compact' in wanted ? wanted.compact : await signer.assertion(wanted)
    return { client_assertion: compact, client_assertion_type: ASSERTION_TYPE, client_id: id }
  }

  function basic(): Sending['headers'] {
    return own.client_secret ? { authorization: `Basic ${Buffer.from(`${id}:${own.client_secret}`).toString('base64')}` } : {}
  }

  async function proofHeader(occasion: Occasion, { proof: wanted }: Change): Promise<Sending['headers']> {
    if (wanted === 'none' || (!proofKey && wanted === undefined)) return {}
    return { dpop: isList(wanted) ? [...wanted] : await signer.proof(occasion, wanted) }
  }
}

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

const isList = (wanted: ProofChange | readonly string[] | undefined): wanted is readonly string[] => Array.isArray(wanted)
