import { type ExplainedVerdict, explainInteraction } from '../operations/verdicts.js'
import { Heading, Notice } from './components.js'
import { TextField } from './fields.js'
import type { Page } from './page.js'
import { VerdictPanel } from './verdict-panel.js'
import { stageWords } from './verdict-words.js'

/** The whole in one sentence. */
const Summary = ({ verdicts }: { readonly verdicts: readonly ExplainedVerdict[] }) => {
  const refusal = verdicts.findLast(({ outcome }) => outcome === 'refused')
  const [first] = refusal?.violations ?? []
  if (refusal && first)
    return (
      <Notice tone="warning" title={`Refused: ${stageWords(refusal.stage)}, ${first.error}`}>
        <p>
          <bdi>{first.got}</bdi>
        </p>
        {first.mend !== undefined && <p>{first.mend}</p>}
      </Notice>
    )
  const isBroken = verdicts.some(({ outcome }) => outcome === 'broken')
  return isBroken ? (
    <Notice tone="warning" title="Not refused">
      <p>Rules were broken that are only recorded for now, by report mode or a waiver. Once they are enforced, this is refused.</p>
    </Notice>
  ) : (
    <Notice tone="good" title="Not refused">
      <p>Everything that was judged held. What went wrong then went wrong elsewhere: at the client, or in the application behind.</p>
    </Notice>
  )
}

const NothingFound = ({ interaction }: { readonly interaction: string }) => (
  <Notice tone="warning" title="There is no verdict on this request">
    <p>
      Nothing is known under <bdi>{interaction}</bdi>. Verdicts are kept for as long as the journal of the store keeps them, and no longer.
    </p>
    <ul>
      <li>
        Compare the id, character by character, with the header x-fapi-interaction-id of the answer. An id that is no UUID is replaced by
        the server with its own.
      </li>
      <li>Look whether the request went to this server, and not to a test system or another brand.</li>
      <li>Look at the verdicts on the client around that time: the request may have come with another id.</li>
      <li>Look whether the policy records its verdicts: its option record must write them to this store.</li>
    </ul>
  </Notice>
)

/** The way to an explanation. */
export const ExplainForm = ({ action, value = '' }: { readonly action: string; readonly value?: string }) => (
  <form method="get" action={action} class="filter" aria-label="Why was I rejected?">
    <TextField
      name="explain"
      label="Why was I rejected?"
      hint="The x-fapi-interaction-id of the answer that the client got."
      metadata=""
      value={value}
      keyboard="search"
    />
    <div class="actions">
      <button type="submit" class="primary">
        Explain
      </button>
    </div>
  </form>
)

export const explanationPages: readonly Page[] = [
  {
    path: '/verdicts/{interaction_id}',
    section: 'Verdicts',
    role: 'viewer',
    async get({ ask, href, path }) {
      const { interaction, verdicts, more } = await ask(explainInteraction, { path })
      return {
        title: 'Why was I rejected?',
        status: verdicts.length === 0 ? 404 : 200,
        body: (
          <>
            <Heading
              title="Why was I rejected?"
              trail={[{ label: 'Verdicts', href: href('/verdicts') }]}
              lead={
                <>
                  Request <code>{interaction}</code>
                </>
              }
            />
            {verdicts.length === 0 ? (
              <>
                <NothingFound interaction={interaction} />
                <ExplainForm action={href('/verdicts')} value={interaction} />
              </>
            ) : (
              <Summary verdicts={verdicts} />
            )}
            {more && (
              <Notice tone="warning">
                <p>
                  There are more verdicts under this id than are shown: a client that sends the same id with every request. These are the
                  newest.
                </p>
              </Notice>
            )}
            {verdicts.map((verdict, index) => (
              <VerdictPanel key={String(index)} verdict={verdict} href={href} />
            ))}
          </>
        ),
      }
    },
  },
]
