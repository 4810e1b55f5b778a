import { fromNow } from '../../support/jwt.js'
import { mintKey } from '../../support/keys.js'
import type { ProofChange } from '../../support/proof.js'
import { BAD_PROOF, INVALID_GRANT, NO_PROOF } from './answers.js'
import { said } from './outcome.js'
import { attempted, changed, type Row } from './row.js'
import type { Scene } from './scene.js'
import { calculateJkt } from './thumbprint.js'

const FAPI2 = { as: 'fapi2', by: 'redeem' } as const
const OTHER_KEY = 'ensure-token-endpoint-fails-with-mismatched-dpop-jkt / -dpop-proof-jkt'
const otherKey = mintKey()
const p384 = mintKey('ES384')

const FAULTS: readonly (readonly [clause: string, sent: string, proof: (scene: Scene) => ProofChange])[] = [
  ['RFC9449-4.2-a', 'typ=JWT', () => ({ header: { typ: 'JWT' } })],
  ['RFC9449-4.2-a', 'alg=none', () => ({ alg: 'none' })],
  ['RFC9449-4.2-a', 'HS256', () => ({ alg: 'HS256' })],
  ['FAPI2-SP-5.4.1-1.2', 'ES384', () => ({ key: p384 })],
  ['RFC9449-4.2-b', 'no jti', () => ({ claims: { jti: undefined } })],
  ['RFC9449-4.2-b', 'no iat', () => ({ claims: { iat: undefined } })],
  ['RFC9449-4.3-a', 'htm=GET', () => ({ method: 'GET' })],
  ['RFC9449-4.3-a', 'htu of another host', () => ({ url: 'https://other.example/token' })],
  ['RFC9449-4.3-a', 'htu of the PAR endpoint', (scene) => ({ url: scene.as('fapi2').endpoint('pushed_authorization_request_endpoint') })],
  ['RFC9449-4.3-a', 'another signature', () => ({ signature: 'broken' })],
  ['RFC9449-11.1-a', 'iat an hour ago', () => ({ claims: { iat: fromNow(-3600) } })],
  ['FAPI2-SP-5.3.2.1-13', 'iat 62 seconds ahead', () => ({ claims: { iat: fromNow(62) } })],
]

const SOUND: readonly (readonly [module: string, sent: string, proof: () => ProofChange])[] = [
  ['check-dpop-proof-nbf-exp', 'nbf and exp', () => ({ claims: { nbf: fromNow(-5), exp: fromNow(300) } })],
  ['ensure-dpopproof-with-iat-10seconds-before-succeeds', 'iat 10 seconds ago', () => ({ claims: { iat: fromNow(-10) } })],
  ['ensure-dpopproof-with-iat-10seconds-after-succeeds', 'iat 10 seconds ahead', () => ({ claims: { iat: fromNow(10) } })],
]

/** The token endpoint: DPoP proofs, and the keys that codes are bound to. */
export const PROOFS: readonly Row[] = [
  ...FAULTS.map(([clause, sent, proof]) =>
    changed(FAPI2, [clause, `a proof with ${sent}`], (scene) => ({ proof: proof(scene) }), BAD_PROOF),
  ),
  ...SOUND.map(([module, sent, proof]) => changed(FAPI2, [module, `a proof with ${sent}`], () => ({ proof: proof() }), ['200'])),
  attempted(
    FAPI2,
    ['RFC9449-11.1-b', 'the same proof again'],
    async (_, party) => {
      const proof = [await party.proof({ method: 'POST', url: party.endpoint('token_endpoint') })]
      expect(said(await party.redeem(await party.code(), { proof }))).toBe('200')
      return said(await party.redeem(await party.code(), { proof }))
    },
    [...BAD_PROOF, ...INVALID_GRANT],
  ),
  attempted(
    FAPI2,
    ['RFC9449-4.1-a', 'two proofs'],
    async (_, party) => {
      const occasion = { method: 'POST', url: party.endpoint('token_endpoint') }
      return said(await party.redeem(await party.code(), { proof: [await party.proof(occasion), await party.proof(occasion)] }))
    },
    BAD_PROOF,
  ),
  attempted(
    FAPI2,
    ['ensure-dpop-auth-code-binding-success', 'dpop_jkt in the push, its key at the token endpoint'],
    async (_, party) => said(await party.redeem(await party.code({ params: { dpop_jkt: calculateJkt(party.tpp.proofKey) } }))),
    ['200'],
  ),
  attempted(
    FAPI2,
    [OTHER_KEY, 'dpop_jkt in the push, another key at the token endpoint'],
    async (_, party) => {
      const code = await party.code({ params: { dpop_jkt: calculateJkt(party.tpp.proofKey) } })
      return said(await party.redeem(code, { proof: { key: otherKey } }))
    },
    NO_PROOF,
  ),
  attempted(
    FAPI2,
    ['ensure-dpopproof-at-par-endpoint-binding-success', 'a proof with the push, its key at the token endpoint'],
    async (_, party) => said(await party.redeem(await party.code({ proof: {} }))),
    ['200'],
  ),
  attempted(
    FAPI2,
    [OTHER_KEY, 'a proof with the push, another key at the token endpoint'],
    async (_, party) => said(await party.redeem(await party.code({ proof: {} }), { proof: { key: otherKey } })),
    NO_PROOF,
  ),
]
