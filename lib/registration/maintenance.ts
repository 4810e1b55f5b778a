import { isText } from '../core/claims.js'
import { reasonOf } from '../core/errors.js'
import { outbound } from '../readers/outbound.js'
import type { StatusDocument } from './ecosystem.js'
import type { Engine } from './engine.js'
import { remove } from './manage.js'

/** What `maintain` did, by client. */
export interface Maintenance {
  readonly suspended: readonly string[]
  readonly resumed: readonly string[]
  /** Clients that were never used. */
  readonly removed: readonly string[]
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
    const metadata = await clients.find(clientId)
    if (!metadata) return false
    const { client_status: _status, ...active } = metadata
    const since = Math.floor(Date.now() / 1000)
    // The client first: what is cut short between the two is done again the next time.
    await clients.save(clientId, reason === undefined ? active : { ...active, client_status: 'suspended' })
    await records.change(reason === undefined ? record : { ...record, suspended: { reason, since } })
    return true
  })
  return done === true
}

/** Marks clients as used, each once. */
export function used({ records }: Engine): (clientId: string) => Promise<void> {
  const known = new Set<string>()
  return async function isUsed(clientId) {
    if (known.has(clientId)) return
    const record = await records.find(clientId)
    if (record && record.used_at === undefined) {
      // Who changes it right now leaves it to the next token.
      if (!(await records.begin(record))) return
      await records.change({ ...record, used_at: Math.floor(Date.now() / 1000) })
    }
    const [oldest] = known
    if (known.size >= REMEMBERED && oldest !== undefined) known.delete(oldest)
    known.add(clientId)
  }
}

/** Asks the directory, suspends and resumes, and removes what was never used. */
export async function maintain(engine: Engine): Promise<Maintenance> {
  const { unusedFor } = engine.setup
  const [suspended, resumed, removed]: [string[], string[], string[]] = [[], [], []]
  const statuses = await statusesOf(engine).catch(reasonOf)
  const now = Date.now() / 1000
  for await (const record of engine.records.all()) {
    const { client_id, software_id, created_at, used_at } = record
    if (unusedFor !== undefined && used_at === undefined && created_at + unusedFor <= now) {
      await remove(engine, client_id)
      removed.push(client_id)
    } else if (statuses instanceof Map && software_id !== undefined) {
      const reason = reasonFor(engine, statuses.get(software_id))
      if (reason !== undefined && !record.suspended) {
        await standing(engine, client_id, reason)
        suspended.push(client_id)
      } else if (reason === undefined && record.suspended?.reason.startsWith(BY_DIRECTORY)) {
        await standing(engine, client_id, undefined)
        resumed.push(client_id)
      }
    }
  }
  return { suspended, resumed, removed, ...(typeof statuses === 'string' && { directory: statuses }) }
}

/** What a suspension by the directory is known by; one by the operator is for the operator to end. */
const BY_DIRECTORY = 'the directory'

function reasonFor({ setup: { ecosystem } }: Engine, status: string | undefined): string | undefined {
  if (status === undefined) return `${BY_DIRECTORY} does not list its software any more`
  return ecosystem.status?.active.includes(status) ? undefined : `${BY_DIRECTORY} says that its software is ${status}`
}

/** The standing of each software by its id; nothing where no directory is asked. Rejects when it does not answer as it should. */
async function statusesOf({ setup: { ecosystem, statusUrl, outbound: how } }: Engine): Promise<Map<string, string> | undefined> {
  if (!ecosystem.status || !statusUrl) return undefined
  const { text } = await outbound({ ...how, maxBytes: LARGEST_STATUS, timeout: 30 })(statusUrl)
  return readStatuses(JSON.parse(text), ecosystem.status)
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
