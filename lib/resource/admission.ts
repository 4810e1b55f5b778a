import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import type { Client, ClientCertificate, Token } from '../core/facts.js'
import type { AccessToken } from './access-tokens.js'
import type { Sent } from './authorization-header.js'

/** Who was let through, as `req.fapi`. */
export interface Admission {
  /** The claims of the access token. */
  readonly token: Token['claims']
  readonly scheme: Token['scheme']
  /** The issuer of the access token. */
  readonly issuer: string
  readonly client: Client | undefined
  readonly certificate: ClientCertificate | undefined
  readonly interactionId: string
  /** When the user last logged in, says the client (`x-fapi-auth-date`, FAPI1-BASE-6.2.2-3). */
  readonly authDate: Date | undefined
  /** The user's address, says the client (`x-fapi-customer-ip-address`, FAPI1-BASE-6.2.2-4): IPv4 or IPv6. */
  readonly customerIpAddress: string | undefined
}

declare module 'express-serve-static-core' {
  interface Request {
    /** Who was let through by `protect`. */
    fapi?: Admission
  }
}

/** Puts together what is known of a request that is let through. */
export function admission(
  { headers }: IncomingMessage,
  { claims, issuer, client }: AccessToken,
  { scheme }: Sent,
  { certificate, interactionId }: Pick<Admission, 'certificate' | 'interactionId'>,
): Admission {
  const address = headers['x-fapi-customer-ip-address']
  // One literal: what is spread is copied member by member, with each request.
  return Object.freeze({
    token: claims,
    scheme,
    issuer,
    client,
    certificate,
    interactionId,
    authDate: httpDate(headers['x-fapi-auth-date']),
    customerIpAddress: isAddress(address) ? address : undefined,
  })
}

/** A zone (RFC 4007 §11) means something on one machine only. */
const isAddress = (value: unknown): value is string => typeof value === 'string' && isIP(value) !== 0 && !value.includes('%')

const IMF_FIXDATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/

/** RFC 9110 §5.6.7; what is none says nothing. */
function httpDate(value: unknown): Date | undefined {
  const date = typeof value === 'string' && IMF_FIXDATE.test(value) ? new Date(value) : undefined
  // Node makes the 1st of March of the 30th of February.
  return date?.toUTCString() === value ? date : undefined
}
