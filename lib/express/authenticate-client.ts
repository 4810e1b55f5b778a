import { X509Certificate } from 'node:crypto'
import type { Request } from 'express'
import { isText, isTime } from '../core/claims.js'
import type { Client, ClientCertificate, Jwk, Moment, Params } from '../core/facts.js'
import { listed, shown } from '../core/shown.js'
import { thumbprint } from '../readers/certificate.js'
import type { CertificateError } from '../readers/certificate-error.js'
import { subjectMismatch } from '../readers/certificate-subject.js'
import { shownCertificate } from '../readers/shown-certificate.js'
import type { UnverifiedJwt } from '../readers/signed-jwt.js'
import { readWire } from '../readers/wire.js'
import { digest } from '../stores/seal.js'
import { hasAuthenticated } from './authenticated.js'
import { ASSERTION_TYPE, readAssertion, verifyAssertion } from './client-assertion.js'
import { isAbout } from './endpoint.js'
import type { Setup } from './fapi-options.js'
import { parametersIn, textIn, withoutAssertion, withoutCredentials } from './form.js'
import { insistOn, OAuthRefusal } from './oauth-refusal.js'

/** A client that is who it says it is, and the moment it said so. */
export interface Caller {
  readonly client: Client
  /** What the client asks for. */
  readonly params: Params
  readonly moment: Moment
  readonly flaw: CertificateError | undefined
  /** Marks the assertion as used; the last thing to be done. Throws an `OAuthRefusal` when it has been used before. */
  spend(): Promise<void>
}

type Form = Readonly<Record<string, unknown>>

/**
 * Authenticates a client as it is registered (RFC 7523 §3, RFC 8705 §2) and judges how it did. Resolves to nothing for one that no
 * profile holds: that is the server's own business. `behind` is who checks secrets, which these profiles do not know. Throws an `OAuthRefusal`.
 */
export async function authenticateCaller(
  setup: Setup,
  req: Request,
  form: Form,
  behind: 'server' | 'nobody' = 'server',
): Promise<Caller | undefined> {
  const { policy, issuer, recipient, find, keysOf, certificate } = setup
  const assertion = assertionOf(form)
  const clientId = clientIdOf(req, form, assertion)
  const client = await find(clientId)
  if (!client)
    throw new OAuthRefusal('invalid_client', 'client authentication failed', {
      stage: 'authentication',
      detail: `no client ${shown(clientId)}`,
      rule: 'client-known',
    })
  isAbout(req, client)
  const { certificate: certificateShown, flaw } = await shownCertificate(certificate, req)
  const moment = { now: Date.now() / 1000, wire: readWire(req, issuer, certificateShown), client, recipient }
  if (isOutside(setup, client)) return undefined
  const params = withoutCredentials(parametersIn(form, { stage: 'authentication', client }))
  if (flaw?.kind === 'malformed')
    throw new OAuthRefusal('invalid_request', flaw.message, { stage: 'authentication', client, rule: 'certificate-clear' })
  await verify()
  insistOn(policy.decide('authentication', { ...moment, assertion }), { stage: 'authentication', client })
  return { client, params, moment, flaw, spend }

  /** Other methods than these are for the rules to refuse, or, where they let them pass, for the server to check. */
  async function verify(): Promise<void> {
    const method = client?.token_endpoint_auth_method
    if (method === 'private_key_jwt' || method === 'client_secret_jwt') {
      if (!assertion) throw failed('a client assertion is required', 'client-authenticated')
      await verifyAssertion(assertion, client as Client, keysOf)
    } else if (method === 'tls_client_auth' || method === 'self_signed_tls_client_auth') {
      if (assertion) throw failed('this client authenticates by its certificate', 'client-authenticated')
      if (flaw) throw failed(flaw.message, 'client-certificate')
      if (!certificateShown) throw failed('a client certificate is required', 'certificate-given')
      if (method === 'tls_client_auth') verifySubject(certificateShown)
      else if (!isRegistered(certificateShown, client?.jwks?.keys ?? []))
        throw failed('the client certificate is not one of those registered', 'client-certificate')
    } else if (behind === 'nobody') {
      throw failed('this client has no way to authenticate here', 'client-authenticated', `token_endpoint_auth_method is ${method}`)
    } else {
      return
    }
    hasAuthenticated(req)
  }

  function verifySubject(certificate: ClientCertificate): void {
    if (certificate.verified === false)
      throw failed(
        'the client certificate was not issued by an authority that is trusted for it',
        'certificate-trusted',
        certificate.unverified,
      )
    const mismatch = subjectMismatch(certificate, client as Client)
    if (mismatch) throw failed(mismatch.description, 'client-certificate', mismatch.detail)
  }

  async function spend(): Promise<void> {
    if (!assertion) return
    const { jti, exp } = assertion.claims
    // Where their rules are waived: what cannot be remembered could be used for ever.
    if (!isText(jti) || !isTime(exp)) throw failed('jti and exp are required in the client assertion', 'assertion-claims')
    if ((await setup.store.once(`assertion:${digest(clientId, jti)}`, exp + 60)) !== true)
      throw failed('the client assertion has been used, sign a new one for every request', 'assertion-once')
  }

  function failed(description: string, rule: string, detail?: string): OAuthRefusal {
    return new OAuthRefusal('invalid_client', description, { stage: 'authentication', client, detail, rule })
  }
}

