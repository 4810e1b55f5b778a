import { type Profile, profiles, type Rule, type Settler } from 'express-fapi'

const SETTLED: Readonly<Record<Settler, string>> = {
  setting: 'settled by a setting',
  provider: 'settled by node-oidc-provider',
  operator: 'left to the operator',
  guard: 'left to the API guard',
  client: 'a duty of the client',
  nobody: 'nothing to check',
}

/** The coverage page: every clause of every profile, and who sees to it. */
export function coveragePage(): string {
  const chapters = profiles.map(chapter)
  return `# Coverage

Written by \`npm run docs\` from the tables in \`lib/profiles\`; a test keeps it fresh. Clause ids are the conformance suite's
tags: document, clause, item. A clause is **checked** by rules, which stand behind it by name; or something else settles it, and the
page says what. Rules beyond a specification's own text stand in a table of their own, and so do those that only \`express-fapi audit\` asks, from outside.

${summary()}
${chapters.join('\n')}`
}

function summary(): string {
  const rows = profiles.map(({ name, title, clauses, unchecked, beyond }) => {
    const settled = (by: Settler) => Object.values(unchecked).filter((clause) => clause.by === by).length
    const cells = [Object.keys(clauses).length, ...Object.keys(SETTLED).map((by) => settled(by as Settler)), Object.keys(beyond).length]
    return `| [${title}](#${name}) | ${cells.join(' | ')} |`
  })
  return table(['profile', 'checked', ...Object.values(SETTLED), 'beyond the text'], rows)
}

function chapter({ name, title, spec, clauses, unchecked, beyond, audited = {} }: Profile): string {
  const checked = Object.entries(clauses).map(([clause, rules]) => row(clause, 'checked', rules.map(ruleCell).join('<br>')))
  const settled = Object.entries(unchecked).map(([clause, { by, why }]) => row(clause, SETTLED[by], why))
  const more = Object.entries(beyond).map(([clause, { why, rules }]) => row(clause, why, rules.map(ruleCell).join('<br>')))
  const seen = Object.entries(audited).map(([clause, rules]) => row(clause, rules.map(ruleCell).join('<br>')))
  return `
## ${name}

[${title}](${spec})

${table(['clause', 'who sees to it', 'how'], [...checked, ...settled].sort(byClause))}
Beyond the text:

${table(['stands on', 'why', 'rules'], more)}
Seen from outside by the audit, whoever sees to it inside:

${table(['clause', 'rules'], seen.sort(byClause))}`
}

const ruleCell = ({ id, summary, at }: Rule) => `\`${id}\` (${at.join(', ')}): ${summary}`
const row = (...cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
const table = (head: readonly string[], rows: readonly string[]) =>
  `| ${head.join(' | ')} |\n|${head.map(() => '---').join('|')}|\n${rows.join('\n')}\n`

/** Items in the order of the document: numbers as numbers. */
const byClause = (a: string, b: string) => idOf(a).localeCompare(idOf(b), 'en', { numeric: true })
const idOf = (cells: string) => cells.slice(2, cells.indexOf(' |', 2))
