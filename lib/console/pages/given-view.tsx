import { isKeySet } from '../../readers/client-metadata.js'
import type { Metadata } from '../../registration/metadata.js'
import type { GivenCertificate } from '../given-certificate.js'
import { type GivenKey, readGivenKeys } from '../given-keys.js'
import { Badge, Facts, Panel, Time } from './components.js'

/** What a certificate says that somebody gave. */
export const CertificateFacts = ({ certificate }: { readonly certificate: GivenCertificate }) => (
  <>
    <Facts
      facts={[
        ['Subject', certificate.subject_dn || 'cannot be registered'],
        ['Expires', <Time key="expires" at={certificate.not_after} />],
        [<code key="x5t">x5t#S256</code>, <code key="thumbprint">{certificate.thumbprint}</code>],
      ]}
    />
    <Warnings warnings={certificate.warnings} />
  </>
)

/** The keys of an application, each with what can be told of it. */
export const KeysOf = ({ metadata: { jwks } }: { readonly metadata: Metadata }) => {
  const keys = keysIn(jwks)
  return keys.length === 0 ? null : (
    <Panel title={keys.length === 1 ? 'Its key' : `Its ${keys.length} keys`}>
      {keys.map((key) => (
        <KeyFacts key={key.thumbprint} given={key} />
      ))}
    </Panel>
  )
}

const KeyFacts = ({ given: { kid, kty, bits, crv, alg, use, thumbprint, certificate, warnings } }: { readonly given: GivenKey }) => (
  <>
    <Facts
      facts={[
        [<code key="kid">kid</code>, <code key="value">{kid}</code>],
        ['Kind', [kty, bits === undefined ? crv : `${bits} bits`, alg, use].filter(Boolean).join(', ')],
        ['Thumbprint', <code key="thumbprint">{thumbprint}</code>],
      ]}
    />
    <Warnings warnings={warnings} />
    {certificate && <CertificateFacts certificate={certificate} />}
  </>
)

const Warnings = ({ warnings }: { readonly warnings: readonly string[] }) =>
  warnings.length === 0 ? null : (
    <ul>
      {warnings.map((warning) => (
        <li key={warning}>
          <Badge tone="warning">warning</Badge> {warning}
        </li>
      ))}
    </ul>
  )

/** What was stored by an older version may be none. */
function keysIn(jwks: unknown): readonly GivenKey[] {
  try {
    return isKeySet(jwks) && jwks.keys.length > 0 ? readGivenKeys(JSON.stringify(jwks)).found : []
  } catch {
    return []
  }
}
