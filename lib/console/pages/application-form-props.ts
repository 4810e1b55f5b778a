import type { FieldChoices } from '../../readiness/choices.js'
import type { Metadata } from '../../registration/metadata.js'
import type { Option } from './choosing.js'

/** What the parts of the form of an application are made of. */
export interface ApplicationFormProps {
  readonly metadata: Metadata
  readonly choices: readonly FieldChoices[]
  readonly profiles: readonly Option[]
  /** The name of the profile; empty for none. */
  readonly profile: string
  /** What is wrong with a field. */
  readonly problems: Readonly<Record<string, string>>
  /** What was written and could not be read. */
  readonly typed: Readonly<Record<string, string>>
  /** The scopes that the server has. */
  readonly scopes: readonly string[] | undefined
  /** What the server says of itself. */
  readonly server: Metadata | undefined
}
