import { deepFreeze } from '../../core/deep-freeze.js'
import { FAPI_ALGORITHMS } from '../../core/jwk.js'
import type { Ecosystem } from '../ecosystem.js'

/** Metadata that a software statement may have under their own names: RFC 7591 §2, OpenID Connect Registration 1.0 §2, RFC 8705 §2.1.2. */
const METADATA = [
  ...['redirect_uris', 'token_endpoint_auth_method', 'grant_types', 'response_types', 'client_name', 'client_uri', 'logo_uri', 'scope'],
  ...['contacts', 'tos_uri', 'policy_uri', 'jwks_uri', 'software_id', 'software_version'],
  ...['application_type', 'sector_identifier_uri', 'subject_type', 'token_endpoint_auth_signing_alg', 'request_object_signing_alg'],
  ...['id_token_signed_response_alg', 'tls_client_auth_subject_dn'],
]

/**
 * RFC 7591 and RFC 7592 as they are, for servers outside any ecosystem. Clients have names in the style of OpenID Connect, software
 * statements are welcome and not demanded, and what they say counts more than the request (RFC 7591 §2.3).
 */
export const generic = deepFreeze<Ecosystem>({
  name: 'generic',
  title: 'OAuth 2.0 Dynamic Client Registration',
  source: { url: 'https://www.rfc-editor.org/rfc/rfc7591', version: 'RFC 7591 and RFC 7592, July 2015', date: '2026-11-22' },
  // RFC 7591 §3.1.
  body: 'json',
  certificate: 'optional',
  statement: {
    // RFC 7591 §2: a client may send one.
    required: false,
    algorithms: [...FAPI_ALGORITHMS],
    // RFC 7591 knows no age. A statement that never ends is refused: our choice.
    maxAge: undefined,
    expires: true,
    claims: ['software_id'],
    softwareId: 'software_id',
    // RFC 7591 §2.3: all instances of a software send the same one.
    once: false,
  },
  claims: Object.fromEntries(METADATA.map((name) => [name, name])),
  // RFC 7591 §2.3.
  precedence: 'statement',
  matches: [],
  required: [],
  forbidden: [],
  allowed: {},
  defaults: {},
  management: {
    // RFC 7592 §2.
    by: 'registration_access_token',
    // RFC 7592 §2.2 lets an update do without.
    statementOnUpdate: false,
    // RFC 7592 §3 allows either. Answers get lost, and a token that has changed is lost with them: our choice.
    rotate: false,
    methods: ['GET', 'PUT', 'DELETE'],
  },
  // RFC 7591 §2: clients of one software share its software_id.
  // RFC 7591 §5: a name and a logo must not be those of somebody else. That the host says so is our choice.
  sameHost: ['client_uri', 'logo_uri', 'policy_uri', 'tos_uri'],
  duplicates: 'new',
})
