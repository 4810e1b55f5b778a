import { generateKeyPairSync, type JsonWebKey, type KeyObject, randomUUID, X509Certificate } from 'node:crypto'
import { type Jwk, thumbprint } from 'express-fapi'
import { calculateJwkThumbprint, exportJWK, SignJWT } from 'jose'
import { createAuthority, type Identity, issueCertificate } from '../examples/bank/certificates.js'

/** How the API is known to the world. */
export const API = 'https://api.bank.example'
export const ISSUER = 'https://as.bank.example'

/** A client with two access tokens: one bound to its proof key, one to its certificate. */
export interface Party {
  readonly proofKey: JsonWebKey
  readonly dpopToken: string
  readonly identity: Identity
  readonly mtlsToken: string
}

/** Who takes part, as it goes from process to process. */
export interface Cast {
  readonly jwks: { readonly keys: readonly Jwk[] }
  readonly authority: string
  readonly server: Identity
  readonly parties: readonly Party[]
}

/** Makes the keys, the certificates and the tokens of so many clients. Access tokens are signed with PS256, proof keys are on P-256. */
export async function makeCast(clients: number): Promise<Cast> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const authority = await createAuthority('CN=Bench Authority')
  const names = [{ type: 'dns', value: new URL(API).hostname }] as const
  return {
    jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: 'bench', alg: 'PS256', use: 'sig' }] },
    authority: authority.certificate,
    server: await issueCertificate(authority, { subject: 'CN=api', usage: 'server', keyType: 'EC', names }),
    parties: await Promise.all(Array.from({ length: clients }, (_, index) => makeParty(`client-${index}`, authority, privateKey))),
  }
}

async function makeParty(clientId: string, authority: Identity, issuerKey: KeyObject): Promise<Party> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const identity = await issueCertificate(authority, { subject: `CN=${clientId}`, usage: 'client', keyType: 'EC' })
  const jkt = await calculateJwkThumbprint(await exportJWK(publicKey))
  return {
    proofKey: privateKey.export({ format: 'jwk' }),
    dpopToken: await accessToken(clientId, { jkt }, issuerKey),
    identity,
    mtlsToken: await accessToken(clientId, { 'x5t#S256': thumbprint(new X509Certificate(identity.certificate)) }, issuerKey),
  }
}

/** RFC 9068 §2, with what a bank would put into it. */
const accessToken = (clientId: string, cnf: Readonly<Record<string, string>>, key: KeyObject) =>
  new SignJWT({ sub: 'alice', client_id: clientId, scope: 'openid accounts payments', acr: 'urn:bank:sca', cnf })
    .setProtectedHeader({ alg: 'PS256', typ: 'at+jwt', kid: 'bench' })
    .setIssuer(ISSUER)
    .setAudience(API)
    .setJti(randomUUID())
    .setIssuedAt()
    .setExpirationTime('1 hour')
    .sign(key)
