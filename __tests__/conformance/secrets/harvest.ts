import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { readdirSync, readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'

/* Takes down every secret that goes over the wire of a server in this process, in both directions, whoever sent it. */

/** Parameters, members and claims whose value is a secret. */
const SECRET = new Set([
  ...['access_token', 'refresh_token', 'id_token', 'code', 'code_verifier', 'client_assertion', 'request', 'request_uri', 'response'],
  ...['client_secret', 'registration_access_token', 'software_statement', 'state', 'nonce', 'token', 'id_token_hint', 'csrf_token'],
  ...['password', 'iban', 'given_name', 'family_name'],
])
/** RFC 7518 §6: what only the holder of a private key has. */
const KEY_MEMBERS = new Set(['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'])

/** The shortest text that is told from a word, our choice: what a test makes up is often shorter. */
const SHORTEST = 8
/** What a test or an audit makes up, such as `another-client`: nothing that is minted looks like that. */
const WORD = /^[a-z-]{1,15}$/

export interface Harvest {
  /** Every secret seen so far, and its kind. */
  readonly secrets: ReadonlyMap<string, string>
  /** Takes a secret down; whoever is public, such as a client by its id, is none. */
  add(kind: string, secret: unknown): void
  /** Takes down all that a folder of JSON and PEM files keeps to itself. */
  addFolder(path: string): void
  /** Ends the listening. */
  end(): void
}

/** Listens to all servers of this process until it is ended; `isPublic` names what is no secret wherever it was sent. */
export function harvest(isPublic: (text: string) => boolean): Harvest {
  const secrets = new Map<string, string>()
  const registered = new Set<unknown>()

  function add(kind: string, secret: unknown): void {
    if (typeof secret !== 'string') return
    const text = secret.replace(/^(?:urn:ietf:params:oauth:request_uri:|Bearer )/, '')
    const json = jsonIn(text)
    // Of a key the members are secret, not what they are called.
    if (json) {
      addMembers(json)
      return
    }
    if (text.length < SHORTEST || WORD.test(text) || isPublic(text) || registered.has(text) || /^https?:/.test(text) || secrets.has(text))
      return
    secrets.set(text, kind)
    for (const part of text.split('.').slice(0, 2)) addMembers(jsonIn(Buffer.from(part, 'base64url').toString('utf8')))
  }

  function addMembers(value: unknown): void {
    if (typeof value !== 'object' || value === null) return
    for (const [name, member] of Object.entries(value)) {
      if (isSecret(name, value)) add(name, member)
      addMembers(member)
    }
  }

  /** RFC 7523 §3: in an assertion the subject is the client itself. */
  function isSecret(name: string, all: object): boolean {
    if (name === 'sub') return !('sub' in all && 'iss' in all && all.sub === all.iss)
    return SECRET.has(name) || (KEY_MEMBERS.has(name) && 'kty' in all)
  }

  function addForm(params: URLSearchParams): void {
    for (const [name, value] of params) {
      if (SECRET.has(name)) add(name, value)
      addMembers(jsonIn(value))
    }
  }

  function addBody(text: string): void {
    const json = jsonIn(text)
    if (json !== undefined) {
      addRegistered(json)
      addMembers(json)
    } else if (/^[\w.~-]+=/.test(text)) addForm(new URLSearchParams(text))
    if (/^e[\w-]+\.[\w-]+\.[\w.-]+$/.test(text)) add('a signed answer', text)
    for (const [, token] of text.matchAll(/name="csrf_token" value="([^"]+)"/g)) add('csrf_token', token)
  }

  function addAddress(address: string | undefined): void {
    const [, parameters = ''] = /^[^?#]*[?#](.*)$/.exec(address ?? '') ?? []
    addForm(new URLSearchParams(parameters.replace('#', '&')))
  }

  function addRequest({ url, headers: { authorization = '', dpop, cookie = '' } }: IncomingMessage): void {
    addAddress(url)
    const [, scheme = '', credentials = ''] = /^(\w+) (.+)$/.exec(authorization) ?? []
    if (scheme.toLowerCase() === 'basic') add('client_secret', Buffer.from(credentials, 'base64').toString('utf8').split(/:(.*)/s)[1])
    else add('a credential of a header', credentials)
    for (const proof of [dpop ?? []].flat()) add('a DPoP proof', proof)
    for (const pair of cookie.split('; ')) add('a cookie', pair.split(/=(.*)/s)[1])
  }

  function addAnswer(response: ServerResponse): void {
    for (const line of [response.getHeader('set-cookie') ?? []].flat()) add('a cookie', String(line).split(/[=;]/, 2)[1])
    addAddress(String(response.getHeader('location') ?? ''))
  }

  function listen(message: unknown): void {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse }
    const [sent, answered]: [Buffer[], Buffer[]] = [[], []]
    const push = request.push.bind(request)
    request.push = (chunk, encoding) => {
      if (chunk) sent.push(Buffer.from(chunk))
      else addBody(Buffer.concat(sent).toString('utf8'))
      return push(chunk, encoding)
    }
    for (const name of ['write', 'end'] as const) {
      const original = response[name].bind(response) as (...all: unknown[]) => never
      response[name] = (...all: unknown[]) => {
        const [chunk] = all
        if (typeof chunk === 'string' || chunk instanceof Uint8Array) answered.push(Buffer.from(chunk as string))
        return original(...all)
      }
    }
    addRequest(request)
    response.on('close', () => {
      addAnswer(response)
      addBody(Buffer.concat(answered).toString('utf8'))
    })
  }

  function addFolder(path: string): void {
    for (const entry of readdirSync(path, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue
      const text = readFileSync(join(entry.parentPath, entry.name), 'utf8')
      for (const [, pem = ''] of text.matchAll(/-----BEGIN [A-Z ]*PRIVATE KEY-----([^-]+)/g))
        for (const line of pem.split('\n')) add('a line of a private key', line)
      addMembers(jsonIn(text))
      const json = entry.name === 'secrets.json' && jsonIn(text)
      for (const secret of Object.values(json || {})) add('a secret of the server', secret)
    }
  }

  subscribe('http.server.request.start', listen)
  /** Who has registered is known by an id that is no secret. */
  function addRegistered(value: object): void {
    if ('client_id' in value && 'registration_client_uri' in value) registered.add(value.client_id)
  }

  return { secrets, add, addFolder, end: () => unsubscribe('http.server.request.start', listen) }
}

function jsonIn(text: string): object | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
