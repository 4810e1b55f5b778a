import { readFileSync, writeFileSync } from 'node:fs'
import { closeListeners } from './listeners.js'
import { auditOfDefaults, auditOfFlags, auditOfOwnServer, auditOfQuickStart, type Found } from './weak-servers.js'

/** Weaknesses of a server, and the findings that name them. */
type Weaknesses = Readonly<Record<string, string>>

const REGISTRATION: Weaknesses = {
  'public clients register': 'confidential-clients/public-client',
  'clients with a secret register': 'authentication-methods/secret-basic',
  'RS256 is registered for client assertions': 'registered-algorithms/assertion-rs256',
  'RS256 is registered for ID tokens': 'registered-algorithms/id-token-rs256',
  'redirect URIs over http register': 'https-redirect-uris/redirect-http',
  'key sets over http register': 'https-key-sets/jwks-uri-http',
  'RSA keys of 1024 bits register': 'strong-keys/rsa-1024',
  'a garbage software statement is dropped without a word': 'software-statement/statement-garbage',
  'an update that says nothing takes protections back': 'no-weakening/put-omits-flags',
  'an update with an explicit false takes protections back': 'no-weakening/put-false',
  'an update adds a redirect URI over http': 'https-redirect-uris/put-http-redirect',
}
const OFFERED: Weaknesses = {
  'client secrets and public clients are offered': 'server-authentication-methods',
  'RS256 is offered': 'server-algorithms-id-token',
  'there is no key for PS256 or ES256': 'server-can-sign',
  'an ID token can be signed with nothing that FAPI allows': 'some-algorithm-published',
}
const ASSERTIONS: Weaknesses = {
  'a client assertion that lives for ten years is taken': 'assertion-lifetime/exp-ten-years',
  'one client assertion is taken eight times at once': 'assertion-once/at-once',
}

const SERVERS: Readonly<Record<string, readonly [audit: () => Promise<Found>, weaknesses: Weaknesses]>> = {
  'node-oidc-provider, features.fapi 2.0 and every flag': [
    () => auditOfFlags('fapi2-security'),
    {
      ...OFFERED,
      ...REGISTRATION,
      ...ASSERTIONS,
      'a request that was not pushed is taken': 'pushed-requests/direct-by-default',
      'with response_mode jwt as well': 'pushed-requests/direct-jarm-by-default',
      'a client of response type code id_token registers': 'client-response-types/response-type-hybrid',
      'an unbound client registers': 'sender-constrained-clients/unbound',
      'RS256 is taken in request objects': 'request-object-algorithms/object-rs256-by-default',
      'RS256 is taken in client assertions': 'assertion-algorithms/alg-rs256-by-default',
      'a Bearer token is issued without proof or certificate': 'holder-at-token-request/unbound-by-default',
      'one DPoP proof is taken eight times at once': 'dpop-once/at-once',
    },
  ],
  'node-oidc-provider, features.fapi 1.0 Final and every flag': [
    () => auditOfFlags('fapi1-advanced'),
    {
      ...OFFERED,
      ...REGISTRATION,
      ...ASSERTIONS,
      'an unsigned request with response_mode jwt is taken': 'signed-requests/direct-jarm-by-default',
      'RS256 is taken in request objects': 'request-object-algorithms/object-rs256-by-default',
      'RS256 is taken in client assertions': 'assertion-algorithms/alg-rs256-by-default',
      'a client that need not sign its requests registers': 'clients-sign/sign-false',
      'tokens are not bound to certificates': 'certificate-binding-offered',
      'a Bearer token is issued without certificate': 'certificate-at-token-request/unbound-by-default',
    },
  ],
  'node-oidc-provider as it comes': [
    () => auditOfDefaults(false),
    {
      ...OFFERED,
      ...ASSERTIONS,
      'a request that was not pushed is taken': 'pushed-requests/direct',
      'a request without PKCE is taken': 'pkce-s256/pkce-none',
      'a request without redirect_uri is taken': 'redirect-uri-given/redirect-none',
      'a client assertion for an endpoint is taken': 'assertion-audience-is-issuer/aud-token-endpoint',
      'RS256 is taken in client assertions': 'assertion-algorithms/alg-rs256',
      'a Bearer token is issued without proof or certificate': 'holder-at-token-request/unbound',
    },
  ],
  'node-oidc-provider with features.fapi alone': [
    () => auditOfDefaults(true),
    {
      ...OFFERED,
      ...ASSERTIONS,
      'a request that was not pushed is taken': 'pushed-requests/direct',
      'RS256 is taken in client assertions': 'assertion-algorithms/alg-rs256',
      'a Bearer token is issued without proof or certificate': 'holder-at-token-request/unbound',
    },
  ],
  'the quick start of node-oidc-provider with features.fapi': [
    auditOfQuickStart,
    {
      ...OFFERED,
      'its client has a secret': 'authentication-methods/client',
      'its redirect URI is http': 'https-redirect-uris/client',
      'a request that was not pushed is taken': 'pushed-requests/direct',
    },
  ],
  'own-server without the middlewares': [
    () => auditOfOwnServer(false, 'fapi2-security', 'fapi2-dpop'),
    {
      'it publishes no metadata': 'metadata-published',
      'it publishes no keys': 'metadata-published/keys',
      'nothing can be pushed': 'par-offered',
      'tokens are bound to nothing': 'some-binding-offered',
      'there is no PKCE': 'pkce-published',
      'answers do not say who they are from': 'response-issuer-published',
      'nobody has to authenticate': 'client-authenticated/none',
      'a wrong client secret will do': 'client-authenticated/secret',
      'client assertions are not looked at': 'assertion-signature/signature',
      'a request that was not pushed is taken': 'pushed-requests/direct',
      'a request of response type id_token is taken': 'response-types/direct-implicit',
      'browsers are not held to https': 'strict-transport-security/localhost',
    },
  ],
}

