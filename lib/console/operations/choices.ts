import { choicesOf, type FieldChoices } from '../../readiness/choices.js'
import { type Readiness, readinessOf } from '../../readiness/readiness.js'
import { profileGiven } from '../given.js'
import { defineOperation } from '../operation.js'
import { readApplication } from './applications.js'

export const readChoices = defineOperation<readonly FieldChoices[]>({
  name: 'readChoices',
  method: 'GET',
  path: '/profiles/{name}/choices',
  role: 'viewer',
  summary: 'Says what an application can be set to under a profile (`none`: under no profile), and why it cannot be set to the rest.',
  answer: 'The metadata fields with values to choose from.',
  async handle(console, { path }) {
    const profile = path.name === 'none' ? undefined : profileGiven(console.registration.terms, path.name)
    return choicesOf(profile, console.registration.terms.signingAlgorithms, await console.serverMetadata?.())
  },
})

export const readReadiness = defineOperation<Readiness & { readonly profile: string }>({
  name: 'readReadiness',
  method: 'GET',
  path: '/applications/{client_id}/readiness/{profile}',
  role: 'viewer',
  summary: 'Says what an application would break under a profile, and what to change so that it would not.',
  answer: 'What breaks, what holds already, and the metadata with every proposed change.',
  async handle(console, call) {
    const profile = profileGiven(console.registration.terms, call.path.profile)
    const { metadata } = await readApplication.handle(console, call)
    const { signingAlgorithms } = console.registration.terms
    return { profile: profile.name, ...readinessOf(metadata, profile, signingAlgorithms, await console.serverMetadata?.()) }
  },
})
