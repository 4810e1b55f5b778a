import { randomUUID } from 'node:crypto'
import { createServer, type Server } from 'node:https'
import { importJWK, type JWK, SignJWT } from 'jose'
import { createAuthority, issueCertificate } from '../bank/certificates.js'
import { type SigningKey, signingKey } from './signing-key.js'

/** Claims of a JWT, or client metadata: those that are `undefined` are left out. */
export type Claims = Readonly<Record<string, unknown>>

/** What a directory lists of a software. */
export interface Listing {
  readonly id: string
  /** The public halves of its keys. */
  readonly keys: readonly JWK[]
  readonly redirectUris: readonly string[]
}

export interface DirectoryOptions {
  /** `iss` of its software statements. */
  readonly issuer: string
  /** The document that says which software is in good standing, made of ids and standings. */
  readonly statusDocument?: ((standings: ReadonlyMap<string, string>) => object) | undefined
}

/** Where software is listed, and statements about it are had: an HTTPS server with a certificate of its own. */
export interface Directory {
  readonly issuer: string
  /** The host and port it is reached under. */
  readonly host: string
  /** PEM: who trusts it trusts the directory. */
  readonly ca: string
  readonly jwksUri: string
  /** Only where the ecosystem has a status document. */
  readonly statusUrl: string | undefined
  /** Where the keys of a software are published. */
  keysOf(id: string): string
  /** Where its redirect URIs are published (OpenID Connect Core §8.1). */
  sectorOf(id: string): string
  list(listing: Listing): void
  setStanding(id: string, standing: string): void
  /** A software statement (RFC 7591 §2.3), signed with PS256; a forged one is signed by a stranger under the name of the directory's key. */
  statement(claims: Claims, forged?: boolean): Promise<string>
  close(): Promise<void>
}

/** Opens a directory on a free port of localhost. */
export async function openDirectory({ issuer, statusDocument }: DirectoryOptions): Promise<Directory> {
  const [authority, own, stranger] = await Promise.all([createAuthority('CN=Test Directory CA'), signingKey('PS256'), signingKey('PS256')])
  const identity = await issueCertificate(authority, {
    ...{ subject: 'CN=Test Directory', usage: 'server', keyType: 'EC' },
    names: [{ type: 'dns', value: 'localhost' }],
  })
  const listings = new Map<string, Listing>()
  const standings = new Map<string, string>()
  const server = createServer({ cert: identity.certificate, key: identity.key }, (req, res) => {
    const document = documentAt(req.url ?? '')
    res.writeHead(document === undefined ? 404 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(document ?? {}))
  })
  const host = `localhost:${await listen(server)}`

  function documentAt(path: string): unknown {
    const [first, id = '', what = ''] = path.split('/').filter(Boolean)
    if (first === 'keys') return { keys: [own.publicJwk] }
    if (first === 'status') return statusDocument?.(standings)
    const listing = first === 'software' ? listings.get(id) : undefined
    return listing && { keys: { keys: listing.keys }, sector: listing.redirectUris }[what]
  }

  return Object.freeze<Directory>({
    ...{ issuer, host, ca: authority.certificate },
    jwksUri: `https://${host}/keys`,
    statusUrl: statusDocument && `https://${host}/status`,
    keysOf: (id) => `https://${host}/software/${id}/keys`,
    sectorOf: (id) => `https://${host}/software/${id}/sector`,
    list: (listing) => void listings.set(listing.id, listing),
    setStanding: (id, standing) => void standings.set(id, standing),
    statement: (claims, forged = false) => signed(claims, own, forged ? stranger : own),
    close: () => closed(server),
  })
}

const signed = async (claims: Claims, { publicJwk: { kid = '' } }: SigningKey, { privateJwk, alg }: SigningKey): Promise<string> =>
  new SignJWT({ iat: Math.floor(Date.now() / 1000), jti: randomUUID(), ...claims })
    .setProtectedHeader({ typ: 'JWT', alg, kid })
    .sign(await importJWK(privateJwk, alg))

const listen = (server: Server): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : 0)
    })
  })

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
