import { createHmac } from 'node:crypto'
import type { Client } from './clients.js'

export interface Subjects {
  /** What a client knows a user as: the same for all clients of one sector, and nothing a client of another could recognise. */
  subjectOf(client: Client, login: string): string
  /** The user behind it; `undefined` for nobody's. */
  loginOf(sub: string): string | undefined
}

/** Pairwise subjects (OIDC Core §8.1). A client's sector is the host it gets its answers at. */
export function pairwiseSubjects(secret: string): Subjects {
  const logins = new Map<string, string>()
  return Object.freeze<Subjects>({
    subjectOf({ client_id, redirect_uris: [uri] = [] }, login) {
      const sector = uri === undefined ? client_id : new URL(uri).host
      const sub = createHmac('sha256', secret).update(`${sector}\0${login}`).digest('base64url')
      logins.set(sub, login)
      return sub
    },
    loginOf: (sub) => logins.get(sub),
  })
}
