import { SUBJECT_FIELDS, sectorOf } from '../application-fields.js'
import type { ApplicationFormProps } from './application-form-props.js'
import { Keys } from './application-keys.js'
import { Logout } from './application-logout.js'
import { ChoiceField, Pair } from './choice-field.js'
import { Select } from './choosing.js'
import { Panel } from './components.js'
import { ANY_SUBJECT, ASIDE } from './field-problems.js'
import { TextArea, TextField } from './fields.js'

/** All that can be set of an application; of each choice only what complies can be chosen, and the rest says why. */
export const ApplicationFields = ({ metadata, choices, profiles, profile, problems, typed, scopes, server }: ApplicationFormProps) => {
  const text = (name: string) => (typeof metadata[name] === 'string' ? metadata[name] : undefined)
  const lines = (name: string) => (Array.isArray(metadata[name]) ? metadata[name].join('\n') : undefined)
  const chosen = (field: string) => <ChoiceField {...{ field, choices, metadata, problems }} />
  const subject = SUBJECT_FIELDS.find((name) => metadata[name] !== undefined) ?? SUBJECT_FIELDS[0]
  return (
    <>
      <Panel title="General">
        <TextField
          name="client_name"
          label="Name"
          value={text('client_name')}
          problem={problems.client_name}
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
          problem={problems.redirect_uris}
          rows={3}
          required
          hint="One a line; https, and compared character by character."
        />
        <TextField
          name="scope"
          label="Scopes"
          value={text('scope')}
          problem={problems.scope}
          hint={scopes === undefined ? 'With a space between them; any when empty.' : `Some of: ${scopes.join(' ')}. Any when empty.`}
        />
        <details class="field-group" open={ASIDE.some((name) => problems[name] !== undefined)}>
          <summary>Addresses and contacts</summary>
          <TextField name="client_uri" label="Home page" keyboard="url" value={text('client_uri')} problem={problems.client_uri} />
          <TextField name="logo_uri" label="Logo" keyboard="url" value={text('logo_uri')} problem={problems.logo_uri} />
          <TextField name="policy_uri" label="Privacy policy" keyboard="url" value={text('policy_uri')} problem={problems.policy_uri} />
          <TextField name="tos_uri" label="Terms of service" keyboard="url" value={text('tos_uri')} problem={problems.tos_uri} />
          <TextField
            name="initiate_login_uri"
            label="Where a login is started"
            keyboard="url"
            value={text('initiate_login_uri')}
            problem={problems.initiate_login_uri}
          />
          <TextArea name="contacts" label="Contacts" value={lines('contacts')} problem={problems.contacts} rows={2} hint="One a line." />
        </details>
        <Logout {...{ metadata, problems, server }} />
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
            value={typed.given_certificate}
            problem={problems.given_certificate}
            upload="Or take it from a file (PEM or DER)"
            hint="The name below is taken from it. It is not kept: only its name is, and a renewed certificate with the same name goes on working."
          />
          <div class="pair">
            <Select
              name="subject_field"
              label="Known by"
              metadata=""
              hint="The one name that it is recognised by."
              value={subject}
              options={SUBJECT_FIELDS.map((value) => ({ value, label: SUBJECT_LABELS[value] }))}
            />
            <TextField
              name="subject_value"
              label="Name in the certificate"
              metadata=""
              value={text(subject)}
              problem={problems[subject] ?? problems[ANY_SUBJECT]}
              hint="Such as CN=client.example,O=Example,C=GB"
            />
          </div>
        </div>
        <Keys {...{ metadata, problems, typed }} />
      </Panel>

      <Panel title="Access tokens">
        {chosen('binding')}
        {chosen('grant_types')}
        {chosen('introspection_signed_response_alg')}
        <Pair of={['introspection_encrypted_response_alg', 'introspection_encrypted_response_enc']} {...{ choices, metadata, problems }} />
      </Panel>

      <Panel title="Authorization requests">
        {chosen('require_pushed_authorization_requests')}
        {chosen('require_signed_request_object')}
        {chosen('request_object_signing_alg')}
        <Pair of={['request_object_encryption_alg', 'request_object_encryption_enc']} {...{ choices, metadata, problems }} />
        <TextArea
          name="default_acr_values"
          label="Authentication contexts asked for by default"
          value={lines('default_acr_values')}
          problem={problems.default_acr_values}
          rows={2}
          hint="One acr a line."
        />
        {server?.request_uri_parameter_supported !== false && (
          <TextArea
            name="request_uris"
            label="Addresses of request objects"
            value={lines('request_uris')}
            problem={problems.request_uris}
            rows={2}
            hint="One a line; https. Requests that are pushed need none."
          />
        )}
      </Panel>

      <Panel title="Authorization responses">
        {chosen('response_types')}
        {chosen('response_modes')}
        {chosen('authorization_signed_response_alg')}
        <Pair of={['authorization_encrypted_response_alg', 'authorization_encrypted_response_enc']} {...{ choices, metadata, problems }} />
      </Panel>

      <Panel title="ID tokens and user information">
        {chosen('id_token_signed_response_alg')}
        <Pair of={['id_token_encrypted_response_alg', 'id_token_encrypted_response_enc']} {...{ choices, metadata, problems }} />
        {chosen('userinfo_signed_response_alg')}
        <Pair of={['userinfo_encrypted_response_alg', 'userinfo_encrypted_response_enc']} {...{ choices, metadata, problems }} />
        {chosen('require_auth_time')}
        <TextField
          name="default_max_age"
          label="Oldest sign-in that will do, in seconds"
          keyboard="numeric"
          value={metadata.default_max_age === undefined ? '' : String(metadata.default_max_age)}
          problem={problems.default_max_age}
        />
      </Panel>

      <Panel title="Subject identifiers">
        {chosen('subject_type')}
        <TextField
          name="sector_identifier_uri"
          label="Sector identifier"
          keyboard="url"
          value={text('sector_identifier_uri')}
          problem={problems.sector_identifier_uri}
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
