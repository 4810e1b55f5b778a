import Provider, {
  type Adapter,
  type AdapterConstructor,
  type AdapterFactory,
  type AdapterPayload,
  errors,
  type KoaContextWithOIDC,
} from 'oidc-provider'
import { readJwt } from '../readers/jwt.js'
import { digest } from '../stores/seal.js'
import type { OnceStore, Store } from '../stores/store.js'
import { orUnavailable } from './unavailable.js'

/**
 * The adapter of node-oidc-provider over a store, for all its models and those to come. Where the provider's contract only
 * says "mark as used", this one refuses whoever comes second: a code, a refresh token, a request_uri or a proof is used
 * once, and the grant of a code used twice is revoked. When the store does not answer, clients get 503.
 */
export const storage = (store: Store): AdapterFactory =>
  over(store, (model) => ({
    upsert(id, payload, expiresIn) {
      const expiresAt = expiryOf(model, expiresIn)
      if (model !== 'ReplayDetection') return orUnavailable(store.upsert(model, id, payload, expiresAt))
      return rememberOnce(store, id, expiresAt)
    },
    // What happens once has no record: the provider looks for one first, and would learn nothing.
    find: (id) => (model === 'ReplayDetection' ? NOTHING : orUnavailable(store.find(model, id))),
    findByUid: (uid) => orUnavailable(store.findByUid(model, uid)),
    findByUserCode: (userCode) => orUnavailable(store.findByUserCode(model, userCode)),
    async consume(id) {
      if (await orUnavailable(store.consume(model, id))) return
      const { grantId } = (await orUnavailable(store.find(model, id))) ?? {}
      if (grantId && model === 'AuthorizationCode') {
        await orUnavailable(Promise.all([store.revokeGrant(grantId, ISSUED_UNDER_A_GRANT), store.destroy('Grant', grantId)]))
      }
      throw lostRace(model)
    },
    destroy: (id) => orUnavailable(store.destroy(model, id)),
    revokeByGrantId: (grantId) => orUnavailable(store.revokeGrant(grantId, [model])),
  }))

const NOTHING = Promise.resolve(undefined)

/** Keeps an adapter of yours and adds only what its contract cannot give: of simultaneous uses of one value, one succeeds. */
export const wrapStorage =
  (Theirs: AdapterConstructor | AdapterFactory, { store }: { readonly store: OnceStore }): AdapterFactory =>
  (model): Adapter => {
    const make = (name: string) => (isConstructor(Theirs) ? new Theirs(name) : Theirs(name))
    const theirs = make(model)
    return {
      async upsert(id, payload, expiresIn) {
        if (model === 'ReplayDetection') await rememberOnce(store, id, expiryOf(model, expiresIn))
        await theirs.upsert(id, payload, expiresIn)
      },
      find: (id) => theirs.find(id),
      findByUid: (uid) => theirs.findByUid(uid),
      findByUserCode: (userCode) => theirs.findByUserCode(userCode),
      async consume(id) {
        const record: AdapterPayload | undefined = (await theirs.find(id)) ?? undefined
        const until = Math.max(record?.exp ?? Date.now() / 1000 + A_DAY, Date.now() / 1000 + AN_HOUR)
        const isFirst = await orUnavailable(store.once(`consume:${digest(model, id)}`, until))
        if (!isFirst) {
          const { grantId } = record ?? {}
          if (grantId && model === 'AuthorizationCode') {
            await Promise.all([
              ...ISSUED_UNDER_A_GRANT.map((issued) => make(issued).revokeByGrantId(grantId)),
              make('Grant').destroy(grantId),
            ])
          }
          throw lostRace(model)
        }
        await theirs.consume(id)
      },
      destroy: (id) => theirs.destroy(id),
      revokeByGrantId: (grantId) => theirs.revokeByGrantId(grantId),
    }
  }

const stores = new WeakMap<object, OnceStore>()

/** Keeps for `leftToAdapter` what store an adapter remembers in. */
const over =
  (store: OnceStore, adapters: (model: string) => Adapter): AdapterFactory =>
  (model) => {
    const adapter = adapters(model)
    stores.set(adapter, store)
    return adapter
  }

/** A client assertion that the provider is about to ask its adapter about. */
export interface AwaitedAssertion {
  /** Epoch seconds until which it must be remembered at least. */
  readonly until: number
  /** Throws what a request is answered with whose assertion was used before. */
  refuse(): never
}

const awaited = new WeakMap<object, AwaitedAssertion>()

/**
 * Leaves it to the provider's adapter to remember the client assertion of a request, which the provider asks for next, so that the store is
 * asked once. False where its adapter is not one of these over this very store: then nobody but the caller makes sure that one use succeeds.
 */
export function leftToAdapter(ctx: KoaContextWithOIDC, store: OnceStore, assertion: AwaitedAssertion): boolean {
  const { adapter }: { readonly adapter?: object } = ctx.oidc.provider.ReplayDetection
  if (!adapter || stores.get(adapter) !== store || Provider.ctx !== ctx) return false
  awaited.set(ctx, assertion)
  return true
}

/** Once: what the same request has remembered after it is something else, such as a proof. */
function takeAwaited(): AwaitedAssertion | undefined {
  const { ctx } = Provider
  const assertion = ctx && awaited.get(ctx)
  if (ctx && assertion) awaited.delete(ctx)
  return assertion
}

/** Seconds. */
const [AN_HOUR, A_DAY] = [3_600, 86_400]

/** A request_uri is marked as used when its authorization completes, which may be long after it expired: the mark needs the record. The provider sees to the expiry. */
const expiryOf = (model: string, expiresIn: unknown) =>
  typeof expiresIn === 'number' ? Date.now() / 1000 + expiresIn + (model === 'PushedAuthorizationRequest' ? AN_HOUR : 0) : undefined

/** As node-oidc-provider tells them apart: arrow functions have no prototype. */
const isConstructor = (Theirs: AdapterConstructor | AdapterFactory): Theirs is AdapterConstructor => Theirs.prototype !== undefined

/** What was handed out under a grant. The code stays, so that whoever uses it next is refused as well; a running interaction outlives its grant. */
const ISSUED_UNDER_A_GRANT = ['AccessToken', 'RefreshToken', 'DeviceCode', 'BackchannelAuthenticationRequest', 'PreAuthorizedCode']

/** The provider looks first and writes then; only the writing can tell who was first. It keeps assertions and proofs alike. */
async function rememberOnce(store: OnceStore, id: string, expiresAt = Date.now() / 1000 + A_DAY): Promise<void> {
  const assertion = takeAwaited()
  if (await orUnavailable(store.once(`replay:${id}`, assertion ? Math.max(expiresAt, assertion.until) : expiresAt))) return
  assertion?.refuse()
  throw isAssertion(id)
    ? new errors.InvalidClientAuth('the client assertion has been used')
    : new errors.InvalidDpopProof('the DPoP proof has been used')
}

function isAssertion(id: string): boolean {
  const { iss, jti } = readJwt(Provider.ctx?.oidc.params?.client_assertion)?.claims ?? {}
  return digest(`${iss}${jti}`) === id
}

function lostRace(model: string): Error {
  if (model === 'PushedAuthorizationRequest') return new errors.InvalidRequestUri('the request_uri has been used')
  return new errors.InvalidGrant(`the ${model} has been used`)
}
