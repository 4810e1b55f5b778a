/** A flag of a command, as it is explained and as it is read. */
export interface Flag {
  readonly name: string
  /** What stands for each of its values in the help; none for a switch. */
  readonly values: readonly string[]
  /** Whether it may be given more than once. */
  readonly several?: boolean
  readonly says: string
}

/** A command, what it takes and what it is for. */
export interface CommandTerms {
  readonly name: string
  /** What it is told without a flag; absent where that is nothing. */
  readonly takes?: { readonly name: string; readonly says: string }
  readonly summary: string
  readonly flags: readonly Flag[]
  readonly example: string
}

const JSON_FILE = (says: string): Flag => ({ name: 'json', values: ['FILE'], says: `${says} as JSON; - for standard output` })

const SIGNING_ALG: Flag = {
  name: 'signing-alg',
  values: ['ALG'],
  several: true,
  says: 'what the server signs with: PS256, ES256, EdDSA or Ed25519 (default: any of them); may be repeated',
}

const profileFlag = (names: readonly string[]): Flag => ({
  name: 'profile',
  values: ['NAME'],
  says: `the profile to judge by: ${names.join(', ')}`,
})

/** Every command there is; `profiles` are the names of the profiles. */
export const commandTerms = (profiles: readonly string[]): readonly CommandTerms[] => [
  {
    name: 'audit',
    takes: { name: 'issuer', says: 'the https issuer identifier (http for this machine alone)' },
    summary: 'judges a running authorization server from outside',
    flags: [
      profileFlag(profiles),
      { name: 'mtls', values: ['CERT', 'KEY'], says: 'a client certificate and its private key (PEM files), for mutual TLS' },
      {
        name: 'client',
        values: ['FILE'],
        says: 'the metadata of a registered client (RFC 7591, JSON) to act as; without it one is registered where the server lets it',
      },
      { name: 'key', values: ['FILE'], says: "the client's private keys (a JWK Set)" },
      { name: 'resource', values: ['URL'], says: 'an API of this server, whose answers are judged too' },
      { name: 'metadata', values: ['FILE'], says: 'metadata of the server (RFC 8414, JSON), where it publishes none' },
      { name: 'initial-access-token', values: ['TOKEN'], says: 'lets a client be registered, where the server wants one' },
      { name: 'ca', values: ['FILE'], says: 'certificates of authorities to trust beside the usual ones (PEM)' },
      { name: 'all-clients', values: [], says: 'every client is held to the profile: what is offered to others fails too' },
      JSON_FILE('writes the report'),
      { name: 'junit', values: ['FILE'], says: 'writes the report as JUnit XML, for build servers; - for standard output' },
      { name: 'sarif', values: ['FILE'], says: 'writes the report as SARIF, for code scanning; - for standard output' },
      { name: 'html', values: ['FILE'], says: 'writes the report as one page, for people; - for standard output' },
    ],
    example: 'express-fapi audit https://as.example --profile fapi2-security --html report.html',
  },
  {
    name: 'lint',
    takes: { name: 'file', says: 'a module that exports a configuration of oidc-provider, or client metadata (RFC 7591, JSON)' },
    summary: 'judges a configuration of oidc-provider, or client metadata, without any server',
    flags: [
      profileFlag(profiles),
      { name: 'issuer', values: ['URL'], says: 'the issuer that the configuration is for (default https://issuer.example)' },
      { name: 'with-fapi', values: [], says: 'the configuration is one that you hand to withFapi: only what that refuses counts' },
      SIGNING_ALG,
      JSON_FILE('writes what was found'),
    ],
    example: 'express-fapi lint ./configuration.js --profile fapi2-security',
  },
  {
    name: 'clients',
    takes: { name: 'store', says: 'a PGlite folder, a postgres:// or redis:// URL, or a module that exports a store' },
    summary: 'judges every stored client before a switch of profiles: who would break, why, what to change',
    flags: [
      profileFlag(profiles),
      {
        name: 'key-ring',
        values: ['FILE'],
        says: 'the keys of an encrypted store: {"keys": [{"id": "…", "secret": "…"}]}, 32 bytes in base64url',
      },
      { name: 'prefix', values: ['TEXT'], says: "what the store's tables or keys begin with (default fapi_, in Redis fapi:)" },
      SIGNING_ALG,
      JSON_FILE('writes what was found'),
    ],
    example: 'express-fapi clients postgres://judge@db.example/bank --profile fapi2-security',
  },
  {
    name: 'keys',
    summary: 'makes private and public keys, and a client certificate that signs itself',
    flags: [
      {
        name: 'alg',
        values: ['ALG'],
        several: true,
        says: 'PS256 (default), ES256, EdDSA or Ed25519 for signatures, RSA-OAEP-256 or ECDH-ES for encryption; may be repeated',
      },
      { name: 'use', values: ['USE'], says: 'sig or enc: what the algorithm has to be for' },
      { name: 'kid', values: ['ID'], says: 'names the key (default: its thumbprint, RFC 7638); with one key only' },
      { name: 'certificate', values: ['NAME'], says: "also makes a client certificate for this name, such as 'CN=client,O=Example,C=GB'" },
      { name: 'days', values: ['N'], says: 'how long the certificate is valid (default 365)' },
      { name: 'out', values: ['DIR'], says: 'the folder for the files (default: the current one); what is there is not overwritten' },
    ],
    example: "express-fapi keys --alg PS256 --certificate 'CN=my-client' --out keys",
  },
]
