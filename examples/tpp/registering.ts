import { randomUUID } from 'node:crypto'
import { importJWK, SignJWT } from 'jose'
import { Agent, fetch } from 'undici'
import type { Bank } from '../bank/bank.js'
import type { Identity } from '../bank/certificates.js'
import type { Claims, Directory } from './directory.js'
import type { Ways } from './ecosystems.js'
import type { SigningKey } from './signing-key.js'
import type { Software } from './software.js'
import type { Target } from './target.js'

/** A third party in front of a bank that is about to know it. */
export interface Scene {
  readonly ways: Ways
  readonly bank: Bank
  readonly directory: Directory
  readonly software: Software
  /** Another software of the same directory, with keys and a certificate of its own. */
  readonly stranger: Software
  readonly target: Target
}

/** How a request to register differs from an honest one. */
export interface Draft {
  /** Metadata in place of the honest ones. */
  readonly metadata?: Claims
  /** Claims of the statement in place of the directory's. */
  readonly claims?: Claims
  /** Whether a stranger signs the statement. */
  readonly forged?: true
  /** A statement there is already, or none. */
  readonly statement?: string | 'none'
  /** What a signed request says of itself, in place of what is right. */
  readonly request?: Claims
  /** Who signs a request in place of the software; `nobody`: the metadata are sent as JSON. */
  readonly signedBy?: SigningKey | 'nobody'
  /** Whose certificate is shown in place of the software's. */
  readonly certificate?: Identity | 'none'
  /** The token in the Authorization header. */
  readonly token?: string | 'none'
}

/** Where clients with a certificate find what is at this address of the bank. */
export const withCertificate = ({ bank }: Scene, url: string): string => new URL(new URL(url).pathname, bank.mtlsOrigin).href

/** What the bank said. */
export interface Answer {
  readonly status: number
  /** Empty where there was no JSON object. */
  readonly json: Claims
}

export interface Sent {
  readonly certificate?: Draft['certificate']
  readonly token?: string
  readonly type?: string
  readonly body?: string
}

/** Sends a request, with the software's certificate or another one. */
export async function send({ bank, software }: Scene, method: string, url: string, sent: Sent = {}): Promise<Answer> {
  const { certificate = software.identity, token, type, body } = sent
  const identity = certificate === 'none' ? {} : { cert: certificate.certificate, key: certificate.key }
  const dispatcher = new Agent({ connect: { ca: bank.caCertificate, ...identity } })
  try {
    const headers = {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(type !== undefined && { 'content-type': type }),
    }
    const response = await fetch(url, { method, headers, dispatcher, ...(body !== undefined && { body }) })
    const json: unknown = await response.json().catch(() => undefined)
    return { status: response.status, json: typeof json === 'object' && json !== null ? { ...json } : {} }
  } finally {
    await dispatcher.close()
  }
}

/** An answer in two words: the status and, of a refusal, the error. */
export const inShort = ({ status, json: { error } }: Answer): string => [status, error].filter(Boolean).join(' ')

/** A statement of the directory about the software. */
export const statementFor = ({ ways, directory, software }: Scene, { claims = {}, forged }: Draft = {}): Promise<string> =>
  directory.statement({ iss: directory.issuer, ...ways.statement(software), ...claims }, forged)

/** Asks to be registered (RFC 7591 §3.1). */
export const register = (scene: Scene, draft: Draft = {}): Promise<Answer> =>
  sendMetadata(scene, 'POST', withCertificate(scene, `${scene.bank.issuer}/reg`), {
    token: scene.ways.name === 'generic' ? scene.bank.initialAccessToken : 'none',
    ...draft,
  })

/** Sends metadata the way the ecosystem has it, with a statement. */
export async function sendMetadata(scene: Scene, method: 'POST' | 'PUT', url: string, draft: Draft): Promise<Answer> {
  const { ways, software } = scene
  const { statement = await statementFor(scene, draft), metadata = {}, signedBy = software.key, certificate, token = 'none' } = draft
  const sent = { ...ways.metadata(software), ...metadata, ...(statement !== 'none' && { software_statement: statement }) }
  const isSigned = ways.body === 'jwt' && signedBy !== 'nobody'
  return send(scene, method, url, {
    ...(certificate && { certificate }),
    ...(token !== 'none' && { token }),
    type: isSigned ? 'application/jwt' : 'application/json',
    body: isSigned ? await signedRequest(scene, sent, draft.request ?? {}, signedBy) : JSON.stringify(sent),
  })
}

/** A JWT of the software, addressed to the bank, that lives five minutes. */
export async function signedRequest({ bank, software }: Scene, metadata: Claims, own: Claims, key: SigningKey): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: software.id, aud: bank.issuer, iat: now, exp: now + 300, jti: randomUUID(), ...metadata, ...own }
  const kid = String(software.key.publicJwk.kid)
  return new SignJWT(claims).setProtectedHeader({ typ: 'JWT', alg: key.alg, kid }).sign(await importJWK(key.privateJwk, key.alg))
}
