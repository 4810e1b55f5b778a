import { isText } from '../../core/claims.js'
import type { Page } from '../../stores/store.js'
import { invalid, notFound } from '../console-error.js'
import { membersOf, PAGING, pagingGiven } from '../given.js'
import { type GrantFilter, type GrantView, grants } from '../grants.js'
import { defineOperation } from '../operation.js'

const subjectOf = (id: string) => ({ kind: 'grant', id }) as const

export const listGrants = defineOperation<Page<GrantView>>({
  name: 'listGrants',
  method: 'GET',
  path: '/grants',
  role: 'viewer',
  summary: 'Lists what users have allowed applications, by the ids of the grants, 50 at a time.',
  parameters: {
    user: { description: 'Only the grants of this user: the sub as the server knows it, letter by letter.' },
    client: { description: 'Only the grants of the application with this client_id, letter by letter.' },
    ...PAGING,
  },
  answer: 'Grants that the server keeps in its store, without anything secret, and where the listing goes on.',
  handle({ store }, { query }) {
    const { limit, cursor } = pagingGiven(query)
    return grants(store).list({ user: query.user, client: query.client, limit, cursor })
  },
})

export const revokeGrant = defineOperation<undefined>({
  name: 'revokeGrant',
  method: 'DELETE',
  path: '/grants/{grant_id}',
  role: 'operator',
  summary:
    'Takes a grant back with its codes, refresh tokens and opaque access tokens. JWT access tokens that APIs check by themselves live on until they expire.',
  status: 204,
  answer: 'It is taken back. 404 when it was before.',
  async handle({ store, audit }, { by, path }) {
    const id = String(path.grant_id)
    // No grant has a NUL in its id, and some databases cannot be asked for one.
    const { accountId, clientId } = (id.includes('\0') ? undefined : await store.find('Grant', id)) ?? gone()
    await audit.record(
      by,
      'revoke grant',
      subjectOf(id),
      // Somebody else may take it back meanwhile.
      async () => (await grants(store).revoke(id)) || gone(),
      () => ({ ...(isText(accountId) && { user: accountId }), ...(isText(clientId) && { client: clientId }) }),
    )
    return undefined
  },
})

function gone(): never {
  throw notFound('grant')
}

export const revokeGrants = defineOperation<{ readonly revoked: number }>({
  name: 'revokeGrants',
  method: 'POST',
  path: '/grant-revocations',
  role: 'operator',
  summary: 'Takes back all grants of a user, of an application, or of both. What is granted meanwhile may stay.',
  body: {
    type: 'object',
    additionalProperties: false,
    anyOf: [{ required: ['user'] }, { required: ['client'] }],
    properties: {
      user: { type: 'string', minLength: 1, maxLength: 2048, description: 'The sub as the server knows it, letter by letter.' },
      client: { type: 'string', minLength: 1, maxLength: 2048, description: 'The client_id, letter by letter.' },
    },
  },
  answer: 'How many were taken back.',
  async handle({ store, audit }, { by, body }) {
    const filter = filterGiven(body)
    const all = grants(store)
    const { items } = await all.list({ ...filter, limit: 1 })
    // Nothing changes, so nothing is written down.
    if (items.length === 0) return { revoked: 0 }
    const revoked = await audit.record(
      by,
      'revoke grants',
      subjectOf(inWords(filter)),
      () => all.revokeAll(filter),
      (count) => ({ ...filter, revoked: count }),
    )
    return { revoked }
  },
})

function filterGiven(body: unknown): GrantFilter {
  const { user, client } = membersOf(body, ['user', 'client'])
  if (user === undefined && client === undefined) throw invalid('user or client must be given: nobody takes back all there is')
  for (const [name, value] of Object.entries({ user, client }))
    if (value !== undefined && !isText(value)) throw invalid(`${name} must be a text`)
  return { ...(isText(user) && { user }), ...(isText(client) && { client }) }
}

/** Whose grants, for the audit trail, where they share no id. */
function inWords({ user, client }: GrantFilter): string {
  const named = [
    ...(user === undefined ? [] : [`user ${shortened(user)}`]),
    ...(client === undefined ? [] : [`application ${shortened(client)}`]),
  ]
  return `all of ${named.join(' and ')}`
}

/** Characters of a name in an id of the audit trail, our choice: the detail has all of it. */
const LONGEST_NAME = 100

/** Whole characters, as UTF-8 has them. */
const shortened = (name: string) => Buffer.from([...name].slice(0, LONGEST_NAME).join('')).toString()
