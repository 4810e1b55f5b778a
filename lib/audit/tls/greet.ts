import { connect } from 'node:net'
import { reasonOf } from '../../core/errors.js'
import { clientHello, type Offer } from './client-hello.js'
import { type Reply, readReply } from './server-hello.js'

/** Where a listener is. */
export interface Place {
  /** The host's name, which the listener is told; or its address. */
  readonly host: string
  readonly port: number
  /** One of the host's addresses, so that every question goes to the same listener; the name before it is known. */
  readonly address: string
  /** Seconds until a listener must have answered. */
  readonly timeout: number
}

/** What came of an offer. */
export type Greeting =
  | Reply
  /** It closed or reset the connection. */
  | { readonly kind: 'closed' }
  /** It said nothing, or not enough, in time. */
  | { readonly kind: 'silent' }
  /** There was no connection. */
  | { readonly kind: 'unreachable'; readonly reason: string }

export interface Greeted {
  readonly greeting: Greeting
  /** The address that was connected to. */
  readonly address: string
}

/** Offers something to a listener, and hangs up when it has chosen. The time is that of the whole, however slowly it talks. Never rejects. */
export function greet({ host, port, address, timeout }: Place, offer: Omit<Offer, 'host'>): Promise<Greeted> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, autoSelectFamily: true })
    let connected: string | undefined
    let bytes: Buffer = Buffer.alloc(0)
    const timer = setTimeout(
      () => done(connected === undefined ? unreachable('no connection in time') : { kind: 'silent' }),
      timeout * 1000,
    )
    const done = (greeting: Greeting) => {
      clearTimeout(timer)
      socket.destroy()
      resolve({ greeting, address: connected ?? address })
    }
    socket.on('connect', () => {
      connected = socket.remoteAddress ?? address
      socket.write(clientHello({ ...offer, host }))
    })
    socket.on('data', (more) => {
      bytes = Buffer.concat([bytes, more])
      const reply = readReply(bytes)
      if (reply) done(reply)
    })
    socket.on('error', (cause) => done(connected === undefined ? unreachable(wordsOf(cause)) : { kind: 'closed' }))
    socket.on('close', () => done({ kind: 'closed' }))
  })
}

const unreachable = (reason: string): Greeting => ({ kind: 'unreachable', reason })

/** Several addresses fail together, and then the error says nothing itself. */
function wordsOf(cause: unknown): string {
  if (cause instanceof AggregateError) return cause.errors.map(reasonOf).join(', ') || 'no address answers'
  return reasonOf(cause)
}
