import type { Request, RequestHandler, Response } from 'express'
import { isText } from '../core/claims.js'
import { type Answerable, answerAuthorization, halfHash, isHybrid, type Values } from './authorization-answer.js'
import { type Asked, askedIn } from './authorization-request.js'
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
    const { state: _state, iss: _iss, ...own } = values
    if (requestUri !== undefined && !(await pushed.answered(requestUri))) {
      const description = 'request_uri has been used'
      policy.note({ stage: 'authorization', client, wire: undefined, error: 'invalid_request', description })
      return refusalPage(res, 400, 'invalid_request', description)
    }
    const known: Answerable = { client, params: { ...params, redirect_uri: redirectUri } }
    if (isText(own.code)) await grants.rememberCode(own.code, codeFacts(known))
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

  function onRedirect(req: Request, res: Response, answered: typeof answer): void {
    const { end, write, writeHead } = res
    const restore = () => Object.assign(res, { end, write, writeHead })
    const redirect = () => redirectOf(askedIn(req), res)

    res.writeHead = function fapiWriteHead(this: Response, status: number, ...more: unknown[]) {
      const headers = more.find((one) => typeof one === 'object' && one !== null)
      if (!REDIRECTS.includes(status)) return Reflect.apply(writeHead, res, [status, ...more])
      res.statusCode = status
      for (const [name, value] of pairsOf(headers)) res.setHeader(name, value)
      return redirect() ? res : Reflect.apply(writeHead, res, [status])
    } as Response['writeHead']
    res.write = function fapiWrite(...chunk: unknown[]) {
      return redirect() ? true : Reflect.apply(write, res, chunk)
    } as Response['write']
    res.end = function fapiEnd(...last: unknown[]) {
      const found = redirect()
      const known = askedIn(req)
      restore()
      if (!found || !known) return Reflect.apply(end, res, last)
      if (known.untouched) {
        remembered(known, found).then(() => Reflect.apply(end, res, last))
        return res
      }
      for (const name of ['location', 'content-length', 'content-type', 'transfer-encoding', 'etag']) res.removeHeader(name)
      answered(res, known, found).catch((cause: unknown) => {
        process.emitWarning(`an authorization response could not be given: ${reasonOf(cause)}`, { code: 'FAPI_UNDECIDED' })
        if (!res.headersSent) refusalPage(res, 503, 'temporarily_unavailable', 'the request cannot be answered right now, try again')
      })
      return res
    } as Response['end']
  }

  /** In report mode the answer goes out as it is, and what its code is bound to is known all the same. */
  async function remembered({ client, params }: Asked, { redirectUri, values }: Redirect): Promise<void> {
    const redirect_uri = isText(params.redirect_uri) ? params.redirect_uri : redirectUri
    if (isText(values.code))
      await grants
        .rememberCode(values.code, {
          ...codeFacts({ client, params: { ...params, redirect_uri } }),
          redirect_uri: textOf(params.redirect_uri),
        })
        .catch((cause: unknown) => {
          process.emitWarning(`a code could not be remembered: ${reasonOf(cause)}`, { code: 'FAPI_UNDECIDED' })
        })
  }
}

interface Redirect {
  readonly redirectUri: string
  /** What the server answers, wherever in the address it stands. */
  readonly values: Values
}

/** What a redirect tells the client; `undefined` for one that leads elsewhere, such as to a login page. */
function redirectOf(known: Asked | undefined, res: Response): Redirect | undefined {
  const location = res.getHeader('location')
  if (!known || typeof location !== 'string' || !REDIRECTS.includes(res.statusCode)) return undefined
  const { client, params } = known
  const uris = isText(params.redirect_uri) ? [params.redirect_uri] : client.redirect_uris
  const redirectUri = uris.find((uri) => location.startsWith(uri) && /^(?:$|[?&#])/.test(location.slice(uri.length)))
  if (redirectUri === undefined) return undefined
  const answer = location.slice(redirectUri.length).replaceAll(/^[?&#]|#/g, (sign) => (sign === '#' ? '&' : ''))
  return { redirectUri, values: Object.fromEntries(new URLSearchParams(answer.replace(/^&/, ''))) }
}

const codeFacts = ({ client, params }: Answerable) => ({
  client_id: client.client_id,
  redirect_uri: textOf(params.redirect_uri),
  code_challenge: textOf(params.code_challenge),
  dpop_jkt: textOf(params.dpop_jkt),
})

const textOf = (value: unknown): string | undefined => (isText(value) ? value : undefined)

/** Headers as `writeHead` takes them: by name, or one after the other. */
function pairsOf(headers: unknown): [string, string][] {
  if (Array.isArray(headers))
    return headers.flatMap((name, at) => (at % 2 === 0 ? [[String(name), String(headers[at + 1])] as [string, string]] : []))
  return Object.entries({ ...(headers as Record<string, string> | undefined) })
}

const reasonOf = (cause: unknown) => (cause instanceof Error ? cause.message : 'no reason given')
