import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import express from 'express'
import { compactVerify, createLocalJWKSet, decodeProtectedHeader } from 'jose'
import type { Client } from '../../examples/own-server/clients.js'
import { type OwnServer, startOwnServer } from '../../examples/own-server/start.js'
import { PLAIN_ATTACKS } from '../../examples/tpp/plain-attacks.js'
import { walkThroughPlain } from '../../examples/tpp/plain-walkthrough.js'
import { openBrowser } from '../support/browser.js'
import { later } from '../support/clock.js'
import { type Answer, formOf, openWire, type Params, type Wire } from '../support/wire.js'

const express4 = createRequire(import.meta.url)('express4') as typeof express

const dataDir = mkdtempSync(join(tmpdir(), 'own-server-'))
afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

const SECRET = 'a secret + sign'
const CLIENTS: readonly Client[] = [
  {
    client_id: 'shop',
    client_secret: SECRET,
    redirect_uris: ['https://shop.example/cb'],
    grant_types: ['authorization_code', 'refresh_token'],
  },
  { client_id: 'rude', client_name: '<script>"Rude" & Co</script>', redirect_uris: ['https://rude.example/cb?from=us'] },
  // There is no key for what it wants.
  { client_id: 'odd', id_token_signed_response_alg: 'EdDSA', redirect_uris: ['https://shop.example/odd'] },
]

/** Where the clients have their answers sent. */
const REDIRECT_URIS: Readonly<Record<string, string>> = {
  shop: 'https://shop.example/cb',
  rude: 'https://rude.example/cb?from=us',
  odd: 'https://shop.example/odd',
  'fapi2-dpop': 'https://tpp.example/cb',
  'fapi2-ms': 'https://tpp.example/cb',
}

/** A plain authorization request. */
const asked = (client_id: string, more: Params = {}): Params => ({
  ...{ client_id, redirect_uri: REDIRECT_URIS[client_id], response_type: 'code', scope: 'openid accounts', state: 'xyz', nonce: 'abc' },
  ...more,
})

/** A browser that follows nothing by itself; addresses count from the server's own. */
function openUser(server: OwnServer, wire: Wire) {
  const browser = openBrowser(wire, server.issuer)
  const open = (address: string, form?: Params) => browser.open(new URL(address, server.issuer).href, form)
  return {
    open,
    cookies: browser.cookies,
    /** Signs in on the way to an authorization request and stands in front of the consent page. */
    async signIn(request: Params): Promise<Answer> {
      const sent = await open(`/authorize?${formOf(request)}`)
      const login = fieldsOf(await open(String(sent.headers.location)))
      const back = await open('/login', { ...login, login: 'alice', password: 'alice' })
      return open(String(back.headers.location))
    },
    /** What the consent form leads to. */
    decide: (page: Answer, decision: string, more: Params = {}) => open(actionOf(page), { ...fieldsOf(page), decision, ...more }),
  }
}

/** Five minutes, less the moment it took. */
const issued = { token_type: 'Bearer', expires_in: expect.closeTo(300, -1), scope: 'openid accounts' }

/** The hidden fields of a form. */
const fieldsOf = ({ text }: Answer): Params =>
  Object.fromEntries([...text.matchAll(/type="hidden" name="([^"]*)" value="([^"]*)"/g)].map(([, name, value]) => [name, plainText(value)]))
const actionOf = ({ text }: Answer) => plainText(/<form method="post" action="([^"]*)"/.exec(text)?.[1])
const headingOf = ({ text }: Answer) => /<h1>(.*?)<\/h1>/.exec(text)?.[1]
const plainText = (html = '') =>
  html.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')

