import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClientMetadata } from 'oidc-provider'
import { type Bank, startBank } from '../../examples/bank/bank.js'
import type { Identity } from '../../examples/bank/certificates.js'
import { openDataFolder } from '../../examples/bank/data-folder.js'
import { loadAuthority } from '../../examples/bank/identities.js'
import { type Directory, openDirectory } from '../../examples/tpp/directory.js'
import { WAYS, type Ways } from '../../examples/tpp/ecosystems.js'
import { makeSoftware, type Software } from '../../examples/tpp/software.js'
import '../support/clock.js'
import { fromNow, type JwtChange, type Members, signJwt } from '../support/jwt.js'
import type { SigningKey } from '../support/keys.js'
import { type Party, party } from '../support/party.js'
import type { Metadata } from '../support/registration.js'
import { type Answer, openWire, type Wire } from '../support/wire.js'

/** How a request to register, or an update, differs from an honest one. Members that are `undefined` are left out. */
export interface Draft {
  /** Metadata in place of the honest ones. */
  readonly metadata?: Metadata
  /** Claims of the statement in place of the directory's. */
  readonly claims?: Members
  /** Whether a stranger signs the statement. */
  readonly forged?: boolean
  /** A statement there is already, or none. */
  readonly statement?: unknown
  /** How the JWT that carries the metadata differs, where there is one. */
  readonly request?: JwtChange
  /** What is shown in place of the software's own. */
  readonly certificate?: Identity | 'none'
  readonly token?: string | 'none'
  /** What is sent in place of all of it, and as what. */
  readonly body?: string
  readonly type?: string
}

/** A bank of an ecosystem, its directory, and the software that registers. */
export interface Registrar {
  readonly ways: Ways
  readonly bank: Bank
  readonly directory: Directory
  /** Who issues client certificates that the bank trusts. */
  readonly authority: Identity
  /** Where clients register. */
  readonly endpoint: string
  readonly wire: Wire
  /** Another software of the directory. */
  newSoftware(): Promise<Software>
  /** A statement of the directory, issued now. */
  statement(software: Software, claims?: Members, forged?: boolean): Promise<string>
  register(software: Software, draft?: Draft): Promise<Answer>
  /** PUT to where the client is managed, with a fresh statement. */
  update(software: Software, registered: Answer, draft?: Draft): Promise<Answer>
  /** Any other request about a client. */
  manage(method: string, software: Software, registered: Answer, draft?: Draft): Promise<Answer>
  /** The client, ready to send requests. */
  meet(software: Software, registered: Answer): Party
  /** Ends a client, so that its software can register again. */
  forget(registered: Answer): Promise<void>
  close(): Promise<void>
}

export interface RegistrarOptions {
  /** What an honest software registers with; that of the third party of the examples when not given. */
  readonly metadata?: (software: Software) => Metadata
  /** The profile of clients that name none. */
  readonly profile?: string
}

function waysOf(name: Ways['name']): Ways {
  const found = WAYS.find((one) => one.name === name)
  if (!found) throw new Error(`there is no ${name}`)
  return found
}

