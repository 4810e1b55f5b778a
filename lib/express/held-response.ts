import type { Response } from 'express'
import { reasonOf } from '../core/errors.js'

export interface Hold {
  /** Whether what is on its way is to be held back. Asked with the status and the headers set, before anything is sent. */
  readonly concerns: () => boolean
  /** Told the body that the server would have sent, sends something in its place: nothing goes out before `release` has been called, and everything does from then on. */
  readonly settle: (body: string, release: () => void) => Promise<void>
  /** What was held back could not be settled. Called with the response released. */
  readonly fail: (cause: unknown) => void
}

type State = 'open' | 'pending' | 'done'

/**
 * Holds a response back until it is known what to make of it, however the server sends it. Whatever else wraps the response, before or
 * after, goes on working: nothing is put back, it only becomes transparent.
 */
export function holdResponse(res: Response, { concerns, settle, fail }: Hold): void {
  const { writeHead, write, end } = res
  const chunks: Buffer[] = []
  let state: State = 'open'
  const holds = () => state === 'pending' || (state === 'open' && !res.headersSent && concerns())

  res.writeHead = function fapiWriteHead(status: number, ...more: unknown[]) {
    if (state === 'done' || res.headersSent) return Reflect.apply(writeHead, res, [status, ...more])
    if (state === 'pending') return res
    res.statusCode = status
    setHeaders(res, more.at(-1))
    const [reason] = more
    return concerns() ? res : Reflect.apply(writeHead, res, typeof reason === 'string' ? [status, reason] : [status])
  } as Response['writeHead']

  res.write = function fapiWrite(...given: unknown[]) {
    if (!holds()) return Reflect.apply(write, res, given)
    if (state === 'open') take(given)
    return true
  } as Response['write']

  res.end = function fapiEnd(...given: unknown[]) {
    if (!holds()) {
      state = 'done'
      return Reflect.apply(end, res, given)
    }
    if (state === 'pending') return res
    take(given)
    state = 'pending'
    const status = res.statusCode
    const release = () => {
      state = 'done'
      res.statusCode = status
      for (const name of ['content-length', 'content-encoding', 'content-range', 'etag', 'transfer-encoding']) res.removeHeader(name)
    }
    settle(Buffer.concat(chunks).toString('utf8'), release)
      .catch((cause: unknown) => {
        if (res.headersSent) throw cause
        release()
        fail(cause)
      })
      // Somebody else has answered meanwhile, or the connection is gone.
      .catch((cause: unknown) => warn(cause))
    return res
  } as Response['end']

  /** Takes what was written, and says that it was. */
  function take([chunk, encoding, ...more]: unknown[]): void {
    if (typeof chunk === 'string') chunks.push(Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8'))
    else if (chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk))
    const written = [chunk, encoding, ...more].find((one) => typeof one === 'function')
    if (typeof written === 'function') process.nextTick(written)
  }
}

/** Headers as `writeHead` takes them: by name, or name and value one after the other. */
function setHeaders(res: Response, headers: unknown): void {
  if (Array.isArray(headers)) {
    for (const [at, name] of headers.entries()) if (at % 2 === 0) res.removeHeader(String(name))
    for (const [at, name] of headers.entries()) if (at % 2 === 0) res.appendHeader(String(name), String(headers[at + 1]))
  } else if (typeof headers === 'object' && headers !== null) {
    for (const [name, value] of Object.entries(headers)) if (value !== undefined) res.setHeader(name, value)
  }
}

function warn(cause: unknown): void {
  process.emitWarning(`a response was held back and not sent: ${reasonOf(cause)}`, {
    code: 'FAPI_UNDECIDED',
  })
}

/** Whether a response goes well, whatever the server calls that. */
export const isSuccess = ({ statusCode }: Response): boolean => statusCode >= 200 && statusCode <= 299

/** A JSON object in a body; `undefined` for anything else. */
export function jsonObjectIn(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    return undefined
  }
}
