import { isKeySet } from '../../readers/client-metadata.js'
import type { Metadata } from '../../registration/metadata.js'
import { keySourceOf, SUBJECT_FIELDS, sectorOf } from '../application-fields.js'
import type { FieldChoices, Choice as Value } from '../choices.js'
import { Choice, type Option, Panel, Select, TextArea, TextField } from './components.js'

export interface ApplicationFormProps {
  readonly metadata: Metadata
  readonly choices: readonly FieldChoices[]
  readonly profiles: readonly Option[]
  /** The name of the profile; empty for none. */
  readonly profile: string
  /** What could not be read of a field. */
  readonly problems: Readonly<Record<string, string>>
  /** The scopes that the server has. */
  readonly scopes: readonly string[] | undefined
}

/** All that can be set of an application; of each choice only what complies can be chosen, and the rest says why. */
export const ApplicationFields = ({ metadata, choices, profiles, profile, problems, scopes }: ApplicationFormProps) => {
  const text = (name: string) => (typeof metadata[name] === 'string' ? metadata[name] : undefined)
  const lines = (name: string) => (Array.isArray(metadata[name]) ? metadata[name].join('\n') : undefined)
  const chosen = (field: string) => <ChoiceField field={field} choices={choices} metadata={metadata} />
  const subject = SUBJECT_FIELDS.find((name) => metadata[name] !== undefined) ?? SUBJECT_FIELDS[0]
  return (
    <>
      <Panel title="General">
        <TextField
          name="client_name"
          label="Name"
          value={text('client_name')}
          required
          hint="Users see it when they are asked for consent."
        />
        <Select
          name="fapi_profile"
          label="FAPI profile"
          options={profiles}
          value={profile}
          hint="To see what another profile offers, choose it and press Apply the profile."
        />
        <p>
          <button type="submit" name="intent" value="profile" formNoValidate>
            Apply the profile
          </button>
        </p>
        <TextArea
          name="redirect_uris"
          label="Redirect URIs"
          value={lines('redirect_uris')}
          rows={3}
          required
          hint="One a line; https, and compared character by character."
        />
        <TextField
          name="scope"
          label="Scopes"
          value={text('scope')}
          hint={scopes === undefined ? 'With a space between them; any when empty.' : `Some of: ${scopes.join(' ')}. Any when empty.`}
        />
        <details class="field-group">
          <summary>Addresses and contacts</summary>
          <TextField name="client_uri" label="Home page" keyboard="url" value={text('client_uri')} />
          <TextField name="logo_uri" label="Logo" keyboard="url" value={text('logo_uri')} />
          <TextField name="policy_uri" label="Privacy policy" keyboard="url" value={text('policy_uri')} />
          <TextField name="tos_uri" label="Terms of service" keyboard="url" value={text('tos_uri')} />
          <TextField name="initiate_login_uri" label="Where a login is started" keyboard="url" value={text('initiate_login_uri')} />
          <TextArea
            name="post_logout_redirect_uris"
            label="Redirect URIs after logout"
            value={lines('post_logout_redirect_uris')}
            rows={2}
            hint="One a line."
          />
          <TextArea name="contacts" label="Contacts" value={lines('contacts')} rows={2} hint="One a line." />
        </details>
        {chosen('application_type')}
      </Panel>

      <Panel title="Client authentication">
        {chosen('token_endpoint_auth_method')}
        <div data-when="token_endpoint_auth_method=private_key_jwt client_secret_jwt">{chosen('token_endpoint_auth_signing_alg')}</div>
        <div data-when="token_endpoint_auth_method=tls_client_auth">
          <TextArea
            name="given_certificate"
            label="Certificate of the application"
            metadata=""
            rows={3}
            problem={problems.given_certificate}
            upload="Or take it from a file (PEM or DER)"
            hint="The name below is taken from it. It is not kept: only its name is, and a renewed certificate with the same name goes on working."
          />
          <div class="pair">
            <Select
              name="subject_field"
              label="Known by"
              metadata=""
              value={subject}
              options={SUBJECT_FIELDS.map((value) => ({ value, label: SUBJECT_LABELS[value] }))}
            />
            <TextField
              name="subject_value"
              label="Name in the certificate"
              metadata=""
              value={text(subject)}
              hint="Such as CN=client.example,O=Example,C=GB"
            />
          </div>
        </div>
        <Keys metadata={metadata} problem={problems.given_keys} />
      </Panel>

      <Panel title="Access tokens">
        {chosen('binding')}
        {chosen('grant_types')}
        {chosen('introspection_signed_response_alg')}
      </Panel>

      <Panel title="Authorization requests">
        {chosen('require_pushed_authorization_requests')}
        {chosen('require_signed_request_object')}
        {chosen('request_object_signing_alg')}
        <Pair of={['request_object_encryption_alg', 'request_object_encryption_enc']} {...{ choices, metadata }} />
      </Panel>

      <Panel title="Authorization responses">
        {chosen('response_types')}
        {chosen('response_modes')}
        {chosen('authorization_signed_response_alg')}
        <Pair of={['authorization_encrypted_response_alg', 'authorization_encrypted_response_enc']} {...{ choices, metadata }} />
      </Panel>

      <Panel title="ID tokens and user information">
        {chosen('id_token_signed_response_alg')}
        <Pair of={['id_token_encrypted_response_alg', 'id_token_encrypted_response_enc']} {...{ choices, metadata }} />
        {chosen('userinfo_signed_response_alg')}
        <Pair of={['userinfo_encrypted_response_alg', 'userinfo_encrypted_response_enc']} {...{ choices, metadata }} />
        {chosen('require_auth_time')}
        <TextField
          name="default_max_age"
          label="Oldest sign-in that will do, in seconds"
          keyboard="numeric"
          value={metadata.default_max_age === undefined ? '' : String(metadata.default_max_age)}
        />
      </Panel>

      <Panel title="Subject identifiers">
        {chosen('subject_type')}
        <TextField
          name="sector_identifier_uri"
          label="Sector identifier"
          keyboard="url"
          value={text('sector_identifier_uri')}
          hint="An https address of a JSON list with every redirect URI. Needed for pairwise identifiers where redirect URIs have several hosts."
        />
        <p class="hint">
          The sector is <strong>{sectorOf(metadata) ?? 'not known: the redirect URIs have several hosts, or none'}</strong>
        </p>
      </Panel>
    </>
  )
}

