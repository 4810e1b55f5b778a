import { isAmongUrls, isText, isTime } from '../core/claims.js'
import type { Client, Confirmation, Facts } from '../core/facts.js'
import { defineRule } from '../core/rule.js'

export const noPasswordGrant = defineRule({
  id: 'no-password-grant',
  summary: 'The resource owner password credentials grant is refused.',
  mend: 'Send the user through the authorization endpoint and use grant_type=authorization_code. Without a user, use grant_type=client_credentials.',
  at: ['token'],
  error: 'unsupported_grant_type',
  check: ({ params }) => (params.grant_type === 'password' ? 'the password grant is not supported' : undefined),
})

const bindsToCertificate = ({ tls_client_certificate_bound_access_tokens: bound }: Client, { wire }: Facts['token']) =>
  bound && wire.certificate !== undefined

export const certificateAtTokenRequest = defineRule({
  id: 'certificate-at-token-request',
  summary: 'Token requests come with the client certificate that the token is bound to.',
  mend: 'Call the token endpoint over mutual TLS with the client certificate, at the URL in mtls_endpoint_aliases where there is one, and register tls_client_certificate_bound_access_tokens: true. A proxy in front must pass the certificate on.',
  at: ['token'],
  error: 'invalid_grant',
  check: (facts) => (bindsToCertificate(facts.client, facts) ? undefined : 'a client certificate is required to bind the access token to'),
})

export const holderAtTokenRequest = defineRule({
  id: 'holder-at-token-request',
  summary: 'Token requests come with a client certificate or a DPoP proof that the token is bound to.',
  mend: 'Send a DPoP proof in the header DPoP. Or connect with the client certificate, and register tls_client_certificate_bound_access_tokens: true; a proxy in front must then pass the certificate on.',
  at: ['token'],
  error: 'invalid_grant',
  check: (facts) =>
    isText(facts.wire.headers.dpop) || bindsToCertificate(facts.client, facts)
      ? undefined
      : 'a DPoP proof or a client certificate is required to bind the access token to',
})

export const oneBinding = defineRule({
  id: 'one-binding',
  summary: 'Clients whose tokens are bound to their certificate send no DPoP proof.',
  mend: 'Leave the header DPoP out: the tokens of this client are bound to its certificate. To use DPoP instead, register dpop_bound_access_tokens: true and tls_client_certificate_bound_access_tokens: false.',
  at: ['token'],
  error: 'invalid_grant',
  check: ({ client, wire }) =>
    client.tls_client_certificate_bound_access_tokens && isText(wire.headers.dpop)
      ? 'access tokens of this client are bound to its certificate: a DPoP proof must not be sent'
      : undefined,
})

/**
 * FAPI2-SP-5.3.2.1-13 sets the limit ahead. The limit behind is our own: with the provider's five-minute replay memory, counted
 * from use, a proof must stop being acceptable before it is forgotten. A proof with a nonce is as fresh as its nonce.
 */
export const proofClock = (aheadSeconds: number, behindSeconds: number) =>
  defineRule({
    id: 'proof-clock',
    summary: `DPoP proofs are at most ${behindSeconds} seconds old and at most ${aheadSeconds} ahead, unless a nonce dates them.`,
    mend: 'Make a new DPoP proof for each request with iat = now, in seconds since 1970 and not in milliseconds, and keep the clock right with NTP. If the server sent a DPoP-Nonce, put it into nonce of the proof.',
    at: ['par', 'token', 'resource'],
    error: 'invalid_dpop_proof',
    check({ proof, now }) {
      if (!proof || isText(proof.claims.nonce) || proof.claims.iat === undefined) return undefined
      const { iat } = proof.claims
      return isTime(iat) && iat - now <= aheadSeconds && now - iat <= behindSeconds
        ? undefined
        : 'iat of the DPoP proof is not recent enough'
    },
  })

export const proofRecipient = defineRule({
  id: 'proof-recipient',
  summary: 'DPoP proofs are for an endpoint of this server, under a name it has itself.',
  mend: 'Set htu of the DPoP proof to the URL of the endpoint as the server metadata have it, without query and fragment. If it is that already, the operator must set the public URL of the server right, most likely behind a proxy.',
  at: ['par', 'token', 'resource'],
  error: 'invalid_dpop_proof',
  check({ proof, recipient }) {
    return proof === undefined || isAmongUrls(proof.claims.htu, recipient.endpoints)
      ? undefined
      : 'htu of the DPoP proof is not an endpoint of this server'
  },
})

const isBound = (cnf: Confirmation | undefined) => isText(cnf?.jkt) || isText(cnf?.['x5t#S256'])
const cnfOf = (facts: Facts['issuance'] | Facts['resource']) => ('cnf' in facts ? facts.cnf : facts.token.claims.cnf)

export const senderConstrainedTokens = defineRule({
  id: 'sender-constrained-tokens',
  summary: 'Access tokens are bound to a certificate or to a DPoP key.',
  mend: 'Ask for a new access token with a DPoP proof or over mutual TLS with the client certificate, so that its cnf has jkt or x5t#S256. A token issued without them is never accepted.',
  at: ['issuance', 'resource'],
  check: (facts) => (isBound(cnfOf(facts)) ? undefined : 'the access token is not bound to a key of its holder'),
})

export const certificateBoundTokens = defineRule({
  id: 'certificate-bound-tokens',
  summary: 'Access tokens are bound to a certificate.',
  mend: 'Ask for a new access token over mutual TLS with the client certificate, and register tls_client_certificate_bound_access_tokens: true, so that its cnf has x5t#S256. A DPoP key does not count here.',
  at: ['issuance', 'resource'],
  check: (facts) => (isText(cnfOf(facts)?.['x5t#S256']) ? undefined : 'the access token is not bound to the certificate of its holder'),
})
