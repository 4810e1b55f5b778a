import { randomBytes } from 'node:crypto'
import type { Store } from 'express-fapi'
import type { Operator, Operators } from './operators.js'

/** Who has signed in to the console, for all processes that share the store. Of an id the store keeps the digest. */
export interface OperatorSessions {
  /** Opens a session, always under an id of its own, and resolves the id. */
  open(operator: Operator): Promise<string>
  /** Whose session it is, as long as it lasts and the operator is the same; being asked for keeps it from ending for idleness. */
  find(id: string): Promise<Operator | undefined>
  close(id: string): Promise<void>
  /** Remembers that the operator has signed in with a browser, and resolves its id: the one it has, or a new one. */
  rememberBrowser(operator: Operator, id: string | undefined): Promise<string>
  /** Whether that operator, with that password, has signed in with the browser before. */
  knowsBrowser(operator: Operator, id: string): Promise<boolean>
}

/** Seconds, our choice: the working day of an operator. */
const LIFETIME = 8 * 3600
/** Seconds, our choice: who does nothing for so long has left. */
const IDLE = 30 * 60
/** Seconds, our choice: a session is not written again at every request. It may end for idleness so much earlier. */
const WRITTEN_EVERY = 60

/** Seconds that a browser is remembered after the last sign-in: our choice. */
export const BROWSER_LIFETIME = 90 * 86_400

const SESSION = 'OperatorSession'
const BROWSER = 'OperatorBrowser'

/** Sessions of the operators of a bank. */
export function operatorSessions(store: Store, operators: Operators): OperatorSessions {
  const write = (id: string, { id: operator, mark }: Operator, since: number, seen: number) =>
    store.upsert(SESSION, id, { operator, mark, since, seen }, Math.min(since + LIFETIME, seen + IDLE))

  async function knowsBrowser({ mark }: Operator, id: string): Promise<boolean> {
    return (await store.find(BROWSER, id))?.mark === mark
  }

  return Object.freeze<OperatorSessions>({
    async open(operator) {
      const id = newId()
      const now = Date.now() / 1000
      await write(id, operator, now, now)
      return id
    },
    async find(id) {
      const { operator: name, mark, since, seen, consumed } = (await store.find(SESSION, id)) ?? {}
      const operator = typeof name === 'string' ? operators.find(name) : undefined
      if (consumed !== undefined || operator?.mark !== mark || typeof since !== 'number' || typeof seen !== 'number') return undefined
      const now = Date.now() / 1000
      if (now >= since + LIFETIME || now >= seen + IDLE) return undefined
      if (operator && now >= seen + WRITTEN_EVERY) await write(id, operator, since, now)
      return operator
    },
    // What has been consumed stays so: a request that is under way and writes the session again does not bring it back.
    close: async (id) => void (await store.consume(SESSION, id)),
    async rememberBrowser(operator, known) {
      const id = known !== undefined && (await knowsBrowser(operator, known)) ? known : newId()
      await store.upsert(BROWSER, id, { mark: operator.mark }, Date.now() / 1000 + BROWSER_LIFETIME)
      return id
    },
    knowsBrowser,
  })
}

/** 256 random bits. */
const newId = () => randomBytes(32).toString('base64url')

/** Whether a text can be an id of a session or browser. */
export const isId = (text: string): boolean => /^[\w-]{43}$/.test(text)