const SUBJECT_LABELS: Readonly<Record<(typeof SUBJECT_FIELDS)[number], string>> = {
  tls_client_auth_subject_dn: 'Subject DN',
  tls_client_auth_san_dns: 'DNS name (SAN)',
  tls_client_auth_san_uri: 'URI (SAN)',
  tls_client_auth_san_ip: 'IP address (SAN)',
  tls_client_auth_san_email: 'E-mail address (SAN)',
}

/** Where the keys of an application are, and those it has. */
const Keys = ({ metadata, problem }: { readonly metadata: Metadata; readonly problem: string | undefined }) => {
  const source = keySourceOf(metadata)
  const { jwks, jwks_uri } = metadata
  return (
    <>
      <Choice
        type="radio"
        name="key_source"
        label="Keys of the application"
        metadata=""
        hint="For client assertions, request objects, self-signed certificates, and for what is encrypted to it."
        chosen={[source]}
        options={[
          { value: 'jwks_uri', label: 'At an address, where the application can renew them' },
          { value: 'jwks', label: 'Pasted or from a file' },
          { value: 'none', label: 'None' },
        ]}
      />
      <div data-when="key_source=jwks_uri">
        <TextField
          name="jwks_uri"
          label="Address of the keys"
          keyboard="url"
          value={typeof jwks_uri === 'string' ? jwks_uri : undefined}
          hint="An https address of a JWK Set."
        />
      </div>
      <div data-when="key_source=jwks">
        {isKeySet(jwks) && jwks.keys.length > 0 && (
          <p>
            It has {jwks.keys.length === 1 ? 'one key' : `${jwks.keys.length} keys`}:{' '}
            {jwks.keys.map(({ kid, kty, alg }) => `${kid ?? 'without kid'} (${[kty, alg].filter(Boolean).join(', ')})`).join('; ')}. What is
            given here takes their place.
          </p>
        )}
        <TextArea
          name="given_keys"
          label="Public keys"
          metadata="jwks"
          rows={5}
          problem={problem}
          upload="Or take them from a file"
          hint="A JWK Set, a JWK, or PEM: public keys or certificates. Never a private key."
        />
      </div>
    </>
  )
}

