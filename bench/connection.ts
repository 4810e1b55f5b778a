import { once } from 'node:events'
import { connect as connectPlain, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'

export interface Answer {
  readonly status: number
  /** With the headers. */
  readonly text: string
}

/** A keep-alive connection with one request at a time on it. */
export interface Connection {
  ask(request: Buffer): Promise<Answer>
  close(): void
}

/**
 * Opens a connection to a server on this machine, over TLS where `tls` is given. It writes octets and reads the little of HTTP that the
 * servers answer with: an HTTP client would take as long over a request as the server, and be what is measured.
 */
export async function openConnection(port: number, tls?: ConnectionOptions): Promise<Connection> {
  const to = { port, host: '127.0.0.1' }
  const socket: Socket = tls ? connectTls({ ...tls, ...to }) : connectPlain(to)
  await once(socket, tls ? 'secureConnect' : 'connect')
  socket.setNoDelay(true).setEncoding('latin1')

  let text = ''
  let waiting: { readonly resolve: (answer: Answer) => void; readonly reject: (cause: Error) => void } | undefined
  const settle = () => {
    const asked = waiting
    waiting = undefined
    return asked
  }
  socket.on('data', (chunk: string) => {
    text += chunk
    const status = statusWhenComplete(text)
    if (status === undefined) return
    const answer = { status, text }
    text = ''
    settle()?.resolve(answer)
  })
  socket.on('error', (cause) => settle()?.reject(cause))
  socket.on('close', () => settle()?.reject(new Error('the server closed the connection')))
  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject }
        socket.write(request, (cause) => cause && settle()?.reject(cause))
      }),
    close: () => void socket.destroy(),
  }
}

/** The status of an answer that is all there. */
function statusWhenComplete(text: string): number | undefined {
  const end = text.indexOf('\r\n\r\n')
  if (end === -1) return undefined
  const [, length] = /\r\ncontent-length: (\d+)/i.exec(text) ?? []
  if (length === undefined) throw new Error('an answer without Content-Length')
  return text.length < end + 4 + Number(length) ? undefined : Number(text.slice(9, 12))
}
