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

/** Does something as if that many seconds had passed, for the client and for the server in this process. */
export async function later<T>(seconds: number, work: () => Promise<T>): Promise<T> {
  jest.useFakeTimers({ doNotFake: [...REAL], now: Date.now() + seconds * 1000 })
  try {
    return await work()
  } finally {
    jest.useRealTimers()
  }
}
