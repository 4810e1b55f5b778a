import { createHash } from 'node:crypto'
import type { Request, RequestHandler, Response } from 'express'
import { isText } from '../core/claims.js'
import { describable } from '../core/errors.js'
import type { Client, Jwt, Params } from '../core/facts.js'
import { isRegisteredRedirectUri } from '../core/redirect-uri.js'
import { listed, shown } from '../core/shown.js'
import { shownCertificate } from '../readers/shown-certificate.js'
import { readWire } from '../readers/wire.js'
import { isOutside } from './authenticate-client.js'
import { hasAuthenticated } from './authenticated.js'
import { type Answerable, answerAuthorization, insistOnAnswerable, isHybrid } from './authorization-answer.js'
import { endpoint, insistOnMethod, isAbout } from './endpoint.js'
import type { Setup } from './fapi-options.js'
import { parametersIn, readAnyBody, textIn } from './form.js'
import { insistOn, OAuthRefusal } from './oauth-refusal.js'
import { refusalPage } from './pages.js'
import { INTERACTION, isPushedUri, type NotFollowed, type PushedRequests } from './pushed-requests.js'
import { readRequestObject } from './request-object.js'
import { serve } from './served.js'

/** An authorization request on its way through the server. */
export interface Asked {
  readonly client: Client
  readonly params: Params
  /** Where it was pushed. */
  readonly requestUri: string | undefined
  /** Nothing was changed of it: it is only looked at (report mode). */
  readonly untouched: boolean
}

const asked = new WeakMap<Request, Asked>()

/** What was asked in a request that `authorizationRequest` let through. */
export const askedIn = (req: Request): Asked | undefined => asked.get(req)

/** What may be answered by a redirect, as far as it is known yet. */
const answerable = new WeakMap<Request, Answerable>()

const NOT_PUSHED_HERE: NotFollowed = { description: 'request_uri must be one that was pushed here', rule: 'request-uri-pushed' }

interface InForce {
  readonly params: Params
  readonly requestObject: Jwt | undefined
  readonly pushed: boolean
  readonly requestUri: string | undefined
}

/**
 * In front of a server's authorization endpoint: resolves the request object or the pushed request, judges it, and hands on its
 * parameters, and no others, as if they had come in the query. `req.originalUrl` stays what it was: who sends the user to a login
 * page comes back to that.
 */
export function authorizationRequest(setup: Setup, pushed: PushedRequests): RequestHandler {
  const { policy, issuer, recipient, certificate, find } = setup
  const seen = new WeakSet<Request>()
  return endpoint(setup, 'fapiAuthorizationRequest', 'authorization', work, answer)

  async function work(req: Request, res: Response): Promise<boolean> {
    // Mounted twice, or asked again by a router of its own.
    if (seen.has(req)) return true
    insistOnMethod(req, ['GET', 'HEAD', 'POST'], 'authorization')
    const { clientId, values } = await sentIn(req, res)
    const client = clientId === undefined ? undefined : await find(clientId)
    if (!client)
      throw new OAuthRefusal('invalid_request', 'client_id must be that of a registered client', {
        stage: 'authorization',
        detail: clientId === undefined ? 'client_id is missing' : `no client ${shown(clientId)}`,
        rule: 'client-known',
      })
    isAbout(req, client)
    if (isOutside(setup, client)) return true
    const sent = parametersIn(values, { stage: 'authorization', client })
    remember(req, client, sent)

    const inForce = await resolve(req, res, sent, client)
    const { params, requestObject } = inForce
    remember(req, client, params)
    const { certificate: certificateShown } = await shownCertificate(certificate, req)
    const moment = { now: Date.now() / 1000, wire: readWire(req, issuer, certificateShown), client, recipient }
    insistOn(policy.decide('authorization', { ...moment, params, requestObject, pushed: inForce.pushed }), {
      stage: 'authorization',
      client,
    })

    const untouched = policy.modeOf(client) === 'report' && !requestObject && !inForce.pushed
    if (!untouched) insistOnAnswerable(setup, params, client, 'authorization')
    seen.add(req)
    asked.set(req, { client, params, requestUri: inForce.requestUri, untouched })
    serve(req, { client, params })
    if (!untouched) passOn(req, setup.handsOnPkce ? params : withoutPkce(params))
    return true
  }

  /** From now on a refusal may be told at the redirect URI, if it is one of the client's own. */
  function remember(req: Request, client: Client, params: Params): void {
    const { redirect_uri: redirectUri } = params
    if (isText(redirectUri) && isRegisteredRedirectUri(redirectUri, client))
      answerable.set(req, { client, params: { ...params, redirect_uri: redirectUri } })
    else answerable.delete(req)
  }

  async function resolve(req: Request, res: Response, sent: Params, client: Client): Promise<InForce> {
    const [request, uri] = [textIn(sent, 'request'), textIn(sent, 'request_uri')]
    const facts = { stage: 'authorization', client } as const
    if (request !== undefined && uri !== undefined)
      throw new OAuthRefusal('invalid_request', 'request and request_uri must not be sent together', {
        ...facts,
        rule: 'request-or-request-uri',
      })
    if (request !== undefined) {
      const { object, params } = await readRequestObject(setup, request, client, {
        stage: 'authorization',
        holds: () => hasAuthenticated(req),
      })
      return { params, requestObject: object, pushed: false, requestUri: undefined }
    }
    if (uri === undefined) return { params: sent, requestObject: undefined, pushed: false, requestUri: undefined }
    // Whose it is, is not known: nobody is sent anywhere.
    answerable.delete(req)
    const found = isPushedUri(uri) ? await pushed.follow(uri, client.client_id, cookieIn(req, cookieFor(uri))) : NOT_PUSHED_HERE
    if ('rule' in found) throw new OAuthRefusal('invalid_request', found.description, { ...facts, rule: found.rule, detail: found.detail })
    hasAuthenticated(req)
    res.cookie(cookieFor(uri), found.secret, { ...COOKIE, maxAge: COOKIE_LIFETIME })
    return { params: found.params, requestObject: found.requestObject, pushed: true, requestUri: uri }
  }

  /** At the redirect URI where that is the client's own, on a page otherwise. */
  async function answer(req: Request, res: Response, { error, message }: OAuthRefusal): Promise<void> {
    const known = answerable.get(req)
    const values = { error, error_description: describable(message) }
    if (known) return answerAuthorization(setup, res, known, values)
    refusalPage(res, error === 'temporarily_unavailable' ? 503 : 400, error, message)
  }
}

