import type { Readiness } from '../../readiness/readiness.js'
import type { Metadata } from '../../registration/metadata.js'
import { metadataDiff } from '../metadata-diff.js'
import { Badge, Notice, Panel } from './components.js'
import { MetadataChanges } from './metadata-changes.js'

/** What an application would break under a profile, and what would mend it. */
export const ReadinessView = ({
  readiness: { ready, breaks, holds, changed },
  metadata,
}: {
  readonly readiness: Readiness
  readonly metadata: Metadata
}) => {
  const changes = metadataDiff(metadata, changed)
  return (
    <>
      <Notice
        tone={ready ? 'good' : 'warning'}
        title={
          ready
            ? 'Ready: nothing has to change'
            : `Not ready yet: ${breaks.length === 1 ? 'one rule' : `${breaks.length} rules`} would be broken`
        }
      >
        <p>{holds.length} clauses that look at metadata hold already. What the requests of the application break shows in its verdicts.</p>
      </Notice>
      {breaks.length > 0 && (
        <Panel title="What breaks">
          <ul class="clauses">
            {breaks.map(({ rule, clauses, description, mend, change }) => (
              <li key={`${rule} ${description}`}>
                {(clauses ?? []).map((clause) => (
                  <Badge key={clause} tone="bad">
                    {clause}
                  </Badge>
                ))}
                <p>{description}</p>
                {mend !== undefined && <p class="mend">{mend}</p>}
                {change && Object.keys(change).length > 0 && (
                  <p>
                    Proposed: <code>{JSON.stringify(change)}</code>
                  </p>
                )}
              </li>
            ))}
          </ul>
        </Panel>
      )}
      {changes.length > 0 && (
        <Panel title="Every proposed change together">
          <MetadataChanges changes={changes} />
        </Panel>
      )}
      <Panel title="What holds already">
        <ul class="clauses">
          {holds.map(({ clause, rules }) => (
            <li key={clause}>
              <Badge tone="good">{clause}</Badge> {rules.join(', ')}
            </li>
          ))}
        </ul>
      </Panel>
    </>
  )
}
