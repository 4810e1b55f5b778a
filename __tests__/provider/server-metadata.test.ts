import { createPolicy, fapi2Security } from 'express-fapi'
import { serverMetadata, withFapi } from 'express-fapi/provider'
import Provider from 'oidc-provider'

test('a provider says of itself what discovery says', async () => {
  const policy = createPolicy({ profile: fapi2Security })
  const provider = new Provider('https://as.example', withFapi(policy, 'https://as.example'))
  expect(await serverMetadata(provider)).toMatchObject({
    issuer: 'https://as.example',
    require_pushed_authorization_requests: true,
    token_endpoint_auth_methods_supported: expect.not.arrayContaining(['client_secret_basic']),
  })
})

test('one that does not is an error', async () => {
  const provider = new Provider('https://as.example', { features: { devInteractions: { enabled: false } } })
  provider.use(async (ctx) => {
    ctx.status = 503
    ctx.body = 'busy'
  })
  await expect(serverMetadata(provider)).rejects.toThrow('503')
})
