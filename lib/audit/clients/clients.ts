import { isText } from '../../core/claims.js'
import type { Profile } from '../../core/profile.js'
import { readinessOf } from '../../readiness/readiness.js'
import type { StoredRecord } from '../../stores/store.js'
import { CommandError } from '../command-error.js'
import { type Given, valueGiven } from '../command-line.js'
import { profileOf, signingAlgorithmsOf } from '../judging-flags.js'
import { openOutput } from '../output-file.js'
import { escaped } from '../reports/json.js'
import { shown } from '../reports/shown.js'
import { type ExitCode, painted, type Surroundings } from '../surroundings.js'
import { counted, linksOf, linksText, type Told, toldBreak, toldText } from '../told.js'
import { keyRingIn } from './key-ring-file.js'
import { type ListedStore, openStore } from './open-store.js'
import { unreadableRecords } from './unreadable-records.js'

/** A stored client, judged. */
interface JudgedClient {
  readonly client_id: string
  readonly client_name?: string
  /** What it is held to now, where it says so. */
  readonly fapi_profile?: string
  readonly ready: boolean
  /** Whether the proposed changes are all it takes. */
  readonly mendable: boolean
  readonly breaks: readonly Told[]
}

interface Summary {
  readonly judged: number
  readonly ready: number
  readonly breaking: number
  /** Of those that break: for whom the proposed changes are all it takes. */
  readonly mendable: number
  /** Stored, but encrypted with another key, or damaged. */
  readonly unreadable: number
}

/** Clients read at a time, our choice. */
const AT_ONCE = 200

/** Judges every stored client, page by page: however many there are, a page of them is in memory. Writes nothing to the store. */
export async function clientsCommand(address: string, flags: Given, surroundings: Surroundings): Promise<ExitCode> {
  const profile = profileOf(flags)
  const algorithms = signingAlgorithmsOf(flags)
  const keyRing = valueGiven(flags, 'key-ring')
  const terms = { prefix: valueGiven(flags, 'prefix'), ...(keyRing !== undefined && { encryption: keyRingIn(keyRing) }) }
  const report = openReport(valueGiven(flags, 'json'), profile, surroundings)
  const store = await openStore(address, terms, surroundings)
  const unreadable = unreadableRecords(surroundings.atEnd)
  let [judged, ready, mendable] = [0, 0, 0]
  await report.begin()
  for await (const record of storedClients(store)) {
    const client = judgedClient(record, profile, algorithms)
    judged += 1
    if (client.ready) ready += 1
    else if (client.mendable) mendable += 1
    await report.add(client)
    if (surroundings.beside.isTTY && judged % AT_ONCE === 0) await surroundings.tell(`\r${judged} judged`)
  }
  if (surroundings.beside.isTTY && judged >= AT_ONCE) await surroundings.tell('\r')
  const summary = { judged, ready, breaking: judged - ready, mendable, unreadable: await unreadable() }
  if (judged === 0 && summary.unreadable > 0)
    throw new CommandError(
      `none of ${counted(summary.unreadable, 'stored client')} can be read: give the key that encrypted them with --key-ring`,
    )
  await report.end(summary)
  return summary.breaking + summary.unreadable > 0 ? 1 : 0
}

async function* storedClients(store: ListedStore): AsyncGenerator<StoredRecord> {
  let cursor: string | undefined
  do {
    const page = await store.list('Client', { limit: AT_ONCE, cursor }).catch((cause: unknown) => {
      throw new CommandError(unlisted(cause))
    })
    yield* page.items
    cursor = page.cursor
  } while (cursor !== undefined)
}

/** SQLSTATE 25006: a migration was begun, where nothing may be written. */
function unlisted(cause: unknown): string {
  const reason = cause instanceof Error ? cause.message : 'no reason given'
  if (/\b25006\b/.test(reason))
    return 'the store has not been migrated, or has another --prefix: start the server with this version once, or call migrate, and try again'
  if (/\b42501\b/.test(reason)) return 'the database user may not read the tables of the store: let it SELECT from them'
  return `the clients cannot be listed (${reason}): look at <store> and --prefix`
}

