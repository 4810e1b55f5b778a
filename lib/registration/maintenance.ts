import { isText } from '../core/claims.js'
import { reasonOf } from '../core/errors.js'
import { forgetOldest } from '../core/forget-oldest.js'
import { outbound } from '../readers/outbound.js'
import type { StatusDocument } from './ecosystem.js'
import type { Engine } from './engine.js'
import type { RegistrationRecord } from './registration-record.js'
import { remove } from './removal.js'

/** What `maintain` did, by client. */
export interface Maintenance {
  readonly suspended: readonly string[]
  readonly resumed: readonly string[]
  /** Clients that were never used. */
  readonly removed: readonly string[]
  /** Clients for which something could not be done: the next time. */
  readonly failed: readonly string[]
  /** Why the directory could not be asked; then no standing has changed. */
  readonly directory?: string
}

/** Octets, our choice: the registers of whole countries. */
const LARGEST_STATUS = 10_000_000

/** Clients whose use is remembered in this process, our choice: those of others are looked up again. */
const REMEMBERED = 10_000

/** Suspends a client with a reason, or resumes it; resolves whether there is one. Its metadata say `client_status`, which is what the server looks at. */
export async function standing({ setup: { clients }, records }: Engine, clientId: string, reason: string | undefined): Promise<boolean> {
  const done = await records.changing(clientId, async ({ suspended: _suspended, ...record }) => {
    const metadata = record.settled ? await clients.find(clientId) : undefined
    if (!metadata) {
      await records.change(record)
      return false
    }
    const { client_status: _status, ...active } = metadata
    const since = Math.floor(Date.now() / 1000)
    // The client first: what is cut short between the two is done again the next time.
    await clients.save(clientId, reason === undefined ? active : { ...active, client_status: 'suspended' })
    await records.change(reason === undefined ? record : { ...record, suspended: { reason, since } })
    return true
  })
  return done === true
}

/** Marks clients as used, each once. What the store does not take is left to the next token, with a warning. */
export function used({ records }: Engine): (clientId: string) => Promise<void> {
  const known = new Set<string>()
  const mark = async (clientId: string) => {
    const record = await records.find(clientId)
    if (record && record.used_at === undefined) {
      // Who changes it right now leaves it to the next token.
      if (!(await records.begin(record))) return
      await records.change({ ...record, used_at: Math.floor(Date.now() / 1000) })
    }
    known.add(clientId)
    forgetOldest(known, REMEMBERED)
  }
  return async function isUsed(clientId) {
    if (!known.has(clientId)) await mark(clientId).catch((cause) => warn(clientId, cause))
  }
}

const warn = (clientId: string, cause: unknown) =>
  process.emitWarning(`the registration of ${clientId} could not be looked after: ${reasonOf(cause)}`, { code: 'FAPI_REGISTRATION' })

/** Asks the directory, suspends and resumes, and removes what was never used. What cannot be done for one client is left to the next time. */
export async function maintain(engine: Engine): Promise<Maintenance> {
  const [suspended, resumed, removed, failed]: [string[], string[], string[], string[]] = [[], [], [], []]
  const standings = await standingsOf(engine).catch(reasonOf)
  for await (const record of engine.records.all()) {
    if (!record.settled) continue
    const { client_id: id } = record
    try {
      if (isUnused(engine, record)) {
        if (await remove(engine, id, (newest) => isUnused(engine, newest))) removed.push(id)
        continue
      }
      const reason = typeof standings === 'object' ? reasonFor(engine, standings, record) : undefined
      if (typeof standings !== 'object' || !concerns(standings, record)) continue
      if (reason !== undefined && !record.suspended) {
        if (await standing(engine, id, reason)) suspended.push(id)
      } else if (reason === undefined && record.suspended?.reason.startsWith(BY_DIRECTORY)) {
        if (await standing(engine, id, undefined)) resumed.push(id)
      }
    } catch (cause) {
      warn(id, cause)
      failed.push(id)
    }
  }
  return { suspended, resumed, removed, failed, ...(typeof standings === 'string' && { directory: standings }) }
}

/** Who is suspended stays, so that its software stays suspended. */
function isUnused({ setup: { unusedFor } }: Engine, { used_at, created_at, suspended }: RegistrationRecord): boolean {
  return unusedFor !== undefined && used_at === undefined && !suspended && created_at + unusedFor <= Date.now() / 1000
}

/** What a directory says of the software for which it makes statements. */
interface Standings {
  readonly issuer: string
  readonly statuses: ReadonlyMap<string, string>
}

const concerns = ({ issuer }: Standings, { statement_issuer, software_id }: RegistrationRecord) =>
  software_id !== undefined && statement_issuer === issuer

/** What a suspension by the directory is known by; one by the operator is for the operator to end. */
const BY_DIRECTORY = 'the directory'

function reasonFor(
  { setup: { ecosystem } }: Engine,
  { statuses }: Standings,
  { software_id = '' }: RegistrationRecord,
): string | undefined {
  const status = statuses.get(software_id)
  if (status === undefined) return `${BY_DIRECTORY} does not list its software any more`
  return ecosystem.status?.active.includes(status) ? undefined : `${BY_DIRECTORY} says that its software is ${status}`
}

/** The standing of each software by its id; nothing where no directory is asked. Rejects when it does not answer as it should. */
async function standingsOf({ setup, settings }: Engine): Promise<Standings | undefined> {
  const { ecosystem, statusUrl, statusIssuer, outbound: how } = setup
  if (!ecosystem.status || !statusUrl) return undefined
  const { software_statement_issuers: issuers } = await settings.read()
  const issuer = statusIssuer ?? (issuers.length === 1 ? issuers[0]?.issuer : undefined)
  if (issuer === undefined)
    throw new TypeError('there is not one issuer of statements: statusIssuer must say whose software the directory lists')
  const { text } = await outbound({ ...how, maxBytes: LARGEST_STATUS, timeout: 30 })(statusUrl)
  return { issuer, statuses: readStatuses(JSON.parse(text), ecosystem.status) }
}

/** Reads a status document. Throws when there is no list in it, or nothing in the list: nobody is suspended for that. */
function readStatuses(document: unknown, { list, id, status }: StatusDocument): Map<string, string> {
  const entries = list.reduce<unknown>((inside, name) => memberOf(inside, name), document)
  if (!Array.isArray(entries)) throw new TypeError(`the status document has no list at ${list.join('.') || 'its top'}`)
  const found = entries.flatMap((entry) => {
    const [software, standing] = [memberOf(entry, id), memberOf(entry, status)]
    return isText(software) && isText(standing) ? [[software, standing] as const] : []
  })
  if (found.length === 0) throw new TypeError('the status document lists no software')
  return new Map(found)
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined
