import { later } from '../../support/clock.js'
import { mintKey } from '../../support/keys.js'
import { badRequest, INVALID_GRANT, NO_CERTIFICATE, NO_PROOF } from './answers.js'
import { said } from './outcome.js'
import { attempted, changed, type Row } from './row.js'

const REFRESH = { as: 'fapi2', by: 'refresh' } as const
const REFRESH_JARM = { as: 'fapi1-jarm', by: 'refresh' } as const
const REFUSED = [...badRequest('invalid_client', 'invalid_grant', 'invalid_request'), '401 invalid_client']
const otherKey = mintKey()

/** Refresh tokens. */
export const REFRESH_TOKENS: readonly Row[] = [
  changed(REFRESH, ['refresh-token (a)', 'a new DPoP key'], { proof: { key: otherKey } }, ['200']),
  attempted(
    REFRESH,
    ['refresh-token (b)', 'the refresh token from before, 30 seconds after a refresh'],
    async (scene, party) => {
      const { refreshToken } = await scene.grant('fapi2')
      expect(said(await party.refresh(refreshToken))).toBe('200')
      return later(30, async () => said(await party.refresh(refreshToken)))
    },
    ['200'],
  ),
  attempted(
    REFRESH,
    ['refresh-token (c)', 'by another client'],
    async (scene) => said(await scene.as('fapi2-second').refresh((await scene.grant('fapi2')).refreshToken)),
    INVALID_GRANT,
  ),
  changed(REFRESH, ['refresh-token (d)', 'no client authentication'], { assertion: 'none' }, REFUSED),
  changed(REFRESH, ['refresh-token (e)', 'no proof'], { proof: 'none' }, NO_PROOF),
  attempted(
    REFRESH_JARM,
    ['refresh-token (c)', 'FAPI 1.0: by another client'],
    async (scene) => said(await scene.as('fapi1-hybrid').refresh((await scene.grant('fapi1-jarm')).refreshToken)),
    INVALID_GRANT,
  ),
  changed(REFRESH_JARM, ['refresh-token (d)', 'FAPI 1.0: no client authentication'], { assertion: 'none' }, REFUSED),
  changed(REFRESH_JARM, ['refresh-token (e)', 'FAPI 1.0: no certificate'], { certificate: 'none' }, NO_CERTIFICATE),
  changed(
    { as: 'fapi2-jwt-mtls', by: 'refresh' },
    ['RFC8705-7-note', 'another certificate'],
    (scene) => ({ certificate: scene.as('fapi2-mtls').tpp.certificate ?? 'none' }),
    ['200'],
  ),
]
