import { createHmac, timingSafeEqual } from 'node:crypto'
import { ConfigurationError } from '../core/errors.js'

/** Nonces for DPoP proofs (RFC 9449 §9), the same at every instance that has the secret, and kept by none. */
export interface Nonces {
  /** The one to give out. `now` is in epoch seconds. */
  current(now: number): string
  /** Until when a nonce counts, in epoch seconds; `undefined` for one that does not, or no more. */
  freshUntil(nonce: unknown, now: number): number | undefined
}

/** Seconds for which one nonce is given out. It counts twice as long, so that a client may use the last one it got. Our choice. */
const PERIOD = 120

/** Nonces that roll with the clock. Throws a `ConfigurationError` for a secret that could be guessed. */
export function rollingNonces(secret: Uint8Array): Nonces {
  if (!(secret instanceof Uint8Array) || secret.length < 32) {
    const allowed = 'must be at least 32 random octets, the same at every instance'
    throw new ConfigurationError([
      { option: 'nonceSecret', got: secret instanceof Uint8Array ? `${secret.length} octets` : typeof secret, allowed },
    ])
  }
  const key = Buffer.from(secret)
  const nonceOf = (period: number) => createHmac('sha256', key).update(`dpop-nonce ${period}`).digest('base64url')
  let latest = { period: Number.NaN, nonces: [] as readonly string[] }

  /** Of this period and the one before. */
  function counting(period: number): readonly string[] {
    if (latest.period !== period) latest = { period, nonces: [nonceOf(period), nonceOf(period - 1)] }
    return latest.nonces
  }

  return {
    current: (now) => counting(Math.floor(now / PERIOD))[0] as string,
    freshUntil(nonce, now) {
      const period = Math.floor(now / PERIOD)
      const age = counting(period).findIndex((known) => isSame(known, nonce))
      return age === -1 ? undefined : (period - age + 2) * PERIOD
    },
  }
}

function isSame(known: string, sent: unknown): boolean {
  if (typeof sent !== 'string') return false
  const [one, other] = [Buffer.from(known), Buffer.from(sent)]
  return one.length === other.length && timingSafeEqual(one, other)
}
