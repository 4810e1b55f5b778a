import { isText } from '../../core/claims.js'
import { bindingIn } from '../../readiness/choice-fields.js'
import type { FieldChoices } from '../../readiness/choices.js'
import type { Metadata } from '../../registration/metadata.js'
import { readApplicationForm, type UnreadField } from '../application-fields.js'
import type { ApplicationView } from '../application-view.js'
import { invalid } from '../console-error.js'
import type { GivenCertificate } from '../given-certificate.js'
import { readApplication } from '../operations/applications.js'
import { readChoices } from '../operations/choices.js'
import type { Visit } from './page.js'

/** What is being written: of a new application, or of one that there is. */
export interface Draft {
  readonly metadata: Metadata
  readonly application: ApplicationView | undefined
  /** What could not be read. */
  readonly unread: readonly UnreadField[]
  readonly problems: readonly string[]
  /** What was read of a certificate that is not kept. */
  readonly certificate?: GivenCertificate | undefined
}

export const startOf = (metadata: Metadata, application?: ApplicationView): Draft => ({ metadata, application, unread: [], problems: [] })

/** The name that stands in the form, where a policy has one profile that stands in no metadata. */
export function profileOf({ console }: Visit, { fapi_profile: named }: Metadata): string {
  const { exclusive, profiles } = console.registration.terms.policy
  return exclusive ? (profiles[0]?.name ?? '') : isText(named) ? named : ''
}

/** What metadata can be set to. A profile that is none is said to be wrong by the verdict. */
export function choicesFor(visit: Visit, metadata: Metadata): Promise<readonly FieldChoices[]> {
  const named = profileOf(visit, metadata)
  const isKnown = visit.console.registration.terms.policy.profiles.some(({ name }) => name === named)
  return visit.ask(readChoices, { path: { name: isKnown ? named : 'none' } })
}

/** What a form keeps of metadata that it has no fields for: nothing that was given apart, and nothing of the server's. */
export const baseOf = (metadata: Metadata): Metadata =>
  Object.fromEntries(Object.entries(metadata).filter(([name]) => !name.startsWith('client_secret')))

/** What the form in a request says. Throws a `ConsoleError` for a form that is none of ours. */
export async function draftIn({ ask, form, console }: Visit): Promise<Draft> {
  const id = form.one('client_id')
  const application = id === '' ? undefined : await ask(readApplication, { path: { client_id: id } })
  const { metadata, problems, certificate } = readApplicationForm(jsonIn(form.one('base')), form)
  const { exclusive } = console.registration.terms.policy
  const { fapi_profile: _profile, ...rest } = metadata
  return {
    metadata: exclusive ? rest : metadata,
    ...{ application, certificate },
    unread: problems,
    problems: problems.map(({ problem }) => problem),
  }
}

/** Metadata that a page of ours put into its form. */
export function jsonIn(text: string): Metadata {
  try {
    const value: unknown = JSON.parse(text || '{}')
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  } catch {
    // It is none, as said below.
  }
  throw invalid('the form cannot be read: load the page again')
}

/** Metadata that change to another profile: what it does not allow gets its default. */
export async function underProfile(visit: Visit, metadata: Metadata): Promise<Metadata> {
  const choices = await choicesFor(visit, metadata)
  const changed: Record<string, unknown> = { ...metadata }
  for (const { field, takes, byDefault, options } of choices) {
    const bound = options.find(({ value }) => value === byDefault)?.metadata ?? {}
    const isAllowed = (value: unknown) => options.some((option) => option.available && option.value === value)
    if (field === 'binding') {
      if (!isAllowed(bindingIn(changed))) Object.assign(changed, bound)
    } else if (takes === 'several') {
      const kept = [changed[field] ?? []].flat().filter(isAllowed)
      if (kept.length > 0) changed[field] = kept
      else if (byDefault === undefined) delete changed[field]
      else changed[field] = byDefault
    } else if (changed[field] === undefined ? takes === 'flag' && byDefault !== undefined : !isAllowed(changed[field])) {
      if (byDefault === undefined) delete changed[field]
      else changed[field] = byDefault
    }
  }
  return changed
}

export const withoutId = ({ client_id: _id, ...metadata }: Metadata): Metadata => metadata
