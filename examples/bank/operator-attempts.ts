import { randomBytes } from 'node:crypto'
import type { Store } from 'express-fapi'
import { ipKeyGenerator } from 'express-rate-limit'

/** Who tries to sign in. */
export interface Attempt {
  /** The user name as it was typed, without differences that make no difference. */
  readonly user: string
  /** Where the attempt comes from; `undefined` where that is not known, as behind a proxy. */
  readonly address: string | undefined
  /** The id of the browser, where this user has signed in with it before. */
  readonly browser: string | undefined
}

/** Counts attempts to sign in, for all processes that share the store. */
export interface Attempts {
  /** Lets an attempt pass, which counts it, or says in how many seconds to try again. Of simultaneous attempts no more pass than one after the other. */
  take(attempt: Attempt): Promise<{ readonly passes: true } | { readonly passes: false; readonly retryAfter: number }>
  /** Forgets what was counted: the attempt succeeded. */
  forget(attempt: Attempt): Promise<void>
}

interface Limit {
  /** Attempts without waiting. After those one more passes, and from then on each wait is twice as long as the one before. */
  readonly free: number
  /** The first wait, in seconds. */
  readonly first: number
  /** The longest wait, in seconds. */
  readonly longest: number
}

/** Seconds, our choice: how long an attempt counts. */
const COUNTS_FOR = 3600

/*
 * Ours, all of them. Somebody at one address gets five tries at a user name and then soon one in a quarter of an hour. All addresses together
 * get twenty, and then one a minute: many addresses cannot guess much faster, and whoever knows the name of an operator cannot keep them
 * out for good. A browser that the operator has signed in with before is counted for itself, whatever the others do.
 */
const PERSON: Limit = { free: 5, first: 30, longest: 900 }
const USER: Limit = { free: 20, first: 5, longest: 60 }
const ADDRESS: Limit = { free: 30, first: 10, longest: 900 }

const MODEL = 'OperatorAttempts'

/** Limits the attempts of a browser that is known, or else of an address at a user name, at a user name, and of an address. */
export function operatorAttempts(store: Store): Attempts {
  /** Seconds to wait; 0 for an attempt that may pass. */
  async function waitFor(name: string, { free, first, longest }: Limit): Promise<number> {
    const now = Date.now() / 1000
    const { until, level, generation } = await standing(name)
    if (until > now) return until - now
    const key = `${MODEL} ${name} ${generation}`
    for (let place = 0; place < free; place++) if (await store.once(`${key} ${place}`, now + COUNTS_FOR)) return 0
    const wait = Math.min(first * 2 ** level, longest)
    // One passes, and closes the door behind it.
    if (!(await store.once(`${key} next`, now + wait))) return wait
    await store.upsert(MODEL, name, { until: now + wait, level: level + 1, generation }, now + wait + COUNTS_FOR)
    return 0
  }

  async function standing(name: string) {
    const { until, level, generation } = (await store.find(MODEL, name)) ?? {}
    return {
      until: typeof until === 'number' ? until : 0,
      level: typeof level === 'number' ? level : 0,
      generation: typeof generation === 'string' ? generation : '',
    }
  }

  return Object.freeze<Attempts>({
    async take(attempt) {
      // From the narrowest to the widest: who waits at the first uses nothing up for others.
      for (const [name, limit] of limitsOf(attempt)) {
        const wait = await waitFor(name, limit)
        if (wait > 0) return { passes: false, retryAfter: Math.ceil(wait) }
      }
      return { passes: true }
    },
    async forget(attempt) {
      // Places that are taken stay so; from now on others are asked for.
      const generation = randomBytes(9).toString('base64url')
      const until = Date.now() / 1000 + COUNTS_FOR
      await Promise.all(limitsOf(attempt).map(([name]) => store.upsert(MODEL, name, { generation }, until)))
    },
  })
}

function limitsOf({ user, address, browser }: Attempt): readonly (readonly [name: string, limit: Limit])[] {
  if (browser !== undefined) return [[`browser ${browser}`, PERSON]]
  const byUser = [`user ${user}`, USER] as const
  if (address === undefined) return [byUser]
  // Whoever has one IPv6 address has a whole network of them.
  const network = ipKeyGenerator(address)
  return [[`person ${network} ${user}`, PERSON], byUser, [`address ${network}`, ADDRESS]]
}
