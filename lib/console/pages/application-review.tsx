import { metadataDiff } from '../metadata-diff.js'
import { type Considered, considerApplication } from '../operations/applications.js'
import { problemsOf } from './application-actions.js'
import { type Draft, draftIn, underProfile, withoutId } from './application-draft.js'
import { EditingFrame, formPage, Given } from './application-form-page.js'
import { Panel } from './components.js'
import { ChangeForm } from './fields.js'
import { JudgementView } from './judgement.js'
import { MetadataChanges } from './metadata-changes.js'
import type { Outcome, View, Visit } from './page.js'

/** What the form says is judged, with what the application publishes, and shown before it is done. */
export async function reviewed(visit: Visit): Promise<Outcome> {
  const draft = await draftIn(visit)
  const { metadata, application, problems } = draft
  if (visit.form.one('intent') === 'profile')
    return formPage(visit, { ...draft, problems: [], metadata: await underProfile(visit, metadata) })
  if (problems.length > 0) return formPage(visit, draft)
  try {
    const considered = await visit.ask(considerApplication, {
      body: { metadata, published: true, ...(application && { client_id: application.client_id }) },
    })
    if (considered.refused) return formPage(visit, { ...draft, problems: considered.faults })
    return reviewPage(visit, draft, considered)
  } catch (cause) {
    return formPage(visit, { ...draft, problems: problemsOf(cause) })
  }
}

function reviewPage(visit: Visit, { metadata, application, certificate }: Draft, considered: Considered): View {
  const { href, token, form } = visit
  const here = application && { client_id: application.client_id }
  const action = here ? href('/applications/{client_id}/save', here) : href('/applications/create')
  const title = application ? 'Review the changes' : 'Review and create'
  const changes = metadataDiff(withoutId(application?.metadata ?? {}), withoutId(considered.metadata))
  const body = (
    <EditingFrame {...{ visit, application, title }}>
      <JudgementView judgement={considered} />
      <Panel title={application ? 'What changes' : 'What is registered'}>
        <MetadataChanges changes={changes} />
      </Panel>
      <Given {...{ metadata, certificate }} />
      <ChangeForm action={action} token={token}>
        <input type="hidden" name="metadata" value={JSON.stringify(metadata)} />
        <input type="hidden" name="revision" value={form.one('revision')} />
        <div class="actions">
          <button type="submit" class="primary">
            {application ? 'Save' : 'Create the application'}
          </button>
          <button
            type="submit"
            formAction={here ? href('/applications/{client_id}/edit', here) : href('/applications/new/settings')}
            name="intent"
            value="back"
          >
            Back to the form
          </button>
        </div>
      </ChangeForm>
    </EditingFrame>
  )
  return { title, body }
}
