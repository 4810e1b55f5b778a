import type { Metadata } from '../../registration/metadata.js'
import type { Finding } from '../finding.js'
import { meaningOfRefusal, meaningOfViolation } from '../meaning.js'
import type { Scene } from '../scene.js'
import { registeredOf, violationsIn } from './judged-registration.js'
import type { Made, Told } from './registrar.js'
import { CLIENT_NAME } from './throwaway.js'

const CONTROL = 'A client that breaks nothing'

/** Why nothing can be judged. That a registration is closed to strangers is no fault. */
export function closed({ profile, initialAccessToken }: Scene, { line, status, error }: Told): Finding {
  const { rule, clauses, expected } = meaningOfRefusal(profile, undefined, CONTROL)
  const more =
    initialAccessToken === undefined
      ? 'Give a token with --initial-access-token to have the registration judged; that it is closed to strangers is no fault.'
      : 'Look whether the initial access token still holds, and whether clients need more than the audit can send.'
  const why = error?.includes('statement') ? 'The server wants a software statement, which the audit has not. ' : ''
  const got = `No client could be registered${status ? '' : ' and no clear answer came'}: ${line}. ${why}${more}`
  return {
    ...{ area: 'registration', id: `${rule}/registered-client`, rule, title: CONTROL, clauses, expected, got },
    status: 'unjudged',
    mend: undefined,
    evidence: [line],
  }
}

/** A compliant client has to be registered as it asked to be. */
export function accepted({ profile }: Scene, { line }: Told, { answer }: Made, sent: Metadata): readonly Finding[] {
  const { rule, clauses, expected } = meaningOfRefusal(profile, undefined, CONTROL)
  const shared = { area: 'registration', title: CONTROL, evidence: [line] } as const
  const broken = violationsIn(profile, registeredOf(answer, sent))
  if (broken.length === 0)
    return [
      {
        ...shared,
        id: `${rule}/registered-client`,
        rule,
        clauses,
        expected,
        status: 'passed',
        got: 'Registered as it asked to be.',
        mend: undefined,
      },
    ]
  return broken.map((violation): Finding => {
    const meaning = meaningOfViolation(profile, violation)
    return {
      ...{ ...shared, id: `${meaning.rule}/registered-client`, rule: meaning.rule, clauses: meaning.clauses, expected: meaning.expected },
      status: meaning.isBeyond ? 'warned' : 'failed',
      got: `Registered otherwise than it asked to be: ${violation.description}.`,
      mend: `Offer what this metadata field stands for, and register it as it was sent. What must hold: ${meaning.expected}`,
    }
  })
}

/** Whether the audit leaves anything behind. `left`: the `client_id`s of what could not be deleted; `unheard`: registrations without a clear answer. */
export function cleanedUp({ profile }: Scene, left: readonly string[], isManaged: boolean, unheard: number): Finding {
  const title = 'What the audit has registered is deleted again'
  const { rule, clauses, expected } = meaningOfRefusal(profile, 'registration-permitted', title)
  const shared = { area: 'registration', id: `${rule}/deleted`, rule, title, clauses, expected, evidence: [] } as const
  if (left.length === 0 && unheard > 0)
    return {
      ...shared,
      status: 'warned',
      got: `${unheard} registrations had no clear answer: what they made, if anything, is not known to the audit.`,
      mend: `Look for clients named ${CLIENT_NAME}, and delete them by hand.`,
    }
  if (left.length === 0) return { ...shared, status: 'passed', got: 'Deleted.', mend: undefined }
  const ids = left.slice(0, 50).map((id) => id.slice(0, 100))
  const named = ids.length > 0 ? ` Still there: ${ids.join(', ')}.` : ''
  return {
    ...shared,
    status: 'warned',
    got: `${isManaged ? 'The server did not delete all clients.' : 'The server names no address to manage clients at (RFC 7592), so that the clients of this audit stay.'}${named}`,
    mend: 'Delete these clients by hand. A server that offers the deletion of clients (RFC 7592 section 2.3) keeps none that nobody needs.',
  }
}
