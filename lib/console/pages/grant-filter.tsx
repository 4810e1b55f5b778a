import type { Visit } from './page.js'

/** The page of grants, and that on which all of a filter are revoked. */
export const PATH = '/grants'
export const ALL = `${PATH}/revocation`

/** Whose grants are looked at. It travels in the address, where nothing trims it. */
export const filterOf = ({ query: { user, client } }: Pick<Visit, 'query'>) => ({ user, client })

export type Filter = ReturnType<typeof filterOf>

/** Whether there is any filter. */
export const isFiltered = ({ user, client }: Filter) => user !== undefined || client !== undefined

/** A filter in words. */
export const Whose = ({ filter: { user, client } }: { readonly filter: Filter }) => (
  <>
    {user !== undefined && (
      <>
        {'user '}
        <bdi>{user}</bdi>
      </>
    )}
    {user !== undefined && client !== undefined && ' and '}
    {client !== undefined && (
      <>
        {'application '}
        <bdi>{client}</bdi>
      </>
    )}
  </>
)
