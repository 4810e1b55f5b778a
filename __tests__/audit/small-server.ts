import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { calculateJwkThumbprint, decodeProtectedHeader, EmbeddedJWK, type JWK, jwtVerify } from 'jose'
import { exchange } from '../../lib/audit/exchange.js'
import type { Finding } from '../../lib/audit/finding.js'
import { givingUp } from '../../lib/audit/giving-up.js'
import { freshKey, partyOf } from '../../lib/audit/party.js'
import { noControls, triedInTurn } from '../../lib/audit/probe.js'
import { probes } from '../../lib/audit/probes/index.js'
import type { Scene } from '../../lib/audit/scene.js'
import { publicPart } from '../../lib/audit/signing.js'
import { profileNamed } from './audited-servers.js'
import { httpsListener, listening, pemOf, rsa } from './listeners.js'

/** A request as a small server sees it. */
export interface Seen {
  readonly path: string
  readonly params: URLSearchParams
  readonly request: IncomingMessage
}

export interface Said {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** How a small server differs from one that is right. */
export interface Ways {
  /** More metadata, or others. */
  readonly metadata?: Readonly<Record<string, unknown>>
  /** Answers in its place. */
  readonly before?: (seen: Seen) => Said | undefined
  /** What becomes of an answer. */
  readonly after?: (said: Said, seen: Seen) => Said
  /** Milliseconds for which it remembers what it has seen once. */
  readonly memory?: number
  /** Whether proofs need a nonce, a new one each time. */
  readonly nonces?: boolean
  /** The endpoints at which assertions are verified. */
  readonly verifies?: readonly string[]
  /** Whether a request may come without a push. */
  readonly takesDirect?: boolean
  /** Whether codes are looked at before clients. */
  readonly codesFirst?: boolean
  readonly login?: Said
  readonly errorPage?: Said
}

const refused = (error: string, status = 400): Said => ({ status, body: { error } })
const page = (title: string): Said => ({
  status: 400,
  body: `<html><title>${title}</title></html>`,
  headers: { 'content-type': 'text/html' },
})

/** A whole authorization server for one client of FAPI 2.0, as small as it can be. */
export async function openSmallServer(ways: Ways = {}) {
  const { memory = 3_600_000, verifies = ['/par', '/token'] } = ways
  // As servers have it: each login has a place of its own.
  const login = () => ways.login ?? { status: 303, headers: { location: `/interaction/${randomUUID()}` } }
  const key = freshKey('ES256', { kid: 'own' }).key
  const seenIds = new Map<string, number>()
  const pushed = new Set<string>()
  const paths: string[] = []
  let nonce = randomUUID()

  const isNew = (id: unknown) => {
    const before = seenIds.get(String(id))
    if (before !== undefined && Date.now() - before < memory) return false
    seenIds.set(String(id), Date.now())
    return true
  }

  async function isAuthenticated({ path, params }: Seen): Promise<boolean> {
    if (!verifies.includes(path)) return params.has('client_assertion')
    if (params.has('client_secret')) return false
    try {
      const { payload } = await jwtVerify(params.get('client_assertion') ?? '', { ...publicPart(key) } as JWK, {
        ...{ algorithms: ['ES256'], issuer: 'small', subject: 'small', requiredClaims: ['exp', 'jti', 'aud'], clockTolerance: 20 },
      })
      const isFresh = Number(payload.exp) < Date.now() / 1000 + 300 && Number(payload.iat ?? 0) < Date.now() / 1000 + 20
      const isTyped = decodeProtectedHeader(params.get('client_assertion') ?? '').typ === 'JWT'
      return isTyped && isFresh && payload.aud === issuer && params.get('client_id') === 'small' && isNew(payload.jti)
    } catch {
      return false
    }
  }

  async function proofFault({ request }: Seen): Promise<Said | undefined> {
    try {
      const { payload } = await jwtVerify(String(request.headers.dpop ?? ''), EmbeddedJWK, {
        ...{ typ: 'dpop+jwt', algorithms: (ways.metadata?.dpop_signing_alg_values_supported as string[] | undefined) ?? ['ES256'] },
        ...{ requiredClaims: ['jti', 'htm', 'htu', 'iat'], clockTolerance: 3600 },
      })
      const { jwk } = decodeProtectedHeader(String(request.headers.dpop ?? ''))
      await calculateJwkThumbprint(jwk ?? {})
      const isDated = ways.nonces || Math.abs(Number(payload.iat) - Date.now() / 1000) < 60
      const htu = String(payload.htu).replace(/\?.*$/, '')
      if (payload.htm !== 'POST' || htu !== `${issuer}/token` || !isDated || (jwk && 'd' in jwk)) return refused('invalid_dpop_proof')
      if (ways.nonces) {
        const isRight = payload.nonce === nonce
        nonce = randomUUID()
        if (!isRight) return { ...refused('use_dpop_nonce'), headers: { 'dpop-nonce': nonce } }
      }
      return isNew(payload.jti) ? undefined : refused('invalid_dpop_proof')
    } catch {
      return refused('invalid_dpop_proof')
    }
  }

  const errorPage = ways.errorPage ?? page('Error')
  function atAuthorization({ params }: Seen): Said {
    const uri = params.get('request_uri')
    if (params.get('client_id') !== 'small') return errorPage
    if (uri !== null) return pushed.has(uri) ? login() : errorPage
    return ways.takesDirect && params.get('redirect_uri') === REDIRECT ? login() : errorPage
  }

  async function atPar(seen: Seen): Promise<Said> {
    const { params } = seen
    if (!(await isAuthenticated(seen))) return refused('invalid_client', 401)
    const isLegal = params.get('code_challenge_method') === 'S256' && params.get('code_challenge') && params.get('response_type') === 'code'
    if (!isLegal || params.has('request_uri') || params.has('request') || params.get('redirect_uri') !== REDIRECT)
      return refused('invalid_request')
    const uri = `urn:ietf:params:oauth:request_uri:${randomUUID()}`
    pushed.add(uri)
    return { status: 201, body: { request_uri: uri, expires_in: 60 } }
  }

  async function atToken(seen: Seen): Promise<Said> {
    const { params, request } = seen
    if (request.method !== 'POST') return refused('invalid_request', 405)
    const isCode = params.get('grant_type') === 'authorization_code'
    if (ways.codesFirst && isCode) return refused('invalid_grant')
    if (params.get('client_id') !== 'small' || !(await isAuthenticated(seen))) return refused('invalid_client', 401)
    if (isCode) return refused('invalid_grant')
    if (params.get('grant_type') !== 'client_credentials') return refused('unsupported_grant_type')
    const fault = await proofFault(seen)
    return fault ?? { status: 200, body: { access_token: randomUUID(), token_type: 'DPoP' }, headers: { 'cache-control': 'no-store' } }
  }

  async function answer(seen: Seen): Promise<Said> {
    if (seen.path === '/authorize') return atAuthorization(seen)
    if (seen.path === '/par') return atPar(seen)
    if (seen.path === '/token') return atToken(seen)
    if (seen.path === '/.well-known/openid-configuration') return { status: 200, body: metadata }
    return seen.path === '/jwks' ? { status: 200, body: { keys: [publicPart(key)] } } : page('Not found')
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'https://localhost')
    const params = new URLSearchParams(request.method === 'POST' ? await text(request) : url.search)
    const seen = { path: url.pathname, params, request }
    paths.push(seen.path)
    const said = ways.before?.(seen) ?? (await answer(seen))
    const { status, body = '', headers = {} } = ways.after?.(said, seen) ?? said
    const isText = typeof body === 'string'
    response.writeHead(status, { ...(!isText && { 'content-type': 'application/json' }), ...headers })
    response.end(isText ? body : JSON.stringify(body))
  }

