import { setTimeout as wait } from 'node:timers/promises'
import { isText, urlOf } from '../../core/claims.js'
import { redacted } from '../../core/redacted.js'
import type { Metadata } from '../../registration/metadata.js'
import { type Answer, type Exchange, NoAnswerError } from '../exchange.js'
import { endpointOf, type Scene } from '../scene.js'

/** A client that the server has registered, and with what it is managed (RFC 7592 §3). */
export interface Made {
  readonly id: string
  /** What the server said it has registered. */
  readonly answer: Metadata
  readonly uri: URL | undefined
}

/** What came of a request to register or to manage. */
export interface Told {
  /** `unclear` is what is neither: it counts for nothing. */
  readonly kind: 'accepted' | 'refused' | 'unclear'
  readonly status: number
  readonly error: string | undefined
  /** What the server says that it has registered. */
  readonly answer: Metadata | undefined
  /** Request and answer in one line. */
  readonly line: string
}

/** Registers clients, and knows which of them are still there. */
export interface Registrar {
  /** With the initial access token of the audit, unless another is given. */
  register(metadata: Metadata, token?: string): Promise<Told & { readonly made: Made | undefined }>
  /** By the client configuration endpoint; with the newest registration access token of the client, unless another is given. */
  manage(made: Made, request: ManagementRequest): Promise<Told>
  /** Whether the server has said how a client is managed. */
  isManaged(made: Made): boolean
  /** Deletes a client; resolves to whether it is gone. */
  remove(made: Made): Promise<boolean>
  /** Deletes all that are still there but those. */
  removeAll(butThose?: readonly string[]): Promise<void>
  /** The `client_id`s of those that are still there. */
  left(): readonly string[]
  /** How many registrations had no answer, or none with a `client_id`: they may be there all the same. */
  unheard(): number
}

export interface ManagementRequest {
  readonly method: 'GET' | 'PUT' | 'DELETE'
  readonly metadata?: Metadata
  readonly token?: string | undefined
}

/** What a header carries; how long a token may be is our choice. */
const CARRIED = /^[\x21-\x7e]{1,8192}$/

/** Milliseconds until a deletion is tried again, our choice. */
const AGAIN = 1000

/** `stubborn` sends what has to be sent even to a server that has stopped answering. */
export function registrar(scene: Scene, stubborn: Exchange = scene.send): Registrar {
  const endpoint = endpointOf(scene, 'registration_endpoint')
  const certificate = scene.party?.certificate
  const tokens = new Map<string, string>()
  const open = new Map<string, Made>()
  let unheard = 0

  const heard = ({ id }: Made, { registration_access_token: token }: Metadata) =>
    void (isText(token) && CARRIED.test(token) && tokens.set(id, token))

  async function remove(made: Made): Promise<boolean> {
    const { status } = await deleted(made)
    const isGone = status >= 200 && status < 300
    if (isGone) open.delete(made.id)
    return isGone
  }

  /** Once more where there was no answer, or the server wants to be asked later: what is registered must not stay. */
  async function deleted(made: Made): Promise<Told> {
    const told = await manage(made, { method: 'DELETE' }, stubborn)
    if (!isManaged(made) || (told.status !== 0 && told.status !== 429 && told.status < 500)) return told
    await wait(AGAIN)
    return manage(made, { method: 'DELETE' }, stubborn)
  }

  const isManaged = ({ id, uri }: Made) => uri !== undefined && tokens.has(id)

  async function manage(
    made: Made,
    { method, metadata, token = tokens.get(made.id) }: ManagementRequest,
    send = scene.send,
  ): Promise<Told> {
    const { uri } = made
    if (!uri || token === undefined) return { ...NOTHING, line: 'the server named no client configuration endpoint' }
    const headers = { authorization: `Bearer ${token}`, ...(metadata && { 'content-type': 'application/json' }) }
    const body = metadata && JSON.stringify(metadata)
    const told = await toldBy(() => send({ method, url: uri, headers, body, certificate }), [made.id])
    if (told.answer) heard(made, told.answer)
    return method === 'DELETE' && told.status === 204 ? { ...told, kind: 'accepted' } : told
  }

  return {
    async register(metadata, token = scene.initialAccessToken) {
      if (!endpoint) return { ...NOTHING, line: 'the server has no registration_endpoint', made: undefined }
      const headers = { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) }
      const body = JSON.stringify(metadata)
      const told = await toldBy(() => scene.send({ method: 'POST', url: endpoint, headers, body, certificate }))
      const { answer } = told
      if (!answer || !isText(answer.client_id)) {
        if (told.status < 300) unheard += 1
        return { ...told, made: undefined }
      }
      const made = { id: answer.client_id, answer, uri: managementUrl(answer.registration_client_uri, endpoint) }
      open.set(made.id, made)
      heard(made, answer)
      return { ...told, made }
    },
    manage: (made, request) => manage(made, request),
    isManaged,
    remove,
    async removeAll(butThose = []) {
      for (const made of [...open.values()]) if (!butThose.includes(made.id)) await remove(made)
    },
    left: () => [...open.keys()],
    unheard: () => unheard,
  }
}

/** A token goes nowhere but to the server itself, or over https. */
function managementUrl(uri: unknown, { origin }: URL): URL | undefined {
  const url = urlOf(uri)
  return url && (url.protocol === 'https:' || url.origin === origin) ? url : undefined
}

const NOTHING = { kind: 'unclear', status: 0, error: undefined, answer: undefined } as const

/** RFC 6585 §4 and servers that fail: nothing was decided. */
async function toldBy(sent: () => Promise<Answer>, known: readonly string[] = []): Promise<Told> {
  try {
    const { status, json, line, error } = await sent()
    const told = { status, error, line: redacted(line, known) }
    if (status >= 200 && status < 300)
      return isText(json?.client_id) ? { ...told, kind: 'accepted', answer: json } : { ...NOTHING, ...told }
    return { ...told, kind: status >= 400 && status < 500 && status !== 429 ? 'refused' : 'unclear', answer: undefined }
  } catch (cause) {
    if (!(cause instanceof NoAnswerError)) throw cause
    return { ...NOTHING, line: cause.line }
  }
}
