import { urlOf } from '../core/claims.js'
import { isKeySet } from '../readers/client-metadata.js'
import { bindingOf, CHOICE_FIELDS } from '../readiness/choice-fields.js'
import type { Metadata } from '../registration/metadata.js'
import { type GivenCertificate, readGivenCertificate } from './given-certificate.js'
import { GivenError } from './given-error.js'
import { readGivenKeys } from './given-keys.js'
import type { Form } from './pages/form.js'

/** Fields that are one line of text. */
const TEXTS = [
  'client_name',
  'client_uri',
  'logo_uri',
  'policy_uri',
  'tos_uri',
  'jwks_uri',
  'sector_identifier_uri',
  'initiate_login_uri',
  'backchannel_logout_uri',
  'frontchannel_logout_uri',
]
/** Fields that are a list, one a line. */
const LISTS = ['redirect_uris', 'post_logout_redirect_uris', 'contacts', 'default_acr_values', 'request_uris']

/** What a certificate's subject can be known by (RFC 8705 §2.1.2). */
export const SUBJECT_FIELDS = [
  'tls_client_auth_subject_dn',
  'tls_client_auth_san_dns',
  'tls_client_auth_san_uri',
  'tls_client_auth_san_ip',
  'tls_client_auth_san_email',
] as const

/** Where the keys of an application are. */
export type KeySource = 'jwks_uri' | 'jwks' | 'none'

export const keySourceOf = ({ jwks, jwks_uri }: Metadata): KeySource =>
  jwks_uri !== undefined ? 'jwks_uri' : jwks !== undefined ? 'jwks' : 'none'

/** Something in a form that cannot be read. */
export interface UnreadField {
  readonly field: string
  readonly problem: string
  /** What was written, to be mended; not where it holds a secret, which is repeated nowhere. */
  readonly text: string
}

/** Metadata as a form has them, and what in the form could not be read. */
export interface FormReading {
  readonly metadata: Metadata
  readonly problems: readonly UnreadField[]
  /** The certificate whose name was taken; of it nothing else is kept. */
  readonly certificate?: GivenCertificate | undefined
}

/**
 * Puts what a form says over the metadata that there were: what the form has no field for stays as it is, and what it has one for and is
 * empty goes. A field that was not sent was not shown.
 */
export function readApplicationForm(base: Metadata, form: Form): FormReading {
  const metadata: Record<string, unknown> = { ...base }
  const problems: UnreadField[] = []
  const put = (name: string, value: unknown) => {
    if (value === undefined || value === '') delete metadata[name]
    else metadata[name] = value
  }
  for (const name of TEXTS) if (form.has(name)) put(name, form.one(name))
  if (form.has('scope')) put('scope', form.one('scope').replaceAll(/\s+/g, ' '))
  for (const name of LISTS) if (form.has(name)) put(name, nonEmpty(form.lines(name)))
  for (const { field, takes } of CHOICE_FIELDS) {
    if (!form.has(field) && !form.has(`${field}-shown`)) continue
    if (field === 'binding') for (const [name, value] of Object.entries(bindingOf(form.one(field)))) put(name, value)
    else if (takes === 'flag') put(field, flagIn(form.one(field)))
    else put(field, takes === 'several' ? nonEmpty(form.all(field)) : form.one(field))
  }
  if (form.has('fapi_profile')) put('fapi_profile', form.one('fapi_profile'))
  if (form.has('default_max_age')) put('default_max_age', secondsIn(form.one('default_max_age')))
  if (form.has('client_name') && metadata.client_name === undefined)
    problems.push({ field: 'client_name', problem: 'a name must be given: users see it when they are asked for consent', text: '' })
  attempt('given_keys', () => readKeys(metadata, form, put))
  if (form.one('key_source') === 'jwks_uri' && metadata.jwks_uri === undefined)
    problems.push({ field: 'jwks_uri', problem: 'jwks_uri must be given, or the keys themselves', text: '' })
  let certificate: GivenCertificate | undefined
  attempt('given_certificate', () => {
    certificate = readSubject(form, put)
  })
  return { metadata, problems, certificate }

  function attempt(field: string, read: () => void): void {
    try {
      read()
    } catch (error) {
      if (!(error instanceof GivenError)) throw error
      problems.push({ field, problem: error.message, text: error.kind === 'secret' ? '' : form.one(field) })
    }
  }
}

/** One way to give keys: the others go. */
function readKeys(metadata: Metadata, form: Form, put: (name: string, value: unknown) => void): void {
  if (!form.has('key_source')) return
  const source = form.one('key_source')
  if (source !== 'jwks_uri') put('jwks_uri', undefined)
  const text = form.one('given_keys')
  if (source !== 'jwks') put('jwks', undefined)
  else if (text !== '') put('jwks', readGivenKeys(text).jwks)
  else if (!isKeySet(metadata.jwks)) throw new GivenError('unreadable', 'no keys were given: paste them, or choose where else they are')
}

/** The one name by which the certificate of an application is known, from its certificate where that was given. */
function readSubject(form: Form, put: (name: string, value: unknown) => void): GivenCertificate | undefined {
  if (!form.has('subject_field')) return undefined
  const field = form.one('subject_field')
  const text = form.one('given_certificate')
  const given = text === '' ? undefined : readGivenCertificate(text, Date.now() / 1000)
  const found =
    field === 'tls_client_auth_subject_dn' ? given?.subject_dn : given?.subject_alternative_names.find((one) => one.field === field)?.value
  if (given && !found && form.one('subject_value') === '')
    throw new GivenError('unreadable', `the certificate has no name for ${field}: choose another kind of name, or write it`)
  for (const name of SUBJECT_FIELDS) put(name, name === field ? form.one('subject_value') || found : undefined)
  return given
}

const nonEmpty = (values: readonly string[]) => (values.length > 0 ? [...values] : undefined)
/** What is neither stays as it was sent, so that it is said to be wrong. */
const flagIn = (text: string) => (text === '' ? undefined : text === 'true' || (text === 'false' ? false : text))

/** Whole seconds; what is none stays as it was written, so that it is said to be wrong. */
const secondsIn = (text: string) => (/^\d{1,10}$/.test(text) ? Number(text) : text)

/** Metadata that are an application's own: a copy of it has others. */
const ITS_OWN = [
  ...SUBJECT_FIELDS,
  'jwks',
  'jwks_uri',
  'client_id',
  'client_secret',
  'client_secret_expires_at',
  'client_id_issued_at',
  'client_status',
]

/** What an application lends to a new one: all but what identifies it. */
export const templateOf = (metadata: Metadata): Metadata => ({
  ...Object.fromEntries(Object.entries(metadata).filter(([name]) => !ITS_OWN.includes(name) && !name.startsWith('software_'))),
  client_name: `Copy of ${typeof metadata.client_name === 'string' ? metadata.client_name : 'an application'}`,
})

/** The sector that pairwise subject identifiers are made for (OpenID Connect Core §8.1); `undefined` where redirect URIs have several hosts and none is named. */
export function sectorOf({ sector_identifier_uri, redirect_uris }: Metadata): string | undefined {
  const uris = typeof sector_identifier_uri === 'string' ? [sector_identifier_uri] : Array.isArray(redirect_uris) ? redirect_uris : []
  const hosts = [...new Set(uris.map((uri) => urlOf(String(uri))?.hostname ?? ''))]
  return hosts.length === 1 && hosts[0] !== '' ? hosts[0] : undefined
}
