import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Agent, fetch } from 'undici'
import { type Bank, startBank } from '../examples/bank/bank.js'
import { type DataFolder, openDataFolder } from '../examples/bank/data-folder.js'
import { addOperator, loadOperators, type Role } from '../examples/bank/operators.js'
import { type SigningAlgorithm, signingKey } from '../examples/tpp/signing-key.js'
import type { Target } from '../examples/tpp/target.js'
import { walkThrough } from '../examples/tpp/walkthrough.js'

/** A bank in a folder of its own, with somebody of each role who may open its console. */
export interface ConsoleBank extends Bank, Target {
  readonly folder: DataFolder
  /** The passwords of the operators, who are called as their role is. */
  readonly passwords: Readonly<Record<Role, string>>
  /** Asks the JSON API as the operator's token. Rejects with what a refusal says. */
  ask(method: string, path: string, body?: object): Promise<Readonly<Record<string, unknown>>>
}

/** Opens a bank on free ports. */
export async function openConsoleBank(): Promise<ConsoleBank> {
  const folder = openDataFolder(mkdtempSync(join(tmpdir(), 'console-')))
  const { firstPassword: admin = '' } = await loadOperators(folder)
  const operator = await addOperator(folder, { id: 'operator', roles: ['operator'] })
  const viewer = await addOperator(folder, { id: 'viewer', roles: ['viewer'] })
  const bank = await startBank({ port: 0, mtlsPort: 0, dataDir: folder.path, quiet: true })
  const { issuer, consoleUrl, operatorToken } = bank
  const dispatcher = new Agent({ connect: { ca: bank.caCertificate } })
  const endpoints = {
    authorization: `${issuer}/auth`,
    par: `${issuer}/request`,
    token: `${issuer}/token`,
    accounts: `${issuer}/accounts`,
  }
  return {
    ...bank,
    ...{ folder, endpoints, passwords: { admin, operator, viewer } },
    async ask(method, path, body) {
      const headers = { authorization: `Bearer ${operatorToken}`, ...(body && { 'content-type': 'application/json' }) }
      const sent = body && { body: JSON.stringify(body) }
      const response = await fetch(`${consoleUrl}/api${path}`, { method, headers, dispatcher, ...sent })
      const text = await response.text()
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
      const value: unknown = text === '' ? {} : JSON.parse(text)
      return typeof value === 'object' && value !== null ? { ...value } : {}
    },
    async close() {
      await dispatcher.close()
      await bank.close()
      rmSync(folder.path, { recursive: true, force: true })
    },
  }
}

/** What there is to look at in the console of a bank that has been used. */
export interface ConsoleScene {
  /** An application that is served, whose settings have a history. */
  readonly application: string
  /** One that is held to FAPI 1.0 Advanced. */
  readonly older: string
  readonly disabled: string
  /** Of a request that was refused. */
  readonly interaction: string
  /** The id of an initial access token. */
  readonly token: string
}

/** Lets a bank be used: applications are made, changed and stopped, five flows succeed and twelve attacks are refused. */
export async function playScene(bank: ConsoleBank): Promise<ConsoleScene> {
  const application = await create(bank, await fapi2('Budget Planner', 'planner.example'))
  await change(bank, application, { redirect_uris: ['https://planner.example/cb', 'https://planner.example/app/cb'] })
  await change(bank, application, { logo_uri: 'https://planner.example/logo.svg', contacts: ['ops@planner.example'] })
  const older = await create(bank, await fapi1('Ledger Sync', 'ledger.example'))
  const disabled = await create(bank, {
    ...(await fapi2('Fast Loans', 'loans.example')),
    ...{ fapi_profile: 'fapi2-message-signing', require_signed_request_object: true, response_modes: ['jwt'] },
  })
  await bank.ask('PUT', `/applications/${disabled}/suspension`, { reason: 'Its certificate was reported as stolen' })
  for (const name of ['Savings Coach', 'Tax Helper', 'Rent Tracker'])
    await create(bank, await fapi2(name, `${name.replace(' ', '-').toLowerCase()}.example`))
  const { id: token } = await bank.ask('POST', '/initial-access-tokens', { label: 'Onboarding of Budget Planner' })
  await walkThrough(bank)
  const { interaction = '' } = bank.verdicts.findLast((verdict) => verdict.rejection && verdict.interaction) ?? {}
  return { application, older, disabled, interaction, token: String(token) }
}

async function create(bank: ConsoleBank, metadata: object): Promise<string> {
  const { client_id } = await bank.ask('POST', '/applications', { metadata })
  return String(client_id)
}

async function change(bank: ConsoleBank, id: string, changed: object): Promise<void> {
  const { metadata, revision } = await bank.ask('GET', `/applications/${id}`)
  const { client_id: _id, ...kept } = { ...(metadata as Readonly<Record<string, unknown>>) }
  await bank.ask('PUT', `/applications/${id}`, { metadata: { ...kept, ...changed }, revision })
}

const common = async (name: string, host: string, alg: SigningAlgorithm) => ({
  client_name: name,
  redirect_uris: [`https://${host}/cb`],
  response_types: ['code'],
  grant_types: ['authorization_code', 'refresh_token'],
  token_endpoint_auth_method: 'private_key_jwt',
  token_endpoint_auth_signing_alg: alg,
  id_token_signed_response_alg: alg,
  jwks: { keys: [(await signingKey(alg)).publicJwk] },
})

const fapi2 = async (name: string, host: string) => ({
  ...(await common(name, host, 'ES256')),
  ...{ fapi_profile: 'fapi2-security', dpop_bound_access_tokens: true, require_pushed_authorization_requests: true },
})

const fapi1 = async (name: string, host: string) => ({
  ...(await common(name, host, 'PS256')),
  ...{ fapi_profile: 'fapi1-advanced', tls_client_certificate_bound_access_tokens: true, require_signed_request_object: true },
  response_modes: ['jwt'],
})
