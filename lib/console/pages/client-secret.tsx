import { renewClientSecret } from '../operations/application-changes.js'
import { readApplication } from '../operations/applications.js'
import { ApplicationFrame } from './application.js'
import { problemsOf } from './application-actions.js'
import { Notice, Panel, Problems } from './components.js'
import { ChangeForm } from './fields.js'
import type { Outcome, Page, Visit } from './page.js'

/** A secret, this once. */
export const SecretShown = ({ secret }: { readonly secret: string }) => (
  <Notice tone="warning" title="The client secret is shown this once">
    <p>
      <code id="secret">{secret}</code>
    </p>
    <button type="button" data-copy="secret" hidden>
      Copy
    </button>
  </Notice>
)

async function question(visit: Visit, problems: readonly string[] = []): Promise<Outcome> {
  const { ask, path, href, token } = visit
  const application = await ask(readApplication, { path })
  const here = { client_id: application.client_id }
  return {
    title: `New client secret of ${application.client_name ?? application.client_id}`,
    status: problems.length > 0 ? 400 : 200,
    body: (
      <ApplicationFrame application={application} tab={undefined} visit={visit}>
        <Problems title="There is no new secret" problems={problems} />
        <Panel title="New client secret">
          <p>The secret that the application has ends now: it is refused until it has the new one, which is shown once.</p>
          <ChangeForm action={href('/applications/{client_id}/client-secret', here)} token={token}>
            <input type="hidden" name="revision" value={String(application.revision)} />
            <div class="actions">
              <button class="danger" type="submit">
                Make a new secret
              </button>
              <a href={href('/applications/{client_id}', here)}>Cancel</a>
            </div>
          </ChangeForm>
        </Panel>
      </ApplicationFrame>
    ),
  }
}

async function renewed(visit: Visit): Promise<Outcome> {
  const { ask, path, href, form } = visit
  try {
    const { client_secret } = await ask(renewClientSecret, { path, body: { revision: Number(form.one('revision')) } })
    const application = await ask(readApplication, { path })
    return {
      title: 'The new client secret',
      status: 201,
      body: (
        <ApplicationFrame application={application} tab={undefined} visit={visit}>
          <SecretShown secret={String(client_secret)} />
          <p>
            <a href={href('/applications/{client_id}', { client_id: application.client_id })}>To the application</a>
          </p>
        </ApplicationFrame>
      ),
    }
  } catch (cause) {
    return question(visit, problemsOf(cause))
  }
}

export const clientSecretPages: readonly Page[] = [
  { path: '/applications/{client_id}/client-secret', section: 'Applications', role: 'admin', get: question, post: renewed },
]
