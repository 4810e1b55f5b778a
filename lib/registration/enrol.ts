import type { Engine } from './engine.js'
import { type Mark, spend } from './incoming.js'
import type { InitialAccess } from './initial-access-tokens.js'
import type { Metadata } from './metadata.js'
import { RegistrationError } from './registration-error.js'
import type { RegistrationRecord } from './registration-record.js'

/** A registration that has passed everything. */
interface Enrolment {
  readonly record: RegistrationRecord
  readonly metadata: Metadata
  readonly initial: InitialAccess | undefined
  readonly marks: readonly Mark[]
  /** Throws a `RegistrationError` when who registers may not any more. */
  readonly stillAllowed: () => Promise<void>
}

export type Enrolled = { readonly metadata: Metadata } | { readonly existing: string }

/** Seconds, our choice: what a process that dies in the middle of this holds is free again after them. */
const UNSETTLED = 60

/**
 * Keeps a new client. Until it is there for good, what it takes (a place of its software, a use of its initial access token) is taken
 * for a minute only, and given back when it comes to nothing. Resolves to the metadata in force, or to the client that the
 * software has already, where that is to be answered. Throws a `RegistrationError`.
 */
export async function enrol(engine: Engine, { record, metadata, initial, marks, stillAllowed }: Enrolment): Promise<Enrolled> {
  const { setup, records, places, initialAccessTokens } = engine
  const { client_id: holder } = record
  const undo: (() => Promise<unknown>)[] = []
  try {
    if (initial) {
      await initialAccessTokens.takeUse(initial, holder)
      undo.push(() => initialAccessTokens.freeUse(initial, holder))
    }
    // It comes before the place, so that whoever finds that taken can tell a registration under way from one that is gone.
    await records.save(record, Date.now() / 1000 + UNSETTLED)
    undo.push(() => records.remove(holder))

    const name = placeName(record)
    const number = name === undefined ? undefined : await placeFor(engine, name, holder)
    if (name !== undefined && number === undefined) {
      const [existing] = setup.duplicates === 'return-existing' ? await places.holders(name, 1) : []
      if (existing === undefined) throw alreadyRegistered(engine)
      // Nothing is used up for a client that is not there yet.
      if (!(await records.find(existing))?.settled) throw underWay()
      await spend(engine, marks)
      if (initial) await initialAccessTokens.keepUse(initial, holder)
      await records.remove(holder)
      return { existing }
    }
    if (name !== undefined && number !== undefined) undo.push(() => places.free(name, number, holder))

    // What was looked at in the beginning may have changed while a slow client had its documents read.
    await stillAllowed()
    await spend(engine, marks)
    undo.push(async () => setup.clients.remove(holder))
    const inForce = (await setup.clients.save(holder, metadata)) ?? metadata

    if (name !== undefined && number !== undefined && !(await places.keep(name, number, holder)))
      throw new RegistrationError('temporarily_unavailable', 'the registration took too long, try again')
    if (initial) await initialAccessTokens.keepUse(initial, holder)
    await records.save({ ...record, settled: true, place: name === undefined || number === undefined ? undefined : { name, number } })
    return { metadata: inForce }
  } catch (error) {
    for (const step of undo.reverse()) await step().catch(warn)
    throw error
  }
}

/** What cannot be taken back now is free after a minute, or is a client that nobody knows of. */
const warn = () =>
  process.emitWarning('a registration that failed could not be taken back whole: the store does not answer', { code: 'FAPI_REGISTRATION' })

/** Clients of one software share places; the software is what a verified statement says, never what a client says of itself. */
export const placeName = ({
  statement_issuer: issuer,
  software_id: id,
}: Pick<RegistrationRecord, 'statement_issuer' | 'software_id'>): string | undefined =>
  issuer === undefined || id === undefined ? undefined : `software ${JSON.stringify([issuer, id])}`

/** Takes a place, also that of a client which somebody removed without telling. */
async function placeFor(engine: Engine, name: string, holder: string): Promise<number | undefined> {
  const { setup, places } = engine
  const { clientsPerSoftware: limit } = setup
  const place = await places.take(name, limit, holder, UNSETTLED)
  if (place !== undefined) return place
  const holders = await places.holders(name, limit)
  const gone = await Promise.all(holders.map((id) => isGone(engine, id)))
  for (const [index, id] of holders.entries()) if (gone[index]) await places.freeOf(name, limit, id)
  return gone.some(Boolean) ? places.take(name, limit, holder, UNSETTLED) : undefined
}

/** Whether a client that has a place is there no more, or never came to be; what is left of it goes. */
async function isGone({ setup: { clients }, records }: Engine, id: string): Promise<boolean> {
  const record = await records.find(id)
  // Its minute is over: its process died before the end, and nobody has been told of the client.
  if (!record) await clients.remove(id)
  // Until a registration is settled its client need not be there yet.
  else if (!record.settled || (await clients.find(id))) return false
  else await records.remove(id)
  return true
}

/** A software whose first registration has not come to its end. */
export const underWay = () => new RegistrationError('temporarily_unavailable', 'this software is being registered right now, try again')

const alreadyRegistered = ({ setup: { clientsPerSoftware: limit } }: Engine) =>
  new RegistrationError(
    'invalid_software_statement',
    limit === 1
      ? 'this software is registered already, and one software has one client'
      : `this software has ${limit} clients already, and may not have more`,
  )
