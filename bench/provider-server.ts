import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { TLSSocket } from 'node:tls'
import { fromTls, keyRing, memoryStore, type Store } from 'express-fapi'
import { observe, withFapi } from 'express-fapi/provider'
import Provider from 'oidc-provider'
import { bankPolicy } from '../examples/bank/policy.js'
import { recordInto } from '../examples/bank/verdicts.js'
import { answerParent } from './process.js'
import { type Cast, ISSUER } from './provider-cast.js'
import { type Certificates, differences, settings } from './provider-settings.js'
import { VARIANT_NAMES, type VariantName } from './provider-variants.js'

/* A provider of the comparison, as a process of its own: told which one by its argument, and the keys by the first message. */

/** What a server has spent and taken down so far. */
export interface Spent {
  /** Microseconds of all threads. */
  readonly cpu: number
  readonly verdicts: number
}

const BY_HAND: Certificates = {
  getCertificate: ({ socket }) => (socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined),
  certificateAuthorized: ({ socket }) => socket instanceof TLSSocket && socket.authorized,
}

let verdicts = 0

const PROVIDERS: Readonly<Record<VariantName, (cast: Cast, store: Store) => Provider>> = {
  bare: (cast, store) => new Provider(ISSUER, settings(cast, store, BY_HAND)),
  fapi(cast, store) {
    const record = recordInto([], store, () => false)
    const policy = bankPolicy({
      outside: new Set(),
      record(verdict) {
        verdicts++
        return record(verdict)
      },
    })
    const own = settings(cast, store, {})
    const configuration = withFapi(policy, ISSUER, own, { certificate: fromTls(), store })
    const unequal = differences(own, configuration)
    if (unequal.length) throw new Error(`set by withFapi and not by hand: ${unequal.join(', ')}`)
    return observe(policy, new Provider(ISSUER, configuration))
  },
}

const name = VARIANT_NAMES.find((one) => one === process.argv[2])
if (!name) throw new TypeError('no such server')
const make = PROVIDERS[name]

function listen(cast: Cast): Promise<number> {
  const provider = make(cast, memoryStore({ encryption: keyRing([{ id: 'bench', secret: randomBytes(32) }]) }))
  // TLS ended at a proxy in front.
  provider.proxy = true
  const server = createServer(provider.callback())
  // Connections outlast the turns of the other server.
  server.keepAliveTimeout = 300_000
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}

answerParent<{ cast?: Cast }>(async function answer({ cast }): Promise<number | Spent> {
  if (cast) return listen(cast)
  const { user, system } = process.cpuUsage()
  return { cpu: user + system, verdicts }
})
