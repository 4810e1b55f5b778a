import { X509Certificate } from 'node:crypto'
import { isText } from '../core/claims.js'
import type { ClientCertificate, Moment, Params } from '../core/facts.js'
import { judge, type Violation } from '../core/judge.js'
import { type CertificateWithKey, formOf, type Outgoing } from './exchange.js'
import { endpointOf, endpointsOf, type Scene } from './scene.js'
import { type Draft, signed } from './signing.js'

/** A request of the audit, as it is meant: it is signed when it is sent, and judged by the very rules that judge requests to a server. */
export interface Attempt {
  readonly endpoint: 'par' | 'token' | 'authorization'
  readonly method: 'GET' | 'POST'
  /** What is sent as plain parameters. */
  readonly params: Params
  readonly requestObject: Draft | undefined
  readonly assertion: Draft | undefined
  readonly proof: Draft | undefined
  readonly certificate: CertificateWithKey | undefined
  readonly headers: Readonly<Record<string, string>>
}

const ENDPOINTS = {
  par: 'pushed_authorization_request_endpoint',
  token: 'token_endpoint',
  authorization: 'authorization_endpoint',
} as const

/** Where an attempt goes. */
export const urlOfAttempt = (scene: Scene, endpoint: Attempt['endpoint']): URL | undefined =>
  endpoint === 'authorization'
    ? endpointOf({ ...scene, party: undefined }, ENDPOINTS.authorization)
    : endpointOf(scene, ENDPOINTS[endpoint])

/** Signs an attempt and puts it into a request. Throws where the server has no such endpoint, or a key cannot sign what it should. */
export function outgoingOf(scene: Scene, attempt: Attempt): Outgoing {
  const { endpoint, method, params, requestObject, assertion, proof, certificate, headers } = attempt
  const url = urlOfAttempt(scene, endpoint)
  if (!url) throw new TypeError(`the server has no ${ENDPOINTS[endpoint]}`)
  const all: Params = {
    ...params,
    ...(requestObject && { request: signed(requestObject) }),
    ...(assertion && {
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: signed(assertion),
    }),
  }
  const sent = { ...headers, ...(proof && { dpop: signed(proof) }) }
  if (method === 'GET') {
    const asked = new URL(url)
    for (const [name, value] of new URLSearchParams(formOf(all))) asked.searchParams.append(name, value)
    return { method, url: asked, headers: sent, certificate }
  }
  return { method, url, headers: { 'content-type': 'application/x-www-form-urlencoded', ...sent }, body: formOf(all), certificate }
}

/** What the rules of the profile find wrong with an attempt, as if it had reached a server of ours. */
export function violationsOf(scene: Scene, attempt: Attempt): readonly Violation[] {
  const { profile, issuer, party } = scene
  if (!party) return []
  const { endpoint, method, requestObject = undefined, assertion, proof, certificate, headers } = attempt
  const url = urlOfAttempt(scene, endpoint) ?? new URL(issuer)
  const moment: Moment = {
    now: Date.now() / 1000,
    wire: { method, url, headers: { ...headers, dpop: proof && 'a proof' }, certificate: certificate && shown(certificate) },
    client: party.client,
    recipient: { issuer, endpoints: endpointsOf(scene) },
  }
  const params = requestObject ? parametersIn(requestObject) : attempt.params
  switch (endpoint) {
    case 'authorization':
      // What is followed was judged when it was pushed.
      if (isText(attempt.params.request_uri)) return []
      return judge(profile, 'authorization', { ...moment, params, requestObject, pushed: false })
    case 'par':
      return [
        ...judge(profile, 'authentication', { ...moment, assertion }),
        ...judge(profile, 'par', { ...moment, params, requestObject, proof }),
      ]
    case 'token':
      return [...judge(profile, 'authentication', { ...moment, assertion }), ...judge(profile, 'token', { ...moment, params, proof })]
  }
}

/** Verified, because whether the server trusts it is not for rules to say. */
const shown = ({ certificate }: CertificateWithKey): ClientCertificate => ({
  x509: new X509Certificate(certificate),
  chain: [],
  verified: 'tls',
})

const parametersIn = ({ claims }: Draft): Params =>
  Object.fromEntries(Object.entries(claims).filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
