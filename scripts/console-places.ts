import type { Page } from 'playwright-core'
import type { ConsoleScene } from './console-scene.js'

/** One place in the console that is worth a look. */
export interface Place {
  /** Of its picture. */
  readonly name: string
  /** Its path below the console, as the table of the pages has it. */
  readonly page: string
  /** Where it is in a scene; the path itself when not given. */
  readonly at?: (scene: ConsoleScene) => string
  /** What is done there before it is looked at. */
  readonly act?: (page: Page) => Promise<void>
}

const draft = (profile: string) => () =>
  `/applications/new/settings?${new URLSearchParams({ client_name: 'Holiday Savings', fapi_profile: profile, redirect_uris: 'https://holiday.example/cb' })}`

const submit = (name: string) => async (page: Page) => {
  await page.getByRole('button', { name, exact: true }).click()
  await page.waitForLoadState()
}

/** Every page of the console, and what its forms answer. */
export const PLACES: readonly Place[] = [
  { name: 'applications', page: '/applications' },
  { name: 'applications-none', page: '/applications', at: () => '/applications?search=nobody-is-called-so' },
  { name: 'new-application', page: '/applications/new' },
  { name: 'new-application-fapi2', page: '/applications/new/settings', at: draft('fapi2-security') },
  { name: 'new-application-fapi1', page: '/applications/new/settings', at: draft('fapi1-advanced') },
  { name: 'new-application-refused', page: '/applications/new/settings', at: draft('fapi2-security'), act: submit('Review and create') },
  { name: 'application', page: '/applications/{client_id}', at: ({ application }) => `/applications/${application}` },
  { name: 'application-disabled', page: '/applications/{client_id}', at: ({ disabled }) => `/applications/${disabled}` },
  { name: 'application-settings', page: '/applications/{client_id}/edit', at: ({ older }) => `/applications/${older}/edit` },
  {
    name: 'application-review',
    page: '/applications/{client_id}/edit',
    at: ({ application }) => `/applications/${application}/edit`,
    async act(page) {
      await page.getByLabel('Name (required)').fill('Budget Planner Plus')
      await page.getByRole('textbox', { name: 'Redirect URIs (required)' }).fill('https://planner.example/cb\nhttps://planner.example/plus')
      await submit('Review the changes')(page)
    },
  },
  {
    name: 'application-readiness',
    page: '/applications/{client_id}/readiness',
    at: ({ older }) => `/applications/${older}/readiness?profile=fapi2-security`,
  },
  { name: 'application-try', page: '/applications/{client_id}/try', at: ({ application }) => `/applications/${application}/try` },
  {
    name: 'application-history',
    page: '/applications/{client_id}/history',
    at: ({ application }) => `/applications/${application}/history`,
  },
  {
    name: 'application-disable',
    page: '/applications/{client_id}/standing',
    at: ({ application }) => `/applications/${application}/standing`,
  },
  { name: 'application-delete', page: '/applications/{client_id}/delete', at: ({ application }) => `/applications/${application}/delete` },
  {
    name: 'application-secret',
    page: '/applications/{client_id}/client-secret',
    at: ({ application }) => `/applications/${application}/client-secret`,
  },
  { name: 'registration', page: '/registration' },
  { name: 'registration-history', page: '/registration/history' },
  { name: 'statement', page: '/registration/statement' },
  { name: 'initial-access-tokens', page: '/initial-access-tokens' },
  { name: 'initial-access-token-made', page: '/initial-access-tokens', act: submit('Make the token') },
  {
    name: 'initial-access-token-revocation',
    page: '/initial-access-tokens/{id}/revocation',
    at: ({ token }) => `/initial-access-tokens/${token}/revocation`,
  },
  { name: 'verdicts', page: '/verdicts' },
  { name: 'verdict', page: '/verdicts/{interaction_id}', at: ({ interaction }) => `/verdicts/${interaction}` },
  { name: 'profiles', page: '/profiles' },
  { name: 'profile', page: '/profiles/{name}', at: () => '/profiles/fapi2-security' },
  { name: 'grants', page: '/grants' },
  { name: 'grants-revocation', page: '/grants/revocation', at: () => '/grants/revocation?user=alice' },
  { name: 'keys', page: '/keys' },
  { name: 'certificate', page: '/keys/certificate' },
  { name: 'audit', page: '/audit' },
  { name: 'no-such-page', page: '', at: () => '/no-such-page' },
]