function judgedClient(record: StoredRecord, profile: Profile, algorithms: readonly string[]): JudgedClient {
  const id = isText(record.client_id) ? record.client_id : 'a client without client_id'
  const named = { ...(isText(record.client_name) && { client_name: record.client_name }) }
  const held = { ...(isText(record.fapi_profile) && { fapi_profile: record.fapi_profile }) }
  try {
    const { ready, breaks } = readinessOf(record, profile, algorithms)
    const told = breaks.map((one) => toldBreak(profile, one, [id]))
    return { client_id: id, ...named, ...held, ready, mendable: told.every(({ change }) => change !== undefined), breaks: told }
  } catch {
    const broken: Told = { rule: 'judged', clauses: [], status: 'failed', description: NOT_JUDGED, mend: 'Look at what is stored of it.' }
    return { client_id: id, ...named, ...held, ready: false, mendable: false, breaks: [broken] }
  }
}

const NOT_JUDGED = 'its metadata are of no form that can be judged'

interface ClientsReport {
  begin(): Promise<void>
  add(client: JudgedClient): Promise<void>
  end(summary: Summary): Promise<void>
}

function openReport(json: string | undefined, profile: Profile, surroundings: Surroundings): ClientsReport {
  const written = json === undefined ? [] : [jsonReport(openOutput('json', json, surroundings), profile)]
  const reports = json === '-' ? written : [...written, textReport(profile, surroundings)]
  const each = async (work: (report: ClientsReport) => Promise<void>) => {
    for (const report of reports) await work(report)
  }
  return {
    begin: () => each((report) => report.begin()),
    add: (client) => each((report) => report.add(client)),
    end: (summary) => each((report) => report.end(summary)),
  }
}

function jsonReport({ write, finish }: ReturnType<typeof openOutput>, profile: Profile): ClientsReport {
  let separator = '\n'
  return {
    begin: () => write(`{\n"profile": ${JSON.stringify(profile.name)},\n"clients": [`),
    async add(client) {
      await write(`${separator}${escaped(JSON.stringify(client))}`)
      separator = ',\n'
    },
    async end(summary) {
      await write(`\n],\n"summary": ${JSON.stringify(summary)}\n}\n`)
      await finish()
    },
  }
}

function textReport(profile: Profile, surroundings: Surroundings): ClientsReport {
  const { say } = surroundings
  const links = new Set<string>()
  return {
    begin: () => say(`Stored clients under ${profile.title}\n\n`),
    async add({ client_id, client_name, fapi_profile, ready, mendable, breaks }) {
      if (ready) return
      for (const link of linksOf(breaks)) links.add(link)
      const more = [...(client_name === undefined ? [] : [client_name]), ...(fapi_profile === undefined ? [] : [`now ${fapi_profile}`])]
      const name = `${painted(surroundings, 'strong', shown(client_id))}${more.length > 0 ? ` (${shown(more.join(', '))})` : ''}`
      const outlook = mendable ? 'would break; the changes below mend it' : 'would break, and needs somebody to mend it'
      await say(`${name} ${outlook}\n${toldText(breaks, surroundings)}\n`)
    },
    end: (summary) => say(`${linksText(links, surroundings)}${summaryText(summary, surroundings)}`),
  }
}

function summaryText({ judged, ready, breaking, mendable, unreadable }: Summary, surroundings: Surroundings): string {
  if (judged + unreadable === 0) return 'No client is stored here. Look at <store> and --prefix if there should be some.\n'
  const lines = [
    `${counted(judged, 'client')} judged: ${ready} ready, ${breaking} would break.`,
    ...(breaking > 0 ? [`Of those, ${mendable} are mended by the changes above, ${breaking - mendable} need somebody to mend them.`] : []),
    ...(unreadable > 0 ? [`${counted(unreadable, 'more client')} cannot be read: give the key that encrypted them with --key-ring.`] : []),
  ]
  return `${painted(surroundings, breaking + unreadable > 0 ? 'failed' : 'passed', lines.join('\n'))}\n`
}
