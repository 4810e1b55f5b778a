import { randomBytes } from 'node:crypto'
import type { Jwt, Params } from '../core/facts.js'
import { secondsIn, shown } from '../core/shown.js'
import type { FapiStore } from './fapi-options.js'

/** An authorization request as it was pushed. */
export interface PushedRequest {
  readonly client_id: string
  readonly params: Params
  readonly requestObject: Jwt | undefined
}

/** Why a `request_uri` is not followed: one sentence for whoever sends it, and for the operator which of the reasons it is. */
export interface NotFollowed {
  readonly description: string
  readonly rule: string
  readonly detail?: string
}

const unknown = (rule: string, detail: string): NotFollowed => ({
  description: 'request_uri is unknown, expired, or of another client',
  rule,
  detail,
})

const MODEL = 'FapiPushedRequest'
/** RFC 9126 §2.2. */
const PREFIX = 'urn:ietf:params:oauth:request_uri:'

/** Seconds within which a user who was sent to log in may come back to the same request. Our choice. */
export const INTERACTION = 3600
/** Seconds, our choice: one that is too late is told so. */
const MARGIN = 60

export const isPushedUri = (uri: unknown): uri is string => typeof uri === 'string' && uri.startsWith(PREFIX)

/** Pushed authorization requests (RFC 9126): each is found until its time is over, from then on by whoever followed it in time, and once it has been answered by nobody. */
export function pushedRequests(store: FapiStore, lifetime: number) {
  return {
    /** Keeps a request for `lifetime` seconds and resolves to its `request_uri`. */
    async push(request: PushedRequest): Promise<string> {
      const uri = PREFIX + randomBytes(32).toString('base64url')
      const until = Math.floor(Date.now() / 1000) + lifetime
      const { client_id, params, requestObject } = request
      await store.upsert(MODEL, uri, { client_id, params: { ...params }, ...(requestObject && { requestObject }), until }, until + MARGIN)
      return uri
    },

    /**
     * The request behind a `request_uri`, and a secret for the browser that follows it in time, which may come back with it later.
     * Resolves to why there is none.
     */
    async follow(
      uri: string,
      clientId: string,
      secret: string | undefined,
    ): Promise<(PushedRequest & { readonly secret: string }) | NotFollowed> {
      const kept = await store.find(MODEL, uri)
      if (!kept) return unknown('request-uri-known', 'there is no such request, or it was forgotten after its time')
      if (kept.client_id !== clientId) return unknown('request-uri-client', `it was pushed by ${shown(kept.client_id)}`)
      if (kept.consumed !== undefined) return { description: 'request_uri has been used', rule: 'request-uri-unused' }
      const request = kept as unknown as PushedRequest & { readonly until: number; readonly followedBy?: string }
      if (secret !== undefined && request.followedBy === secret) return { ...request, secret }
      const now = Date.now() / 1000
      if (!(request.until > now)) return unknown('request-uri-known', `it expired ${secondsIn(now - request.until)} ago`)
      const fresh = request.followedBy ?? randomBytes(32).toString('base64url')
      if (request.followedBy === undefined) await store.upsert(MODEL, uri, { ...kept, followedBy: fresh }, request.until + INTERACTION)
      return { ...request, secret: fresh }
    },

    /** Uses a request up; resolves to `false` for whoever comes second. */
    answered: (uri: string): Promise<boolean> => store.consume(MODEL, uri),
  }
}

export type PushedRequests = ReturnType<typeof pushedRequests>
