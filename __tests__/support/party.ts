import type { JSONWebKeySet } from 'jose'
import { authorizationParams, usesPkce } from './authorization-request.js'
import { type AuthorizationResponse, readResponse } from './authorization-response.js'
import { type Landing, openBrowser } from './browser.js'
import { type Caller, callerOf, type Server } from './caller.js'
import type { AuthorizationChange, Change } from './change.js'
import { VERIFIER } from './pkce.js'
import { type Signer, signerOf } from './signer.js'
import type { Tpp } from './tpp.js'
import { type Answer, formOf, type Params, type Sending } from './wire.js'

/** A client at a bank. Every verb sends what an honest client sends, unless told otherwise. */
export interface Party extends Signer, Caller {
  readonly tpp: Tpp
  push(change?: Change): Promise<Answer>
  /** The address of the authorization endpoint with a request by value. */
  byValue(change?: Change): Promise<string>
  /** The address of the authorization endpoint with a request, pushed where the client pushes. Throws when the push fails. */
  address(change?: AuthorizationChange): Promise<string>
  authorize(change?: AuthorizationChange): Promise<Landing>
  respond(landing: Landing): Promise<AuthorizationResponse>
  /** A code, fresh from the authorization endpoint. Throws when none came. */
  code(change?: AuthorizationChange): Promise<string>
  token(params: Params, change?: Change): Promise<Answer>
  redeem(code: string, change?: Change): Promise<Answer>
  refresh(refreshToken: string, change?: Change): Promise<Answer>
  /** The token response of a whole flow. Throws when there is none. */
  tokens(change?: AuthorizationChange): Promise<Answer['json']>
  accounts(accessToken: unknown, change?: Change): Promise<Answer>
  /** Any request, as it is given. */
  send(url: string, sending?: Sending): Promise<Answer>
}

export function party(server: Server, tpp: Tpp): Party {
  const { issuer, metadata, wire } = server
  const { id, redirectUri, metadata: own } = tpp
  const signer = signerOf(tpp, issuer)
  const caller = callerOf(server, tpp, signer)
  const browser = openBrowser(wire, issuer)

  const at = (query: Params) => `${metadata.authorization_endpoint}?${formOf(query)}`

  async function authorizationForm({ params, outside, object: wanted }: Change): Promise<Params> {
    const signs = own.require_signed_request_object || wanted !== undefined
    if (!signs || wanted === 'none') return { ...authorizationParams(tpp), ...params, ...outside }
    const request = wanted && 'compact' in wanted ? wanted.compact : await signer.object(params, wanted)
    return { client_id: id, request, ...outside }
  }

  // A proof at this endpoint is a wish: it binds the code (RFC 9449 §10.1).
  const push = async (change: Change = {}) =>
    caller.call('pushed_authorization_request_endpoint', await authorizationForm(change), { proof: 'none', ...change })

  async function byValue(change: Change = {}): Promise<string> {
    const form = await authorizationForm(change)
    if (!form.request) return at(form)
    // FAPI1-ADV-5.2.3-9: these are repeated outside.
    const { client_id, response_type, scope } = { ...authorizationParams(tpp), ...change.params }
    return at({ client_id, response_type, scope, ...form })
  }

  async function address({ front, ...change }: AuthorizationChange = {}): Promise<string> {
    if (change.via !== 'par' && !own.require_pushed_authorization_requests) return byValue(change)
    const { status, json, text } = await push(change)
    if (status !== 201) throw new Error(`the push was refused: ${text}`)
    return at({ client_id: id, request_uri: String(json.request_uri), ...front })
  }

  const authorize = async (change: AuthorizationChange = {}) => (change.browser ?? browser).journey(await address(change), change.user)

  const respond = (landing: Landing) => readResponse(landing, { issuer, clientId: id, jwks: server.jwks as JSONWebKeySet, redirectUri })

  async function code(change?: AuthorizationChange): Promise<string> {
    const { params } = await respond(await authorize(change))
    if (typeof params.code !== 'string') throw new Error(`no code came: ${JSON.stringify(params)}`)
    return params.code
  }

  const token = (params: Params, change: Change = {}) => caller.call('token_endpoint', { ...params, ...change.params }, change)

  const redeem = (value: string, change?: Change) => {
    const verifier = usesPkce(tpp) ? { code_verifier: VERIFIER } : {}
    return token({ grant_type: 'authorization_code', code: value, redirect_uri: redirectUri, ...verifier }, change)
  }

  const refresh = (value: string, change?: Change) => token({ grant_type: 'refresh_token', refresh_token: value }, change)

  async function tokens(change?: AuthorizationChange): Promise<Answer['json']> {
    const { status, json, text } = await redeem(await code(change))
    if (status !== 200) throw new Error(`no token came: ${text}`)
    return json
  }

  const accounts = (accessToken: unknown, change?: Change) =>
    caller.present(`${tpp.certificate ? new URL(caller.endpoint('token_endpoint')).origin : issuer}/accounts`, accessToken, change)

  return {
    ...signer,
    ...caller,
    ...{ tpp, push, byValue, address, authorize, respond, code, token, redeem, refresh, tokens, accounts },
    send: wire.send,
  }
}
