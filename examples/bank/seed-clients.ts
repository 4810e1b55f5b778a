import type { ClientMetadata } from 'oidc-provider'
import { type Identity, issueCertificate } from './certificates.js'
import { type DataFolder, prettyJson } from './data-folder.js'
import { isIssuedBy, readIdentity, writeIdentity } from './identities.js'
import { certificateKey, loadSigningKey, publicKey } from './keys.js'
import { SEEDS, type Seed } from './seeds.js'

const REDIRECT_URIS = ['https://tpp.example/cb']

/** The bank's own clients. Their keys, certificates and metadata are in `clients/<client_id>` of the data folder, made on first start. */
export async function seedClients(folder: DataFolder, authority: Identity, plainSecret: string): Promise<ClientMetadata[]> {
  const clients = [...(await Promise.all(SEEDS.map((seed) => grow(folder, authority, seed)))), plainClient(plainSecret)]
  // Secret, because the plain client's metadata has its client_secret.
  for (const client of clients) folder.writeSecret(`clients/${client.client_id}/metadata.json`, prettyJson(client))
  return clients
}

async function grow(folder: DataFolder, authority: Identity, { client_id, alg, selfSigned, metadata }: Seed): Promise<ClientMetadata> {
  const home = `clients/${client_id}`
  const key = publicKey(await loadSigningKey(folder, `${home}/private.jwk.json`, alg))
  const { certificate } = await loadCertificate(folder, home, selfSigned ? undefined : authority, `C=GB, O=Example TPP, CN=${client_id}`)
  return {
    client_id,
    redirect_uris: REDIRECT_URIS,
    subject_type: 'pairwise',
    response_types: ['code'],
    grant_types: ['authorization_code', 'refresh_token'],
    id_token_signed_response_alg: alg,
    authorization_signed_response_alg: alg,
    introspection_signed_response_alg: alg,
    jwks: { keys: selfSigned ? [key, await certificateKey(certificate)] : [key] },
    ...metadata,
  }
}

/** A client's certificate, made anew when it runs out or the authority is another one. */
async function loadCertificate(folder: DataFolder, home: string, authority: Identity | undefined, subject: string): Promise<Identity> {
  const files = { certificate: `${home}/certificate.pem`, key: `${home}/key.pem` }
  const kept = readIdentity(folder, files)
  if (kept && (!authority || isIssuedBy(authority, kept))) return kept
  return writeIdentity(folder, files, await issueCertificate(authority, { subject, usage: 'client', keyType: 'EC' }))
}

/** The client outside all profiles: what FAPI would refuse works for it. */
const plainClient = (client_secret: string): ClientMetadata => ({
  client_id: 'plain',
  client_secret,
  client_name: 'Old Mill Newsletter',
  fapi_profile: 'none',
  token_endpoint_auth_method: 'client_secret_basic',
  redirect_uris: REDIRECT_URIS,
  response_types: ['code'],
  grant_types: ['authorization_code', 'refresh_token'],
  id_token_signed_response_alg: 'PS256',
})
