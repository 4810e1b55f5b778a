import type { Attempt } from '../attempt.js'
import { pushed, visit } from '../browsing.js'
import { legalRequest, legalSignedRequest, plainRequest } from '../legal.js'
import type { Probe } from '../probe.js'
import type { Scene } from '../scene.js'
import { withHeader } from './request-changes.js'

const authorization = (name: string, title: string, change: Probe['change'], more: Partial<Probe> = {}): Probe => ({
  ...{ name, title, change, area: 'authorization', legal: legalRequest },
  ...more,
})

/** A request that a browser brings without a push, in plain parameters. */
const direct = (name: string, title: string, change: Readonly<Record<string, string | undefined>>): Probe =>
  authorization(`direct${name}`, title, ({ params }) => visit({ ...params, ...change }), { legal: plainRequest, control: legalRequest })

export const directProbes: readonly Probe[] = [
  direct('', 'Plain parameters, not pushed', {}),
  direct('-jarm', 'Plain parameters with response_mode jwt, not pushed', { response_mode: 'jwt' }),
  direct('-no-pkce', 'Plain parameters without code_challenge, not pushed', {
    code_challenge: undefined,
    code_challenge_method: undefined,
  }),
  direct('-hybrid', 'Plain parameters with response_type code id_token, not pushed', { response_type: 'code id_token' }),
  direct('-implicit', 'Plain parameters with response_type id_token, not pushed', { response_type: 'id_token' }),
]

/** A request object by value, as a browser brings it. */
function visitWithObject({ requestObject, params: { client_id } }: Attempt): Attempt | undefined {
  if (!requestObject) return undefined
  const { response_type, scope } = requestObject.claims
  return { ...visit({ client_id, response_type: String(response_type), scope: String(scope) }), requestObject }
}

/** FAPI 1.0 takes request objects at two endpoints: one may be looked after and the other not. */
function directSigned(scene: Scene): Attempt | undefined {
  const { profile, party, metadata } = scene
  const isPushed = metadata.require_pushed_authorization_requests === true || party?.client.require_pushed_authorization_requests
  const legal = profile.generation === '1.0' && !isPushed ? legalSignedRequest(scene) : undefined
  return legal?.endpoint === 'par' ? visitWithObject(legal) : undefined
}

/** The authorization endpoint, as far as anybody gets who does not log in. */
export const authorizationProbes: readonly Probe[] = [
  authorization(
    'pushed',
    'A pushed request, followed',
    async (legal, scene) => {
      const params = await pushed(legal, scene)
      return params && visit(params)
    },
    { accepts: true },
  ),
  authorization(
    'pushed-for-other',
    'A pushed request, followed under another client_id',
    async (legal, scene) => {
      const params = await pushed(legal, scene)
      return params && visit({ ...params, client_id: 'another-client' })
    },
    { refusal: 'request-uri-client' },
  ),
  authorization(
    'strange-request-uri',
    'A request_uri that was never pushed',
    ({ endpoint, params }) =>
      endpoint === 'par'
        ? visit({ client_id: params.client_id, request_uri: 'urn:ietf:params:oauth:request_uri:never-pushed' })
        : undefined,
    { refusal: 'request-uri-known' },
  ),
  authorization(
    'foreign-request-uri',
    'A request_uri that leads to another host',
    ({ params }) => visit({ ...params, request_uri: 'https://attacker.example/request.jwt' }),
    { legal: plainRequest, control: legalRequest, refusal: 'request-uri-pushed', advises: true },
  ),
  ...directProbes,
  authorization('direct-signed', 'A signed request object, not pushed', (legal) => visitWithObject(legal), {
    legal: legalSignedRequest,
    control: legalRequest,
  }),
  authorization(
    'direct-object-none',
    'A request object without signature (alg none), not pushed',
    (legal) => legal.requestObject && { ...legal, requestObject: { ...withHeader(legal.requestObject, { alg: 'none' }), forged: 'none' } },
    { legal: directSigned },
  ),
  authorization(
    'direct-object-signature',
    'A request object with a broken signature, not pushed',
    (legal) => legal.requestObject && { ...legal, requestObject: { ...legal.requestObject, forged: 'signature' } },
    { legal: directSigned, refusal: 'request-object-signature' },
  ),
  authorization(
    'strange-client',
    'A client_id that nobody registered',
    ({ params }) => visit({ ...params, client_id: 'nobody-registered-this' }),
    { legal: plainRequest, control: legalRequest, refusal: 'client-known' },
  ),
]
