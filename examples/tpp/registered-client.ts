import { openDataFolder, prettyJson } from '../bank/data-folder.js'
import type { Claims } from './directory.js'
import { type Harvest, walk } from './flows.js'
import type { Party } from './party.js'
import { type Answer, type Scene, type Sent, send, sendMetadata, signedRequest, withCertificate } from './registering.js'
import { authentication, dpopProof, redirectUri, said, sendForm } from './requests.js'

/** A client that has registered. */
export interface RegisteredClient {
  readonly id: string
  /** What the bank made of the request. */
  readonly metadata: Claims
  /** Where it is managed (RFC 7592 §3). */
  readonly uri: string
  /** Its registration access token; none where it is managed with access tokens. */
  readonly token: string | undefined
}

/** Reads what the bank answers a registration with, and keeps what the client needs in its folder. Throws when it is none. */
export function keepClient(scene: Scene, { status, json }: Answer): RegisteredClient {
  const { client_id: id, registration_client_uri: uri, registration_access_token: token } = json
  if (status !== 201 || typeof id !== 'string' || typeof uri !== 'string') throw new Error(`${status} ${JSON.stringify(json)}`)
  const { ways, bank, software } = scene
  const folder = openDataFolder(bank.dataDir)
  // The bank says nothing of what is for the client alone to know: where it sends its requests, how it reads the answers.
  const { response_modes } = ways.metadata(software)
  const notes = { ...json, response_modes, use_mtls_endpoint_aliases: ways.flow.dpop === undefined }
  folder.writeSecret(`clients/${id}/metadata.json`, prettyJson(notes))
  folder.writeSecret(`clients/${id}/private.jwk.json`, prettyJson(software.key.privateJwk))
  folder.writeSecret(`clients/${id}/certificate.pem`, software.identity.certificate)
  folder.writeSecret(`clients/${id}/key.pem`, software.identity.key)
  return { id, metadata: json, uri: withCertificate(scene, uri), token: typeof token === 'string' ? token : undefined }
}

/** Walks the ecosystem's flow as the client. Throws when anything is not as it should be. */
export const walkAs = ({ ways, target }: Scene, { id }: RegisteredClient): Promise<Harvest> => walk(target, { ...ways.flow, clientId: id })

/** What the token endpoint says to the client: `400 invalid_grant` as long as it is served, because nobody ever had that code. */
export async function askForToken({ target, bank, ways }: Scene, party: Party): Promise<string> {
  const { endpoints, issuer } = target
  const url = ways.flow.dpop ? endpoints.token : endpoints.token.replace(issuer, bank.mtlsOrigin)
  const form = {
    ...{ grant_type: 'authorization_code', code: 'never-issued', redirect_uri: redirectUri(party), code_verifier: 'v'.repeat(43) },
    ...(await credentials(target, party)),
  }
  return said(await sendForm(party, url, form, ways.flow.dpop ? { dpop: await dpopProof(endpoints.token, undefined, 'POST') } : {}))
}

const credentials = async (target: Scene['target'], party: Party) =>
  party.metadata.token_endpoint_auth_method === 'private_key_jwt' ? authentication(target, party) : { client_id: party.id }

/** An access token of the client itself, bound to its certificate (RFC 6749 §4.4). Throws when it is refused. */
export async function ownAccessToken({ target, bank }: Scene, party: Party, scope: string): Promise<string> {
  const form = { grant_type: 'client_credentials', scope, ...(await credentials(target, party)) }
  const response = await sendForm(party, `${bank.mtlsOrigin}/token`, form)
  const json = (await response.json()) as Claims
  if (typeof json.access_token !== 'string') throw new Error(`${response.status} ${JSON.stringify(json)}`)
  return json.access_token
}

/** Reads or deletes the registration (RFC 7592 §2.1, §2.3). */
export const manage = (scene: Scene, method: 'GET' | 'DELETE', { uri }: Pick<RegisteredClient, 'uri'>, sent: Sent): Promise<Answer> =>
  send(scene, method, uri, sent)

/** Replaces the registration (RFC 7592 §2.2): what the client registered with, and a change. */
export const update = (scene: Scene, { id, uri }: RegisteredClient, draft: Parameters<typeof sendMetadata>[3]): Promise<Answer> =>
  sendMetadata(scene, 'PUT', uri, { ...draft, metadata: { client_id: id, ...draft.metadata } })

/** Asks for a new registration access token, with nothing but the certificate. */
export const recoverByCertificate = (scene: Scene, { uri }: RegisteredClient): Promise<Answer> =>
  send(scene, 'POST', `${uri}/registration-access-token`)

/** Asks for a new registration access token, with a statement about the software and proof of the client's key. */
export async function recoverByStatement(scene: Scene, { id, uri }: RegisteredClient, statement: string): Promise<Answer> {
  const client_assertion = await signedRequest(scene, {}, { iss: id, sub: id }, scene.software.key)
  const body = JSON.stringify({ software_statement: statement, client_assertion })
  return send(scene, 'POST', `${uri}/registration-access-token`, { certificate: 'none', type: 'application/json', body })
}