/** The server sees a client that has authenticated: its id, and none of what it showed. Who has a secret is the server's to check. */
export function handOver(req: Request, { client }: Caller): void {
  if (/^client_secret_(?:basic|post)$|^none$/.test(client.token_endpoint_auth_method)) return
  delete req.headers.authorization
  withoutAssertion(req, client)
}

/** Whether no profile holds the client. A policy that cannot tell holds it: then every decision refuses. */
export function isOutside({ policy }: Setup, client: Client): boolean {
  try {
    return policy.profileOf(client) === undefined
  } catch {
    return false
  }
}

function assertionOf(form: Form): UnverifiedJwt | undefined {
  const [text, type] = [textIn(form, 'client_assertion'), textIn(form, 'client_assertion_type')]
  if (text === undefined && type === undefined) return undefined
  const assertion = text !== undefined && type === ASSERTION_TYPE ? readAssertion(text) : undefined
  if (!assertion)
    throw new OAuthRefusal('invalid_client', `client_assertion must be a JWT, and client_assertion_type ${ASSERTION_TYPE}`, {
      stage: 'authentication',
      rule: 'assertion-readable',
      detail:
        text === undefined
          ? 'client_assertion is missing'
          : `client_assertion_type is ${shown(type)}, and client_assertion has ${text.length} characters`,
    })
  return assertion
}

/** FAPI1-BASE-5.2.2-19: whoever names itself in several ways is the same in all of them. */
function clientIdOf(req: Request, { client_id, client_secret }: Form, assertion: UnverifiedJwt | undefined): string {
  const { sub, iss } = assertion?.claims ?? {}
  if (assertion && (req.headers.authorization !== undefined || client_secret !== undefined))
    throw new OAuthRefusal('invalid_client', 'a client must not authenticate in two ways', {
      stage: 'authentication',
      rule: 'one-authentication-method',
      detail: `a client assertion comes with ${req.headers.authorization === undefined ? 'client_secret' : 'an Authorization header'}`,
    })
  const names = [client_id, basicUser(req), ...(assertion ? [sub, iss] : [])].filter((name) => name !== undefined && name !== '')
  const [name, ...others] = names
  if (!isText(name) || others.some((other) => other !== name))
    throw new OAuthRefusal(
      'invalid_client',
      names.length === 0 ? 'client authentication is required' : 'the client identifiers do not agree',
      {
        stage: 'authentication',
        rule: names.length === 0 ? 'client-authenticated' : 'client-identifiers-agree',
        ...(names.length > 0 && { detail: `the client is ${listed([...new Set(names)])}` }),
      },
    )
  return name
}

/** The client in an Authorization header (RFC 6749 §2.3.1). What one server would read and another would not is refused. */
function basicUser({ headers: { authorization = '' } }: Request): string | undefined {
  if (!/^\s*basic/i.test(authorization)) return undefined
  const [, encoded = ''] = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization) ?? []
  const [user = '', ...secret] = Buffer.from(encoded, 'base64').toString('utf8').split(':')
  if (user === '' || secret.length === 0)
    throw new OAuthRefusal('invalid_client', 'the Authorization header is no client_id and client_secret', {
      stage: 'authentication',
      rule: 'client-authenticated',
    })
  try {
    return decodeURIComponent(user.replaceAll('+', ' '))
  } catch {
    return user
  }
}

/** RFC 8705 §2.2: the certificate itself is registered, in `x5c`. */
function isRegistered({ x509 }: ClientCertificate, keys: readonly Jwk[]): boolean {
  return keys.some(({ x5c }) => {
    const [first]: readonly unknown[] = Array.isArray(x5c) ? x5c : []
    try {
      return typeof first === 'string' && thumbprint(new X509Certificate(Buffer.from(first, 'base64'))) === thumbprint(x509)
    } catch {
      return false
    }
  })
}
