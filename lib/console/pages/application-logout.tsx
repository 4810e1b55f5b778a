import type { ApplicationFormProps } from './application-form-props.js'
import { TextArea, TextField } from './fields.js'

/** Where the end of a session is told to, as far as the server tells it. */
export const Logout = ({ metadata, problems, server }: Pick<ApplicationFormProps, 'metadata' | 'problems' | 'server'>) => {
  const { post_logout_redirect_uris: uris } = metadata
  const offers = (name: string) => server === undefined || (server[name] !== undefined && server[name] !== false)
  const address = (name: string, label: string) => (
    <TextField
      name={name}
      label={label}
      keyboard="url"
      value={typeof metadata[name] === 'string' ? String(metadata[name]) : undefined}
      problem={problems[name]}
    />
  )
  const shown = LOGOUT.filter(([name, offered]) => offers(offered) || metadata[name] !== undefined).map(([name]) => name)
  return shown.length === 0 ? null : (
    <details class="field-group" open={shown.some((name) => problems[name] !== undefined)}>
      <summary>Logout</summary>
      {shown.includes('post_logout_redirect_uris') && (
        <TextArea
          name="post_logout_redirect_uris"
          label="Redirect URIs after logout"
          value={Array.isArray(uris) ? uris.join('\n') : undefined}
          problem={problems.post_logout_redirect_uris}
          rows={2}
          hint="One a line."
        />
      )}
      {shown.includes('backchannel_logout_uri') && address('backchannel_logout_uri', 'Told of logouts by the server')}
      {shown.includes('frontchannel_logout_uri') && address('frontchannel_logout_uri', 'Told of logouts by the browser')}
    </details>
  )
}

/** Metadata of logout, and the server metadata that says whether there is such a thing. */
export const LOGOUT: readonly (readonly [name: string, offered: string])[] = [
  ['post_logout_redirect_uris', 'end_session_endpoint'],
  ['backchannel_logout_uri', 'backchannel_logout_supported'],
  ['frontchannel_logout_uri', 'frontchannel_logout_supported'],
]
