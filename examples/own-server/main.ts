import { parseArgs } from 'node:util'
import { startOwnServer } from './start.js'

try {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '9443' },
      'mtls-port': { type: 'string', default: '9444' },
      data: { type: 'string', default: '.own-server' },
      fapi: { type: 'boolean', default: false },
    },
  })
  const { issuer, mtlsOrigin, endpoints, dataDir, close } = await startOwnServer({
    port: Number(values.port),
    mtlsPort: Number(values['mtls-port']),
    dataDir: values.data,
    fapi: values.fapi,
  })
  console.log(`An OAuth server ${values.fapi ? 'behind the middlewares of express-fapi' : 'without any FAPI'} is open at ${issuer}.

  With a certificate     ${mtlsOrigin}
  Authorization          ${endpoints.authorization}
  Token                  ${endpoints.token}
  API                    GET ${endpoints.accounts}   (scope accounts)
  Users                  alice / alice, bob / bob   (for development only)
  CA, clients' keys      ${dataDir}/ca.pem, ${dataDir}/clients/<client_id>/
`)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void close())
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
