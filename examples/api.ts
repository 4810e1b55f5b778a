import { parseArgs } from 'node:util'
import { startApi } from './api/api.js'
import { StartError } from './bank/start-error.js'

/* An API in a process of its own, which takes the tokens of a bank that is running: `npm run api -- [--port 8445] [--issuer …] [--data .bank]`. */

try {
  const {
    port = '8445',
    issuer = 'https://localhost:8443',
    data = '.bank',
  } = parseArgs({
    options: { port: { type: 'string' }, issuer: { type: 'string' }, data: { type: 'string' } },
  }).values
  if (!/^\d{1,5}$/.test(port)) throw new StartError(`--port is ${JSON.stringify(port)}: give a whole number from 0 to 65535`)
  const api = await startApi({ port: Number(port), issuer, dataDir: data })
  console.log(`The API is open at ${api.url}: GET /balances and /statements, with tokens of ${issuer} (scope accounts).`)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void api.close())
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
