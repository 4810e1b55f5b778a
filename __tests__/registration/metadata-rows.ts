import { metadataFaults } from '../../lib/registration/metadata-faults.js'
import { mintKey } from '../support/keys.js'
import { honestMetadata, type Metadata } from '../support/registration.js'

/** The key of the honest client that every row changes something of. */
export const KEY = mintKey()
export const RSA = mintKey('PS256')
export const { publicJwk: EC } = KEY
export const honest = honestMetadata(KEY, 'fapi2-security')

export const jwks = (...keys: readonly unknown[]) => ({ jwks: { keys } })
export const uris = (...redirect_uris: readonly unknown[]) => ({ redirect_uris })
/** A URI of that many characters. */
export const ofLength = (length: number) => 'https://tpp.example/'.padEnd(length, 'x')
export const hybrid = { response_types: ['code id_token'], grant_types: ['authorization_code', 'implicit'] }
export const tls = { token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_subject_dn: 'CN=tpp,O=TPP' }

/** What is refused, what is said of it, and the nearest that is taken. */
export type Row = readonly [what: string, refused: Metadata, says: string, taken: Metadata]

/** Tests each row on an honest client. */
export function testRows(rows: readonly Row[]): void {
  test.each(rows)('%s', (_what, refused, says, taken) => {
    expect(metadataFaults({ ...honest, ...refused }).map(({ description }) => description)).toContainEqual(expect.stringContaining(says))
    expect(metadataFaults({ ...honest, ...taken })).toEqual([])
  })
}
