import { randomBytes } from 'node:crypto'
import type { Jwt, Params } from '../core/facts.js'
import type { FapiStore } from './fapi-options.js'

/** An authorization request as it was pushed. */
export interface PushedRequest {
  readonly client_id: string
  readonly params: Params
  readonly requestObject: Jwt | undefined
}

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
     * Resolves to a sentence where there is none.
     */
    async follow(
      uri: string,
      clientId: string,
      secret: string | undefined,
    ): Promise<(PushedRequest & { readonly secret: string }) | string> {
      const kept = await store.find(MODEL, uri)
      if (!kept || kept.client_id !== clientId) return 'request_uri is unknown, expired, or of another client'
      if (kept.consumed !== undefined) return 'request_uri has been used'
      const request = kept as unknown as PushedRequest & { readonly until: number; readonly followedBy?: string }
      if (secret !== undefined && request.followedBy === secret) return { ...request, secret }
      if (!(request.until > Date.now() / 1000)) return 'request_uri is unknown, expired, or of another client'
      const fresh = request.followedBy ?? randomBytes(32).toString('base64url')
      if (request.followedBy === undefined) await store.upsert(MODEL, uri, { ...kept, followedBy: fresh }, request.until + INTERACTION)
      return { ...request, secret: fresh }
    },

    /** Uses a request up; resolves to `false` for whoever comes second. */
    answered: (uri: string): Promise<boolean> => store.consume(MODEL, uri),
  }
}

export type PushedRequests = ReturnType<typeof pushedRequests>
