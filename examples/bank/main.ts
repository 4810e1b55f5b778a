import { relative } from 'node:path'
import { ConfigurationError } from 'express-fapi'
import { type Bank, startBank } from './bank.js'
import { openDataFolder } from './data-folder.js'
import { HELP, readFlags } from './flags.js'
import { addOperator } from './operators.js'
import { type BankOptions, DATA_FOLDER } from './options.js'
import { StartError } from './start-error.js'

try {
  const options = readFlags(process.argv.slice(2))
  if (options === 'help') {
    console.log(HELP)
  } else if ('operator' in options) {
    const folder = openDataFolder(options.dataDir ?? DATA_FOLDER)
    console.log(
      `${options.operator.id} / ${await addOperator(folder, options.operator)}   (shown this once; from the next start of the bank on)`,
    )
  } else {
    if (!options.quiet) console.log('Opening the bank; the first time this takes some seconds.')
    const bank = await startBank(options)
    console.log(options.quiet ? bank.issuer : greeting(bank, options))
    // It is nowhere else.
    if (options.quiet && bank.firstPassword !== undefined) console.error(`Console: admin / ${bank.firstPassword}   (shown this once)`)
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void bank.close())
  }
} catch (error) {
  console.error(error instanceof StartError || error instanceof ConfigurationError ? error.message : error)
  process.exitCode = 1
}

/** What is where, and what to do next. */
function greeting(
  { issuer, backend, mtlsOrigin, dataDir, initialAccessToken, operatorToken, consoleUrl, firstPassword, clientIds, logins }: Bank,
  { behind, sandbox = false }: BankOptions,
): string {
  const path = relative(process.cwd(), dataDir)
  const folder = path.startsWith('..') ? dataDir : path || '.'
  const discovery = `${issuer}/.well-known/openid-configuration`
  const where = backend === undefined ? '' : `  Behind                 ${behind}, which connects to ${backend}\n`
  const password =
    firstPassword === undefined ? 'the password was printed at the first start' : `${firstPassword}, which is not shown again`
  const warning = sandbox
    ? 'SANDBOX: clients that have authenticated are told what to do about a refusal. This is not for production.\n\n'
    : ''
  const next =
    backend === undefined
      ? `Next: npm run demo\nLook around: curl --cacert ${folder}/ca.pem ${discovery}`
      : `Next: start ${behind} (docs/proxies.md), and see to it that nobody else reaches ${backend}.\nLook around: curl ${discovery}`
  return `First Example Bank is open.

  Issuer                 ${issuer}
${where}  Discovery              ${discovery}
  With a certificate     ${mtlsOrigin}   (mtls_endpoint_aliases)
  API                    GET ${issuer}/accounts   (scope accounts)

  Users                  ${logins.map((login) => `${login} / ${login}`).join(', ')}   (for development only)
  Clients                ${clientIds.join(', ')}
  Their keys             ${folder}/clients/<client_id>/
  CA certificate         ${folder}/ca.pem
  Initial access token   ${initialAccessToken}   (POST ${issuer}/reg)
  Operator token         ${operatorToken}   (GET ${issuer}/reg-admin/settings, ${consoleUrl}/api)
  Console                ${consoleUrl}   (admin / ${password})

${warning}${next}
`
}
