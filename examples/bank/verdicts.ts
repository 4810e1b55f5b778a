import type { Journal, Verdict } from 'express-fapi'

/** How many verdicts are kept. Our own choice: enough to look back over an afternoon. */
const KEPT = 1000

/** Takes verdicts down in a journal and in a list of the latest, and says refusals aloud as long as it may. A journal that fails is warned of by the policy. */
export function recordInto(
  verdicts: Verdict[],
  journal: Pick<Journal, 'append'>,
  maySpeak: () => boolean,
): (verdict: Verdict) => Promise<void> {
  return function record(verdict) {
    verdicts.push(verdict)
    if (verdicts.length > KEPT) verdicts.shift()
    if (verdict.rejection && maySpeak()) console.log(sentenceOf(verdict))
    return journal.append(verdict)
  }
}

function sentenceOf({ stage, client, profile, rejection, interaction }: Verdict): string {
  const who = [client ?? 'an unknown client', profile].filter(Boolean).join(', ')
  const clause = rejection?.clauses[0]
  const why = `${rejection?.error}: ${rejection?.description}${clause ? ` (${clause})` : ''}`
  return printable(`refused at ${stage}: ${who}: ${why}${interaction ? ` [${interaction}]` : ''}`)
}

/** Parts of a sentence may come from a request: they start no line of their own and colour nothing. */
const printable = (text: string) => text.replaceAll(/\p{Cc}/gu, '?')
