import { type KeysView, readKeys } from '../operations/keys.js'
import type { KeyNote, PublishedKey, WatchedCertificate } from '../published-keys.js'
import { ahead, CertificateForm, certificatePage, days, PATH } from './certificate.js'
import { Badge, Heading, Notice, Panel, Time, type Tone } from './components.js'
import type { Outcome, Page, Visit } from './page.js'
import { Table } from './tables.js'

const TONES: Readonly<Record<KeyNote['level'], Tone>> = { alarm: 'bad', warning: 'warning', note: 'neutral' }

async function show({ ask, href, token }: Visit): Promise<Outcome> {
  const view = await ask(readKeys)
  return {
    title: 'Keys',
    body: (
      <>
        <Heading title="Keys" lead="The keys that this server publishes, and the certificates that are watched for it." />
        <Wrong view={view} />
        <Panel title="Published keys">
          {view.given.jwks ? <Keys keys={view.keys} /> : <NotGiven option="jwks" what="the key set that the server publishes" />}
        </Panel>
        <Panel title="Certificates">
          {view.given.certificates ? (
            <Certificates certificates={view.certificates} />
          ) : (
            <NotGiven option="certificates" what="certificates of the server, each with a name and its PEM" />
          )}
        </Panel>
        <Panel title="What does a certificate say?" id="certificate">
          <CertificateForm {...{ href, token }} />
        </Panel>
      </>
    ),
  }
}

/** All that is wrong, on top: what must be mended now before what must be soon. */
const Wrong = ({ view: { keys, certificates, notes } }: { readonly view: KeysView }) => {
  const all = [
    ...notes.map((note) => ({ ...note, of: undefined })),
    ...keys.flatMap((key, index) => key.notes.map((note) => ({ ...note, of: `Key ${key.kid ?? index + 1}` }))),
    ...certificates.flatMap((one) => one.notes.map((note) => ({ ...note, of: one.name }))),
  ]
  const titles = [
    ['alarm', 'Mend this now'],
    ['warning', 'Mend this soon'],
  ] as const
  return (
    <>
      {titles.map(([level, title]) => {
        const wrong = all.filter((note) => note.level === level)
        return wrong.length === 0 ? null : (
          <Notice key={level} tone={TONES[level]} title={title}>
            <ul>
              {wrong.map(({ of, text }, index) => (
                <li key={String(index)}>
                  {of !== undefined && (
                    <>
                      <bdi>{of}</bdi>:{' '}
                    </>
                  )}
                  {text}
                </li>
              ))}
            </ul>
          </Notice>
        )
      })}
    </>
  )
}

const NotGiven = ({ option, what }: { readonly option: string; readonly what: string }) => (
  <p class="empty">
    The console was not given them. The option <code>{option}</code> of <code>adminConsole</code> shows them: a function that gives {what}.
  </p>
)

const Keys = ({ keys }: { readonly keys: readonly PublishedKey[] }) => (
  <Table
    caption="Published keys"
    head={['kid', 'Kind', 'alg', 'use', 'In use since', 'Notes']}
    empty="The server publishes no key."
    rows={keys.map((key, index) => ({
      key: String(index),
      cells: [
        <Kid key="kid" published={key} />,
        kindOf(key),
        key.alg ?? '–',
        key.use ?? '–',
        <>
          <Time at={key.since} />
          {key.age_days !== undefined && (
            <p class="hint">
              {days(key.age_days)}
              {key.since_is === 'seen' && ', first seen here: it may be older'}
            </p>
          )}
        </>,
        <Notes key="notes" notes={key.notes} />,
      ],
    }))}
  />
)

const Kid = ({ published: { kid, thumbprint } }: { readonly published: PublishedKey }) => (
  <>
    {kid === undefined ? 'without a kid' : <bdi>{kid}</bdi>}
    {thumbprint !== undefined && (
      <details>
        <summary>Thumbprint</summary>
        <code>{thumbprint}</code> <span class="hint">(RFC 7638)</span>
      </details>
    )}
  </>
)

const kindOf = ({ kty, bits, crv }: PublishedKey): string =>
  kty === undefined ? 'unknown' : [kty, bits === undefined ? crv : `${bits} bits`].filter(Boolean).join(', ')

const Notes = ({ notes }: { readonly notes: readonly KeyNote[] }) =>
  notes.length === 0 ? (
    <Badge tone="good">good</Badge>
  ) : (
    <div>
      {notes.map(({ level, text }) => (
        <div key={text}>
          <Badge tone={TONES[level]}>{level}</Badge> {text}
        </div>
      ))}
    </div>
  )

const Certificates = ({ certificates }: { readonly certificates: readonly WatchedCertificate[] }) => (
  <Table
    caption="Certificates"
    head={['Name', 'Subject', 'Issuer', 'Expires', 'Notes']}
    empty="There is no certificate to watch."
    rows={certificates.map((one, index) => ({
      key: String(index),
      cells: [
        <>
          <bdi>{one.name}</bdi>
          {one.thumbprint !== undefined && (
            <details>
              <summary>Thumbprint</summary>
              <code>{one.thumbprint}</code> <span class="hint">(x5t#S256)</span>
            </details>
          )}
        </>,
        <bdi key="subject">{one.subject_dn || '–'}</bdi>,
        <bdi key="issuer">{one.issuer_dn || '–'}</bdi>,
        <>
          <Time at={one.not_after} />
          {one.expires_in_days !== undefined && <p class="hint">{ahead(one.expires_in_days)}</p>}
        </>,
        <Notes key="notes" notes={one.notes} />,
      ],
    }))}
  />
)

export const keyPages: readonly Page[] = [{ path: PATH, section: 'Keys', role: 'viewer', get: show }, certificatePage]
