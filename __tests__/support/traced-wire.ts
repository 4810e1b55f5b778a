import { randomUUID } from 'node:crypto'
import type { Wire } from './wire.js'

const HEADER = 'x-fapi-interaction-id'

/** A wire that gives every request an interaction id of its own. */
export interface TracedWire extends Wire {
  /** The ids of the requests sent since it was last asked. */
  sent(): readonly string[]
}

/** Traces a wire. A request that has an id keeps it. */
export function traced(wire: Wire): TracedWire {
  const ids: string[] = []
  return {
    ...wire,
    send(url, sending = {}) {
      const given = sending.headers?.[HEADER]
      const id = typeof given === 'string' ? given : randomUUID()
      ids.push(id)
      return wire.send(url, { ...sending, headers: { ...sending.headers, [HEADER]: id } })
    },
    sent: () => ids.splice(0),
  }
}
