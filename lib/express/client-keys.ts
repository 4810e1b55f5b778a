import type { Client } from '../core/facts.js'
import { forgetOldest } from '../core/forget-oldest.js'
import { type KeySource, keySet, localKeySet } from '../readers/key-set.js'
import { KeySetError } from '../readers/key-set-error.js'
import type { OutboundOptions } from '../readers/outbound-options.js'

/** Clients whose keys are kept, our choice: those of others are imported, or read, again. */
const KEPT = 1000

export type ClientKeys = (client: Client) => KeySource

/** Finds the keys of clients, registered as `jwks` or behind `jwks_uri`. What is found is kept, by what it was found in. */
export function clientKeys(outbound: OutboundOptions): ClientKeys {
  const known = new Map<string, KeySource>()
  return function keysOf(client) {
    const name = client.jwks_uri ?? JSON.stringify(client.jwks ?? null)
    const found = known.get(name) ?? sourceOf(client, outbound)
    known.delete(name)
    known.set(name, found)
    forgetOldest(known, KEPT)
    return found
  }
}

function sourceOf({ jwks, jwks_uri: uri }: Client, outbound: OutboundOptions): KeySource {
  try {
    if (uri !== undefined) return keySet(uri, outbound)
    if (jwks) return localKeySet(jwks)
    return unusable('no keys are registered for this client')
  } catch {
    return unusable('the keys registered for this client cannot be used')
  }
}

const unusable =
  (why: string): KeySource =>
  async () => {
    throw new KeySetError('token', why)
  }
