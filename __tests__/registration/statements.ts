import { randomUUID } from 'node:crypto'
import type { Ecosystem } from '../../lib/registration/ecosystem.js'
import { auCdr, brOpenfinance, generic, ukObie } from '../../lib/registration/ecosystems/index.js'
import { RegistrationError } from '../../lib/registration/registration-error.js'
import { fromNow, type JwtChange, type Members, signJwt } from '../support/jwt.js'
import { mintKey } from '../support/keys.js'

export const SOFTWARE = '65d1f27c-4aea-4549-9c21-60e495a7a86f'
export const CALLBACKS = ['https://tpp.example/cb', 'https://tpp.example/other']
/** Nobody listens there. */
export const KEYS = 'https://keys.directory.example/software.jwks'

/** The key of the directory. RSA takes a moment: one for each test file. */
export const directory = mintKey('PS256', 'directory')

const named = { software_id: SOFTWARE, org_id: 'org-1', org_name: 'The Third Party Ltd' }
const inWords = { software_client_name: 'The Third Party', software_logo_uri: 'https://tpp.example/logo.png', software_version: 1.1 }

const CLAIMS = new Map<Ecosystem, () => Members>([
  [generic, () => ({ iss: 'https://directory.example', exp: fromNow(3600), software_id: SOFTWARE, redirect_uris: CALLBACKS })],
  [
    ukObie,
    () => ({
      ...{ iss: 'OpenBanking Ltd', jti: randomUUID(), ...named, ...inWords, software_redirect_uris: CALLBACKS },
      ...{ software_roles: ['AISP', 'PISP'], software_jwks_endpoint: KEYS },
    }),
  ],
  [
    brOpenfinance,
    () => ({
      ...{ iss: 'Open Banking Open Banking Brasil prod SSA issuer', ...named, ...inWords },
      ...{ software_redirect_uris: CALLBACKS, software_jwks_uri: KEYS },
      software_statement_roles: [
        { role: 'DADOS', authorisation_domain: 'Open Banking', status: 'Active' },
        { role: 'PAGTO', authorisation_domain: 'Open Banking', status: 'Inactive' },
      ],
      software_api_webhook_uris: ['https://tpp.example/hook'],
      software_tos_uri: null,
    }),
  ],
  [
    auCdr,
    () => ({
      ...{ iss: 'cdr-register', jti: randomUUID(), exp: fromNow(600), ...named, client_name: 'The Third Party' },
      ...{ redirect_uris: CALLBACKS, jwks_uri: KEYS, software_roles: 'data-recipient-software-product' },
      ...{ scope: 'openid profile bank:accounts.basic:read cdr:registration', sector_identifier_uri: 'https://tpp.example/sector.json' },
    }),
  ],
])

/** The claims of a statement as the directory of an ecosystem makes it, issued now. */
export const claimsOf = (ecosystem: Ecosystem): Members => ({ iat: fromNow(0), ...CLAIMS.get(ecosystem)?.() })

/** A statement, signed by the directory unless told otherwise. */
export const mintStatement = (ecosystem: Ecosystem, change?: JwtChange): Promise<string> =>
  signJwt({ header: { kid: directory.kid, typ: 'JWT' }, claims: claimsOf(ecosystem), key: directory }, change)

/** What a refusal says; anything but a refusal is a failure. */
export async function refusal(
  work: Promise<unknown>,
): Promise<{ readonly error: string; readonly message: string; readonly detail: string }> {
  const outcome = await work.then(
    (value) => ({ value }),
    (thrown: unknown) => thrown,
  )
  if (!(outcome instanceof RegistrationError))
    throw new Error(`no refusal: ${outcome instanceof Error ? outcome.stack : JSON.stringify(outcome)}`)
  return { error: outcome.error, message: outcome.message, detail: outcome.detail ?? '' }
}
