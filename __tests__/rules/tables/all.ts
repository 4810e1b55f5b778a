import type { RuleTable } from '../support.js'
import { authorizationRequestTables } from './authorization-requests.js'
import { clientAssertionTables } from './client-assertions.js'
import { clientTables } from './clients.js'
import { cryptographyTables } from './cryptography.js'
import { discoveryTables } from './discovery.js'
import { keyTables } from './keys.js'
import { redirectUriTables } from './redirect-uris.js'
import { requestObjectTables } from './request-objects.js'
import { serverTables } from './server.js'
import { tokenRequestTables } from './token-requests.js'
import { transportTables } from './transport.js'

/** Every table there is, by the file of lib/rules it tests. */
export const tables: Readonly<Record<string, readonly RuleTable[]>> = {
  'authorization-requests': authorizationRequestTables,
  'client-assertions': clientAssertionTables,
  clients: clientTables,
  cryptography: cryptographyTables,
  discovery: discoveryTables,
  keys: keyTables,
  'redirect-uris': redirectUriTables,
  'request-objects': requestObjectTables,
  server: serverTables,
  'token-requests': tokenRequestTables,
  transport: transportTables,
}
