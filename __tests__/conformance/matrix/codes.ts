import { later } from '../../support/clock.js'
import { challengeOf, VERIFIER } from '../../support/pkce.js'
import { INVALID_CLIENT, INVALID_GRANT, NO_CERTIFICATE, NO_CERTIFICATE_AT_ALL, NO_PROOF } from './answers.js'
import { said } from './outcome.js'
import { attempted, changed, type Row } from './row.js'

const FAPI2 = { as: 'fapi2', by: 'redeem' } as const
const JARM = { as: 'fapi1-jarm', by: 'redeem' } as const
const HYBRID = { as: 'fapi1-hybrid', by: 'redeem' } as const

/** The token endpoint: codes, PKCE and certificates. */
export const CODES: readonly Row[] = [
  ...[FAPI2, JARM].flatMap((what) => [
    changed(what, ['ensure-pkce-code-verifier-required', 'no code_verifier'], { params: { code_verifier: undefined } }, INVALID_GRANT),
    changed(
      what,
      ['incorrect-pkce-code-verifier-rejected', 'another code_verifier'],
      { params: { code_verifier: `${VERIFIER}x` } },
      INVALID_GRANT,
    ),
    changed(
      what,
      ['incorrect-pkce-code-verifier-rejected', 'the challenge as code_verifier'],
      { params: { code_verifier: challengeOf(VERIFIER) } },
      INVALID_GRANT,
    ),
    attempted(
      what,
      ['attempt-reuse-authorization-code-after-one-second', 'the code again'],
      async (_, party) => {
        const code = await party.code()
        expect(said(await party.redeem(code))).toBe('200')
        return later(1, async () => said(await party.redeem(code)))
      },
      INVALID_GRANT,
    ),
    attempted(
      what,
      ['attempt-reuse-authorization-code-after-one-second', 'the token of the first time, after the second one'],
      async (_, party) => {
        const code = await party.code()
        const { json } = await party.redeem(code)
        expect((await party.accounts(json.access_token)).status).toBe(200)
        await party.redeem(code)
        return String((await party.accounts(json.access_token)).status)
      },
      // A token that lives on draws a warning.
      ['401'],
    ),
    attempted(
      what,
      ['ensure-token-endpoint-fails-with-expired-auth-code', 'a code after 62 seconds'],
      async (_, party) => {
        const [soon, late] = [await party.code(), await party.code()]
        await later(55, async () => expect(said(await party.redeem(soon))).toBe('200'))
        return later(62, async () => said(await party.redeem(late)))
      },
      INVALID_GRANT,
    ),
  ]),
  attempted(
    FAPI2,
    ['ensure-authorization-code-is-bound-to-client', 'the code of another client'],
    async (scene, party) => {
      const code = await party.code()
      return said(await scene.as('fapi2-second').redeem(code, { params: { redirect_uri: party.tpp.redirectUri } }))
    },
    INVALID_GRANT,
  ),
  attempted(
    JARM,
    ['ensure-authorization-code-is-bound-to-client', 'the code of another client'],
    async (scene, party) => said(await scene.as('fapi1-hybrid').redeem(await party.code())),
    INVALID_GRANT,
  ),
  changed(
    FAPI2,
    ['FAPI1-BASE-5.2.2.1-5', 'another redirect_uri'],
    { params: { redirect_uri: 'https://tpp.example/other' } },
    INVALID_GRANT,
  ),
  changed(FAPI2, ['ensure-holder-of-key-required', 'no proof'], { proof: 'none' }, NO_PROOF),
  changed(
    { as: 'fapi2-jwt-mtls', by: 'redeem' },
    ['ensure-holder-of-key-required', 'no certificate'],
    { certificate: 'none' },
    NO_CERTIFICATE,
  ),
  changed(
    { as: 'fapi2-mtls', by: 'redeem' },
    ['ensure-holder-of-key-required', 'no certificate'],
    { certificate: 'none' },
    NO_CERTIFICATE_AT_ALL,
  ),
  changed(JARM, ['ensure-mtls-holder-of-key-required', 'no certificate'], { certificate: 'none' }, NO_CERTIFICATE),
  changed(HYBRID, ['ensure-mtls-holder-of-key-required', 'no certificate'], { certificate: 'none' }, NO_CERTIFICATE_AT_ALL),
  changed(
    HYBRID,
    ['RFC8705-2-b', 'the certificate of another client'],
    (scene) => ({ certificate: scene.as('fapi1-jarm').tpp.certificate ?? 'none' }),
    INVALID_CLIENT,
  ),
]
