import type { Engine } from './engine.js'
import type { RegistrationRecord } from './registration-record.js'

/**
 * Ends a registration and whatever was issued to its client, where `may` holds of its newest record; resolves whether it did. What is cut
 * short is ended by the next try: the record goes last.
 */
export async function remove(
  { setup, records, places }: Engine,
  clientId: string,
  may: (record: RegistrationRecord) => boolean = () => true,
): Promise<boolean> {
  const removed = await records.changing(clientId, async (record) => {
    if (!may(record)) {
      await records.change(record)
      return false
    }
    await setup.clients.remove(clientId)
    if (record.place) await places.free(record.place.name, record.place.number, clientId)
    await records.remove(clientId)
    return true
  })
  return removed === true
}
