import { searchable } from './journal.js'
import { itemsOf, listOf, type PostgresConnection, textOf } from './postgres-connection.js'
import { verdictFrom } from './remote.js'
import { type Journal, type JournalQuery, outcomeOf } from './store.js'
import { isOutcome, tallyCount } from './tally.js'

/** A table of verdicts, beside each what is asked of them. */
export function postgresJournal({ ask, prefix }: Pick<PostgresConnection, 'ask' | 'prefix'>): Journal {
  const journal = `${prefix}journal`
  return {
    async append(verdict) {
      const rules = listOf(new Set(verdict.violations.map(({ rule }) => rule)))
      await ask(
        `INSERT INTO ${journal} (at, interaction, client, outcome, rules, verdict, texts) VALUES ($1, $2, $3, $4, ARRAY(${itemsOf('$5')}), $6, $7)`,
        ...[verdict.at, verdict.interaction, verdict.client, outcomeOf(verdict), rules, JSON.stringify(verdict), searchable(verdict)],
      )
    },
    async search({ limit = 50, ...query } = {}) {
      if (query.cursor !== undefined && !/^\d{1,18}$/.test(query.cursor)) return { items: [], cursor: undefined }
      const { where, values } = conditionsOf(query)
      // One more than asked for says whether there is a next page.
      const rows = await ask(
        `SELECT id::text AS entry, verdict FROM ${journal} WHERE ${where} ORDER BY id DESC LIMIT $1`,
        ...[limit + 1, ...values],
      )
      const page = rows.slice(0, limit)
      return {
        items: page.flatMap(({ verdict }) => verdictFrom(String(verdict)) ?? []),
        cursor: rows.length > limit ? textOf(page.at(-1)?.entry) : undefined,
      }
    },
    async tally(query, bucket) {
      const { where, values } = conditionsOf(query)
      const counts = await ask(
        `SELECT NULL AS rule, floor(at / $1::double precision) AS bucket, outcome, count(*)::text AS count
         FROM ${journal} WHERE ${where} GROUP BY 2, 3
         UNION ALL
         SELECT rule, NULL, outcome, count(*)::text
         FROM (SELECT unnest(rules) AS rule, outcome FROM ${journal} WHERE outcome <> 'passed' AND ${where}) AS broken GROUP BY 1, 3`,
        ...[bucket, ...values],
      )
      const count = tallyCount()
      for (const { rule, bucket: place, outcome, count: times } of counts) {
        if (!isOutcome(outcome)) continue
        if (typeof rule === 'string') count.rule(rule, outcome, Number(times))
        else count.verdicts(Number(place) * bucket, outcome, Number(times))
      }
      return count.tally()
    },
  }
}

/** What a query asks as SQL, with values from `$2` on. */
function conditionsOf(query: JournalQuery) {
  const asked = CONDITIONS.filter(([name]) => query[name] !== undefined)
  const conditions = asked.map(([, condition], index) => condition(`$${index + 2}`))
  return { where: ['true', ...conditions].join(' AND '), values: asked.map(([name]) => query[name]) }
}

/** What a query may ask of the journal, as SQL that an index serves; `search` reads what the others leave. */
const CONDITIONS: readonly (readonly [name: Exclude<keyof JournalQuery, 'limit'>, condition: (value: string) => string])[] = [
  ['cursor', (value) => `id < ${value}::text::bigint`],
  ['interaction', (value) => `interaction = ${value}`],
  ['client', (value) => `client = ${value}`],
  ['rule', (value) => `rules @> ARRAY[${value}::text]`],
  ['outcome', (value) => `outcome = ${value}`],
  ['from', (value) => `at >= ${value}`],
  ['until', (value) => `at <= ${value}`],
  ['search', (value) => `strpos(coalesce(texts, lower(verdict)), ${value}::text) > 0`],
]
