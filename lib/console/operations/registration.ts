import type { Ecosystem } from '../../registration/ecosystem.js'
import type { CurrentSettings, SettingsChange } from '../../registration/registration-settings.js'
import { SETTING_NAMES } from '../../registration/settings-values.js'
import type { Page } from '../../stores/store.js'
import { membersOf, numberGiven, PAGING, pagingGiven } from '../given.js'
import { metadataDiff } from '../metadata-diff.js'
import { defineOperation, type Schema } from '../operation.js'

const SUBJECT = { kind: 'settings', id: 'registration' } as const

/** What clients register under, whatever the settings are. */
export interface TermsView {
  readonly issuer: string
  /** Where clients register (RFC 7591 §3). */
  readonly registration_endpoint: string
  readonly ecosystem: Ecosystem
  /** The profiles that the server supports. */
  readonly profiles: readonly { readonly name: string; readonly title: string }[]
  /** What the server can sign with. */
  readonly signing_algorithms: readonly string[]
  /** The scopes of the server; any when not given. */
  readonly scopes: readonly string[] | undefined
}

export const readTerms = defineOperation<TermsView>({
  name: 'readRegistrationTerms',
  method: 'GET',
  path: '/registration/terms',
  role: 'viewer',
  summary: 'Reads what is configured of the registration, and cannot be changed here.',
  answer: 'The endpoint, the rules of the ecosystem, and the profiles, algorithms and scopes that the server supports.',
  async handle({ registration: { terms } }) {
    const { issuer, publicUrl, ecosystem, policy, signingAlgorithms, scopes } = terms
    return {
      ...{ issuer, registration_endpoint: publicUrl, ecosystem, scopes },
      profiles: policy.profiles.map(({ name, title }) => ({ name, title })),
      signing_algorithms: signingAlgorithms,
    }
  },
})

/** As JSON has them: a profile that is not set is there, as `null`. */
const viewOf = ({ revision, settings }: CurrentSettings) => ({
  revision,
  settings: { ...settings, fapi_profile: settings.fapi_profile ?? null },
})

export type SettingsView = ReturnType<typeof viewOf>

export const readSettings = defineOperation<SettingsView>({
  name: 'readRegistrationSettings',
  method: 'GET',
  path: '/registration/settings',
  role: 'viewer',
  summary: 'Reads the settings of the registration.',
  answer: 'The settings; a change must name their revision.',
  handle: async ({ registration: { settings } }) => viewOf(await settings.current()),
})

const NULLABLE = (type: string, description: string): Schema => ({ type: [type, 'null'], description: `${description} null: its default.` })

const SETTINGS: Schema = {
  revision: { type: 'integer', minimum: 0, description: 'The one they were read with.' },
  authentication_required: NULLABLE('boolean', 'Whether an initial access token is needed (RFC 7591 §3).'),
  software_statement_required: NULLABLE('boolean', 'Whether a software statement is needed (RFC 7591 §2.3).'),
  software_statement_issuers: {
    ...NULLABLE('array', 'Whose software statements are taken, and where their keys are.'),
    items: {
      type: 'object',
      required: ['issuer', 'jwks_uri'],
      properties: { issuer: { type: 'string' }, jwks_uri: { type: 'string', format: 'uri' } },
      additionalProperties: false,
    },
  },
  enforce_fapi: NULLABLE('boolean', 'Whether every client is held to a profile.'),
  fapi_profile: NULLABLE('string', 'The profile of clients that name none.'),
  fapi_profiles: { ...NULLABLE('array', 'The profiles that a client may name.'), items: { type: 'string' } },
}

export const changeSettings = defineOperation<SettingsView>({
  name: 'changeRegistrationSettings',
  method: 'PATCH',
  path: '/registration/settings',
  role: 'admin',
  summary: 'Changes some settings of the registration, all of what is sent or none of it; what is left out stays.',
  body: { type: 'object', required: ['revision'], properties: SETTINGS, additionalProperties: false },
  answer: 'The settings as they are now. 412 when somebody has changed them since.',
  async handle({ registration: { settings }, audit }, { by, body }) {
    const { revision, ...patch } = membersOf(body, ['revision', ...SETTING_NAMES])
    const number = numberGiven('revision', revision)
    const { settings: before } = await settings.current()
    const changed = await audit.record(
      by,
      'change registration settings',
      SUBJECT,
      () => settings.change(patch, by.id, number),
      ({ settings: after }) => metadataDiff({ ...before }, { ...after }),
    )
    return viewOf(changed)
  },
})

export const settingsHistory = defineOperation<Page<SettingsChange>>({
  name: 'historyOfRegistrationSettings',
  method: 'GET',
  path: '/registration/settings/history',
  role: 'viewer',
  summary: 'Lists the last hundred changes of the settings, newest first, also those that were not made through the console.',
  parameters: PAGING,
  answer: 'Who changed what, and when.',
  async handle({ registration: { settings } }, { query }) {
    const { limit, cursor } = pagingGiven(query)
    return settings.history({ limit, cursor })
  },
})
