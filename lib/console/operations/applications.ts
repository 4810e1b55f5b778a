import { reasonOf } from '../../core/errors.js'
import type { Metadata } from '../../registration/metadata.js'
import type { Page } from '../../stores/store.js'
import { type ApplicationSummary, type ApplicationView, type Judgement, judgementOf, summaryOf, viewOf } from '../application-view.js'
import type { AuditEntry } from '../audit-trail.js'
import type { Console } from '../console.js'
import { ConsoleError, invalid, notFound } from '../console-error.js'
import { membersOf, metadataGiven, numberGiven, PAGING, pagingGiven, textGiven } from '../given.js'
import { metadataDiff } from '../metadata-diff.js'
import { defineOperation, type Schema } from '../operation.js'

const METADATA: Schema = { type: 'object', description: 'Client metadata under the names of RFC 7591 §2.' }

const subjectOf = (id: string) => ({ kind: 'application', id }) as const

const configuredOf = ({ configuredClients }: Console, id: string): Metadata | undefined =>
  configuredClients.find(({ client_id }) => client_id === id)

/** An application as it is. Throws a `ConsoleError` when there is none. */
async function found(console: Console, id: string): Promise<ApplicationView> {
  const { applications, terms } = console.registration
  const application = await applications.find(id)
  if (application) return viewOf(terms, application)
  const metadata = configuredOf(console, id)
  if (!metadata) throw notFound('application')
  return viewOf(terms, { metadata, record: undefined }, true)
}

/** The same, of one that can be changed. */
async function editable(console: Console, id: string): Promise<ApplicationView> {
  const view = await found(console, id)
  if (view.configured)
    throw new ConsoleError(409, 'invalid_request', 'this application stands in the configuration of the server, and is changed there')
  return view
}

export const listApplications = defineOperation<Page<ApplicationSummary> & { readonly configured: readonly ApplicationSummary[] }>({
  name: 'listApplications',
  method: 'GET',
  path: '/applications',
  role: 'viewer',
  summary: 'Lists applications by their client_id, 50 at a time.',
  parameters: { search: { description: 'Only those that have this text in any of their metadata.' }, ...PAGING },
  answer: 'Applications, where the listing goes on, and, with the first page, those of the server’s configuration.',
  async handle({ registration: { applications, terms }, configuredClients }, { query }) {
    const { list } = applications
    if (!list) throw new ConsoleError(501, 'not_supported', 'this server cannot list its clients: give its RegisteredClients a method list')
    const paging = pagingGiven(query)
    const { items, cursor } = await list(paging)
    const text = paging.search?.toLowerCase()
    const configured = configuredClients.filter((metadata) => text === undefined || mentions(metadata, text))
    return {
      items: items.map((metadata) => summaryOf(terms, metadata)),
      cursor,
      configured: paging.cursor === undefined ? configured.map((metadata) => summaryOf(terms, metadata, true)) : [],
    }
  },
})

const mentions = (metadata: Metadata, text: string) =>
  Object.entries(metadata).some(
    ([name, value]) =>
      !name.includes('secret') && [value].flat().some((one) => typeof one === 'string' && one.toLowerCase().includes(text)),
  )

export const readApplication = defineOperation<ApplicationView>({
  name: 'readApplication',
  method: 'GET',
  path: '/applications/{client_id}',
  role: 'viewer',
  summary: 'Reads an application, without its secret.',
  answer: 'The application; a change must name its revision.',
  handle: (console, { path }) => found(console, String(path.client_id)),
})

export interface Considered extends Judgement {
  /** What would be kept. */
  readonly metadata: Metadata
  /** Who set what the application did not ask for. */
  readonly set: Readonly<Record<string, string>>
  /** The claims of the software statement. */
  readonly statement: Metadata | undefined
}

export const considerApplication = defineOperation<Considered>({
  name: 'considerApplication',
  method: 'POST',
  path: '/application-drafts',
  role: 'viewer',
  summary: 'Judges metadata, or a software statement, as if they were registered. Nothing is kept or recorded.',
  body: {
    type: 'object',
    required: ['metadata'],
    properties: {
      metadata: METADATA,
      client_id: { type: 'string', description: 'The application that would be changed.' },
      software_statement: { type: 'string', description: 'A software statement (RFC 7591 §2.3), verified and not marked as used.' },
      published: { type: 'boolean', description: 'Whether jwks_uri and sector_identifier_uri are read too; for admins.' },
    },
  },
  answer: 'Which clauses hold, what is broken and how to mend it, and what would be kept.',
  async handle({ registration: { applications, terms } }, { by, body }) {
    const {
      metadata,
      client_id,
      software_statement,
      published = false,
    } = membersOf(body, [...['metadata', 'client_id', 'software_statement', 'published']])
    if (typeof published !== 'boolean') throw invalid('published must be true or false')
    const outlook = await applications.consider({
      metadata: metadataGiven(terms, metadata),
      ...(client_id !== undefined && { clientId: textGiven('client_id', client_id) }),
      ...(software_statement !== undefined && { statement: textGiven('software_statement', software_statement, 100_000) }),
      // Who only looks makes the server ask nobody.
      published: published && by.roles.includes('admin'),
    })
    const { client_secret: _secret, ...kept } = outlook.metadata
    return { ...judgementOf(terms, outlook), metadata: kept, set: outlook.set, statement: outlook.statement }
  },
})