const PAGE = 'docs/audit-findings.md'
const HEAD = `# What an audit finds

Servers that are not FAPI, and what \`express-fapi audit\` says of their weaknesses. Written by the test that tries it, with
\`UPDATE_FINDINGS=1 npm run jest -- __tests__/audit/weaknesses.test.ts\`. A finding has \`failed\` where a clause is broken, and \`warned\` where a SHOULD is, or where
it is wrong only if it is meant for clients of the profile.
`
const sections: string[] = []

const section = (name: string, weaknesses: Weaknesses, found: Found) => `
## ${name}

| weakness | finding | status |
|---|---|---|
${Object.entries(weaknesses)
  .map(([weakness, id]) => `| ${weakness} | \`${id}\` | ${found[id]} |`)
  .join('\n')}
`

afterAll(closeListeners)

describe.each(Object.entries(SERVERS))('%s', (name, [audited, weaknesses]) => {
  let found: Found = {}
  beforeAll(async () => {
    found = await audited()
  })

  test.each(Object.entries(weaknesses))('%s: %s', (_weakness, id) => {
    expect(['failed', 'warned']).toContain(found[id])
  })
  afterAll(() => void sections.push(section(name, weaknesses, found)))
})

describe.each([
  ['fapi2-dpop', 'fapi2-security'],
  ['fapi2-mtls', 'fapi2-security'],
  ['fapi2-ms', 'fapi2-message-signing'],
  ['fapi1-pkjwt', 'fapi1-advanced'],
  ['fapi1-mtls', 'fapi1-advanced'],
] as const)('own-server behind the middlewares, with the client %s', (client, profile) => {
  test('nothing fails', async () => {
    const found = Object.entries(await auditOfOwnServer(true, profile, client))
    expect(found.filter(([, status]) => status === 'failed')).toEqual([])
    expect(found.filter(([, status]) => status === 'passed').length).toBeGreaterThan(70)
  })
})

test('the page about it says the same', () => {
  const page = [HEAD, ...sections].join('')
  if (process.env.UPDATE_FINDINGS) writeFileSync(PAGE, page)
  expect(readFileSync(PAGE, 'utf8')).toBe(page)
})
