import type { InitialAccess } from '../../registration/initial-access-tokens.js'
import type { Page } from '../../stores/store.js'
import type { Console } from '../console.js'
import { notFound } from '../console-error.js'
import { membersOf, PAGING, pagingGiven } from '../given.js'
import { shownValue } from '../metadata-diff.js'
import { defineOperation } from '../operation.js'

/** An initial access token, without what opens anything, and whether it is good. */
export interface InitialAccessView extends InitialAccess {
  readonly state: 'active' | 'expired' | 'revoked'
}

function viewOf(record: InitialAccess): InitialAccessView {
  const { revoked_at, expires_at } = record
  const isOver = expires_at !== undefined && expires_at <= Date.now() / 1000
  return { ...record, state: revoked_at !== undefined ? 'revoked' : isOver ? 'expired' : 'active' }
}

const subjectOf = (id: string) => ({ kind: 'initial access token', id }) as const

/** What ids of tokens look like; the store is asked for nothing else. */
const ID = /^[\w-]{22}$/

/** A token as it is. Throws a `ConsoleError` when there is none. */
async function found({ registration: { initialAccessTokens } }: Console, id: string): Promise<InitialAccessView> {
  const record = ID.test(id) ? await initialAccessTokens.find(id) : undefined
  if (!record) throw notFound('initial access token')
  return viewOf(record)
}

export const listInitialAccessTokens = defineOperation<Page<InitialAccessView>>({
  name: 'listInitialAccessTokens',
  method: 'GET',
  path: '/initial-access-tokens',
  role: 'viewer',
  summary: 'Lists initial access tokens by their ids, without their secrets, until thirty days after their end.',
  parameters: { search: { description: 'Only those that have this text in what is kept of them.' }, ...PAGING },
  answer: 'Initial access tokens, and where the listing goes on.',
  async handle({ registration: { initialAccessTokens } }, { query }) {
    const { items, cursor } = await initialAccessTokens.list(pagingGiven(query))
    return { items: items.map(viewOf), cursor }
  },
})

export const readInitialAccessToken = defineOperation<InitialAccessView>({
  name: 'readInitialAccessToken',
  method: 'GET',
  path: '/initial-access-tokens/{id}',
  role: 'viewer',
  summary: 'Reads an initial access token, without its secret.',
  answer: 'What is kept of it.',
  handle: (console, { path }) => found(console, String(path.id)),
})

const TEXT = { type: 'string', minLength: 1, maxLength: 200 }

export const createInitialAccessToken = defineOperation<InitialAccessView & { readonly token: string }>({
  name: 'createInitialAccessToken',
  method: 'POST',
  path: '/initial-access-tokens',
  role: 'operator',
  summary: 'Makes an initial access token (RFC 7591 §3): who has it may register clients, as many and such as it says.',
  body: {
    type: 'object',
    additionalProperties: false,
    properties: {
      label: { ...TEXT, description: 'Whom it is for.' },
      profile: { ...TEXT, description: 'The profile that its clients are held to, whatever they name.' },
      metadata: { type: 'object', description: 'Values that its clients are registered with for good, under the names of RFC 7591 §2.' },
      uses: {
        type: 'integer',
        minimum: 1,
        maximum: 10_000,
        description: 'How many registrations it is good for; any number when left out.',
      },
      expires_in: { type: 'integer', minimum: 1, maximum: 315_360_000, description: 'Seconds until it expires; never when left out.' },
      software_id: { ...TEXT, description: 'The software that it is for alone, as its software statement names it.' },
    },
  },
  status: 201,
  answer: 'What is kept of it, and the token, this once.',
  async handle({ registration: { initialAccessTokens }, audit }, { by, body }) {
    const { expires_in, ...given } = membersOf(body, ['label', 'profile', 'metadata', 'uses', 'expires_in', 'software_id'])
    const name = typeof given.label === 'string' ? given.label.slice(0, 100) : 'without a label'
    const { token, record } = await audit.record(
      by,
      'create initial access token',
      subjectOf(`new: ${name}`),
      // All of it is checked where tokens are made.
      () =>
        initialAccessTokens.issue({
          ...given,
          ...(expires_in !== undefined && { expiresIn: typeof expires_in === 'number' ? expires_in : Number.NaN }),
          issuedBy: by.id,
        }),
      ({ record: { issued_by: _by, metadata, ...made } }) => ({ ...made, ...(metadata && { metadata: shownValue('metadata', metadata) }) }),
    )
    return { token, ...viewOf(record) }
  },
})

export const revokeInitialAccessToken = defineOperation<undefined>({
  name: 'revokeInitialAccessToken',
  method: 'DELETE',
  path: '/initial-access-tokens/{id}',
  role: 'operator',
  summary: 'Ends an initial access token. Clients that were registered with it stay.',
  status: 204,
  answer: 'Nobody registers with it any more. 404 when it was revoked before.',
  async handle(console, { by, path }) {
    const { id, state, label } = await found(console, String(path.id))
    if (state === 'revoked') throw notFound('initial access token')
    await console.audit.record(
      by,
      'revoke initial access token',
      subjectOf(id),
      async () => {
        if (!(await console.registration.initialAccessTokens.revoke(id))) throw notFound('initial access token')
      },
      () => label && { label },
    )
    return undefined
  },
})
