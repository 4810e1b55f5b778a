import { jest } from '@jest/globals'
import { createPolicy, fapi2Security, memoryStore } from 'express-fapi'
import type { KoaContextWithOIDC } from 'oidc-provider'
import { certificatesOf } from '../../lib/provider/certificates.js'
import { hooks } from '../../lib/provider/hooks.js'
import { hinted } from '../../lib/provider/sandbox.js'

/* The provider reads the DPoP proof of an attested client before it knows that the attestation is the client's own. */

const REFUSAL = { error: 'invalid_request', description: 'no', rule: 'pkce-s256' }

test.each([
  ['attest_jwt_client_auth_dpop', false],
  ['attest_jwt_client_auth', false],
  ['none', false],
  ['private_key_jwt', true],
] as const)('a proof of a client of %s comes when it has authenticated: %s', (clientAuthMethod, isTold) => {
  const warning = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
  const policy = createPolicy({ profile: fapi2Security, sandbox: true })
  warning.mockRestore()
  const made = hooks(policy, {}, { store: memoryStore(), certificates: certificatesOf({}, undefined), aliases: [] })
  const client = { clientAuthMethod, clientId: 'app', metadata: () => ({ client_id: 'app' }) }
  const ctx = { oidc: { client, route: 'pushed_authorization_request' } } as unknown as KoaContextWithOIDC
  made.features?.dPoP?.requireNonce?.(ctx)
  expect(hinted(ctx, REFUSAL) !== REFUSAL.description).toBe(isTold)
})
