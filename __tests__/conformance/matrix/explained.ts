import { type Explanation, explain, type Verdict } from 'express-fapi'
import { profiles } from '../../../lib/profiles/index.js'
import type { ServerName } from './servers.js'

/** A refusal of the matrix. */
export interface Refused {
  readonly title: string
  readonly server: ServerName
  readonly answer: string
  readonly verdict: Verdict
}

/** One refusal as its operator reads it, without what changes from run to run. */
export function explained({ title, server, answer, verdict }: Refused): string {
  const explanation = explain(verdict, profiles)
  const [violation] = explanation.violations
  if (!violation) throw new Error(`${title}: nothing is explained`)
  const { rule, expected, got, mend, clauses } = violation
  const stands = clauses.map(({ clause, specification, link, why }) => `[${clause}](${link}) (${specification}${why ? `: ${why}` : ''})`)
  return [
    `## ${rule}`,
    '',
    `${title}, at the ${server === 'bank' ? 'bank' : 'own server'}`,
    '',
    `- Answered: ${answer}`,
    `- Stage: ${explanation.stage}, ${explanation.mode}`,
    `- Profile: ${profileOf(explanation)}`,
    `- Expected: ${expected}`,
    `- Received: ${stable(got)}`,
    `- Mend: ${mend}`,
    `- Stands in: ${stands.join(', ')}`,
    '',
  ].join('\n')
}

const profileOf = ({ profile, client }: Explanation) =>
  `${profile?.title ?? 'none: it is not known who asks'}, client ${client ?? 'unknown'}`

/** Ports, keys and clocks are others each time. */
const stable = (text: string) =>
  text
    .replaceAll(/localhost:\d+/g, 'localhost:PORT')
    .replaceAll(/[\w-]{4,8}…[\w-]{4} \(\d+ characters\)/g, 'KEY')
    .replaceAll(/\b\d{10}\b/g, 'NOW')
    .replaceAll(/(?<!most |and )\b\d+ s (ago|ahead)/g, 'SOME s $1')