  const port = await listening(httpsListener({}, (request, response) => void handle(request, response).catch(() => response.destroy())))
  const issuer = `https://localhost:${port}`
  const metadata: Readonly<Record<string, unknown>> = {
    ...{ issuer, jwks_uri: `${issuer}/jwks`, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token` },
    ...{ pushed_authorization_request_endpoint: `${issuer}/par`, dpop_signing_alg_values_supported: ['ES256'] },
    ...ways.metadata,
  }
  const client = {
    ...{ client_id: 'small', redirect_uris: [REDIRECT], token_endpoint_auth_method: 'private_key_jwt', dpop_bound_access_tokens: true },
    ...{ grant_types: ['authorization_code', 'client_credentials'], jwks: { keys: [publicPart(key)] } },
  }
  const send = givingUp(exchange({ ca: pemOf(rsa), timeout: 5 }))
  const scene = {
    ...{ profile: profileNamed('fapi2-security'), issuer, metadata, send, resource: undefined, initialAccessToken: undefined },
    party: partyOf({ metadata: client, keys: [key] }, undefined, metadata),
  }
  return { issuer, metadata, scene, paths, ca: pemOf(rsa), given: { metadata: client, keys: [key] } }
}

export const REDIRECT = 'https://small.example/cb'

/** What probes find; all of them, or those whose area, refusal and name are asked for. */
export async function probed(ways: Ways, which = /./) {
  const server = await openSmallServer(ways)
  return { ...server, found: await foundAt(server.scene, which) }
}

export async function foundAt(scene: Scene, which: RegExp): Promise<readonly Finding[]> {
  const found: Finding[] = []
  const some = probes.filter(({ name, area, refusal }) => which.test(`${area} ${refusal ?? ''}/${name}`))
  for await (const finding of triedInTurn(scene, some, noControls())) found.push(finding)
  return found
}