export const createApplication = defineOperation<ApplicationView & { readonly client_secret?: unknown }>({
  name: 'createApplication',
  method: 'POST',
  path: '/applications',
  role: 'admin',
  summary: 'Creates an application that complies with its profile.',
  body: { type: 'object', required: ['metadata'], properties: { metadata: METADATA } },
  status: 201,
  answer: 'The application; a client_secret, where its method needs one, this once.',
  async handle({ registration: { applications, terms }, audit }, { by, body }) {
    const metadata = metadataGiven(terms, membersOf(body, ['metadata']).metadata)
    const name = typeof metadata.client_name === 'string' ? metadata.client_name.slice(0, 100) : 'without a name'
    const created = await audit.record(
      by,
      'create application',
      subjectOf(`new: ${name}`),
      () => applications.create(metadata),
      (done) => ({ client_id: done.metadata.client_id }),
    )
    const id = String(created.metadata.client_id)
    // Again under its own id, which nobody knew before. It is there by now, and its secret is told this once: nothing stops that any more.
    await audit
      .record(
        by,
        'create application',
        subjectOf(id),
        async () => metadataDiff({}, created.metadata),
        (diff) => diff,
      )
      .catch((cause) =>
        process.emitWarning(`that an application was created stands under no id: ${reasonOf(cause)}`, { code: 'FAPI_CONSOLE_AUDIT' }),
      )
    const { client_secret } = created.metadata
    return { ...viewOf(terms, created), ...(client_secret !== undefined && { client_secret }) }
  },
})

export const changeApplication = defineOperation<ApplicationView>({
  name: 'changeApplication',
  method: 'PUT',
  path: '/applications/{client_id}',
  role: 'admin',
  summary: 'Replaces the metadata of an application whole; what is left out goes, or gets its default.',
  body: {
    type: 'object',
    required: ['metadata', 'revision'],
    properties: { metadata: METADATA, revision: { type: 'integer', minimum: 0, description: 'The one it was read with.' } },
  },
  answer: 'The application as it is now. 412 when somebody has changed it since.',
  async handle(console, { by, path, body }) {
    const { applications, terms } = console.registration
    const { metadata: sent, revision } = membersOf(body, ['metadata', 'revision'])
    const metadata = metadataGiven(terms, sent)
    const number = numberGiven('revision', revision)
    const before = await editable(console, String(path.client_id))
    const changed = await console.audit.record(
      by,
      'change application',
      subjectOf(before.client_id),
      async () => (await applications.change(before.client_id, metadata, number)) ?? gone(),
      (done) => metadataDiff(before.metadata, viewOf(terms, done).metadata),
    )
    return viewOf(terms, changed)
  },
})

export const suspendApplication = defineOperation<undefined>({
  name: 'suspendApplication',
  method: 'PUT',
  path: '/applications/{client_id}/suspension',
  role: 'operator',
  summary: 'Disables an application: it is refused everywhere until it is enabled again.',
  body: { type: 'object', required: ['reason'], properties: { reason: { type: 'string', maxLength: 500 } } },
  status: 204,
  answer: 'It is disabled.',
  async handle(console, { by, path, body }) {
    const reason = textGiven('reason', membersOf(body, ['reason']).reason)
    const { client_id: id } = await editable(console, String(path.client_id))
    await console.audit.record(
      by,
      'disable application',
      subjectOf(id),
      () => insisted(console.registration.suspend(id, reason)),
      () => ({ reason }),
    )
    return undefined
  },
})

export const resumeApplication = defineOperation<undefined>({
  name: 'resumeApplication',
  method: 'DELETE',
  path: '/applications/{client_id}/suspension',
  role: 'operator',
  summary: 'Enables an application that was disabled.',
  status: 204,
  answer: 'It is served again.',
  async handle(console, { by, path }) {
    const { client_id: id } = await editable(console, String(path.client_id))
    await console.audit.record(by, 'enable application', subjectOf(id), () => insisted(console.registration.resume(id)))
    return undefined
  },
})

export const deleteApplication = defineOperation<undefined>({
  name: 'deleteApplication',
  method: 'DELETE',
  path: '/applications/{client_id}',
  role: 'admin',
  summary: 'Deletes an application, its grants, and whatever was issued to it, for good.',
  parameters: { confirm: { description: 'The client_id once more, so that nobody deletes by mistake.' } },
  status: 204,
  answer: 'It is gone.',
  async handle(console, { by, path, query }) {
    const { client_id: id, metadata } = await editable(console, String(path.client_id))
    if (query.confirm !== id) throw invalid('confirm must be the client_id of the application')
    await console.audit.record(
      by,
      'delete application',
      subjectOf(id),
      () => insisted(console.registration.remove(id)),
      () => metadataDiff(metadata, {}),
    )
    return undefined
  },
})

/** Somebody else may have deleted it meanwhile. */
async function insisted(done: Promise<boolean>): Promise<void> {
  if (!(await done)) gone()
}

function gone(): never {
  throw notFound('application')
}

export const historyOfApplication = defineOperation<Page<AuditEntry>>({
  name: 'historyOfApplication',
  method: 'GET',
  path: '/applications/{client_id}/history',
  role: 'viewer',
  summary: 'Lists the changes made to an application through the console, newest first; also of one that was deleted.',
  parameters: PAGING,
  answer: 'Who changed what, and when.',
  handle({ audit }, { path, query }) {
    const { limit, cursor } = pagingGiven(query)
    return audit.list({ subject: subjectOf(String(path.client_id)), limit, cursor })
  },
})
