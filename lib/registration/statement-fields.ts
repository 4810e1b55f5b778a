import { claimAt, nameOfClaim } from './claim-at.js'
import type { Ecosystem, Match } from './ecosystem.js'
import type { Metadata, MetadataFault } from './metadata.js'
import { isGiven } from './metadata-fault.js'
import { claimValues, formOf, listed, metadataOf, valuesOf } from './metadata-shapes.js'

/** Reads the values of an attribute in the subject of the client certificate. */
export type CertificateSubject = (attribute: string) => readonly string[]

/** What a match speaks of that stands in the client certificate. */
export const CERTIFICATE = 'certificate:'

/** The metadata that a statement has, as a client would write them. */
export function metadataInStatement({ claims: map }: Ecosystem, statement: Metadata): { values: Metadata; faults: MetadataFault[] } {
  const values: Record<string, unknown> = {}
  const faults: MetadataFault[] = []
  for (const [field, path] of Object.entries(map)) {
    const claim = claimAt(statement, path)
    if (!isGiven(claim)) continue
    const value = metadataOf(field, claim)
    if (value !== undefined) values[field] = value
    else
      faults.push({
        error: 'invalid_software_statement',
        description: `${nameOfClaim(path)} of the software statement is no ${field}: it must be ${formOf(field)}`,
      })
  }
  return { values, faults }
}

/** What does not fit the statement, all of it. */
export function matchFaults(
  { matches }: Ecosystem,
  requested: Metadata,
  statement: Metadata,
  certificate: CertificateSubject | undefined,
): MetadataFault[] {
  return matches.flatMap((match) => {
    const { field, error } = match
    const descriptions = field.startsWith(CERTIFICATE)
      ? [certificateMismatch(match, statement, certificate)]
      : sentAs(field, requested).map((name) => requestMismatch(match, name, requested[name], statement))
    return descriptions.flatMap((description) => (description === undefined ? [] : [{ error, description }]))
  })
}

/** A field, and the same one in other languages (RFC 7591 §2.2): they must not say anything else. */
export const sentAs = (field: string, metadata: Metadata): readonly string[] =>
  Object.keys(metadata).filter((name) => name === field || name.startsWith(`${field}#`))

function requestMismatch(match: Match, name: string, value: unknown, statement: Metadata): string | undefined {
  const values = valuesOf(name, value)
  return values ? mismatch(match, listed([name]), values, statement) : `${listed([name])} must be ${formOf(name)}`
}

/** Who shows no certificate, or one without the attribute, has not shown what the statement wants. */
function certificateMismatch(match: Match, statement: Metadata, certificate: CertificateSubject | undefined): string | undefined {
  const attribute = match.field.slice(CERTIFICATE.length)
  const name = `${attribute} in the subject of the client certificate`
  const values = certificate?.(attribute) ?? []
  return values.length > 0 ? mismatch(match, name, values, statement) : `${name} is missing, it must fit ${said(match)}`
}

const said = ({ claim }: Match) => `${nameOfClaim(claim)} of the software statement`

function mismatch(match: Match, name: string, values: readonly string[], statement: Metadata): string | undefined {
  const { field, how, claim } = match
  const found = claimAt(statement, claim)
  const allowed = !isGiven(found) ? [] : claimValues(field, found)
  if (!allowed) return `${name} cannot be compared with ${said(match)}, which is neither a text nor a list of texts`
  const [sent, known] = [new Set(values), new Set(allowed)]
  const foreign = [...sent].filter((value) => !known.has(value))
  const lacking = how === 'equals' ? [...known].filter((value) => !sent.has(value)) : []
  if (foreign.length === 0 && lacking.length === 0) return undefined
  const wrong = foreign.length > 0 ? `has ${listed(foreign)}` : `lacks ${listed(lacking)}`
  const right = how === 'equals' ? 'must be the same as' : 'may only have what is in'
  return `${name} ${wrong}: it ${right} ${said(match)} (${listed(allowed)})`
}
