import type { ComponentChildren } from 'preact'
import { mendable } from '../console-error.js'
import type { GivenCertificate } from '../given-certificate.js'
import { GivenError } from '../given-error.js'
import { readCertificate } from '../operations/keys.js'
import { Facts, Heading, Notice, Panel, Problems, Time } from './components.js'
import { ChangeForm, TextArea } from './fields.js'
import type { Outcome, Page, Visit } from './page.js'
import { Code } from './tables.js'

/** The page of keys, from which this one is reached. */
export const PATH = '/keys'
const CERTIFICATE = `${PATH}/certificate`

/** Whole days in words. */
export const days = (count: number) => (count === 1 ? '1 day' : `${count} days`)

/** Whole days until an end; negative once it is over. */
export const ahead = (count: number) => (count < 0 ? 'over' : count === 0 ? 'in less than a day' : `in ${days(count)}`)

/** Asks for a certificate. */
export const CertificateForm = ({ href, token, typed }: Pick<Visit, 'href' | 'token'> & { readonly typed?: string | undefined }) => (
  <ChangeForm action={href(CERTIFICATE)} token={token}>
    <TextArea
      name="certificate"
      label="Certificate"
      metadata=""
      hint="PEM, or the base64 of DER. Nothing is kept of it. Never give a private key."
      rows={8}
      upload="Or from a file"
      value={typed}
      required
    />
    <div class="actions">
      <button type="submit" class="button">
        Show what it says
      </button>
    </div>
  </ChangeForm>
)

interface Asked {
  readonly certificate?: GivenCertificate
  readonly typed?: string
  readonly problem?: string
  readonly status?: number
  /** A private key was given. */
  readonly isSecret?: boolean
}

function answer({ href, token }: Visit, { certificate, typed, problem, status = 200, isSecret = false }: Asked = {}): Outcome {
  return {
    title: 'What a certificate says',
    status,
    body: (
      <>
        <Heading
          title="What a certificate says"
          trail={[{ label: 'Keys', href: href(PATH) }]}
          lead="A client of mutual TLS is known by exactly one of the names of its certificate (RFC 8705)."
        />
        {problem !== undefined &&
          (isSecret ? <Leaked problem={problem} /> : <Problems title="The certificate cannot be shown" problems={[problem]} />)}
        {certificate && <Said certificate={certificate} />}
        <Panel title={certificate ? 'Another certificate' : 'Certificate'}>
          <CertificateForm {...{ href, token, typed }} />
        </Panel>
      </>
    ),
  }
}

/** Said loudly: whoever sees a private key here goes on using it otherwise. */
const Leaked = ({ problem }: { readonly problem: string }) => (
  <Notice tone="bad" title="A private key was given: it must be considered known">
    <p>{`${problem.charAt(0).toUpperCase()}${problem.slice(1)}.`}</p>
    <p>The console has kept nothing of it, and does not send it back.</p>
  </Notice>
)

const Said = ({ certificate }: { readonly certificate: GivenCertificate }) => {
  const { subject_dn, subject_alternative_names: names, warnings, jwk } = certificate
  const metadata = [
    ...(subject_dn === '' ? [] : [{ field: 'tls_client_auth_subject_dn', value: subject_dn }]),
    ...names.map(({ field, value }) => ({ field, value })),
  ]
  return (
    <>
      {warnings.length > 0 && (
        <Notice tone="warning" title="It may not do for a client">
          <ul>
            {warnings.map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        </Notice>
      )}
      <Panel title="As client metadata">
        {metadata.length === 0 ? (
          <p class="empty">It has no name that a client could be registered with for tls_client_auth.</p>
        ) : (
          <>
            <p class="hint">For tls_client_auth: register exactly one of them.</p>
            <Facts
              facts={metadata.map(({ field, value }, index) => [
                <code key="field">{field}</code>,
                <Copied key="value" id={`name-${index}`} label={field} value={value} />,
              ])}
            />
          </>
        )}
        {jwk && (
          <details>
            <summary>For self_signed_tls_client_auth: its key as a JWK</summary>
            <Code label="The key as a JWK">{JSON.stringify(jwk, null, 2)}</Code>
          </details>
        )}
      </Panel>
      <Panel title="What else it says">
        <Facts facts={factsOf(certificate)} />
      </Panel>
    </>
  )
}

/** A value, and a button that copies it. */
const Copied = ({ id, label, value }: { readonly id: string; readonly label: string; readonly value: string }) => (
  <>
    <code id={id}>{value}</code>{' '}
    <button type="button" class="button" hidden data-copy={id}>
      Copy<span class="hidden"> {label}</span>
    </button>
  </>
)

const factsOf = (given: GivenCertificate): readonly (readonly [string, ComponentChildren])[] => [
  ['Issuer', <bdi key="issuer">{given.issuer_dn || '–'}</bdi>],
  ['Issued by itself', given.self_signed ? 'yes' : 'no'],
  ['Serial number', <code key="serial">{given.serial}</code>],
  ['Valid from', <Time key="from" at={given.not_before} />],
  [
    'Expires',
    <>
      <Time at={given.not_after} /> ({ahead(given.expires_in_days)})
    </>,
  ],
  ['Thumbprint (x5t#S256)', <Copied key="thumbprint" id="thumbprint" label="the thumbprint" value={given.thumbprint} />],
]

async function read(visit: Visit): Promise<Outcome> {
  const { ask, form } = visit
  const typed = form.one('certificate')
  if (typed === '') return answer(visit, { problem: 'nothing was given, where a certificate should be (PEM)', status: 400 })
  try {
    return answer(visit, { certificate: await ask(readCertificate, { body: { certificate: typed } }) })
  } catch (cause) {
    const { status, message } = mendable(cause)
    const isSecret = cause instanceof GivenError && cause.kind === 'secret'
    // A private key is not sent back: it has been around enough.
    return answer(visit, { problem: message, status, isSecret, ...(!isSecret && { typed }) })
  }
}

/** Where somebody is told what a certificate says. */
export const certificatePage: Page = {
  path: CERTIFICATE,
  section: 'Keys',
  role: 'viewer',
  get: async (visit) => answer(visit),
  post: read,
}
