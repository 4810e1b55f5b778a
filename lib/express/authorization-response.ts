import type { Request, RequestHandler, Response } from 'express'
import { isText, urlOf } from '../core/claims.js'
import { reasonOf } from '../core/errors.js'
import type { Client, Params } from '../core/facts.js'
import { type Answerable, authorizationAnswer, halfHash, isHybrid, type Values } from './authorization-answer.js'
import { type Asked, askedIn, forgetBrowser } from './authorization-request.js'
import type { Setup } from './fapi-options.js'
import type { Grants } from './grants.js'
import { holdResponse } from './held-response.js'
import { refusalPage } from './pages.js'
import type { PushedRequests } from './pushed-requests.js'

/** Seconds that the ID token beside a code counts. Our choice: it is looked at once, on the way back. */
const ID_TOKEN_SECONDS = 300

const watched = new WeakSet<Response>()

/** Whether a redirect of this response becomes an answer on its way out. */
export const isWatched = (res: Response): boolean => watched.has(res)

/**
 * Around a server's authorization endpoint: its redirects to the client get `iss` (RFC 9207), or are signed (JARM); its codes are
 * remembered with what they are bound to, and a pushed request is used up by its answer.
 */
export function authorizationResponse(setup: Setup, pushed: PushedRequests, grants: Grants): RequestHandler {
  const { policy } = setup
  return function fapiAuthorizationResponse(req, res, next) {
    if (!watched.has(res)) {
      watched.add(res)
      watch(req, res)
    }
    next()
  }

  /** Makes out what is to be sent in the server's place, and resolves to the sending of it. */
  async function answer(
    res: Response,
    { client, params, requestUri }: Asked,
    { redirectUri, values }: Redirect,
  ): Promise<() => Promise<void>> {
    if (redirectUri === undefined) {
      const message = `the server would have sent an answer for ${client.client_id} elsewhere than to its redirect_uri`
      process.emitWarning(message, { code: 'FAPI_ASTRAY' })
      return async () => refusalPage(res, 500, 'server_error', 'the answer would not have reached the application it is for')
    }
    const { state: _state, iss: _iss, ...own } = values
    if (requestUri !== undefined && !(await pushed.answered(requestUri))) {
      const description = 'request_uri has been used'
      policy.note({ stage: 'authorization', client, wire: undefined, error: 'invalid_request', description })
      return async () => refusalPage(res, 400, 'invalid_request', description)
    }
    const known: Answerable = { client, params: { ...params, redirect_uri: redirectUri } }
    if (isText(own.code)) await grants.rememberCode(own.code, codeFacts(client, known.params))
    const idToken = isText(own.code) && isHybrid(params) ? { id_token: await frontChannelIdToken(known, own.code) } : {}
    const send = await authorizationAnswer(setup, known, { ...own, ...idToken })
    return async () => {
      if (requestUri !== undefined) forgetBrowser(res, requestUri)
      send(res)
    }
  }

  /** The ID token beside a code: it vouches for the code and the state (FAPI1-ADV-5.2.2.1-4, -5). */
  async function frontChannelIdToken({ client, params }: Answerable, code: string): Promise<string> {
    const { keys, issuer, idToken } = setup
    const alg = keys.algorithmFor(client.id_token_signed_response_alg)
    const iat = Math.floor(Date.now() / 1000)
    const { nonce, state } = params
    return keys.sign(alg, undefined, {
      ...(await idToken?.(code, client)),
      ...{ iss: issuer, aud: client.client_id, iat, exp: iat + ID_TOKEN_SECONDS, c_hash: halfHash(code, alg) },
      ...(isText(nonce) && { nonce }),
      ...(isText(state) && { s_hash: halfHash(state, alg) }),
    })
  }

  /** Holds a redirect to the client back until it has been answered in place of the server. */
  function watch(req: Request, res: Response): void {
    const redirect = () => redirectOf(askedIn(req), setup.endpoints.authorization, setup.recipient.endpoints, res)
    const isTouched = () => askedIn(req)?.untouched === false
    let isRemembered = false
    holdResponse(res, {
      concerns() {
        const found = redirect()
        if (found && !isTouched() && !isRemembered) {
          isRemembered = true
          rememberUntouched(askedIn(req), found)
        }
        return found !== undefined && isTouched()
      },
      async settle(_body, release) {
        const [known, found] = [askedIn(req), redirect()]
        if (!known || !found) throw new TypeError('what was held back is no answer any more')
        const send = await answer(res, known, found)
        release()
        for (const name of ['location', 'content-type']) res.removeHeader(name)
        await send()
      },
      fail(cause) {
        process.emitWarning(`an authorization response could not be given: ${reasonOf(cause)}`, { code: 'FAPI_UNDECIDED' })
        res.removeHeader('location')
        refusalPage(res, 503, 'temporarily_unavailable', 'the request cannot be answered right now, try again')
      },
    })
  }

  /** In report mode the answer goes out as it is, and what its code is bound to is known all the same. */
  function rememberUntouched(known: Asked | undefined, { values: { code } }: Redirect): void {
    if (!known || !isText(code)) return
    grants.rememberCode(code, codeFacts(known.client, known.params)).catch((cause: unknown) => {
      process.emitWarning(`a code could not be remembered: ${reasonOf(cause)}`, { code: 'FAPI_UNDECIDED' })
    })
  }
}

