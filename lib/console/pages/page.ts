import type { VNode } from 'preact'
import type { Console } from '../console.js'
import type { ConsoleSetup } from '../console-options.js'
import type { Call, Operation } from '../operation.js'
import type { Person, Role } from '../roles.js'
import type { Form } from './form.js'

/** One request for a page. */
export interface Visit {
  readonly console: Console
  readonly setup: ConsoleSetup
  readonly by: Person
  /** What each form must send as `csrf_token`. */
  readonly token: string
  /** The named parts of the path, decoded. */
  readonly path: Readonly<Record<string, string>>
  /** The query; what is there twice is dropped. */
  readonly query: Readonly<Record<string, string | undefined>>
  /** What was sent; empty for `GET`. */
  readonly form: Form
  /** Asks for an operation with the rights of who visits. Rejects with a `ConsoleError`. */
  ask<Answer>(operation: Operation<Answer>, call?: Partial<Omit<Call, 'by'>>): Promise<Answer>
  /** The address of a page of this console: `href('/applications/{client_id}', { client_id }, { query… })`. */
  href(pattern: string, path?: Readonly<Record<string, string>>, query?: Readonly<Record<string, string | undefined>>): string
}

/** Where the navigation leads, and which of it a page belongs to. */
export type Section =
  | 'Applications'
  | 'Registration'
  | 'Initial access tokens'
  | 'Verdicts'
  | 'Profiles'
  | 'Grants'
  | 'Keys'
  | 'Audit trail'

/** A page to be shown. */
export interface View {
  readonly title: string
  readonly body: VNode
  /** Default 200. */
  readonly status?: number
  /** A part of a page, for the script that asked for it. */
  readonly fragment?: boolean
}

/** Somewhere else to look, after something was done (303). */
export interface Redirect {
  readonly to: string
}

/** A file to be kept. */
export interface Download {
  readonly name: string
  readonly type: string
  readonly text: string
}

export type Outcome = View | Redirect | Download

/** One page: what it shows, and what its form does. */
export interface Page {
  /** Below the console's path, with `{named}` parts. */
  readonly path: string
  readonly section: Section
  /** What who looks needs at the least. */
  readonly role: Role
  get?(visit: Visit): Promise<Outcome>
  /** What who sends the form needs, where that is more. */
  readonly postRole?: Role
  post?(visit: Visit): Promise<Outcome>
}
