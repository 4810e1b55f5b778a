import { newClientId } from '../../registration/new-client-id.js'
import { type ApplicationView, viewOf } from '../application-view.js'
import { membersOf, metadataGiven, numberGiven } from '../given.js'
import { editableApplication, gone, METADATA, subjectOf } from '../kept-application.js'
import { metadataDiff } from '../metadata-diff.js'
import { defineOperation } from '../operation.js'
import { insistOnOffered } from '../unoffered.js'

export const createApplication = defineOperation<ApplicationView & { readonly client_secret?: unknown }>({
  name: 'createApplication',
  method: 'POST',
  path: '/applications',
  role: 'admin',
  summary: 'Creates an application that complies with its profile.',
  body: { type: 'object', required: ['metadata'], properties: { metadata: METADATA } },
  status: 201,
  answer: 'The application; a client_secret, where its method needs one, this once.',
  async handle(console, { by, body }) {
    const { applications, terms } = console.registration
    const metadata = metadataGiven(terms, membersOf(body, ['metadata']).metadata)
    await insistOnOffered(console, metadata)
    const id = newClientId()
    const created = await console.audit.record(
      by,
      'create application',
      subjectOf(id),
      () => applications.create(metadata, id),
      (done) => metadataDiff({}, done.metadata),
    )
    const { client_secret } = created.metadata
    return { ...viewOf(terms, created), ...(client_secret !== undefined && { client_secret }) }
  },
})

export const changeApplication = defineOperation<ApplicationView>({
  name: 'changeApplication',
  method: 'PUT',
  path: '/applications/{client_id}',
  role: 'admin',
  summary: 'Replaces the metadata of an application whole; what is left out goes, or gets its default.',
  body: {
    type: 'object',
    required: ['metadata', 'revision'],
    properties: { metadata: METADATA, revision: { type: 'integer', minimum: 0, description: 'The one it was read with.' } },
  },
  answer: 'The application as it is now. 412 when somebody has changed it since.',
  async handle(console, { by, path, body }) {
    const { applications, terms } = console.registration
    const { metadata: sent, revision } = membersOf(body, ['metadata', 'revision'])
    const metadata = metadataGiven(terms, sent)
    const number = numberGiven('revision', revision)
    const before = await editableApplication(console, String(path.client_id))
    await insistOnOffered(console, metadata, before.metadata)
    const changed = await console.audit.record(
      by,
      'change application',
      subjectOf(before.client_id),
      async () => (await applications.change(before.client_id, metadata, number)) ?? gone(),
      (done) => metadataDiff(before.metadata, viewOf(terms, done).metadata),
    )
    return viewOf(terms, changed)
  },
})

export const renewClientSecret = defineOperation<{ readonly client_secret: unknown; readonly revision: number }>({
  name: 'renewClientSecret',
  method: 'POST',
  path: '/applications/{client_id}/client-secret',
  role: 'admin',
  summary: 'Gives an application that has a client_secret another one; the one before ends now.',
  body: {
    type: 'object',
    required: ['revision'],
    properties: { revision: { type: 'integer', minimum: 0, description: 'The one it was read with.' } },
  },
  status: 201,
  answer: 'The new client_secret, this once.',
  async handle(console, { by, path, body }) {
    const number = numberGiven('revision', membersOf(body, ['revision']).revision)
    const { client_id: id } = await editableApplication(console, String(path.client_id))
    const { applications } = console.registration
    const renewed = async () => (await applications.renewSecret(id, number)) ?? gone()
    const { metadata, record } = await console.audit.record(by, 'renew client secret', subjectOf(id), renewed)
    return { client_secret: metadata.client_secret, revision: record?.revision ?? 0 }
  },
})
