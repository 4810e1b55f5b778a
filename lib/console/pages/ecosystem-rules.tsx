import type { ComponentChildren } from 'preact'
import { isHttpsUrl } from '../../core/claims.js'
import { nameOfClaim } from '../../registration/claim-at.js'
import type { Ecosystem, Match } from '../../registration/ecosystem.js'
import { Facts } from './components.js'
import { Table } from './tables.js'

/** Which rules the registration of an ecosystem has, beside the settings. */
export const EcosystemRules = ({ ecosystem }: { readonly ecosystem: Ecosystem }) => {
  const { name, title, source, required, forbidden, allowed, defaults, matches, sameHost } = ecosystem
  const rows = [
    ...required.map((field) => [field, 'required', 'must be there, after everything has been filled in'] as const),
    ...forbidden.map(({ field, why }) => [field, 'forbidden', why] as const),
    ...Object.entries(allowed).map(([field, values]) => [field, 'allowed values', values.join(', ')] as const),
    ...matches.map((match) => [match.field, 'must fit', fitOf(match)] as const),
    ...Object.entries(defaults).map(([field, value]) => [field, 'default', writtenOf(value)] as const),
    ...sameHost.map((field) => [field, 'host', 'must be the host of a redirect URI, unless the statement says the URL'] as const),
  ]
  return (
    <>
      <Facts
        facts={[['Ecosystem', `${title} (${name})`], ['Written after', <Source key="source" source={source} />], ...factsOf(ecosystem)]}
      />
      <h3>Metadata</h3>
      <Table
        caption="What the ecosystem says of metadata"
        head={['Metadata', 'Rule', 'What it says']}
        empty="Beyond RFC 7591, OpenID Connect and the profile, this ecosystem says nothing of metadata: none is required, forbidden or set by default."
        rows={rows.map(([field, rule, text]) => ({
          key: `${rule} ${field} ${text}`,
          cells: [<code key="field">{field}</code>, rule, text],
        }))}
      />
    </>
  )
}

const Source = ({ source: { url, version, date } }: Pick<Ecosystem, 'source'>) => (
  <>
    {isHttpsUrl(url) ? (
      <a href={url} rel="noopener noreferrer">
        {version}
      </a>
    ) : (
      version
    )}
    , read on {date}
  </>
)

/** What it says of requests as a whole. */
function factsOf({ body, signedRequest, certificate, statement, precedence, scopes, management, duplicates }: Ecosystem) {
  const facts: (readonly [ComponentChildren, ComponentChildren])[] = [
    [
      'A request is',
      body === 'json'
        ? 'JSON (RFC 7591 §3.1)'
        : `a JWT that the software signs with ${signedRequest?.algorithms.join(' or ')}, at most ${inWords(signedRequest?.maxLifetime)} long`,
    ],
    ['Client certificate', certificate === 'required' ? 'required, of a trusted authority' : 'optional'],
    ['Software statement', statementOf(statement)],
    ['Claims it must have', statement.claims.join(', ') || 'none'],
    [
      'Where both have a value',
      precedence === 'statement' ? 'the statement counts more than the request' : 'the request counts more than the statement',
    ],
    ...(scopes ? [['Scopes', `those that the roles in ${nameOfClaim(scopes.claim)} of the statement give`] as const] : []),
    ['A software that registers again', DUPLICATES[duplicates]],
    [
      'Clients are managed with',
      `${typeof management.by === 'object' ? `an access token of their own for ${management.by.scope}` : 'their registration access token (RFC 7592)'}: ${management.methods.join(', ')}`,
    ],
    ['An update', management.statementOnUpdate ? 'needs a fresh software statement' : 'needs no software statement'],
  ]
  return facts
}

const DUPLICATES: Readonly<Record<Ecosystem['duplicates'], string>> = {
  reject: 'is refused',
  'return-existing': 'is told of the client it has',
  new: 'gets another client',
}

function statementOf({ required, algorithms, maxAge, expires, once }: Ecosystem['statement']): string {
  const parts = [
    required ? 'always required' : 'required where the settings say so',
    `signed with ${algorithms.join(' or ')}`,
    ...(maxAge === undefined ? [] : [`at most ${inWords(maxAge)} old (iat)`]),
    ...(expires ? ['with an expiry (exp)'] : []),
    once ? 'good once' : 'good any number of times',
  ]
  return parts.join(', ')
}

const fitOf = ({ how, claim }: Match) =>
  how === 'subset'
    ? `each value must be in ${nameOfClaim(claim)} of the statement`
    : `must be the same as ${nameOfClaim(claim)} of the statement`

const inWords = (seconds = 0) => (seconds % 60 === 0 && seconds > 60 ? `${seconds / 60} minutes` : `${seconds} seconds`)

const writtenOf = (value: unknown) => (typeof value === 'string' ? value : Array.isArray(value) ? value.join(', ') : JSON.stringify(value))
