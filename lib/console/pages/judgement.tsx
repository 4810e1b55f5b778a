import type { Judgement } from '../application-view.js'
import { Badge, Notice } from './components.js'

/** What holds and what does not, for whoever writes the form beside it. */
export const JudgementView = ({ judgement: { profile, mode, refused, faults, clauses } }: { readonly judgement: Judgement }) => {
  const broken = clauses.filter(({ holds }) => !holds)
  const kept = clauses.filter(({ holds }) => holds)
  const told = broken.flatMap((clause) => clause.broken.map(({ description }) => description))
  const others = faults.filter((fault) => !told.includes(fault))
  return (
    <div class="judgement">
      <Notice tone={refused ? 'bad' : broken.length > 0 ? 'warning' : 'good'} title={verdictOf(refused, broken.length, mode)}>
        <p>
          {profile === undefined
            ? 'No FAPI profile applies to this application.'
            : `${kept.length} of ${clauses.length} clauses of ${profile} that look at a registration hold.`}
        </p>
      </Notice>
      {others.length > 0 && (
        <>
          <h3>To be mended</h3>
          <ul>
            {others.map((fault) => (
              <li key={fault}>{fault}</li>
            ))}
          </ul>
        </>
      )}
      {broken.length > 0 && (
        <>
          <h3>Broken</h3>
          <ul class="clauses">
            {broken.map(({ clause, broken: violations }) => (
              <li key={clause}>
                <Badge tone="bad">{clause}</Badge>
                {violations.map(({ rule, description, mend, waived }) => (
                  <div key={rule}>
                    <p>{description}</p>
                    {mend !== undefined && <p class="mend">{mend}</p>}
                    {waived !== undefined && <p>Waived: {waived}</p>}
                  </div>
                ))}
              </li>
            ))}
          </ul>
        </>
      )}
      {kept.length > 0 && (
        <details>
          <summary>{kept.length} clauses hold</summary>
          <ul class="clauses">
            {kept.map(({ clause, rules }) => (
              <li key={clause}>
                <Badge tone="good">{clause}</Badge>
                {rules.map(({ rule, summary }) => (
                  <p key={rule}>{summary}</p>
                ))}
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  )
}

const verdictOf = (refused: boolean, broken: number, mode: string) => {
  if (refused) return 'This would be refused'
  if (broken === 0) return 'This complies'
  return mode === 'report' ? 'This breaks its profile, and is only reported' : 'This breaks its profile, and that is waived'
}
