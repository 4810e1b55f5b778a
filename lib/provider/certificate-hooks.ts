import type { Configuration, KoaContextWithOIDC, Client as ProviderClient } from 'oidc-provider'
import type { Policy } from '../core/policy.js'
import type { CertificateError } from '../readers/certificate-error.js'
import { subjectMismatch } from '../readers/certificate-subject.js'
import { readWire } from '../readers/wire.js'
import type { Certificates } from './certificates.js'
import { clientOf } from './facts.js'
import { refuse } from './refusal.js'

type Settings = NonNullable<NonNullable<Configuration['features']>['mTLS']>
type Hook<Name extends keyof Settings> = NonNullable<Settings[Name]>

export interface CertificateHookOptions {
  readonly certificates: Certificates
  /** To be told of a client that authenticates by its certificate, before the certificate is looked at. */
  readonly judgeAuthentication: (ctx: KoaContextWithOIDC, client: ProviderClient) => void
  /** To be told, any number of times, as soon as the client is known to be who it says it is. */
  readonly judgeTokenRequest: (ctx: KoaContextWithOIDC) => void
}

/** What node-oidc-provider asks about a client certificate (RFC 8705): each goes on to what the user had there, or is answered here. */
export function certificateHooks(
  policy: Policy,
  own: Settings,
  { certificates, judgeAuthentication, judgeTokenRequest }: CertificateHookOptions,
): { [Name in 'getCertificate' | 'certificateAuthorized' | 'certificateSubjectMatches']: Hook<Name> } {
  const authenticated = new WeakSet<object>()

  /** Called while a client authenticates by certificate, and again when its token is bound: from then on it is known. */
  const getCertificate: Hook<'getCertificate'> = (ctx) => {
    const { client } = ctx.oidc
    const authenticates = client?.tokenEndpointAuthMethod?.endsWith('tls_client_auth') === true && !authenticated.has(ctx)
    const flaw = certificates.flaw(ctx)
    if (flaw) refuseFlaw(policy, ctx, flaw, authenticates)
    if (authenticated.has(ctx)) judgeTokenRequest(ctx)
    else if (client && authenticates) {
      authenticated.add(ctx)
      judgeAuthentication(ctx, client)
    }
    return certificates.given(ctx)
  }

  /** RFC 8705 §2.1: whom no authority vouches for is refused here, where the record can say why. */
  const certificateAuthorized: Hook<'certificateAuthorized'> = (ctx) => {
    if (own.certificateAuthorized) return own.certificateAuthorized(ctx)
    const shown = certificates.shown(ctx)
    if (shown && shown.verified !== false) return true
    const detail = shown?.unverified ?? 'whoever read the certificate did not verify it'
    return refuseSubject(ctx, 'certificate-trusted', 'the client certificate was not issued by an authority that is trusted for it', detail)
  }

  /** RFC 8705 §2.1.2. */
  const certificateSubjectMatches: Hook<'certificateSubjectMatches'> = (ctx, property, expected) => {
    if (own.certificateSubjectMatches) {
      if (own.certificateSubjectMatches(ctx, property, expected) !== true) return false
    } else {
      const { client } = ctx.oidc
      const shown = certificates.shown(ctx)
      if (!shown || !client) return false
      const mismatch = subjectMismatch(shown, clientOf(client))
      if (mismatch) return refuseSubject(ctx, 'client-certificate', mismatch.description, mismatch.detail)
    }
    judgeTokenRequest(ctx)
    return true
  }

  function refuseSubject(ctx: KoaContextWithOIDC, rule: string, description: string, detail: string): never {
    const client = ctx.oidc.client && clientOf(ctx.oidc.client)
    refuse(policy, 'authentication', client, 'invalid_client', description, { wire: wireOf(ctx), detail, rule })
  }

  return { getCertificate, certificateAuthorized, certificateSubjectMatches }
}

/** Refuses a request that needs a certificate and shows one that does not count: as its endpoint does, unless it cannot even be read. */
export function refuseFlaw(policy: Policy, ctx: KoaContextWithOIDC, { kind, message }: CertificateError, authenticates = false): never {
  const client = ctx.oidc.client && clientOf(ctx.oidc.client)
  const [stage, error] = authenticates
    ? (['authentication', 'invalid_client'] as const)
    : client
      ? (['token', 'invalid_grant'] as const)
      : (['resource', 'invalid_token'] as const)
  const [answered, rule] =
    kind === 'malformed' ? (['invalid_request', 'certificate-clear'] as const) : ([error, 'certificate-trusted'] as const)
  refuse(policy, stage, client, answered, message, { wire: wireOf(ctx), rule })
}

const wireOf = ({ req, oidc }: KoaContextWithOIDC) => readWire(req, oidc.issuer, undefined)
