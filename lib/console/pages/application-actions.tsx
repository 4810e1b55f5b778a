import { mendable, problemsIn } from '../console-error.js'
import { deleteApplication, resumeApplication, suspendApplication } from '../operations/application-standing.js'
import { readApplication } from '../operations/applications.js'
import { ApplicationFrame } from './application.js'
import { Notice, Panel, Problems } from './components.js'
import { ChangeForm, TextField } from './fields.js'
import type { Page, View, Visit } from './page.js'

async function standingPage(visit: Visit, problems: readonly string[] = []): Promise<View> {
  const { ask, path, href, token, form } = visit
  const application = await ask(readApplication, { path })
  const isActive = application.status === 'active'
  const action = href('/applications/{client_id}/standing', { client_id: application.client_id })
  return {
    title: `${isActive ? 'Disable' : 'Enable'} ${application.client_name ?? application.client_id}`,
    status: problems.length > 0 ? 400 : 200,
    body: (
      <ApplicationFrame application={application} tab={undefined} visit={visit}>
        <Problems title="This did not work" problems={problems} />
        <Panel title={isActive ? 'Disable this application' : 'Enable this application'}>
          <p>
            {isActive
              ? 'It is refused everywhere from now on, its tokens count as inactive, and it cannot change its own registration. Nothing is deleted.'
              : 'It is served again as before.'}
          </p>
          <ChangeForm action={action} token={token}>
            <input type="hidden" name="standing" value={isActive ? 'disabled' : 'enabled'} />
            {isActive && (
              <TextField
                name="reason"
                label="Reason"
                metadata=""
                required
                value={form.one('reason')}
                hint="It is told to the application when it manages its registration, and stands in its history."
              />
            )}
            <div class="actions">
              <button class={isActive ? 'danger' : 'primary'} type="submit">
                {isActive ? 'Disable' : 'Enable'}
              </button>
              <a href={href('/applications/{client_id}', { client_id: application.client_id })}>Cancel</a>
            </div>
          </ChangeForm>
        </Panel>
      </ApplicationFrame>
    ),
  }
}

async function deletePage(visit: Visit, problems: readonly string[] = []): Promise<View> {
  const { ask, path, href, token, form } = visit
  const application = await ask(readApplication, { path })
  const here = { client_id: application.client_id }
  return {
    title: `Delete ${application.client_name ?? application.client_id}`,
    status: problems.length > 0 ? 400 : 200,
    body: (
      <ApplicationFrame application={application} tab={undefined} visit={visit}>
        <Problems title="It was not deleted" problems={problems} />
        <Notice tone="warning" title="This cannot be undone">
          <p>The application, the grants that users gave it, and every token issued to it end now. To stop it for a while, disable it.</p>
        </Notice>
        <Panel title="Delete this application">
          <ChangeForm action={href('/applications/{client_id}/delete', here)} token={token}>
            <TextField
              name="confirm"
              label="Type the client_id to confirm"
              metadata=""
              required
              value={form.one('confirm')}
              hint={
                <>
                  It is <code>{application.client_id}</code>
                </>
              }
            />
            <div class="actions">
              <button class="danger" type="submit">
                Delete for good
              </button>
              <a href={href('/applications/{client_id}', here)}>Cancel</a>
            </div>
          </ChangeForm>
        </Panel>
      </ApplicationFrame>
    ),
  }
}

/** What was wrong with what was sent; what is the server's own fault is none of it. */
export function problemsOf(cause: unknown): readonly string[] {
  const error = mendable(cause)
  if (error.status === 403 || error.status === 404) throw error
  return problemsIn(error)
}

export const applicationActionPages: readonly Page[] = [
  {
    path: '/applications/{client_id}/standing',
    section: 'Applications',
    role: 'operator',
    get: standingPage,
    async post(visit) {
      const { ask, path, href, form } = visit
      const { client_id } = await ask(readApplication, { path })
      // What the form said it would do is done, whatever somebody else has done meanwhile.
      const wanted = form.one('standing')
      try {
        if (wanted === 'disabled') await ask(suspendApplication, { path, body: { reason: form.one('reason') } })
        else await ask(resumeApplication, { path })
      } catch (cause) {
        return standingPage(visit, problemsOf(cause))
      }
      return { to: href('/applications/{client_id}', { client_id }, { done: wanted }) }
    },
  },
  {
    path: '/applications/{client_id}/delete',
    section: 'Applications',
    role: 'admin',
    get: deletePage,
    async post(visit) {
      const { ask, path, href, form } = visit
      try {
        await ask(deleteApplication, { path, query: { confirm: form.one('confirm') } })
      } catch (cause) {
        return deletePage(visit, problemsOf(cause))
      }
      return { to: href('/applications', {}, { done: 'deleted' }) }
    },
  },
]
