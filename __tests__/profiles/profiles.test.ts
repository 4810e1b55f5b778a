import { ConfigurationError } from '../../lib/core/errors.js'
import type { Client, Facts, Server, Stage } from '../../lib/core/facts.js'
import { judge } from '../../lib/core/judge.js'
import type { Profile } from '../../lib/core/profile.js'
import { profileNamed, profiles } from '../../lib/profiles/index.js'
import { certificate, legalFacts, publishedBy, shownCertificate } from '../rules/facts.js'

const { server } = legalFacts.configuration
const { client } = legalFacts.registration
const FAPI1 = { dpop_bound_access_tokens: false, tls_client_certificate_bound_access_tokens: true }

/** A server set up as a profile's defaults say, and for the rest without anything that any profile minds. */
const serverOf = ({ generation, defaults }: Profile): Server => ({
  ...server,
  fapi_checks: generation,
  ...defaults.server,
  client_defaults: defaults.client,
})

/** A client that registered a binding and took a profile's defaults for the rest. */
const clientOf = ({ generation, defaults }: Profile): Client => ({
  ...client,
  response_modes: undefined,
  ...(generation === '1.0' ? FAPI1 : {}),
  ...defaults.client,
})

/** The legal facts as a client of the profile would bring them about. */
function legalIn(profile: Profile): { readonly [S in Stage]: Facts[S] } {
  const own = clientOf(profile)
  const cnf = profile.generation === '1.0' ? { 'x5t#S256': 'a thumbprint' } : { jkt: 'a thumbprint' }
  const { token, resource } = legalFacts
  return {
    configuration: { server: serverOf(profile) },
    discovery: { server: publishedBy(serverOf(profile)) },
    tls: legalFacts.tls,
    registration: { client: own },
    key: { ...legalFacts.key, client: own },
    authentication: { ...legalFacts.authentication, client: own },
    par: { ...legalFacts.par, client: own },
    authorization: { ...legalFacts.authorization, client: own },
    token: {
      ...token,
      client: own,
      ...(profile.generation === '1.0' && {
        proof: undefined,
        wire: { ...token.wire, headers: {}, certificate: shownCertificate(certificate) },
      }),
    },
    issuance: { ...legalFacts.issuance, client: own, cnf },
    resource: { ...resource, client: own, token: { ...resource.token, claims: { cnf } } },
  }
}

describe.each(profiles.map((profile) => [profile.name, profile] as const))('%s', (name, profile) => {
  test.each(Object.keys(legalFacts))('lets what is legal pass at %s', (stage) => {
    expect(judge(profile, stage as Stage, legalIn(profile)[stage as Stage])).toEqual([])
  })

  test('is found by its name and is frozen', () => {
    expect(profileNamed(name)).toBe(profile)
    expect(Object.isFrozen(profile)).toBe(true)
  })

  test('links to its specification', () => {
    expect(profile.spec).toMatch(/^https:\/\/openid\.net\/specs\/[a-z0-9_-]+\.html$/)
    expect(name.startsWith(profile.generation === '1.0' ? 'fapi1-' : 'fapi2-')).toBe(true)
  })
})

test.each([[undefined], [null], [''], ['FAPI2-Security'], ['constructor'], [['fapi2-security']], [{}], [5]])(
  'there is no profile named %p',
  (name) => {
    expect(() => profileNamed(name)).toThrow(ConfigurationError)
    expect(() => profileNamed(name)).toThrow('must be one of fapi1-baseline, fapi1-advanced, fapi2-security, fapi2-message-signing')
  },
)
