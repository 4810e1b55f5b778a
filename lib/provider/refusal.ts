import Provider, { errors } from 'oidc-provider'
import { describable, type OAuthError } from '../core/errors.js'
import type { Client, Stage, Wire } from '../core/facts.js'
import type { Policy, Refusal } from '../core/policy.js'
import type { Verdict } from '../core/verdict.js'
import { readWire } from '../readers/wire.js'
import { hinted } from './sandbox.js'

const ours = new WeakSet<object>()

/** Whether an error was thrown here, and so has been recorded already. */
export const isOurs = (error: unknown): boolean => typeof error === 'object' && error !== null && ours.has(error)

/** Throws what node-oidc-provider will answer with: a redirect, a JSON body or a page, as it sees fit. `error` stands in for the verdict's own. */
export function answer(verdict: Verdict | undefined, error?: OAuthError): void {
  if (!verdict?.rejection) return
  const { rule, description } = verdict.rejection
  const answered = error ?? verdict.rejection.error
  raise(answered, hinted(Provider.ctx, { error: answered, description, rule, by: 'rules' }))
}

/** What a refusal may be answered with: the errors of rules, and what a software statement is refused with (RFC 7591 §3.2.2). */
export type Refusable = OAuthError | 'invalid_software_statement'

/** Records a refusal that no rule made, and throws it. `more` is for the record alone. */
export function refuse(
  policy: Policy,
  stage: Stage,
  client: Client | undefined,
  error: Refusable,
  description: string,
  more: Partial<Pick<Refusal, 'wire' | 'detail' | 'rule'>> = {},
): never {
  policy.note({ wire: currentWire(), ...more, stage, client, error, description })
  raise(error, hinted(Provider.ctx, { error, description, rule: more.rule }))
}

/** What the wire carried, of the request that is being answered. */
function currentWire(): Wire | undefined {
  const { ctx } = Provider
  return ctx && readWire(ctx.req, ctx.oidc?.issuer ?? 'https://localhost', undefined)
}

function raise(error: Refusable, text: string): never {
  const thrown = providerError(error, describable(text))
  ours.add(thrown)
  throw thrown
}

function providerError(error: Refusable, description: string): Error {
  switch (error) {
    case 'server_error':
      return new Error(description)
    case 'invalid_client':
      return Object.assign(new errors.InvalidClientAuth(description), { error_description: description })
    case 'invalid_grant':
      return Object.assign(new errors.InvalidGrant(description), { error_description: description })
    case 'invalid_token':
      return Object.assign(new errors.InvalidToken(description), { error_description: description })
    case 'invalid_dpop_proof':
      return new errors.InvalidDpopProof(description)
    case 'invalid_request':
      return new errors.InvalidRequest(description)
    case 'invalid_request_object':
      return new errors.InvalidRequestObject(description)
    case 'unsupported_response_type':
      return new errors.UnsupportedResponseType(description)
    case 'invalid_redirect_uri':
    case 'invalid_client_metadata':
      return Object.assign(new errors.InvalidClientMetadata(description), { message: error, error })
    default:
      return new errors.CustomOIDCProviderError(error, description)
  }
}
