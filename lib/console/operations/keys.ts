import { isText } from '../../core/claims.js'
import { invalid } from '../console-error.js'
import { membersOf } from '../given.js'
import { type GivenCertificate, readGivenCertificate } from '../given-certificate.js'
import { defineOperation } from '../operation.js'
import { type PublishedKeys, publishedKeys } from '../published-keys.js'

/** Epoch seconds. */
const seconds = () => Math.floor(Date.now() / 1000)

/** The server's keys and certificates, as far as the console was given them. */
export interface KeysView extends PublishedKeys {
  /** The options of `adminConsole` that are there: without them nothing is known. */
  readonly given: { readonly jwks: boolean; readonly certificates: boolean }
}

export const readKeys = defineOperation<KeysView>({
  name: 'readKeys',
  method: 'GET',
  path: '/keys',
  role: 'viewer',
  summary:
    'Reads the keys that the server publishes and the certificates that are watched, each with its age or expiry and what is wrong with it.',
  answer: 'Keys and certificates, and what is to be said of them: an alarm is to be mended now, a warning soon.',
  async handle({ jwks, certificates, store }) {
    const view = await publishedKeys({ jwks, certificates }, store, seconds())
    return { ...view, given: { jwks: jwks !== undefined, certificates: certificates !== undefined } }
  },
})

export const readCertificate = defineOperation<GivenCertificate>({
  name: 'readCertificate',
  method: 'POST',
  path: '/certificates',
  role: 'viewer',
  summary: 'Says what a certificate says, in the words of client metadata (RFC 8705 §2.1.2). Nothing is kept.',
  body: {
    type: 'object',
    required: ['certificate'],
    additionalProperties: false,
    properties: {
      certificate: { type: 'string', maxLength: 65_536, description: 'PEM, or the base64 of DER. Never a private key.' },
    },
  },
  answer: 'Its subject and names as metadata, issuer, validity, thumbprint, its key as a JWK, and why it may not do for a client.',
  async handle(_console, { body }) {
    const { certificate } = membersOf(body, ['certificate'])
    if (!isText(certificate)) throw invalid('certificate must be the text of a certificate (PEM)')
    return readGivenCertificate(certificate, seconds())
  },
})
