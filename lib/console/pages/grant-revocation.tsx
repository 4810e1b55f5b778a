import { invalid } from '../console-error.js'
import { listGrants, revokeGrants } from '../operations/grants.js'
import { Facts, Heading, Notice, Panel } from './components.js'
import { ChangeForm } from './fields.js'
import { ALL, filterOf, isFiltered, PATH } from './grant-filter.js'
import type { Outcome, Page, Visit } from './page.js'

/** The most that an operation lists at once. */
const MOST = 200

/** What a revocation does, and what it cannot do. */
export const WhatEnds = () => (
  <ul>
    <li>Its refresh tokens, authorization codes and opaque access tokens end at once.</li>
    <li>JWT access tokens that APIs check by themselves live on until they expire: nobody asks the server about them.</li>
    <li>The user stays signed in, and is asked for consent again when the application comes next.</li>
  </ul>
)

async function confirm(visit: Visit): Promise<Outcome> {
  const { ask, href, token } = visit
  const filter = filterOf(visit)
  if (!isFiltered(filter)) throw invalid('user or client must be given: nobody takes back all there is')
  const { items, cursor } = await ask(listGrants, { query: { ...filter, limit: String(MOST) } })
  const count = cursor === undefined ? String(items.length) : `more than ${MOST}`
  return {
    title: 'Revoke grants',
    body: (
      <>
        <Heading
          title="Revoke all of these grants?"
          trail={[{ label: 'Grants', href: href(PATH, {}, filter) }]}
          lead="They cannot be brought back. What is granted while they are revoked may stay."
        />
        <Panel title="The grants">
          <Facts
            facts={[
              ['User', filter.user === undefined ? 'any' : <bdi key="user">{filter.user}</bdi>],
              ['Application', filter.client === undefined ? 'any' : <bdi key="client">{filter.client}</bdi>],
              ['Grants', count],
            ]}
          />
          <WhatEnds />
        </Panel>
        {items.length === 0 ? (
          <Notice>
            <p>There is nothing to revoke.</p>
          </Notice>
        ) : (
          <ChangeForm action={href(ALL, {}, filter)} token={token}>
            <div class="actions">
              <button type="submit" class="button danger">
                Revoke {count === '1' ? 'the grant' : `${count} grants`}
              </button>
              <a class="button" href={href(PATH, {}, filter)}>
                Keep {count === '1' ? 'it' : 'them'}
              </a>
            </div>
          </ChangeForm>
        )}
      </>
    ),
  }
}

/** Where all grants of a user, of an application, or of both are revoked. */
export const grantRevocationPage: Page = {
  path: ALL,
  section: 'Grants',
  role: 'operator',
  get: confirm,
  async post(visit) {
    const filter = filterOf(visit)
    const { revoked } = await visit.ask(revokeGrants, { body: filter })
    return { to: visit.href(PATH, {}, { ...filter, revoked: String(revoked) }) }
  },
}
