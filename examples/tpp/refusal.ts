import type { Life } from './registered-life.js'
import type { Draft } from './registering.js'

/** A request to register, or to update, that must fail, and the answer that says why (RFC 7591 §3.2.2). */
export interface Refusal {
  readonly title: string
  readonly clause: string
  /** The status and the error. */
  readonly answer: string
  /** What the description must speak of. */
  readonly because: RegExp
  readonly draft: (life: Life) => Draft | Promise<Draft>
}

export const METADATA = '400 invalid_client_metadata'
export const REDIRECT = '400 invalid_redirect_uri'
export const STATEMENT = '400 invalid_software_statement'

export const refusal =
  (clause: string) =>
  (title: string, answer: string, because: RegExp, draft: Refusal['draft']): Refusal => ({ title, clause, answer, because, draft })

/** Epoch seconds. */
export const minutesAgo = (minutes: number): number => Math.floor(Date.now() / 1000) - 60 * minutes

/** What no ecosystem takes. */
export const STATEMENTS: readonly Refusal[] = [
  refusal('RFC7591-3.2.2')('no software statement', STATEMENT, /must have a software_statement|software_statement is required/, () => ({
    statement: 'none',
  })),
  refusal('RFC7591-2.3')('a forged statement, under the kid of the directory', STATEMENT, /signature of software_statement/, () => ({
    forged: true,
  })),
  refusal('RFC7591-3.2.2')('a statement of another directory', '400 unapproved_software_statement', /issuer/, () => ({
    claims: { iss: 'https://directory.evil.example' },
  })),
]

/* What several ecosystems refuse, by the clause of each. */

export const withoutCertificate = (clause: string): Refusal =>
  refusal(clause)('no client certificate', '400 invalid_request', /certificate is needed/, () => ({ certificate: 'none' }))

export const outsideStatement = (clause: string): Refusal =>
  refusal(clause)('a redirect URI outside the statement', REDIRECT, /^redirect_uris has https:\/\/evil\.example\/cb:/, ({ scene }) => ({
    metadata: { redirect_uris: [...scene.software.redirectUris, 'https://evil.example/cb'] },
  }))

export const keysByValue = (clause: string): Refusal =>
  refusal(clause)('keys by value', METADATA, /jwks must not be sent/, ({ scene }) => ({
    metadata: { jwks_uri: undefined, jwks: { keys: [scene.software.key.publicJwk] } },
  }))

export const signedByStranger = (clause: string): Refusal =>
  refusal(clause)('a request that a stranger signed', METADATA, /signature of the registration request/, ({ scene }) => ({
    signedBy: scene.stranger.key,
  }))

export const unsigned = (clause: string): Refusal =>
  refusal(clause)('metadata that nobody signed', '400 invalid_request', /application\/jwt/, () => ({ signedBy: 'nobody' }))

export const forAnotherBank = (clause: string): Refusal =>
  refusal(clause)('a request for another bank', METADATA, /aud must name/, () => ({ request: { aud: 'https://another-bank.example' } }))
