import { isText } from '../../core/claims.js'
import type { Confirmation, Token } from '../../core/facts.js'
import { jsonPart } from '../../readers/jws.js'
import { NoAnswerError } from '../exchange.js'
import { legalTokenRequest } from '../legal.js'
import type { Scene } from '../scene.js'
import { answerTo } from '../sending.js'

/** An access token of the party, and how it is used. */
export interface HeldToken {
  readonly value: string
  readonly scheme: 'DPoP' | 'Bearer'
  /** What it is bound to, as far as that is known from outside: by its own claims, or by how it was asked for. */
  readonly cnf: Confirmation | undefined
  readonly isJwt: boolean
}

/** RFC 6750 §2.1 has even fewer characters; how many there may be is our choice. */
const CARRIED = /^[\x21-\x7e]{1,32768}$/

/** Gets an access token without a user; a sentence where there is none to be had. */
export async function obtainedToken(scene: Scene): Promise<HeldToken | string> {
  if (!scene.party) return 'No access token could be had without a client: give one with --client and --key.'
  const legal = legalTokenRequest(scene)
  if (!legal) return 'No access token could be had without a user: give a client that may use client_credentials.'
  try {
    const { answer } = await answerTo(scene, legal)
    const { access_token: value, token_type: type } = answer.json ?? {}
    if (answer.status >= 300 || !isText(value)) return `No access token was issued: ${answer.line}`
    if (!CARRIED.test(value)) return 'The access token has characters that no header carries, or too many of them.'
    return held(scene, value, isText(type) && type.toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer')
  } catch (cause) {
    if (cause instanceof NoAnswerError) return `No access token was issued: ${cause.line}`
    throw cause
  }
}

function held({ party }: Scene, value: string, scheme: HeldToken['scheme']): HeldToken {
  const parts = value.split('.')
  const claims: Partial<Token['claims']> | undefined = parts.length === 3 ? jsonPart(parts[1] ?? '') : undefined
  const isJwt = claims !== undefined && jsonPart(parts[0] ?? '') !== undefined
  const isToCertificate = party?.certificate !== undefined && party.client.tls_client_certificate_bound_access_tokens
  const assumed = scheme === 'DPoP' ? { jkt: 'the key of the proof' } : isToCertificate ? { 'x5t#S256': 'the certificate' } : undefined
  return { value, scheme, isJwt, cnf: isJwt ? confirmation(claims.cnf) : assumed }
}

function confirmation(cnf: unknown): Confirmation | undefined {
  if (typeof cnf !== 'object' || cnf === null) return undefined
  const { jkt, 'x5t#S256': certificate }: Readonly<Record<string, unknown>> = { ...cnf }
  return { ...(isText(jkt) && { jkt }), ...(isText(certificate) && { 'x5t#S256': certificate }) }
}
