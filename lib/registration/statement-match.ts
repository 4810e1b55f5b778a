import { wordsInOrder } from '../core/claims.js'
import type { Ecosystem } from './ecosystem.js'
import type { Metadata, MetadataFault } from './metadata.js'
import { isGiven } from './metadata-fault.js'
import { formOf, listed, valuesOf } from './metadata-shapes.js'
import { grantScope } from './role-scopes.js'
import { type CertificateSubject, matchFaults, metadataInStatement, sentAs } from './statement-fields.js'

/** Where a value comes from that the client did not send. */
export type Source = 'statement' | 'default'

/** What a client would be registered with, and what stands against it. */
export interface Applied {
  readonly metadata: Metadata
  readonly set: Readonly<Record<string, Source>>
  /** All that is wrong; what is in `metadata` then is not to be used. */
  readonly faults: readonly MetadataFault[]
}

interface Draft {
  readonly metadata: Record<string, unknown>
  readonly set: Record<string, Source>
  readonly faults: MetadataFault[]
}

/**
 * Puts together what a client asks for and what its verified software statement says, by the rules of an ecosystem. Metadata that must
 * fit a claim are kept as they were sent when they do; of others the ecosystem says which counts. What was not sent is the
 * statement's, and after that the ecosystem's default. What `matches` say of a claim is not looked at where there is no statement.
 */
export function applyStatement(
  ecosystem: Ecosystem,
  requested: Metadata,
  statement: Metadata | undefined,
  certificateSubject?: CertificateSubject,
): Applied {
  const sent = withoutAbsent(requested)
  const draft: Draft = { metadata: { ...sent }, set: {}, faults: forbiddenFaults(ecosystem, sent) }
  if (statement) fillFromStatement(ecosystem, statement, draft, certificateSubject)
  else if (ecosystem.statement.required) draft.faults.push(fault('invalid_software_statement', 'software_statement is required'))
  if (ecosystem.scopes && (statement || !ecosystem.statement.required)) settleScope(ecosystem.scopes, statement ?? {}, draft)
  for (const [field, value] of Object.entries(ecosystem.defaults))
    if (draft.metadata[field] === undefined) set(draft, field, copyOf(value), 'default')
  draft.faults.push(
    ...allowedFaults(ecosystem, draft),
    ...(statement || !ecosystem.statement.required ? requiredFaults(ecosystem, draft) : []),
  )
  return Object.freeze<Applied>({
    metadata: Object.freeze(draft.metadata),
    set: Object.freeze(draft.set),
    faults: Object.freeze(draft.faults),
  })
}

const fault = (error: MetadataFault['error'], description: string): MetadataFault => ({ error, description })

/** The error that says most of a field. */
const errorOf = (field: string): MetadataFault['error'] => (field === 'redirect_uris' ? 'invalid_redirect_uri' : 'invalid_client_metadata')

/** `__proto__` is left out as well, since it could become the prototype of whatever the metadata are copied to. */
const withoutAbsent = (requested: Metadata): Metadata =>
  Object.fromEntries(Object.entries(requested).filter(([name, value]) => isGiven(value) && name !== '__proto__'))

function set({ metadata, set: sources }: Draft, field: string, value: unknown, source: Source): void {
  metadata[field] = value
  sources[field] = source
}

const copyOf = (value: unknown): unknown => (typeof value === 'object' ? structuredClone(value) : value)

function forbiddenFaults({ forbidden }: Ecosystem, sent: Metadata): MetadataFault[] {
  return forbidden
    .filter(({ field }) => sent[field] !== undefined)
    .map(({ field, error, why }) => fault(error, `${field} must not be sent: ${why}`))
}

function fillFromStatement(
  ecosystem: Ecosystem,
  statement: Metadata,
  draft: Draft,
  certificateSubject: CertificateSubject | undefined,
): void {
  const { values, faults } = metadataInStatement(ecosystem, statement)
  draft.faults.push(...faults, ...matchFaults(ecosystem, draft.metadata, statement, certificateSubject))
  for (const [field, value] of Object.entries(values)) {
    const isKept = ecosystem.precedence === 'request' || ecosystem.matches.some((match) => match.field === field)
    if (isKept && draft.metadata[field] !== undefined) continue
    if (ecosystem.precedence === 'statement') for (const name of sentAs(field, draft.metadata)) delete draft.metadata[name]
    set(draft, field, value, 'statement')
  }
}

function settleScope(rules: NonNullable<Ecosystem['scopes']>, statement: Metadata, draft: Draft): void {
  const granted = grantScope(rules, draft.metadata.scope, statement)
  if ('fault' in granted) draft.faults.push(granted.fault)
  else if (granted.isRequested) draft.metadata.scope = granted.scope
  else set(draft, 'scope', granted.scope, 'statement')
}

function allowedFaults({ allowed }: Ecosystem, { metadata, set: sources }: Draft): MetadataFault[] {
  return Object.entries(allowed).flatMap(([field, some]) => {
    const value = metadata[field]
    if (value === undefined) return []
    const error = sources[field] === 'statement' ? 'invalid_software_statement' : errorOf(field)
    const values = valuesOf(field, value)
    if (!values) return [fault(error, `${field} must be ${formOf(field)}, of ${listed(some)}`)]
    // Words of a response type may stand in any order.
    const foreign = values.filter((one) => !some.some((other) => wordsInOrder(other) === wordsInOrder(one)))
    return foreign.length === 0 ? [] : [fault(error, `${field} has ${listed(foreign)}: it may only have ${listed(some)}`)]
  })
}

function requiredFaults({ required }: Ecosystem, { metadata }: Draft): MetadataFault[] {
  const isMissing = (value: unknown) => value === undefined || (Array.isArray(value) && value.length === 0)
  return required.filter((field) => isMissing(metadata[field])).map((field) => fault(errorOf(field), `${field} is required`))
}