describe.each([
  ['Express 5', express],
  ['Express 4', express4],
])('a plain OAuth server on %s', (_name, createApp) => {
  let server: OwnServer
  let wire: Wire
  beforeAll(async () => {
    server = await startOwnServer({ port: 0, mtlsPort: 0, dataDir, quiet: true, fapi: false, clients: CLIENTS, createApp })
    wire = openWire(server.caCertificate)
  })
  afterAll(async () => {
    await wire.close()
    await server.close()
  })

  const post = (url: string, form: Params, headers: Record<string, string> = {}) =>
    wire.send(url, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers }, body: formOf(form) })
  const accounts = (authorization: string | undefined) => wire.send(server.endpoints.accounts, { headers: { authorization } })

  async function codeFor(request: Params): Promise<string> {
    const browser = openUser(server, wire)
    const { headers } = await browser.decide(await browser.signIn(request), 'approve')
    return new URL(String(headers.location)).searchParams.get('code') ?? ''
  }
  const redeem = async (client_id: string, more: Params = {}, request = asked(client_id)) =>
    post(server.endpoints.token, {
      ...{ grant_type: 'authorization_code', code: await codeFor(request), redirect_uri: REDIRECT_URIS[client_id], client_id },
      ...(client_id === 'shop' && { client_secret: SECRET }),
      ...more,
    })

  describe('walked by a client that knows no FAPI', () => {
    test.each([
      ['with a secret in the form', 'shop', { client_secret: SECRET }, {}],
      ['with a secret in the header', 'shop', { client_id: undefined }, { authorization: `Basic ${btoa(`shop:${SECRET}`)}` }],
      ['without a secret', 'fapi2-dpop', {}, {}],
    ])('%s', async (_how, client_id, credentials, headers) => {
      const form = { code: await codeFor(asked(client_id)), redirect_uri: REDIRECT_URIS[client_id], client_id, ...credentials }
      const answer = await post(server.endpoints.token, { grant_type: 'authorization_code', ...form }, headers)
      expect(answer).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } })
      const { access_token, refresh_token, ...rest } = answer.json
      expect(rest).toEqual({ ...issued, id_token: expect.any(String) })
      const own = await accounts(`Bearer ${access_token}`)
      expect(own.json).toEqual({ accounts: expect.arrayContaining([expect.objectContaining({ id: 'acc-1001' })]) })

      // The refresh token stays what it is: it works again, and none takes its place.
      for (const _time of ['first', 'second']) {
        const refreshed = await post(
          server.endpoints.token,
          { client_id, ...credentials, grant_type: 'refresh_token', refresh_token } as Params,
          headers,
        )
        expect(refreshed.json).toEqual({ ...issued, access_token: expect.any(String) })
        expect(refreshed.json.access_token).not.toBe(access_token)
        expect(await accounts(`Bearer ${refreshed.json.access_token}`)).toMatchObject({ status: 200 })
      }
    })

    test.each([
      ['shop', 'PS256'],
      ['fapi2-dpop', 'ES256'],
    ])('which can read the ID token (%s, %s)', async (client_id, alg) => {
      const { id_token } = (await redeem(client_id)).json
      const { keys } = JSON.parse(readFileSync(join(dataDir, 'jwks.json'), 'utf8'))
      const { payload } = await compactVerify(String(id_token), createLocalJWKSet({ keys: keys.map(publicPart) }))
      const claims = JSON.parse(new TextDecoder().decode(payload))
      expect(decodeProtectedHeader(String(id_token)).alg).toBe(alg)
      expect(claims).toEqual({
        ...{ iss: server.issuer, aud: client_id, nonce: 'abc', iat: expect.any(Number), auth_time: expect.any(Number) },
        ...{ sub: expect.stringMatching(/^[\w-]{43}$/), exp: claims.iat + 300 },
      })
    })

    test.each([
      ['no openid', { scope: 'accounts' }, undefined],
      ['no nonce', { nonce: undefined }, expect.any(String)],
    ])('that asks with %s', async (_what, more, id_token) => {
      const { json } = await redeem('shop', {}, asked('shop', more))
      expect(json.id_token).toEqual(id_token)
      if (json.id_token) expect(claimsOf(json.id_token)).not.toHaveProperty('nonce')
    })

    test('which is one of a sector, and knows the user as its neighbours do and nobody else does', async () => {
      const subs = await Promise.all(['fapi2-dpop', 'fapi2-ms', 'shop'].map(async (id) => claimsOf((await redeem(id)).json.id_token).sub))
      expect(subs[1]).toBe(subs[0])
      expect(subs[2]).not.toBe(subs[0])
    })

    test('and what it sends beyond RFC 6749 is not looked at', async () => {
      const request = asked('shop', { code_challenge: 'x', code_challenge_method: 'plain', request: 'garbage', response_mode: 'jwt' })
      expect(await redeem('shop', { code_verifier: 'anything', client_assertion: 'garbage' }, request)).toMatchObject({ status: 200 })
    })
  })

  describe('the authorization endpoint', () => {
    test('leads to the login page and back, with cookies that stay with this host', async () => {
      const browser = openUser(server, wire)
      const address = `/authorize?${formOf(asked('shop'))}`
      const sent = await browser.open(address)
      expect(sent).toMatchObject({ status: 303, headers: { location: `/login?${formOf({ return_to: address })}` } })
      const login = await browser.open(String(sent.headers.location))
      expect([headingOf(login), fieldsOf(login).return_to]).toEqual(['Sign in', address])
      expect(login.headers).toMatchObject({ 'x-frame-options': 'DENY', 'cache-control': 'no-store' })
      expect(login.headers['set-cookie']).toEqual(
        expect.stringMatching(/^__Host-session=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/),
      )
      const [before] = browser.cookies()
      const back = await browser.open('/login', { ...fieldsOf(login), login: 'alice', password: 'alice' })
      expect(back).toMatchObject({ status: 303, headers: { location: address } })
      expect(browser.cookies()).not.toContain(before)
      const consent = await browser.open(address)
      expect([headingOf(consent), actionOf(consent)]).toEqual(['Give access to <bdi>shop</bdi>?', address])
    })

    test.each([
      ['approve', { code: expect.stringMatching(/^[0-9a-f]{40,}$/), state: 'xyz' }],
      ['deny', { error: 'access_denied', error_description: expect.any(String), state: 'xyz' }],
      ['', { error: 'access_denied', error_description: expect.any(String), state: 'xyz' }],
    ])('sends the user back after %j', async (decision, expected) => {
      const browser = openUser(server, wire)
      const { status, headers } = await browser.decide(await browser.signIn(asked('shop')), decision)
      const { origin, pathname, searchParams } = new URL(String(headers.location))
      expect([status, `${origin}${pathname}`, Object.fromEntries(searchParams)]).toEqual([303, REDIRECT_URIS.shop, expected])
    })

    test.each([
      ['response_type', { response_type: 'token' }, 'unsupported_response_type'],
      ['scope', { scope: 'accounts admin' }, 'invalid_scope'],
      ['a scope that is missing', { scope: undefined }, 'invalid_scope'],
    ])('tells the client of a wrong %s', async (_what, more, error) => {
      const browser = openUser(server, wire)
      const { headers } = await browser.decide(await browser.signIn(asked('shop', more)), 'approve')
      expect(Object.fromEntries(new URL(String(headers.location)).searchParams)).toMatchObject({ error, state: 'xyz' })
    })

    test.each([
      ['another host', { redirect_uri: 'https://evil.example/cb' }],
      ['a longer path', { redirect_uri: 'https://shop.example/cb/' }],
      ['a query that was not registered', { redirect_uri: 'https://shop.example/cb?x=1' }],
      ['no address', { redirect_uri: undefined }],
      ['two addresses', { redirect_uri: ['https://shop.example/cb', 'https://evil.example/cb'] }],
      ['an unknown client', { client_id: 'nobody' }],
      ['no client', { client_id: undefined }],
    ])('shows a page for %s, whoever is signed in', async (_what, more) => {
      const browser = openUser(server, wire)
      const address = `/authorize?${formOf(asked('shop', more))}`
      const stranger = await browser.open(address)
      await browser.signIn(asked('shop'))
      const known = await browser.open(address)
      for (const { status, headers, text } of [stranger, known]) {
        expect([status, headers.location]).toEqual([400, undefined])
        expect(text).toContain('<h1>We could not continue</h1>')
        expect(text).not.toContain('evil')
      }
    })

    test.each<[string, (fields: Params, other: Params) => Params, number]>([
      ['of its own', (fields) => fields, 303],
      ['that is missing', () => ({}), 403],
      ['that is empty', () => ({ csrf: '' }), 403],
      ['that comes twice', ({ csrf }) => ({ csrf: [String(csrf), String(csrf)] }), 403],
      ['of another browser', (_fields, other) => other, 403],
    ])('takes a consent form with a token %s: %#', async (_what, change, status) => {
      const [browser, other] = [openUser(server, wire), openUser(server, wire)]
      const [page, others] = [await browser.signIn(asked('shop')), await other.signIn(asked('shop'))]
      const answer = await browser.open(actionOf(page), { ...change(fieldsOf(page), fieldsOf(others)), decision: 'approve' })
      expect(answer.status).toBe(status)
      expect(answer.headers.location === undefined).toBe(status !== 303)
    })

    test('does not take a consent form from nobody', async () => {
      const page = await openUser(server, wire).signIn(asked('shop'))
      const answer = await openUser(server, wire).decide(page, 'approve')
      expect([answer.status, answer.headers.location]).toEqual([403, undefined])
    })

    test('keeps what others typed out of its markup', async () => {
      const state = '"><script>alert(1)</script>'
      const page = await openUser(server, wire).signIn(asked('rude', { state }))
      expect(page.text).not.toContain('<script>')
      expect(headingOf(page)).toBe('Give access to <bdi>&lt;script&gt;&quot;Rude&quot; &amp; Co&lt;/script&gt;</bdi>?')
      expect(new URL(actionOf(page), server.issuer).searchParams.get('state')).toBe(state)
    })

    test('keeps the query of a registered address', async () => {
      const browser = openUser(server, wire)
      const { headers } = await browser.decide(await browser.signIn(asked('rude')), 'approve')
      expect(String(headers.location)).toMatch(/^https:\/\/rude\.example\/cb\?from=us&code=[0-9a-f]+&state=xyz$/)
    })
  })

  describe('the login page', () => {
    test.each([
      ['the right password', { password: 'alice' }, 303],
      ['a wrong password', { password: 'bob' }, 400],
      ['an unknown user', { login: 'mallory' }, 400],
      ['two passwords', { password: ['alice', 'alice'] }, 400],
      ['no form token', { csrf: undefined }, 403],
      ['a form token of somebody else', { csrf: 'x'.repeat(43) }, 403],
      ['somewhere else to go', { return_to: 'https://evil.example/' }, 400],
      ['another host to go to', { return_to: '//evil.example/authorize?' }, 400],
      ['no request to go to', { return_to: '/authorize' }, 400],
    ])('answers %s', async (_what, more, status) => {
      const browser = openUser(server, wire)
      const address = `/authorize?${formOf(asked('shop'))}`
      const fields = fieldsOf(await browser.open(`/login?${formOf({ return_to: address })}`))
      const answer = await browser.open('/login', { ...fields, login: 'alice', password: 'alice', ...more })
      expect(answer.status).toBe(status)
      expect(answer.headers.location).toBe(status === 303 ? address : undefined)
      const next = await browser.open(address)
      expect(next.status).toBe(status === 303 ? 200 : 303)
    })

    test('does not offer to go elsewhere', async () => {
      expect(await wire.send(`${server.issuer}/login?return_to=https://evil.example/`)).toMatchObject({ status: 400 })
    })
  })

  describe('the token endpoint', () => {
    test.each([
      ['no secret', { client_secret: undefined }, 400, 'invalid_client'],
      ['a wrong secret', { client_secret: 'another' }, 400, 'invalid_client'],
      ['an unknown client', { client_id: 'nobody' }, 400, 'invalid_client'],
      ["another client's code", { client_id: 'fapi2-dpop', client_secret: undefined }, 400, 'invalid_grant'],
      ['another redirect_uri', { redirect_uri: 'https://shop.example/other' }, 400, 'invalid_request'],
      ['two redirect_uris', { redirect_uri: ['https://shop.example/cb', 'https://shop.example/cb'] }, 400, 'invalid_request'],
      ['two secrets', { client_secret: [SECRET, SECRET] }, 400, 'invalid_request'],
      ['a made-up code', { code: 'x' }, 400, 'invalid_grant'],
      ['another grant', { grant_type: 'password', username: 'alice', password: 'alice' }, 400, 'unauthorized_client'],
      ['no grant', { grant_type: undefined }, 400, 'invalid_request'],
    ])('refuses %s', async (_what, more, status, error) => {
      expect(await redeem('shop', more)).toMatchObject({ status, json: { error } })
    })

    test('asks for the secret in the header when one was there', async () => {
      const answer = await redeem('shop', {}, asked('shop')).then(() =>
        post(server.endpoints.token, { grant_type: 'authorization_code', code: 'x' }, { authorization: `Basic ${btoa('shop:wrong')}` }),
      )
      expect(answer).toMatchObject({ status: 401, headers: { 'www-authenticate': expect.any(String) }, json: { error: 'invalid_client' } })
    })

    test('redeems a code once, even if two ask at the same moment', async () => {
      const form = {
        ...asked('shop'),
        grant_type: 'authorization_code',
        code: await codeFor(asked('shop')),
        client_secret: SECRET,
        scope: undefined,
      }
      const answers = await Promise.all([post(server.endpoints.token, form), post(server.endpoints.token, form)])
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 400])
      expect(await post(server.endpoints.token, form)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
    })

    test("does not refresh another client's token, nor widen a scope", async () => {
      const { refresh_token } = (await redeem('shop', {}, asked('shop', { scope: 'openid' }))).json as Record<string, string>
      const refresh = (more: Params) =>
        post(server.endpoints.token, { grant_type: 'refresh_token', refresh_token, client_id: 'shop', client_secret: SECRET, ...more })
      expect(await refresh({ client_id: 'fapi2-dpop', client_secret: undefined })).toMatchObject({
        status: 400,
        json: { error: 'invalid_grant' },
      })
      expect(await refresh({ scope: 'openid accounts' })).toMatchObject({ status: 400, json: { error: 'invalid_scope' } })
      expect(await refresh({})).toMatchObject({ status: 200, json: { scope: 'openid' } })
    })

    test('says nothing of what went wrong on its side', async () => {
      const loud = jest.spyOn(console, 'error').mockImplementation(() => undefined)
      const { status, json } = await redeem('odd')
      expect([status, json]).toEqual([500, { error: 'server_error', error_description: 'Something went wrong on our side.' }])
      expect(loud).toHaveBeenCalledTimes(1)
      loud.mockRestore()
    })

    test.each([
      ['JSON', '{}', 'application/json', 400],
      ['nothing', undefined, undefined, 400],
      ['a flood', `code=${'x'.repeat(200_000)}`, 'application/x-www-form-urlencoded', 413],
    ])('refuses %s as JSON', async (_what, body, type, status) => {
      const answer = await wire.send(server.endpoints.token, { method: 'POST', headers: { 'content-type': type }, ...(body && { body }) })
      expect(answer).toMatchObject({ status, json: { error: 'invalid_request' } })
    })
  })

  describe('the API', () => {
    test.each([
      ['the token', (token: string) => `Bearer ${token}`, 200],
      ['another case', (token: string) => `bearer ${token}`, 200],
      ['no token', () => undefined, 401],
      ['another scheme', (token: string) => `DPoP ${token}`, 401],
      ['a made-up token', () => 'Bearer x', 401],
      ['half a token', (token: string) => `Bearer ${token.slice(1)}`, 401],
    ])('answers %s', async (_what, header, status) => {
      const { access_token } = (await redeem('shop')).json
      expect(await accounts(header(String(access_token)))).toMatchObject({ status })
    })

    test('wants the scope accounts', async () => {
      const { access_token } = (await redeem('shop', {}, asked('shop', { scope: 'openid' }))).json
      expect(await accounts(`Bearer ${access_token}`)).toMatchObject({ status: 403, json: { error: 'insufficient_scope' } })
    })

    test('forgets a token after five minutes', async () => {
      const { access_token } = (await redeem('shop')).json
      const asking = () => accounts(`Bearer ${access_token}`)
      expect(await later(299, asking)).toMatchObject({ status: 200 })
      expect(await later(300.001, asking)).toMatchObject({ status: 401 })
    })
  })

  describe('introspection', () => {
    test.each([
      ['the client it was issued to', { client_id: 'shop', client_secret: SECRET }, 200, true],
      ['the API', { client_id: 'accounts-api' }, 200, true],
      ['another client', { client_id: 'fapi2-dpop' }, 200, false],
      ['nobody', {}, 401, undefined],
      ['a client without its secret', { client_id: 'shop' }, 401, undefined],
      ['a client with a wrong secret', { client_id: 'shop', client_secret: 'x' }, 401, undefined],
    ])('tells %s', async (_who, credentials, status, active) => {
      const { access_token, id_token } = (await redeem('shop')).json
      const answer = await post(server.endpoints.introspection, { token: String(access_token), ...credentials })
      expect([answer.status, answer.json.active]).toEqual([status, active])
      if (active)
        expect(answer.json).toEqual({
          ...{ active, iss: server.issuer, aud: server.issuer, client_id: 'shop', scope: 'openid accounts', token_type: 'Bearer' },
          ...{ sub: claimsOf(id_token).sub, exp: expect.any(Number) },
        })
      else expect(Object.keys(answer.json)).not.toContain('sub')
    })

    test('takes the secret in the header, and knows no other tokens', async () => {
      const authorization = `Basic ${btoa(`shop:${SECRET}`)}`
      const answer = await post(server.endpoints.introspection, { token: 'x' }, { authorization })
      expect([answer.status, answer.json]).toEqual([200, { active: false }])
    })
  })

  test('has nothing that FAPI needs', async () => {
    for (const path of ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server', '/par'])
      expect(await wire.send(`${server.issuer}${path}`)).toMatchObject({ status: 404 })
  })
})

