import type { Console } from './console.js'
import { insistOnRole, type Person, type Role } from './roles.js'

/** A JSON Schema (2020-12, as OpenAPI 3.1 has it). */
export type Schema = Readonly<Record<string, unknown>>

/** One request to an operation. */
export interface Call {
  readonly by: Person
  /** The named parts of the path, decoded. */
  readonly path: Readonly<Record<string, string>>
  /** Each is there once. */
  readonly query: Readonly<Record<string, string | undefined>>
  /** The JSON sent, unread. */
  readonly body: unknown
}

export interface Parameter {
  readonly description: string
  readonly schema?: Schema
}

/** One thing the console can be asked: a plain function, and all that is said of it. The API carries it over HTTP, and pages call it. */
export interface Operation<Answer = unknown> {
  /** Its `operationId`. */
  readonly name: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below `/api`, with `{named}` parts. */
  readonly path: string
  /** What who asks needs at the least. */
  readonly role: Role
  readonly summary: string
  readonly parameters?: Readonly<Record<string, Parameter>>
  /** What the body must be; without one there is none. */
  readonly body?: Schema
  /** The status of its answer; 200 when not given, and 204 has no body. */
  readonly status?: 201 | 204
  /** What the answer is, in words. */
  readonly answer: string
  /** Rejects with a `ConsoleError` or a `RegistrationError`. */
  handle(console: Console, call: Call): Promise<Answer>
}

/** Declares an operation, with its answer's type for the pages. */
export const defineOperation = <Answer>(operation: Operation<Answer>): Operation<Answer> => Object.freeze(operation)

/** Asks for an operation, if who asks may. */
export async function perform<Answer>(
  operation: Operation<Answer>,
  console: Console,
  { by, path = {}, query = {}, body }: Pick<Call, 'by'> & Partial<Call>,
): Promise<Answer> {
  insistOnRole(by, operation.role)
  return operation.handle(console, { by, path, query, body })
}
