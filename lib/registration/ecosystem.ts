import type { MetadataFault } from './metadata.js'

/** A path into the claims of a software statement: a name, or names from the outside in (`['software_roles']`, `['org', 'id']`). */
export type ClaimPath = string | readonly string[]

/** What a registration is held to: how a request is written, what its software statement must say, and who may manage the client. All of it is data. */
export interface Ecosystem {
  readonly name: string
  readonly title: string
  /** What it was written after, and when that was read (ISO 8601). */
  readonly source: { readonly url: string; readonly version: string; readonly date: string }
  /** `json`: RFC 7591 §3.1. `jwt`: the metadata are the claims of a JWT that the software signs, sent as `application/jwt`. */
  readonly body: 'json' | 'jwt'
  /** What a signed request must be; only with `body: 'jwt'`. */
  readonly signedRequest?: SignedRequest
  /** Whether a request must come with a client certificate that a trusted authority issued. */
  readonly certificate: 'required' | 'optional'
  readonly statement: StatementRules
  /** Metadata, and the claim of the statement each is taken from. */
  readonly claims: Readonly<Record<string, ClaimPath>>
  /**
   * Which of the two counts where the statement and the request both have a value: RFC 7591 §2.3 lets the statement win. Metadata
   * that `matches` speaks of stay as they were sent, once they fit.
   */
  readonly precedence: 'statement' | 'request'
  /** How metadata of the request must fit the statement, or the client certificate. */
  readonly matches: readonly Match[]
  /** The scopes that the roles in a statement give. */
  readonly scopes?: RoleScopes
  /** Metadata that must be there, after everything has been filled in. */
  readonly required: readonly string[]
  readonly forbidden: readonly Forbidden[]
  /** Metadata of which only some values are taken, beyond what the profile says. */
  readonly allowed: Readonly<Record<string, readonly string[]>>
  /** Metadata whose URLs must be of the host of a redirect URI, unless the statement or the operator says them (RFC 7591 §5). */
  readonly sameHost: readonly string[]
  /** What is set where neither request nor statement nor profile says anything. */
  readonly defaults: Readonly<Record<string, unknown>>
  readonly management: Management
  /** What a second registration of one software gets. */
  readonly duplicates: Duplicates
  /** Where the directory publishes which software is in good standing. */
  readonly status?: StatusDocument
}

export type Duplicates = 'reject' | 'return-existing' | 'new'

export interface SignedRequest {
  readonly algorithms: readonly string[]
  /** The claim of the statement that holds the https URL of the software's keys. */
  readonly keysClaim: ClaimPath
  /** The claim of the statement that `iss` of the request must equal. */
  readonly issuerClaim: ClaimPath
  /** Whether `aud` must name this server. */
  readonly audience: boolean
  /** Seconds from `iat` to `exp` at the most. */
  readonly maxLifetime: number
  readonly jti: 'uuid' | 'text'
}

export interface StatementRules {
  readonly required: boolean
  readonly algorithms: readonly string[]
  /** Seconds since `iat` at the most; `undefined` only where `exp` is demanded. */
  readonly maxAge: number | undefined
  /** Whether `exp` must be there; where it is there, it always counts. */
  readonly expires: boolean
  /** Claims that must be there. */
  readonly claims: readonly string[]
  /** The claim that names the software, and the one that names who makes it. */
  readonly softwareId: ClaimPath
  readonly organisationId?: ClaimPath
  /** Whether a statement is good for one registration or update only. */
  readonly once: boolean
}

/** How one field must fit. */
export interface Match {
  /** The metadata field, or `certificate:` and the name of an attribute of the certificate's subject (`certificate:UID`). */
  readonly field: string
  /** `subset`: each value is one of the claim's. `equals`: the same value, lists in any order. */
  readonly how: 'subset' | 'equals'
  readonly claim: ClaimPath
  readonly error: MetadataFault['error']
}

export interface RoleScopes {
  /** Where the roles stand: texts, or objects of which `role` names the text and `active` what makes it count. */
  readonly claim: ClaimPath
  readonly role?: string
  readonly active?: { readonly field: string; readonly value: unknown }
  /** Scopes of everybody. */
  readonly always: readonly string[]
  readonly table: Readonly<Record<string, readonly string[]>>
}

export interface Forbidden {
  readonly field: string
  readonly error: MetadataFault['error']
  /** Says to the client what to do in its place. */
  readonly why: string
}

export interface Management {
  /** What authorizes to read, update and delete a registration: RFC 7592's token, or an access token of the client with this scope. */
  readonly by: 'registration_access_token' | { readonly scope: string }
  /** Whether an update must come with a fresh statement. */
  readonly statementOnUpdate: boolean
  /** Whether each update gives a new registration access token. */
  readonly rotate: boolean
  readonly methods: readonly ('GET' | 'PUT' | 'DELETE')[]
}

/** A JSON document with the standing of each software. */
export interface StatusDocument {
  /** Where the list is inside the document; empty where the document is the list. */
  readonly list: readonly string[]
  /** The members that hold the software's id and its standing. */
  readonly id: string
  readonly status: string
  /** The standings in which a software is served. Whoever is not listed, or has another, is suspended. */
  readonly active: readonly string[]
}