/**
 * What an authorization request says: in the query, or in a form where the query has none (OpenID Connect Core 3.1.2.1). Throws an
 * `OAuthRefusal` where a server could take the request for another client's.
 */
async function sentIn(req: Request, res: Response) {
  const facts = { stage: 'authorization' } as const
  // Whatever the server will read of a body is looked at before.
  const body = await readAnyBody(req, res, facts)
  const search = new URL(`https://server${req.url.startsWith('/') ? '' : '/'}${req.url}`).searchParams
  const query = [...new Set(search.keys())].map((name) => [name, search.getAll(name)] as const)
  const ids = [...search.getAll('client_id'), body.client_id, req.query.client_id].filter((id) => id !== undefined && id !== '')
  const [clientId] = ids
  if (new Set(ids).size > 1 || (clientId !== undefined && !isText(clientId)))
    throw new OAuthRefusal('invalid_request', 'client_id must be the same wherever it stands', {
      ...facts,
      rule: 'client-identifiers-agree',
      detail: `client_id is ${listed(ids)}`,
    })
  const inQuery = search.has('client_id')
  const values = inQuery ? Object.fromEntries(query.map(([name, all]) => [name, all.length === 1 ? all[0] : all])) : body
  return { clientId, values }
}

/** Parameters of authorization requests, which a server may look for in a form before it looks into the query. */
const KNOWN = [
  ...['client_id', 'redirect_uri', 'response_type', 'response_mode', 'scope', 'state', 'nonce', 'request', 'request_uri', 'resource'],
  ...['audience', 'claims', 'claims_locales', 'ui_locales', 'display', 'registration', 'authorization_details', 'acr_values', 'prompt'],
  ...[
    'max_age',
    'login_hint',
    'id_token_hint',
    'code_challenge',
    'code_challenge_method',
    'dpop_jkt',
    'grant_id',
    'grant_management_action',
  ],
]

const withoutPkce = ({ code_challenge: _challenge, code_challenge_method: _method, ...others }: Params): Params => others

/** Hands on the parameters that count. What is done here and not by the server is left out. */
function passOn(req: Request, params: Params): void {
  const { response_mode: _mode, ...others } = params
  const served = {
    ...others,
    ...(isHybrid(params) && { response_type: 'code' }),
  }
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(served)) for (const one of [value].flat()) if (isText(one)) query.append(name, one)
  const [path = '/'] = req.url.split('?')
  req.url = `${path}?${query}`
  // Express 5 reads it off the URL, Express 4 has read it already.
  Object.defineProperty(req, 'query', { value: byName(query), configurable: true, enumerable: true, writable: true })
  const names = new Set([...KNOWN, ...Object.keys(params)])
  if (req.body) req.body = Object.fromEntries(Object.entries(req.body).filter(([name]) => !names.has(name.replace(/[[\]].*$/, ''))))
}

/** As Express has it: what repeats is a list. */
function byName(query: URLSearchParams): Record<string, string | string[]> {
  const entries = [...new Set(query.keys())].map((name) => [name, query.getAll(name)] as const)
  return Object.fromEntries(entries.map(([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : values]))
}

/** Of a browser that follows a pushed request. */
const COOKIE = { httpOnly: true, secure: true, sameSite: 'lax', path: '/' } as const
/** Milliseconds, as Express has it. */
const COOKIE_LIFETIME = INTERACTION * 1000

/** Once a request has been answered, its cookie has nothing left to say. */
export const forgetBrowser = (res: Response, uri: string): void => void res.clearCookie(cookieFor(uri), COOKIE)

const cookieFor = (uri: string) => `__Host-fapi-${createHash('sha256').update(uri).digest('hex').slice(0, 24)}`

function cookieIn({ headers: { cookie = '' } }: Request, name: string): string | undefined {
  const found = cookie.split('; ').find((pair) => pair.startsWith(`${name}=`))
  return found?.slice(name.length + 1)
}
