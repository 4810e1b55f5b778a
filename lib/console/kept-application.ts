import type { Metadata } from '../registration/metadata.js'
import { type ApplicationView, viewOf } from './application-view.js'
import type { Subject } from './audit-trail.js'
import type { Console } from './console.js'
import { ConsoleError, notFound } from './console-error.js'
import type { Schema } from './operation.js'

/** What operations say of metadata. */
export const METADATA: Schema = { type: 'object', description: 'Client metadata under the names of RFC 7591 §2.' }

/** An application, in the audit trail. */
export const subjectOf = (id: string): Subject => ({ kind: 'application', id })

const configuredOf = ({ configuredClients }: Console, id: string): Metadata | undefined =>
  configuredClients.find(({ client_id }) => client_id === id)

/** An application as it is. Throws a `ConsoleError` when there is none. */
export async function applicationOf(console: Console, id: string): Promise<ApplicationView> {
  const { applications, terms } = console.registration
  const application = await applications.find(id)
  if (application) return viewOf(terms, application)
  const metadata = configuredOf(console, id)
  if (!metadata) throw notFound('application')
  return viewOf(terms, { metadata, record: undefined }, true)
}

/** The same, of one that can be changed. */
export async function editableApplication(console: Console, id: string): Promise<ApplicationView> {
  const view = await applicationOf(console, id)
  if (view.configured)
    throw new ConsoleError(409, 'invalid_request', 'this application stands in the configuration of the server, and is changed there')
  return view
}

/** Somebody else has deleted it meanwhile. */
export function gone(): never {
  throw notFound('application')
}
