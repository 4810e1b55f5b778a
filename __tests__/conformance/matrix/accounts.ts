import { fromNow } from '../../support/jwt.js'
import { mintKey } from '../../support/keys.js'
import type { ProofChange } from '../../support/proof.js'
import { formOf } from '../../support/wire.js'
import { BAD_PROOF_AT_API, INVALID_TOKEN } from './answers.js'
import { saidByApi } from './outcome.js'
import { attempted, changed, type Row } from './row.js'

const otherKey = mintKey()
const DPOP = { as: 'fapi2', by: 'accounts' } as const
const BOUND = { as: 'fapi1-jarm', by: 'accounts' } as const
const REFUSED = [...BAD_PROOF_AT_API, '401', '400 invalid_request', '401 invalid_request']

const PROOFS: readonly (readonly [clause: string, sent: string, proof: () => ProofChange])[] = [
  ['RFC9449-4.2-a', 'typ=JWT', () => ({ header: { typ: 'JWT' } })],
  ['RFC9449-4.2-a', 'alg=none', () => ({ alg: 'none' })],
  ['RFC9449-4.2-b', 'no ath', () => ({ claims: { ath: undefined } })],
  ['RFC9449-4.3-a', 'the ath of another token', () => ({ claims: { ath: 'fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo' } })],
  ['RFC9449-4.3-a', 'htm=POST', () => ({ method: 'POST' })],
  ['RFC9449-4.3-a', 'htu of another host', () => ({ url: 'https://other.example/accounts' })],
  ['RFC9449-11.1-a', 'iat an hour ago', () => ({ claims: { iat: fromNow(-3600) } })],
  ['FAPI2-SP-5.3.2.1-13', 'iat 62 seconds ahead', () => ({ claims: { iat: fromNow(62) } })],
  ['RFC9449-4.3-a', 'another signature', () => ({ signature: 'broken' })],
  ['RFC9449-4.3-a', 'another key', () => ({ key: otherKey })],
]

/** The API. */
export const ACCOUNTS: readonly Row[] = [
  ...PROOFS.map(([clause, sent, proof]) =>
    changed(DPOP, [`dpop-negative-tests ${clause}`, `a proof with ${sent}`], () => ({ proof: proof() }), BAD_PROOF_AT_API),
  ),
  changed(DPOP, ['dpop-negative-tests RFC9449-7.1-a', 'no proof'], { proof: 'none' }, BAD_PROOF_AT_API),
  changed(
    DPOP,
    ['dpop-negative-tests RFC9449-7.2-a', 'a DPoP-bound token as Bearer'],
    async (scene) => ({ proof: 'none', headers: { authorization: `Bearer ${(await scene.grant('fapi2')).accessToken}` } }),
    REFUSED,
  ),
  changed(
    DPOP,
    ['dpop-negative-tests RFC9449-7.2-a', 'a DPoP-bound token as Bearer, with its proof'],
    async (scene) => ({ headers: { authorization: `Bearer ${(await scene.grant('fapi2')).accessToken}` } }),
    REFUSED,
  ),
  attempted(
    DPOP,
    ['dpop-negative-tests RFC9449-11.1-b', 'the same proof again'],
    async (scene, party) => {
      const { accessToken } = await scene.grant('fapi2')
      const proof = [await party.proof({ method: 'GET', url: `${scene.issuer}/accounts`, accessToken })]
      expect(saidByApi(await party.accounts(accessToken, { proof }))).toBe('200')
      return saidByApi(await party.accounts(accessToken, { proof }))
    },
    BAD_PROOF_AT_API,
  ),
  changed(
    DPOP,
    ['access-token-type-header-case-sensitivity', 'dpop in small letters'],
    async (scene) => ({ headers: { authorization: `dpop ${(await scene.grant('fapi2')).accessToken}` } }),
    ['200'],
  ),
  changed(
    BOUND,
    ['ensure-mtls-holder-of-key-required', 'the certificate of another client'],
    (scene) => ({ certificate: scene.as('fapi1-hybrid').tpp.certificate ?? 'none' }),
    INVALID_TOKEN,
  ),
  changed(BOUND, ['ensure-mtls-holder-of-key-required', 'no certificate'], { certificate: 'none' }, INVALID_TOKEN),
  changed(
    { as: 'fapi2-jwt-mtls', by: 'accounts' },
    ['ensure-holder-of-key-required', 'the certificate of another client'],
    (scene) => ({ certificate: scene.as('fapi2-mtls').tpp.certificate ?? 'none' }),
    INVALID_TOKEN,
  ),
  changed(
    BOUND,
    ['access-token-type-header-case-sensitivity', 'bearer in small letters'],
    async (scene) => ({ headers: { authorization: `bearer ${(await scene.grant('fapi1-jarm')).accessToken}` } }),
    ['200'],
  ),
  attempted(
    BOUND,
    ['FAPI2-SP-5.3.4-2', 'the token in the query, over its own certificate'],
    async (scene, party) => {
      const { accessToken } = await scene.grant('fapi1-jarm')
      const origin = new URL(party.endpoint('token_endpoint')).origin
      return saidByApi(
        await party.send(`${origin}/accounts?${formOf({ access_token: accessToken })}`, { certificate: party.tpp.certificate }),
      )
    },
    REFUSED,
  ),
]
