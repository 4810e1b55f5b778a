import type { Wordings } from './named-refusal.js'

/** How servers refuse whoever calls: clients, and who registers or manages them. */
export const wordingsOfClients: Wordings = {
  invalid_client: [
    [/been used|only be used once/i, 'assertion-once'],
    [/suspended/i, 'client-not-suspended'],
    [/do not agree|client_id mismatch|must be the client_id\b|issuer invalid/i, 'client-identifiers-agree'],
    [/two ways|one mechanism/i, 'one-authentication-method'],
    [/secret/i, 'client-secret'],
    [/not issued by|not trusted|not verified|chain|revoked/i, 'certificate-trusted'],
    [/certificate was not provided|certificate is (?:needed|required)|no client certificate/i, 'certificate-given'],
    [/certificate/i, 'client-certificate'],
    [/metadata document|no client |client not found|not found|client is (?:invalid|not allowed)|hint audience/i, 'client-known'],
    [/\balg(?:orithm)?\b/i, 'assertion-registered-alg'],
    [/not active|not yet|future/i, 'assertion-not-yet-valid'],
    [/\baud\b|audience/i, 'assertion-audience'],
    [/expired/i, 'assertion-expired'],
    [
      /expiration must|must be provided in|invalid (?:nbf|iat|exp|jti|iss|aud|sub) value|\bis missing\b|\b(?:iss|sub|jti|exp)\b/i,
      'assertion-claims',
    ],
    [/no applicable key|no key|unknown key|\bkid\b|not (?:one of )?the keys/i, 'assertion-key'],
    [/signature|verified/i, 'assertion-signature'],
    [/\bkeys?\b/i, 'assertion-key'],
    [/payload|token type|not a (?:signed )?JWT|no JWT|invalid JW|Invalid Compact|must be a string/i, 'assertion-readable'],
    [/mechanism does not match/i, 'client-authenticated'],
    [undefined, 'client-authenticated'],
  ],
  unauthorized_client: [[undefined, 'client-permitted']],
  invalid_redirect_uri: [
    [/did not match/i, 'redirect-uri-of-client'],
    [undefined, 'redirect-uris-registrable'],
  ],
  invalid_software_statement: [[undefined, 'software-statement']],
  unapproved_software_statement: [[undefined, 'software-approved']],
  invalid_webhook_uris: [[undefined, 'webhook-uris']],
  stale_revision: [[undefined, 'registration-current']],
  invalid_client_metadata: [
    [/sector/i, 'sector-identifier'],
    [/Key Set|encryption key|\bjwks\b/i, 'client-keys'],
    [/metadata document/i, 'metadata-sound'],
    [undefined, 'metadata-sound'],
  ],
}
