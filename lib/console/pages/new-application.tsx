import { isText } from '../../core/claims.js'
import type { Metadata } from '../../registration/metadata.js'
import { templateOf } from '../application-fields.js'
import { createApplication } from '../operations/application-changes.js'
import { readApplication } from '../operations/applications.js'
import { problemsOf } from './application-actions.js'
import { jsonIn, profileOf, startOf, underProfile } from './application-draft.js'
import { formPage, profileOptions } from './application-form-page.js'
import { Choice } from './choosing.js'
import { SecretShown } from './client-secret.js'
import { Heading, Panel } from './components.js'
import { TextArea, TextField } from './fields.js'
import type { Outcome, View, Visit } from './page.js'

/** The first step: what it is called, whether it is a FAPI application, and where users go back to. */
export async function firstStep(visit: Visit): Promise<View> {
  const { ask, href, query } = visit
  const template = query.from === undefined ? undefined : await ask(readApplication, { path: { client_id: query.from } })
  const metadata = template ? templateOf(template.metadata) : {}
  const options = await profileOptions(visit)
  const { fapi_profile: usual } = await visit.console.registration.settings.read()
  const chosen = profileOf(visit, metadata) || usual || (options.find(({ why }) => why === undefined)?.value ?? '')
  return {
    title: 'New application',
    body: (
      <>
        <Heading
          title="New application"
          trail={[{ label: 'Applications', href: href('/applications') }]}
          lead={
            template
              ? `With the settings of ${template.client_name ?? template.client_id}; its keys and names of certificates are its own.`
              : undefined
          }
        />
        <Panel title="FAPI-compliant application">
          <form method="get" action={href('/applications/new/settings')}>
            {template && <input type="hidden" name="from" value={template.client_id} />}
            <TextField
              name="client_name"
              label="Name"
              required
              value={isText(metadata.client_name) ? metadata.client_name : ''}
              hint="Users see it when they are asked for consent."
            />
            <Choice
              type="radio"
              name="fapi_profile"
              label="FAPI compliant"
              hint="From here on only what complies with the profile is offered."
              options={options}
              chosen={[chosen]}
            />
            <TextArea
              name="redirect_uris"
              label="Redirect URIs"
              required
              rows={3}
              value={Array.isArray(metadata.redirect_uris) ? metadata.redirect_uris.join('\n') : ''}
              hint="One a line; https."
            />
            <div class="actions">
              <button type="submit" class="primary">
                Continue
              </button>
              <a href={href('/applications')}>Cancel</a>
            </div>
          </form>
        </Panel>
      </>
    ),
  }
}

/** The second: everything else, with what the profile wants filled in. */
export async function secondStep(visit: Visit): Promise<View> {
  const { ask, query, console } = visit
  const template = query.from === undefined ? {} : templateOf((await ask(readApplication, { path: { client_id: query.from } })).metadata)
  const uris = (query.redirect_uris ?? '').split(/\s+/).filter(Boolean)
  const { exclusive } = console.registration.terms.policy
  const asked: Metadata = {
    ...{
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      application_type: 'web',
      token_endpoint_auth_method: 'private_key_jwt',
    },
    ...template,
    ...(query.client_name !== undefined && { client_name: query.client_name }),
    ...(uris.length > 0 && { redirect_uris: uris }),
    ...(!exclusive && query.fapi_profile !== undefined && { fapi_profile: query.fapi_profile }),
  }
  return formPage(visit, startOf(await underProfile(visit, asked)))
}

/** A secret is told this once; whoever has none goes on to the application. */
export async function created(visit: Visit): Promise<Outcome> {
  const { ask, form, href } = visit
  const metadata = jsonIn(form.one('metadata'))
  try {
    const { client_id, client_secret } = await ask(createApplication, { body: { metadata } })
    if (!isText(client_secret)) return { to: href('/applications/{client_id}', { client_id }, { done: 'created' }) }
    return {
      title: 'The application was created',
      body: (
        <>
          <Heading title="The application was created" trail={[{ label: 'Applications', href: href('/applications') }]} />
          <SecretShown secret={client_secret} />
          <p>
            <a href={href('/applications/{client_id}', { client_id })}>To the application</a>
          </p>
        </>
      ),
    }
  } catch (cause) {
    return formPage(visit, { ...startOf(metadata), problems: problemsOf(cause) })
  }
}
