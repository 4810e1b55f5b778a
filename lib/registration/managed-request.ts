import type { Request } from 'express'
import type { Client } from '../core/facts.js'
import { clientFacts } from '../readers/client-metadata.js'
import type { Metadata } from './metadata.js'

const managed = new WeakMap<Request, Client>()

/** Tells whose registration a request may manage: it has shown its token. */
export const isManagedBy = (req: Request, metadata: Metadata): void => void managed.set(req, clientFacts(metadata))

/** Whose registration a request may manage; `undefined` for one that has not shown so. */
export const managedIn = (req: Request): Client | undefined => managed.get(req)