/** Opens a bank that follows an ecosystem, and the directory it trusts. */
export async function openRegistrar(name: Ways['name'], { metadata, profile }: RegistrarOptions = {}): Promise<Registrar> {
  const ways = waysOf(name)
  const honest = metadata ?? ways.metadata
  const dataDir = mkdtempSync(join(tmpdir(), 'bank-'))
  const [authority, directory] = await Promise.all([loadAuthority(openDataFolder(dataDir)), openDirectory(ways.directory)])
  const bank = await startBank({
    ...{ port: 0, mtlsPort: 0, dataDir, quiet: true, ecosystem: name },
    directory: { ...directory, hosts: [directory.host] },
  })
  if (profile !== undefined) await bank.registration.settings.change({ fapi_profile: profile }, 'test')
  const wire = openWire(bank.caCertificate)
  const { json: server } = await wire.send(`${bank.issuer}/.well-known/openid-configuration`)
  const { json: jwks } = await wire.send(String(server.jwks_uri))

  const statement: Registrar['statement'] = (software, claims = {}, forged = false) =>
    directory.statement({ iss: directory.issuer, ...ways.statement(software), ...claims }, forged)
  const endpoint = String(server.registration_endpoint)

  async function send(method: string, url: string, software: Software, sent: Metadata | undefined, draft: Draft): Promise<Answer> {
    const { certificate = software.identity, token = 'none', request } = draft
    const isSigned = ways.body === 'jwt' && sent !== undefined
    const body = draft.body ?? (isSigned ? await signedRequest(software, sent, request) : sent && JSON.stringify(sent))
    const type = draft.type ?? (isSigned ? 'application/jwt' : 'application/json')
    return wire.send(url, {
      method,
      headers: { ...(body !== undefined && { 'content-type': type }), ...(token !== 'none' && { authorization: `Bearer ${token}` }) },
      ...(body !== undefined && { body }),
      certificate: certificate === 'none' ? undefined : certificate,
    })
  }

  function signedRequest({ id, key }: Software, claims: Members, change?: JwtChange): Promise<string> {
    const own = { iss: id, aud: bank.issuer, iat: fromNow(0), exp: fromNow(300), jti: randomUUID() }
    return signJwt({ key: signingKeyOf(key), header: { typ: 'JWT', kid: key.publicJwk.kid }, claims: { ...own, ...claims } }, change)
  }

  async function drafted(software: Software, draft: Draft): Promise<Metadata> {
    const { metadata: changed = {}, claims, forged } = draft
    const compact = 'statement' in draft ? draft.statement : await statement(software, claims, forged)
    return { ...honest(software), ...changed, software_statement: compact }
  }

  return {
    ...{ ways, bank, directory, authority, endpoint, wire, statement },
    newSoftware: () => makeSoftware({ directory, authority, ...ways.software }),
    register: async (software, draft = {}) =>
      send('POST', endpoint, software, await drafted(software, draft), {
        ...(name === 'generic' && { token: bank.initialAccessToken }),
        ...draft,
      }),
    async update(software, { json }, draft = {}) {
      const { client_id, registration_access_token: token } = json
      return send(
        'PUT',
        String(json.registration_client_uri),
        software,
        { client_id, ...(await drafted(software, draft)) },
        {
          ...(typeof token === 'string' && { token }),
          ...draft,
        },
      )
    },
    manage(method, software, { json }, draft = {}) {
      const { registration_access_token: token } = json
      return send(method, String(json.registration_client_uri), software, undefined, {
        ...(typeof token === 'string' && { token }),
        ...draft,
      })
    },
    meet({ key, identity, redirectUris: [redirectUri] }, { json }) {
      const notes = { ...json, use_mtls_endpoint_aliases: true } as unknown as ClientMetadata
      const tpp = { id: String(json.client_id), metadata: notes, redirectUri, key: signingKeyOf(key), proofKey: undefined }
      return party({ issuer: bank.issuer, metadata: server, jwks, wire }, { ...tpp, certificate: identity })
    },
    async forget({ json }) {
      await bank.registration.remove(String(json.client_id))
    },
    async close() {
      await Promise.all([wire.close(), bank.close(), directory.close()])
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** A key as the other tests have it. */
export const signingKeyOf = ({ alg, privateJwk, publicJwk }: Software['key']): SigningKey => ({
  ...{ alg, privateJwk, publicJwk },
  kid: String(publicJwk.kid),
})

/** A registration went through (RFC 7591 §3.2.1). */
export function expectRegistered({ status, json, headers }: Answer, expected: Metadata = {}): void {
  expect({ status, error: json.error_description }).toEqual({ status: 201, error: undefined })
  expect(json).toMatchObject({ client_id: expect.any(String), registration_client_uri: expect.stringMatching(/^https:/), ...expected })
  expect(String(headers['cache-control'])).toContain('no-store')
}
