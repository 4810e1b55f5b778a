import express, { type Request, type Response } from 'express'
import { isText } from '../core/claims.js'
import type { ClientCertificate } from '../core/facts.js'
import { shownCertificate } from '../readers/shown-certificate.js'
import type { Metadata } from './metadata.js'
import { RegistrationError, type RegistrationErrorCode } from './registration-error.js'
import type { RegistrationSetup } from './registration-options.js'

/** Octets, our choice: metadata with some keys and a software statement. */
const LARGEST = 131_072

/** Directories say the one, their clients the other. */
const JWT_TYPES = ['application/jwt', 'application/jose']

const parseJson = express.json({ limit: LARGEST, type: 'application/json', strict: false })
const parseJwt = express.text({ limit: LARGEST, type: JWT_TYPES })

/** Reads metadata sent as JSON (RFC 7591 §3.1), or the compact JWT that is sent in their place. Throws a `RegistrationError`. */
export async function readBody(req: Request, res: Response, format: 'json' | 'jwt'): Promise<Metadata | string> {
  const types = format === 'json' ? ['application/json'] : JWT_TYPES
  const wrong = (why: string) => new RegistrationError(format === 'json' ? 'invalid_client_metadata' : 'invalid_request', why)
  if (!req.is(types)) throw wrong(`the request must be sent as ${types.join(' or ')}`)
  if (!req.readableEnded)
    await new Promise<void>((resolve, reject) =>
      (format === 'json' ? parseJson : parseJwt)(req, res, (error: unknown) => (error ? reject(error) : resolve())),
    ).catch(() => {
      throw wrong(
        `the body cannot be read: it must be ${format === 'json' ? 'a JSON object' : 'a signed JWT'} of at most ${LARGEST} octets`,
      )
    })
  const { body } = req
  if (format === 'jwt') {
    if (!isText(body)) throw wrong('the body must be a signed JWT')
    return body.trim()
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw wrong('the body must be a JSON object')
  return { ...body }
}

/**
 * The client certificate of a request; demanded, and issued by a trusted authority, where the ecosystem wants one. Throws a
 * `RegistrationError` with the error of the occasion.
 */
export async function readCertificate(
  { certificate: source, ecosystem }: RegistrationSetup,
  req: Request,
  error: RegistrationErrorCode,
): Promise<ClientCertificate | undefined> {
  const { certificate, flaw } = await shownCertificate(source, req)
  const isRequired = ecosystem.certificate === 'required'
  if (flaw && (isRequired || flaw.kind === 'malformed')) throw new RegistrationError(error, flaw.message)
  if (isRequired && !certificate) throw new RegistrationError(error, 'a client certificate is needed')
  if (isRequired && !certificate?.verified)
    throw new RegistrationError(error, 'the client certificate was not issued by a trusted authority', certificate?.unverified)
  return certificate
}

/** The token of an Authorization header (RFC 6750 §2.1); nothing where there is no such header. Throws a `RegistrationError` for another scheme. */
export function readBearer({ headers: { authorization } }: Request): string | undefined {
  if (authorization === undefined) return undefined
  const [, token] = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i.exec(authorization) ?? []
  if (token === undefined) throw new RegistrationError('invalid_token', 'the Authorization header must be Bearer and a token')
  return token
}
