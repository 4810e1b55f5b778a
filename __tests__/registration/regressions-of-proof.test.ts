import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { generic } from 'express-fapi'
import type { Identity } from '../../examples/bank/certificates.js'
import '../support/clock.js'
import { expectError } from '../support/expectations.js'
import { fromNow } from '../support/jwt.js'
import { mintKey } from '../support/keys.js'
import { honestMetadata, type Metadata } from '../support/registration.js'
import { certificateFor } from '../support/tpp.js'
import type { Answer } from '../support/wire.js'
import { statementOf } from './opened-registrations.js'
import { openRegistrar } from './registrar.js'
import { openRegistrationServer, type RegistrationServer } from './registration-server.js'
import { mintStatement } from './statements.js'

/* What a review found somebody to get who had not proven who it is. */

const KEY = mintKey()
const honest = honestMetadata(KEY, 'fapi2-security')
async function registered(server: RegistrationServer, metadata: Metadata, certificate?: Identity): Promise<Answer> {
  const answer = await server.register(metadata, undefined, certificate)
  expect({ status: answer.status, error: answer.json.error_description }).toEqual({ status: 201, error: undefined })
  return answer
}

describe('where a software is told of the client it has', () => {
  let server: RegistrationServer
  let own: Identity
  let other: Identity
  beforeAll(async () => {
    server = await openRegistrationServer({
      options: ({ issuers }) => ({
        duplicates: 'return-existing',
        settings: { software_statement_issuers: issuers, enforce_fapi: false },
      }),
    })
    own = await certificateFor('own', server.authority)
    other = await certificateFor('other', server.authority)
  })
  afterAll(() => server?.close())

  test('who only has a statement is told no secret, and ends nothing; its own certificate opens it', async () => {
    const { fapi_profile: _, jwks: _jwks, ...rest } = honest
    const metadata = { ...rest, token_endpoint_auth_method: 'client_secret_basic' }
    const again = async (certificate?: Identity) =>
      server.register({ ...metadata, software_statement: await statementOf('existing') }, undefined, certificate)
    const victim = await registered(server, { ...metadata, software_statement: await statementOf('existing') }, own)
    expect(victim.json).toMatchObject({ client_secret: expect.any(String), registration_access_token: expect.any(String) })
    for (const certificate of [undefined, other, await certificateFor('own')]) {
      const { status, json, text } = await again(certificate)
      expect([status, json.client_id]).toEqual([200, victim.json.client_id])
      for (const secret of ['client_secret', 'registration_access_token']) {
        expect(json).not.toHaveProperty(secret)
        expect(text).not.toContain(String(victim.json[secret]))
      }
    }
    expect((await server.manage(victim)).json).toEqual(victim.json)

    const { status, json } = await again(own)
    expect([status, json]).toMatchObject([200, { client_id: victim.json.client_id, client_secret: victim.json.client_secret }])
    expect((await server.manage(victim, 'GET', undefined, json.registration_access_token)).status).toBe(200)
  })

  test('what is wrong with a statement is told alike, whether there is the client or not', async () => {
    const answer = await registered(server, { ...honest, software_statement: await statementOf('told') })
    const nobody = { json: { registration_client_uri: `${server.issuer}/register/nobody` } } as unknown as Answer
    const proof = () => server.meet(answer, KEY).assertion({ claims: { jti: randomUUID() } })
    const wrong: readonly (readonly [unknown, number])[] = [
      ['x', 400],
      [await statementOf('told', { exp: fromNow(-60) }), 400],
      [await statementOf('told', { iss: 'https://somebody.example' }), 400],
      [await mintStatement(generic, { signature: 'broken' }), 400],
      [await statementOf('of another'), 403],
    ]
    for (const [software_statement, status] of wrong) {
      const sent = { software_statement, client_assertion: await proof() }
      const [there, gone] = [await server.recover(answer, sent), await server.recover(nobody, sent)]
      expect([there.status, there.text]).toEqual([gone.status, gone.text])
      expect(there.status).toBe(status)
    }
    const right = { software_statement: await statementOf('told'), client_assertion: await proof() }
    expectError(await server.recover(nobody, right), 403, 'access_denied')
    expect((await server.recover(answer, right)).status).toBe(200)
  })

  test('a client whose keys sign nothing proves nothing with them', async () => {
    const { publicKey } = generateKeyPairSync('x25519')
    const forEncryption = { ...publicKey.export({ format: 'jwk' }), kid: 'x', use: 'enc' }
    const recover = async (software: string, keys: readonly unknown[]) => {
      const answer = await registered(server, {
        ...honest,
        ...{ token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_subject_dn: 'CN=tpp,O=Example TPP,C=GB', jwks: { keys } },
        software_statement: await statementOf(software),
      })
      const client_assertion = await server.meet(answer, KEY).assertion()
      return server.recover(answer, { software_statement: await statementOf(software), client_assertion })
    }
    const refused = await recover('no signatures', [forEncryption])
    expectError(refused, 403, 'access_denied')
    expect((await recover('signatures', [KEY.publicJwk, forEncryption])).status).toBe(200)
  })
})

test('certificates that somebody made for itself share the limit of its address; those of an authority do not', async () => {
  const server = await openRegistrationServer({
    options: () => ({ rateLimits: { perCaller: { limit: 4, seconds: 60 }, total: { limit: 1000, seconds: 60 } } }),
  })
  try {
    const ask = async (authority?: Identity) => {
      const certificates = await Promise.all(Array.from({ length: 8 }, (_, index) => certificateFor(`tpp ${index}`, authority)))
      const answers: number[] = []
      for (const certificate of certificates) answers.push((await server.register(honest, null, certificate)).status)
      return answers
    }
    expect(await ask()).toEqual([401, 401, 401, 401, 429, 429, 429, 429])
    expect(await ask(server.authority)).toEqual(Array.from({ length: 8 }, () => 401))
  } finally {
    await server.close()
  }
})

test('the organisation of a UK software is text', async () => {
  const registrar = await openRegistrar('uk-obie')
  try {
    const software = await registrar.newSoftware()
    const register = (org_name: unknown) => registrar.register(software, { metadata: { org_name }, claims: { org_name: undefined } })
    for (const wrong of [{ evil: ['Big Bank'] }, [{ evil: 1 }], [7]]) expectError(await register(wrong), 400, 'invalid_client_metadata')
    const answer = await register('The Third Party Ltd')
    expect([answer.status, answer.json.org_name]).toEqual([201, 'The Third Party Ltd'])
  } finally {
    await registrar.close()
  }
})
