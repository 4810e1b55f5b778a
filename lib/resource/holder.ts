import type { Request } from 'express'
import type { Wire } from '../core/facts.js'
import { told } from '../core/sandbox.js'
import type { AccessToken } from './access-tokens.js'
import type { Refused } from './challenge.js'

/** Whose request was let through. */
export interface Holder {
  readonly token: AccessToken
  readonly wire: Wire
}

const holders = new WeakMap<Request, Holder>()

/** Keeps who was let through, for who refuses behind `protect`. */
export const settleHolder = (req: Request, holder: Holder): void => void holders.set(req, holder)

/** Records what a request is refused for that `protect` has let through, and says what it is answered with. */
export function refusedHolder(req: Request, refusal: Refused): Refused {
  const holder = holders.get(req)
  if (!holder) return refusal
  const { policy, client } = holder.token
  const { error, description, rule, detail } = refusal
  policy.note({ stage: 'resource', client, wire: holder.wire, error, description, rule, detail })
  return policy.sandbox ? { ...refusal, description: told(policy, client, { error, description, rule }) } : refusal
}
