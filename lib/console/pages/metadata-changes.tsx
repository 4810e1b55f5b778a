import type { FieldDifference } from '../metadata-diff.js'
import { Name } from './components.js'
import { Table } from './tables.js'

/** What changes in metadata, field by field. */
export const MetadataChanges = ({ changes }: { readonly changes: readonly FieldDifference[] }) => (
  <Table
    caption="What changes"
    head={['Field', 'Change']}
    empty="Nothing changes."
    rows={changes.map(({ field, before, after, items }) => ({
      key: field,
      cells: [
        <Name key="field">{field}</Name>,
        items ? (
          <>
            {items.removed.map((one, index) => (
              <Value key={`before-${index}`} kind="before" value={one} />
            ))}
            {items.added.map((one, index) => (
              <Value key={`after-${index}`} kind="after" value={one} />
            ))}
          </>
        ) : (
          <>
            {before !== undefined && <Value kind="before" value={before} />}
            {after !== undefined && <Value kind="after" value={after} />}
          </>
        ),
      ],
    }))}
  />
)

const Value = ({ kind, value }: { readonly kind: 'before' | 'after'; readonly value: unknown }) => (
  <span class={kind}>
    <span class="hidden">{kind === 'before' ? 'Removed: ' : 'Added: '}</span>
    {typeof value === 'string' ? value : JSON.stringify(value)}
  </span>
)