interface Redirect {
  /** As it was asked for; `undefined` where the answer would go astray. */
  readonly redirectUri: string | undefined
  /** What the server answers, wherever in the address it stands. */
  readonly values: Values
}

/** What a redirect tells the client; `undefined` for one that tells it nothing, such as to a login page. */
function redirectOf(known: Asked | undefined, here: string, own: readonly string[], res: Response): Redirect | undefined {
  const { statusCode: status } = res
  const location = [res.getHeader('location')].flat()[0]
  if (!known || typeof location !== 'string' || status < 300 || status > 399 || status === 304) return undefined
  const { client, params } = known
  const uris = isText(params.redirect_uri) ? [params.redirect_uri] : client.redirect_uris
  // As a browser would read it: //client.example is another origin.
  const target = urlOf(location) ?? new URL(location, here)
  for (const uri of uris) {
    const values = valuesBeyond(uri, target)
    if (values) return { redirectUri: uri, values }
  }
  const isOwn = own.some((url) => urlOf(url)?.origin === target.origin)
  const values = isOwn ? {} : Object.fromEntries(parametersOf(target))
  return ANSWERS.some((name) => name in values) ? { redirectUri: undefined, values } : undefined
}

/** What a server has added to a redirect URI, however it spells that; `undefined` where it leads elsewhere. */
function valuesBeyond(uri: string, target: URL): Values | undefined {
  const registered = urlOf(uri)
  if (!registered || (['protocol', 'host', 'pathname'] as const).some((part) => registered[part] !== target[part])) return undefined
  const found = parametersOf(target)
  for (const [name, value] of registered.searchParams) {
    const at = found.findIndex((one) => one[0] === name && one[1] === value)
    if (at === -1) return undefined
    found.splice(at, 1)
  }
  return Object.fromEntries(found)
}

/** The parameters of an address, in its query and in its fragment. */
const parametersOf = ({ searchParams, hash }: URL) => [...searchParams, ...new URLSearchParams(hash.slice(1))]

/** What only the client at its redirect URI may get. */
const ANSWERS = ['code', 'id_token', 'access_token', 'response']

const codeFacts = ({ client_id }: Client, { redirect_uri, code_challenge, dpop_jkt }: Params) => ({
  client_id,
  redirect_uri: textOf(redirect_uri),
  code_challenge: textOf(code_challenge),
  dpop_jkt: textOf(dpop_jkt),
})

const textOf = (value: unknown): string | undefined => (isText(value) ? value : undefined)
