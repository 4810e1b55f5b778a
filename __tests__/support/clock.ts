import { jest } from '@jest/globals'

/** Everything but `Date`: timers, TLS and sockets go on as they are. */
const REAL = [
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'requestAnimationFrame',
  'cancelAnimationFrame',
  'requestIdleCallback',
  'cancelIdleCallback',
  'setImmediate',
  'clearImmediate',
  'setInterval',
  'clearInterval',
  'setTimeout',
  'clearTimeout',
] as const

const stop = (at: number) => jest.useFakeTimers({ doNotFake: [...REAL], now: at })

// The clock stands still during each test, so that a busy machine cannot eat up the seconds a test counts in.
beforeEach(() => void stop(Date.now()))
afterEach(() => void jest.useRealTimers())

/** Does something as if that many seconds had passed, for the client and for the server in this process. */
export async function later<T>(seconds: number, work: () => Promise<T>): Promise<T> {
  const before = Date.now()
  stop(before + seconds * 1000)
  try {
    return await work()
  } finally {
    stop(before)
  }
}
