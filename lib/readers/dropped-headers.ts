import type { IncomingMessage } from 'node:http'

/** A certificate header that came from elsewhere than a trusted proxy. */
export interface DroppedHeader {
  readonly header: string
  /** `undefined` when the connection is gone, or is that of a unix socket and these are not trusted. */
  readonly remoteAddress: string | undefined
}

/** Told of a dropped header. What it throws, or rejects with, is a process warning. */
export type RecordDropped = (dropped: DroppedHeader) => void

/** Milliseconds between two warnings, our choice: who sends such headers does not decide how fast the log grows. */
const PAUSE = 60_000

/** Tells of the headers of a request that were dropped, once per request. */
export function dropped(record: RecordDropped = warning()): (req: IncomingMessage, headers: readonly string[]) => void {
  const told = new WeakSet<IncomingMessage>()
  const warn = (cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : `something that is no error (${typeof cause})`
    process.emitWarning(`the record function of fromProxy failed: ${reason}`, { code: 'FAPI_RECORD' })
  }

  return function tellOfDropped(req, headers) {
    if (told.has(req)) return
    told.add(req)
    const { remoteAddress } = req.socket
    for (const header of headers) {
      try {
        Promise.resolve(record({ header, remoteAddress })).catch(warn)
      } catch (cause) {
        warn(cause)
      }
    }
  }
}

/** A process warning, at most one in a minute, which counts those in between. */
function warning(): RecordDropped {
  let last = Number.NEGATIVE_INFINITY
  let untold = 0
  return function warnOfDropped({ header, remoteAddress = 'a connection without an address' }) {
    // No wall clock: it may be set back.
    const now = performance.now()
    if (now - last < PAUSE) {
      untold += 1
      return
    }
    const others = untold === 0 ? '' : `; ${untold} more were dropped since the last warning`
    process.emitWarning(`the header ${header} came from ${remoteAddress}, which is not trusted, and was dropped${others}`, {
      code: 'FAPI_UNTRUSTED_CERTIFICATE_HEADER',
    })
    last = now
    untold = 0
  }
}
