import { listProfiles, listWaivers, readProfile } from '../operations/profiles.js'
import type { ClauseView, ProfileSummary, ProfileView, RuleView } from '../profile-view.js'
import type { WaiverView } from '../waiver-view.js'
import { Badge, Facts, Heading, Notice, Panel } from './components.js'
import type { Page, Visit } from './page.js'
import { Code, Table } from './tables.js'
import { ClauseLink } from './verdict-panel.js'
import { modeWords, SETTLED_BY, stageWords } from './verdict-words.js'

const SET_IN_CODE =
  'Profiles, the mode and waivers are set in code, by the options of the policy. They are shown here and cannot be changed here.'

const WaiverBadge = ({ waiver: { state, days_left: days = 0 } }: { readonly waiver: WaiverView }) => {
  if (state === 'expired') return <Badge tone="bad">expired: the rule is enforced</Badge>
  if (state === 'expiring')
    return <Badge tone="warning">{days < 1 ? 'ends today' : `ends in ${days} ${days === 1 ? 'day' : 'days'}`}</Badge>
  return <Badge>in force</Badge>
}

const Waivers = ({ waivers, href }: { readonly waivers: readonly WaiverView[]; readonly href: Visit['href'] }) => (
  <Panel title="Waivers">
    {waivers.some(({ state }) => state !== 'in force') && (
      <Notice tone="warning" title="Waivers end">
        <p>Once a waiver has ended, its rule is enforced again: clients that still break it are refused.</p>
      </Notice>
    )}
    <Table
      caption="Rules that are recorded and not enforced"
      head={['Rule', 'Reason', 'Last day (UTC)', 'State', 'Clients', 'Profiles']}
      empty="No rule is waived: every rule is enforced, as the mode says."
      rows={waivers.map((waiver) => ({
        key: waiver.rule,
        cells: [
          <a key="rule" href={href('/verdicts', {}, { rule: waiver.rule })}>
            <code>{waiver.rule}</code>
          </a>,
          <bdi key="reason">{waiver.reason}</bdi>,
          waiver.until ?? 'Without end',
          <WaiverBadge key="state" waiver={waiver} />,
          waiver.clients ? <bdi key="clients">{waiver.clients.join(', ') || 'None'}</bdi> : 'All',
          <ProfileLinks key="profiles" names={waiver.profiles} href={href} />,
        ],
      }))}
    />
    <p class="hint">{SET_IN_CODE}</p>
  </Panel>
)

const ProfileLinks = ({ names, href }: { readonly names: readonly string[]; readonly href: Visit['href'] }) => (
  <>
    {names.map((name, index) => (
      <span key={name}>
        {index > 0 && ', '}
        <a href={href('/profiles/{name}', { name })}>{name}</a>
      </span>
    ))}
  </>
)

const ROWS = [
  ['checked', SETTLED_BY.rules],
  ['setting', SETTLED_BY.setting],
  ['provider', SETTLED_BY.provider],
  ['operator', SETTLED_BY.operator],
  ['guard', SETTLED_BY.guard],
  ['client', SETTLED_BY.client],
  ['nobody', SETTLED_BY.nobody],
  ['beyond', 'Beyond the text of the specification'],
] as const

const CoverageTable = ({ profiles, href }: { readonly profiles: readonly ProfileSummary[]; readonly href: Visit['href'] }) => (
  <Table
    caption="How many clauses of each profile are settled, and by whom"
    head={[
      'Clauses',
      ...profiles.map(({ name, title }) => (
        <a key={name} href={href('/profiles/{name}', { name })}>
          {title}
        </a>
      )),
    ]}
    empty="There are no profiles."
    rows={ROWS.map(([count, label]) => ({ key: count, cells: [label, ...profiles.map(({ counts }) => counts[count])] }))}
  />
)

const How = ({ clause: { why, rules }, href }: { readonly clause: ClauseView; readonly href: Visit['href'] }) => (
  <>
    {why}
    {rules.length > 0 && (
      <ul class="plain">
        {rules.map((rule) => (
          <li key={rule.rule}>
            <RuleText rule={rule} href={href} />
          </li>
        ))}
      </ul>
    )}
  </>
)

