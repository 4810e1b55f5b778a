import type { Request, RequestHandler, Response } from 'express'
import { isText, urlOf } from '../core/claims.js'
import type { Client, Params } from '../core/facts.js'
import { type Answerable, answerAuthorization, halfHash, isHybrid, type Values } from './authorization-answer.js'
import { type Asked, askedIn, forgetBrowser } from './authorization-request.js'
import type { Setup } from './fapi-options.js'
import type { Grants } from './grants.js'
import { refusalPage } from './pages.js'
import type { PushedRequests } from './pushed-requests.js'

/** Seconds that the ID token beside a code counts. Our choice: it is looked at once, on the way back. */
const ID_TOKEN_SECONDS = 300
const REDIRECTS = [301, 302, 303, 307, 308]

/**
 * Around a server's authorization endpoint: its redirects to the client get `iss` (RFC 9207), or are signed (JARM); its codes are
 * remembered with what they are bound to, and a pushed request is used up by its answer.
 */
export function authorizationResponse(setup: Setup, pushed: PushedRequests, grants: Grants): RequestHandler {
  const { policy } = setup
  return function fapiAuthorizationResponse(req, res, next) {
    onRedirect(req, res, answer)
    next()
  }

  async function answer(res: Response, { client, params, requestUri }: Asked, { redirectUri, values }: Redirect): Promise<void> {
    if (redirectUri === undefined) {
      process.emitWarning(`the server would have sent an answer for ${client.client_id} elsewhere than to its redirect_uri`, {
        code: 'FAPI_ASTRAY',
      })
      return refusalPage(res, 500, 'server_error', 'the answer would not have reached the application it is for')
    }
    const { state: _state, iss: _iss, ...own } = values
    if (requestUri !== undefined && !(await pushed.answered(requestUri))) {
      const description = 'request_uri has been used'
      policy.note({ stage: 'authorization', client, wire: undefined, error: 'invalid_request', description })
      return refusalPage(res, 400, 'invalid_request', description)
    }
    if (requestUri !== undefined) forgetBrowser(res, requestUri)
    const known: Answerable = { client, params: { ...params, redirect_uri: redirectUri } }
    if (isText(own.code)) await grants.rememberCode(own.code, codeFacts(client, known.params))
    const idToken = isText(own.code) && isHybrid(params) ? { id_token: await frontChannelIdToken(known, own.code) } : {}
    await answerAuthorization(setup, res, known, { ...own, ...idToken })
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
  function onRedirect(req: Request, res: Response, answered: typeof answer): void {
    const { end, write, writeHead } = res
    const restore = () => Object.assign(res, { end, write, writeHead })
    const held = () => {
      const known = askedIn(req)
      return known && !known.untouched ? redirectOf(known, setup.recipient.endpoints, res) : undefined
    }

    res.writeHead = function fapiWriteHead(this: Response, status: number, ...more: unknown[]) {
      if (!REDIRECTS.includes(status)) return Reflect.apply(writeHead, res, [status, ...more])
      res.statusCode = status
      for (const [name, value] of pairsOf(more.find((one) => typeof one === 'object' && one !== null))) res.setHeader(name, value)
      return held() ? res : Reflect.apply(writeHead, res, [status])
    } as Response['writeHead']
    res.write = function fapiWrite(...chunk: unknown[]) {
      if (!held()) return Reflect.apply(write, res, chunk)
      const written = chunk.findLast((one) => typeof one === 'function')
      if (typeof written === 'function') process.nextTick(written)
      return true
    } as Response['write']
    res.end = function fapiEnd(...last: unknown[]) {
      const [found, known] = [held(), askedIn(req)]
      restore()
      if (known?.untouched) rememberUntouched(known, redirectOf(known, setup.recipient.endpoints, res))
      if (!found || !known) return Reflect.apply(end, res, last)
      for (const name of ['location', 'content-length', 'content-type', 'transfer-encoding', 'etag']) res.removeHeader(name)
      answered(res, known, found).catch((cause: unknown) => {
        process.emitWarning(`an authorization response could not be given: ${reasonOf(cause)}`, { code: 'FAPI_UNDECIDED' })
        if (!res.headersSent) refusalPage(res, 503, 'temporarily_unavailable', 'the request cannot be answered right now, try again')
      })
      return res
    } as Response['end']
  }

  /** In report mode the answer goes out as it is, and what its code is bound to is known all the same. */
  function rememberUntouched({ client, params }: Asked, redirect: Redirect | undefined): void {
    const { code } = redirect?.values ?? {}
    if (!isText(code)) return
    grants.rememberCode(code, codeFacts(client, params)).catch((cause: unknown) => {
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
function redirectOf({ client, params }: Asked, own: readonly string[], res: Response): Redirect | undefined {
  const location = res.getHeader('location')
  if (typeof location !== 'string' || !REDIRECTS.includes(res.statusCode)) return undefined
  const uris = isText(params.redirect_uri) ? [params.redirect_uri] : client.redirect_uris
  // A server may write https://client.example as https://client.example/.
  const spelled = uris.flatMap((uri) => [uri, urlOf(uri)?.href ?? uri].map((spelling) => ({ uri, spelling })))
  const found = spelled.find(({ spelling }) => location.startsWith(spelling) && /^(?:$|[?&#])/.test(location.slice(spelling.length)))
  if (found) return { redirectUri: found.uri, values: valuesIn(location.slice(found.spelling.length)) }
  const elsewhere = urlOf(location)
  const isOwn = elsewhere === undefined || own.some((url) => urlOf(url)?.origin === elsewhere.origin)
  const values = isOwn ? {} : valuesIn(elsewhere.search + elsewhere.hash)
  return ANSWERS.some((name) => name in values) ? { redirectUri: undefined, values } : undefined
}

/** What only the client at its redirect URI may get. */
const ANSWERS = ['code', 'id_token', 'access_token', 'response']

/** The parameters at the end of an address, in its query or its fragment. */
const valuesIn = (end: string): Values => Object.fromEntries(new URLSearchParams(end.replaceAll('#', '&').replace(/^[?&]+/, '')))

const codeFacts = ({ client_id }: Client, { redirect_uri, code_challenge, dpop_jkt }: Params) => ({
  client_id,
  redirect_uri: textOf(redirect_uri),
  code_challenge: textOf(code_challenge),
  dpop_jkt: textOf(dpop_jkt),
})

const textOf = (value: unknown): string | undefined => (isText(value) ? value : undefined)

/** Headers as `writeHead` takes them: by name, or one after the other. */
function pairsOf(headers: unknown): [string, string][] {
  if (Array.isArray(headers))
    return headers.flatMap((name, at) => (at % 2 === 0 ? [[String(name), String(headers[at + 1])] as [string, string]] : []))
  return Object.entries({ ...(headers as Record<string, string> | undefined) })
}

const reasonOf = (cause: unknown) => (cause instanceof Error ? cause.message : 'no reason given')
