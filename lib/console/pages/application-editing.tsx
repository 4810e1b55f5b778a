import type { ApplicationView } from '../application-view.js'
import { changeApplication } from '../operations/application-changes.js'
import { readApplication } from '../operations/applications.js'
import { problemsOf } from './application-actions.js'
import { draftIn, jsonIn, startOf, withoutId } from './application-draft.js'
import { consideredOr, formPage, Given } from './application-form-page.js'
import { reviewed } from './application-review.js'
import { Problems } from './components.js'
import { created, firstStep, secondStep } from './new-application.js'
import type { Outcome, Page, View, Visit } from './page.js'

/** Saves what was reviewed; what is in the way is said in the form, with what was written. */
async function saved(visit: Visit): Promise<Outcome> {
  const { ask, form, href, path } = visit
  const metadata = jsonIn(form.one('metadata'))
  const revision = Number(form.one('revision'))
  try {
    const { client_id } = await ask(changeApplication, { path, body: { metadata, revision } })
    return { to: href('/applications/{client_id}', { client_id }, { done: 'saved' }) }
  } catch (cause) {
    const application = await ask(readApplication, { path })
    return formPage(visit, { ...startOf(metadata, { ...application, revision }), problems: problemsOf(cause) })
  }
}

/** Back from the review: what was written is still there. */
async function returned(visit: Visit, application?: ApplicationView): Promise<View> {
  return formPage(visit, startOf(jsonIn(visit.form.one('metadata')), application))
}

export const applicationEditingPages: readonly Page[] = [
  { path: '/applications/new', section: 'Applications', role: 'admin', get: firstStep },
  {
    path: '/applications/new/settings',
    section: 'Applications',
    role: 'admin',
    get: secondStep,
    post: (visit) => (visit.form.one('intent') === 'back' ? returned(visit) : reviewed(visit)),
  },
  { path: '/applications/create', section: 'Applications', role: 'admin', post: created },
  {
    path: '/applications/{client_id}/edit',
    section: 'Applications',
    role: 'admin',
    async get(visit) {
      const application = await visit.ask(readApplication, { path: visit.path })
      return formPage(visit, startOf(withoutId(application.metadata), application))
    },
    async post(visit) {
      const application = await visit.ask(readApplication, { path: visit.path })
      return visit.form.one('intent') === 'back' ? returned(visit, application) : reviewed(visit)
    },
  },
  { path: '/applications/{client_id}/save', section: 'Applications', role: 'admin', post: saved },
  {
    path: '/application-drafts',
    section: 'Applications',
    role: 'admin',
    async post(visit) {
      const { metadata, application, problems, certificate } = await draftIn(visit)
      const body = (
        <>
          <Problems title="This cannot be read" problems={problems} />
          {await consideredOr(visit, metadata, application)}
          <Given {...{ metadata, certificate }} />
        </>
      )
      return { title: 'Verdict', body, fragment: true }
    },
  },
]
