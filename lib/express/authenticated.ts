import type { Request } from 'express'

const authenticated = new WeakSet<Request>()

/** Tells that the client of a request is who it says it is: by what it showed, by the signature of its request, or because it has pushed it. */
export const hasAuthenticated = (req: Request): void => void authenticated.add(req)

/** Whether a client has authenticated in this very request. */
export const isAuthenticated = (req: Request): boolean => authenticated.has(req)