const RuleText = ({ rule: { rule, summary, stages, mend, waived }, href }: { readonly rule: RuleView; readonly href: Visit['href'] }) => (
  <>
    {summary} <code>{rule}</code> {waived !== undefined && <Badge tone="warning">has a waiver</Badge>}
    <details>
      <summary>
        More<span class="hidden"> about {rule}</span>
      </summary>
      <p>Looks at: {stages.map((stage) => stageWords(stage).toLowerCase()).join(', ')}.</p>
      {mend !== undefined && <p class="mend">How to mend it: {mend}</p>}
      <p>
        <a href={href('/verdicts', {}, { rule, hours: '720' })}>
          Verdicts of the last 30 days<span class="hidden"> on {rule}</span>
        </a>
      </p>
    </details>
  </>
)

const ClauseTable = ({
  caption,
  clauses,
  empty,
  href,
}: {
  readonly caption: string
  readonly clauses: readonly ClauseView[]
  readonly empty: string
  readonly href: Visit['href']
}) => (
  <Table
    caption={caption}
    head={['Clause', 'Who sees to it', 'How']}
    empty={empty}
    rows={clauses.map((clause) => ({
      key: clause.clause,
      cells: [
        <ClauseLink key="clause" clause={{ ...clause, specification: undefined }} />,
        clause.by === 'rules' ? (
          <Badge key="by" tone="good">
            {SETTLED_BY.rules}
          </Badge>
        ) : (
          SETTLED_BY[clause.by]
        ),
        <How key="how" clause={clause} href={href} />,
      ],
    }))}
  />
)

const ProfileBody = ({ profile, href }: { readonly profile: ProfileView; readonly href: Visit['href'] }) => {
  const { name, title, spec, generation, mode, counts, clauses, beyond, client_defaults } = profile
  const shown = Object.entries(SETTLED_BY).flatMap(([by, label]) => {
    const own = clauses.filter((clause) => clause.by === by)
    return own.length > 0 ? [`${label}: ${own.length}`] : []
  })
  return (
    <>
      <Heading title={title} trail={[{ label: 'Profiles', href: href('/profiles') }]} lead={SET_IN_CODE} />
      <Panel title="The profile">
        <Facts
          facts={[
            ['Name', <code key="name">{name}</code>],
            ['Generation', `FAPI ${generation}`],
            [
              'Specification',
              <a key="spec" href={spec} rel="noopener noreferrer">
                {spec}
              </a>,
            ],
            ['Mode', modeWords(mode)],
            ['Rules', counts.rules],
            ['Clauses', shown.join('; ')],
          ]}
        />
      </Panel>
      <Panel title="Clauses">
        <ClauseTable caption={`Clauses of ${title}`} clauses={clauses} empty="There are no clauses." href={href} />
      </Panel>
      <Panel title="Beyond the text">
        <p>What is asked on top of the specification's own text, and the text that it stands on.</p>
        <ClauseTable caption={`Beyond the text of ${title}`} clauses={beyond} empty="Nothing." href={href} />
      </Panel>
      <Panel title="What a client gets that registers without saying">
        <Code label="Defaults of client metadata">{JSON.stringify(client_defaults, null, 2)}</Code>
      </Panel>
    </>
  )
}

export const profilePages: readonly Page[] = [
  {
    path: '/profiles',
    section: 'Profiles',
    role: 'viewer',
    async get({ ask, href }) {
      const { items: waivers } = await ask(listWaivers)
      const { items: profiles } = await ask(listProfiles)
      const [first] = profiles
      return {
        title: 'Profiles',
        body: (
          <>
            <Heading title="Profiles" lead="What clients and the server are held to, clause by clause." />
            <Waivers waivers={waivers} href={href} />
            <Panel title="Coverage">
              {first && <p>Mode: {modeWords(first.mode)}.</p>}
              <CoverageTable profiles={profiles} href={href} />
            </Panel>
          </>
        ),
      }
    },
  },
  {
    path: '/profiles/{name}',
    section: 'Profiles',
    role: 'viewer',
    async get({ ask, href, path }) {
      const profile = await ask(readProfile, { path })
      return { title: profile.title, body: <ProfileBody profile={profile} href={href} /> }
    },
  },
]
