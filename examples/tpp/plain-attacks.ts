import { decodeJwt } from 'jose'
import { ATTACKS } from './attacks.js'
import { openParty } from './party.js'
import { codeFor, type PlainHarvest, plainParameters, readAccounts, redeem } from './plain-flow.js'
import { authentication, type Form, redirectUri, requestParameters, signedParameters } from './requests.js'
import { accountsWithCertificate, type Target } from './target.js'

/** One of the twelve attacks, in the form that a server without any FAPI understands. */
export interface PlainAttack {
  readonly title: string
  readonly clause: string
  /** The refusal to expect, where a server that keeps to RFC 6749 withstands the attack by itself. */
  readonly withstands?: string
  /** What the attacker got. Throws what the server answered when that was a refusal. */
  attempt(scene: PlainScene): Promise<string>
}

export interface PlainScene {
  readonly target: Target
  readonly fapi1: PlainHarvest
  readonly dpop: PlainHarvest
}

type PlainForm = Pick<PlainAttack, 'withstands' | 'attempt'>

/** By the title the attack has in {@link ATTACKS}. */
const PLAIN_FORMS: Readonly<Record<string, PlainForm>> = {
  'a stolen DPoP-bound token without its key': {
    attempt: ({ target, dpop }) =>
      asThief(target, 'fapi2-ms', async (thief) => {
        const seen = await readAccounts(thief, target.endpoints.accounts, dpop.tokens.access_token)
        return `${seen} accounts, read with nothing but the token`
      }),
  },
  'a certificate-bound token with another certificate': {
    attempt: ({ target, fapi1 }) =>
      asThief(target, 'fapi1-mtls', async (thief) => {
        const seen = await readAccounts(thief, accountsWithCertificate(target), fapi1.tokens.access_token)
        return `${seen} accounts, read with another client's certificate`
      }),
  },
  'an authorization request without a request object': {
    async attempt({ target, fapi1: { party } }) {
      const asked = plainParameters(party, { scope: 'openid' })
      const { scope } = await redeem(target, party, await codeFor(target, party, { ...asked, scope: 'openid accounts' }))
      return `the client asked for ${asked.scope}; changed on the way, it became ${scope}`
    },
  },
  'a request object without nonce': {
    async attempt({ target, fapi1: { party } }) {
      const outside = { redirect_uri: redirectUri(party), state: 's' }
      const code = await codeFor(target, party, await signedParameters(target, party, { nonce: undefined }, outside))
      const { nonce } = decodeJwt((await redeem(target, party, code)).id_token ?? '')
      if (nonce !== undefined) throw new Error('the ID token has a nonce')
      return 'an ID token without nonce, good for any sign-in'
    },
  },
  'PKCE with the method plain': {
    async attempt({ target, dpop: { party } }) {
      const code = await codeFor(target, party, requestParameters(party, { code_challenge_method: 'plain' }))
      await redeem(target, party, code)
      return 'tokens for a code whose verifier nobody had'
    },
  },
  'a client assertion signed with RS256': {
    async attempt({ target, fapi1: { party } }) {
      await redeemWith(target, party, await authentication(target, party, { alg: 'RS256' }))
      return 'tokens; nobody looked how the assertion was signed'
    },
  },
  'a client assertion used twice': {
    async attempt({ target, dpop: { party } }) {
      const credentials = await authentication(target, party)
      await redeemWith(target, party, credentials)
      await redeemWith(target, party, credentials)
      return 'tokens both times; nobody looked at the assertion'
    },
  },
  'an authorization code used twice': {
    withstands: '400 invalid_grant',
    async attempt({ target, dpop: { party, code } }) {
      await redeem(target, party, code)
      return 'tokens once more'
    },
  },
  'redirect_uri outside the request object only': {
    async attempt({ target, fapi1: { party } }) {
      const outside = { redirect_uri: redirectUri(party), state: 's' }
      await codeFor(target, party, await signedParameters(target, party, { redirect_uri: undefined }, outside))
      return 'a code, sent where the unsigned parameter said'
    },
  },
  'a FAPI 2.0 request through the front door': {
    async attempt({ target, dpop: { party } }) {
      await codeFor(target, party, requestParameters(party))
      return 'a code for a request that nobody pushed'
    },
  },
  'a client that does not authenticate': {
    attempt: ({ target, dpop: { party } }) =>
      asThief(target, 'fapi2-ms', async (thief) => {
        const { access_token } = await redeem(target, party, await codeFor(target, party), {}, thief)
        return `a stolen code redeemed with the client_id alone, ${await readAccounts(thief, target.endpoints.accounts, access_token)} accounts read`
      }),
  },
  'a client assertion for the token endpoint instead of the issuer': {
    async attempt({ target, dpop: { party } }) {
      await redeemWith(target, party, await authentication(target, party, { aud: target.endpoints.token }))
      return 'tokens; nobody looked whom the assertion was for'
    },
  },
}

/** The twelve attacks against a server without any FAPI. */
export const PLAIN_ATTACKS: readonly PlainAttack[] = ATTACKS.map(({ title, clause }) => {
  const form = PLAIN_FORMS[title]
  if (!form) throw new Error(`nobody has said what becomes of "${title}" at a plain server`)
  return { title, clause, ...form }
})

type Party = PlainHarvest['party']

const redeemWith = async (target: Target, party: Party, credentials: Form) =>
  redeem(target, party, await codeFor(target, party), credentials)

/** Somebody else's client, with its own keys and certificate, does something. */
async function asThief(target: Target, id: string, act: (thief: Party) => Promise<string>): Promise<string> {
  const thief = await openParty(target, id)
  try {
    return await act(thief)
  } finally {
    await thief.close()
  }
}
