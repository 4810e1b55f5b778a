import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keyRing, memoryStore, profiles, rulesOf, type Seal, type Store, type Verdict } from 'express-fapi'
import { Agent, request } from 'undici'
import { startBank } from '../examples/bank/bank.js'
import { openStore } from '../examples/bank/database.js'
import { type Figure, measure } from './measure.js'

const CLIENTS = 10_000
const VERDICTS = 100_000
/** Days over which the verdicts are spread. */
const DAYS = 7
const TIMES = 30

/** The pages that somebody looks at while others wait on the telephone. */
const PAGES: Readonly<Record<string, string>> = {
  'applications: first page': '/applications',
  'applications: a later page': '/applications?cursor=client-05000',
  'applications: search, one found': '/applications?search=Provider+9876',
  'applications: search, none found': '/applications?search=no+such+thing',
  'one application': '/applications/client-09876',
  'verdicts: the last day': '/verdicts',
  'verdicts: of a client': '/verdicts?client=client-00005',
  'verdicts: of a rule': '/verdicts?rule=pkce-s256&outcome=refused',
  'verdicts: a week': '/verdicts?hours=168',
  'verdicts: search, a week': '/verdicts?hours=168&search=the-rare-interaction',
  'why was I rejected': '/verdicts/the-rare-interaction',
}

/** Milliseconds until the console's pages are there, over HTTPS, with the bank's stores full. */
export async function benchConsole(): Promise<object> {
  const figures: Record<string, Record<string, Figure>> = {}
  const addresses = { memory: 'memory:', pglite: 'pglite:', postgres: process.env.FAPI_TEST_POSTGRES, redis: process.env.FAPI_TEST_REDIS }
  for (const [name, address] of Object.entries(addresses)) {
    if (address === undefined) {
      console.log(`${name}: skipped, no server (source .ci/servers)`)
      continue
    }
    figures[name] = await benchOn(address)
    console.log(name)
    for (const [page, { p50, p99 }] of Object.entries(figures[name] ?? {}))
      console.log(`  ${page.padEnd(36)} p50 ${p50.toFixed(1).padStart(7)} ms   p99 ${p99.toFixed(1).padStart(7)} ms`)
  }
  return { benchmark: 'console', clients: CLIENTS, verdicts: VERDICTS, times: TIMES, node: process.version, figures }
}

async function benchOn(address: string): Promise<Record<string, Figure>> {
  const dataDir = mkdtempSync(join(tmpdir(), 'express-fapi-bench-'))
  const encryption = keyRing([{ id: 'bench', secret: randomBytes(32) }])
  const { store, close } = address === 'memory:' ? inMemory(encryption) : await openStore(address, { folder: dataDir, encryption })
  await fill(store)
  const bank = await startBank({ port: 0, mtlsPort: 0, dataDir, store, quiet: true })
  const dispatcher = new Agent({ connect: { ca: bank.caCertificate } })
  const headers = { authorization: `Bearer ${bank.operatorToken}` }
  const figures: Record<string, Figure> = {}
  try {
    for (const [name, path] of Object.entries(PAGES)) {
      const load = async () => {
        const { statusCode, body } = await request(bank.consoleUrl + path, { dispatcher, headers })
        const text = await body.text()
        if (statusCode !== 200) throw new Error(`${path} answered ${statusCode}: ${text.slice(0, 200)}`)
      }
      figures[name] = await measure(load, TIMES, 1)
    }
  } finally {
    await dispatcher.close()
    await bank.close()
    await close()
    rmSync(dataDir, { recursive: true, force: true })
  }
  return figures
}

const inMemory = (encryption: Seal) => ({ store: memoryStore({ capacity: 2 * (CLIENTS + VERDICTS), encryption }), close: async () => {} })

async function fill(store: Store): Promise<void> {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = publicKey.export({ format: 'jwk' })
  const rules = profiles.flatMap((profile) => rulesOf(profile)).map(([, { id }]) => id)
  const now = Date.now() / 1000
  await pooled(CLIENTS, (index) => {
    const id = clientId(index)
    const metadata = {
      ...{ client_id: id, client_name: `Third Party Provider ${index}`, redirect_uris: [`https://tpp${index}.example/cb`] },
      ...{ grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'], token_endpoint_auth_method: 'private_key_jwt' },
      ...{ fapi_profile: 'fapi2-security', dpop_bound_access_tokens: true, require_pushed_authorization_requests: true },
      ...{ jwks: { keys: [{ ...jwk, kid: randomUUID(), use: 'sig' }] }, scope: 'openid accounts' },
    }
    return store.upsert('Client', id, metadata, undefined)
  })
  await pooled(VERDICTS, (index) => store.append(verdictOf(index, now, rules)))
}

const clientId = (index: number) => `client-${String(index).padStart(5, '0')}`

/** A third of them break a rule, half of these are refused. */
function verdictOf(index: number, now: number, rules: readonly string[]): Verdict {
  const rule = index % 30 === 0 ? 'pkce-s256' : (rules[(index * 7) % rules.length] ?? '')
  const broken = { rule, clauses: ['FAPI2-SP-5.3.2.2-5'], error: 'invalid_request', description: 'code_challenge is required' } as const
  return {
    ...{ at: now - DAYS * 86_400 * (1 - index / VERDICTS), stage: 'par', profile: 'fapi2-security', mode: 'enforce', by: 'rules' },
    client: clientId(index % 997),
    interaction: index === 30 ? 'the-rare-interaction' : randomUUID(),
    violations: index % 3 === 0 ? [broken] : [],
    rejection: index % 6 === 0 ? broken : undefined,
  }
}

async function pooled(times: number, work: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0
  await Promise.all(
    Array.from({ length: 32 }, async () => {
      while (next < times) await work(next++)
    }),
  )
}
