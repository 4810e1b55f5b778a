import type { Console } from '../console.js'
import { invalid } from '../console-error.js'
import { membersOf, textGiven } from '../given.js'
import { editableApplication, gone, subjectOf } from '../kept-application.js'
import { metadataDiff } from '../metadata-diff.js'
import { defineOperation } from '../operation.js'

export const suspendApplication = defineOperation<undefined>({
  name: 'suspendApplication',
  method: 'PUT',
  path: '/applications/{client_id}/suspension',
  role: 'operator',
  summary: 'Disables an application: it is refused everywhere until it is enabled again.',
  body: { type: 'object', required: ['reason'], properties: { reason: { type: 'string', maxLength: 500 } } },
  status: 204,
  answer: 'It is disabled.',
  async handle(console, { by, path, body }) {
    const reason = textGiven('reason', membersOf(body, ['reason']).reason)
    const { client_id: id } = await editableApplication(console, String(path.client_id))
    await console.audit.record(
      by,
      'disable application',
      subjectOf(id),
      () => done(console, id, () => console.registration.suspend(id, reason)),
      () => ({ reason }),
    )
    return undefined
  },
})

export const resumeApplication = defineOperation<undefined>({
  name: 'resumeApplication',
  method: 'DELETE',
  path: '/applications/{client_id}/suspension',
  role: 'operator',
  summary: 'Enables an application that was disabled.',
  status: 204,
  answer: 'It is served again.',
  async handle(console, { by, path }) {
    const { client_id: id } = await editableApplication(console, String(path.client_id))
    await console.audit.record(by, 'enable application', subjectOf(id), () => done(console, id, () => console.registration.resume(id)))
    return undefined
  },
})

export const deleteApplication = defineOperation<undefined>({
  name: 'deleteApplication',
  method: 'DELETE',
  path: '/applications/{client_id}',
  role: 'admin',
  summary: 'Deletes an application, its grants, and whatever was issued to it, for good.',
  parameters: { confirm: { description: 'The client_id once more, so that nobody deletes by mistake.' } },
  status: 204,
  answer: 'It is gone.',
  async handle(console, { by, path, query }) {
    const { client_id: id, metadata } = await editableApplication(console, String(path.client_id))
    if (query.confirm !== id) throw invalid('confirm must be the client_id of the application')
    await console.audit.record(
      by,
      'delete application',
      subjectOf(id),
      () => done(console, id, () => console.registration.remove(id)),
      () => metadataDiff(metadata, {}),
    )
    return undefined
  },
})

/** One that the server got to know in another way is adopted first; somebody else may have deleted it meanwhile. */
async function done({ registration: { applications } }: Console, id: string, work: () => Promise<boolean>): Promise<void> {
  if (!(await applications.adopt(id)) || !(await work())) gone()
}