/** Two choices that go together. */
const Pair = ({ of, ...rest }: { readonly of: readonly [string, string] } & Pick<ApplicationFormProps, 'choices' | 'metadata'>) => (
  <div class="pair">
    {of.map((field) => (
      <ChoiceField key={field} field={field} {...rest} />
    ))}
  </div>
)

/** Values that are all in sight, our choice; more of them fold into a list. */
const IN_SIGHT = 7

const ChoiceField = ({ field, choices, metadata }: { readonly field: string } & Pick<ApplicationFormProps, 'choices' | 'metadata'>) => {
  const found = choices.find((one) => one.field === field)
  if (!found) return null
  const { label, takes, options, byDefault } = found
  const current = currentOf(field, takes, metadata)
  const shown = options.map((option) => optionOf(option, current))
  const isBinding = field === 'binding'
  const props = {
    name: field,
    label,
    ...(isBinding && { metadata: 'tls_client_certificate_bound_access_tokens, dpop_bound_access_tokens' }),
  }
  // Boxes that nobody ticked are not sent: this says that they were there.
  const marker = <input type="hidden" name={`${field}-shown`} value="1" />
  if (takes === 'several')
    return (
      <>
        {marker}
        <Choice type="checkbox" {...props} options={shown} chosen={current} />
      </>
    )
  if (isBinding || takes === 'flag' || (options.length <= IN_SIGHT && !field.includes('encrypt')))
    return (
      <Choice
        type="radio"
        {...props}
        options={shown}
        chosen={current.length > 0 ? current : byDefault === undefined ? [] : [String(byDefault)]}
      />
    )
  const none = field.includes('encrypt')
    ? field.endsWith('_alg')
      ? 'Not encrypted'
      : 'Default'
    : byDefault === undefined
      ? 'Default'
      : `Default (${byDefault})`
  return <Select {...props} options={[{ value: '', label: none }, ...shown]} value={current[0] ?? ''} />
}

/** What metadata have in a field, as a form has it. */
function currentOf(field: string, takes: FieldChoices['takes'], metadata: Metadata): readonly string[] {
  if (field === 'binding') {
    if (metadata.tls_client_certificate_bound_access_tokens === true) return ['certificate']
    return [metadata.dpop_bound_access_tokens === true ? 'dpop' : 'none']
  }
  const value = metadata[field]
  if (value === undefined) return []
  return takes === 'several' ? [value].flat().map(String) : [String(value)]
}

/** What an application has already can be left as it is, though it would not be offered: the verdict says that it does not comply. */
function optionOf({ value, label, available, why, clauses = [], needs = [] }: Value, current: readonly string[]): Option {
  const text = String(value)
  if (available) return { value: text, label: needs.length === 0 ? label : `${label} – needs ${needs.map(needed).join(', ')}` }
  const reason = `${why ?? 'Not available.'}${clauses.length > 0 ? ` (${clauses.join(', ')})` : ''}`
  return current.includes(text)
    ? { value: text, label: `${label} – now, and not compliant: ${reason}` }
    : { value: text, label, why: reason }
}

const needed = ({ field, values }: { readonly field: string; readonly values?: readonly (string | boolean)[] }) =>
  values === undefined ? field : `${field} ${values.join(' or ')}`
