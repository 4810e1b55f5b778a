import { isKeySet } from '../../readers/client-metadata.js'
import { keySourceOf } from '../application-fields.js'
import type { ApplicationFormProps } from './application-form-props.js'
import { Choice } from './choosing.js'
import { TextArea, TextField } from './fields.js'

/** Where the keys of an application are, and those it has. */
export const Keys = ({ metadata, problems, typed }: Pick<ApplicationFormProps, 'metadata' | 'problems' | 'typed'>) => {
  const unread = typed.given_keys !== undefined ? 'jwks' : typed.jwks_uri !== undefined ? 'jwks_uri' : undefined
  const source = unread ?? keySourceOf(metadata)
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
        problem={source === 'none' ? (problems.jwks_uri ?? problems.jwks) : undefined}
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
          problem={problems.jwks_uri}
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
          value={typed.given_keys}
          problem={problems.given_keys ?? problems.jwks}
          upload="Or take them from a file"
          hint="A JWK Set, a JWK, or PEM: public keys or certificates. Never a private key."
        />
      </div>
    </>
  )
}
