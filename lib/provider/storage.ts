import { type Adapter, type AdapterFactory, errors } from 'oidc-provider'
import type { Store } from '../stores/store.js'

/**
 * The adapter of node-oidc-provider over a store, for all its models and those to come. Where the provider's contract only
 * says "mark as used", this one refuses whoever comes second: a code, a refresh token, a request_uri or a proof is used once.
 */
export const storage =
  (store: Store): AdapterFactory =>
  (model): Adapter => ({
    async upsert(id, payload, expiresIn) {
      const expiresAt = typeof expiresIn === 'number' ? Date.now() / 1000 + expiresIn : undefined
      if (model === 'ReplayDetection') return rememberOnce(store, id, expiresAt)
      await store.upsert(model, id, payload, expiresAt)
    },
    find: (id) => store.find(model, id),
    findByUid: (uid) => store.findByUid(model, uid),
    findByUserCode: (userCode) => store.findByUserCode(model, userCode),
    async consume(id) {
      if (await store.consume(model, id)) return
      const { grantId } = (await store.find(model, id)) ?? {}
      if (grantId) await store.revokeGrant(grantId, ISSUED_UNDER_A_GRANT)
      throw lostRace(model)
    },
    destroy: (id) => store.destroy(model, id),
    revokeByGrantId: (grantId) => store.revokeGrant(grantId, [model]),
  })

/** What was handed out under a grant. A running interaction also names its grant, and outlives it. */
const ISSUED_UNDER_A_GRANT = [
  'AccessToken',
  'AuthorizationCode',
  'RefreshToken',
  'DeviceCode',
  'BackchannelAuthenticationRequest',
  'PreAuthorizedCode',
]

/** The provider looks first and writes then; only the writing can tell who was first. */
async function rememberOnce(store: Store, id: string, expiresAt = Number.POSITIVE_INFINITY): Promise<void> {
  if (!(await store.once(`replay:${id}`, expiresAt))) throw new errors.InvalidDpopProof('the DPoP proof has been used')
}

function lostRace(model: string): Error {
  if (model === 'PushedAuthorizationRequest') return new errors.InvalidRequestUri('the request_uri has been used')
  return new errors.InvalidGrant(`${model} has been used`)
}
