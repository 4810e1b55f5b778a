import type { Metadata } from '../../registration/metadata.js'
import type { Page } from '../../stores/store.js'
import { type ApplicationSummary, type ApplicationView, type Judgement, judgementOf, summaryOf } from '../application-view.js'
import type { AuditEntry } from '../audit-trail.js'
import { ConsoleError, invalid } from '../console-error.js'
import { membersOf, metadataGiven, PAGING, pagingGiven, textGiven } from '../given.js'
import { applicationOf, METADATA, subjectOf } from '../kept-application.js'
import { defineOperation } from '../operation.js'
import { hasRole } from '../roles.js'
import { unofferedIn } from '../unoffered.js'

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
  handle: (console, { path }) => applicationOf(console, String(path.client_id)),
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
  async handle(console, { by, body }) {
    const { applications, terms } = console.registration
    const {
      metadata,
      client_id,
      software_statement,
      published = false,
    } = membersOf(body, [...['metadata', 'client_id', 'software_statement', 'published']])
    if (typeof published !== 'boolean') throw invalid('published must be true or false')
    const asked = metadataGiven(terms, metadata)
    const clientId = client_id === undefined ? undefined : textGiven('client_id', client_id)
    const current = clientId === undefined ? undefined : await applications.find(clientId)
    const outlook = await applications.consider({
      ...{ metadata: asked, clientId },
      ...(software_statement !== undefined && { statement: textGiven('software_statement', software_statement, 100_000) }),
      // Who only looks makes the server ask nobody.
      published: published && hasRole(by, 'admin'),
    })
    const { client_secret: _secret, ...kept } = outlook.metadata
    const judgement = judgementOf(terms, outlook)
    const unoffered = await unofferedIn(console, asked, current?.metadata)
    return {
      ...judgement,
      refused: judgement.refused || unoffered.length > 0,
      faults: [...judgement.faults, ...unoffered],
      ...{ metadata: kept, set: outlook.set, statement: outlook.statement },
    }
  },
})

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