test.each([
  ['Express 5', express],
  ['Express 4', express4],
])('what stands in front may rewrite the request, and the forms lead through it again: %s', async (_name, createApp) => {
  const seen: string[] = []
  const withFront = () => {
    const app = createApp()
    app.use('/authorize', (req, _res, next) => {
      seen.push(`${req.method} ${req.originalUrl}`)
      const query = formOf(asked('shop'))
      req.url = `/?${query}`
      Object.defineProperty(req, 'query', { value: Object.fromEntries(new URLSearchParams(query)), configurable: true })
      next()
    })
    return app
  }
  const server = await startOwnServer({ port: 0, mtlsPort: 0, dataDir, quiet: true, fapi: false, clients: CLIENTS, createApp: withFront })
  const wire = openWire(server.caCertificate)
  const browser = openUser(server, wire)
  const answer = await browser.decide(await browser.signIn({ client_id: 'shop', request_uri: 'urn:x' }), 'approve')
  await wire.close()
  await server.close()
  expect(String(answer.headers.location)).toMatch(/^https:\/\/shop\.example\/cb\?code=/)
  const address = '/authorize?client_id=shop&request_uri=urn%3Ax'
  expect(seen).toEqual([`GET ${address}`, `GET ${address}`, `POST ${address}`])
})

test('of the twelve attacks this server withstands one by itself', async () => {
  const server = await startOwnServer({ port: 0, mtlsPort: 0, dataDir, quiet: true, fapi: false })
  const rows = await walkThroughPlain(server)
  await server.close()
  expect(rows.filter(({ ok }) => !ok)).toEqual([])
  const attacks = rows.filter(({ step }) => step.startsWith('attack: '))
  expect(attacks).toHaveLength(PLAIN_ATTACKS.length)
  expect(attacks.filter(({ outcome }) => !outcome.startsWith('succeeded: ')).map(({ step }) => step)).toEqual([
    'attack: an authorization code used twice',
  ])
})

const publicPart = ({ kty, crv, x, y, n, e, kid, alg }: Record<string, string>) => ({ kty, crv, x, y, n, e, kid, alg })
const claimsOf = (jwt: unknown): Record<string, unknown> => JSON.parse(Buffer.from(String(jwt).split('.')[1] ?? '', 'base64url').toString())
