import { textIn, textsIn } from '../registration/metadata-kinds.js'
import { type SignIn, type SnippetOf, signInOf } from './snippet-plan.js'

/**
 * A program (an ES module for Node.js) that signs a user in at the server as this very application, with openid-client 6. No secret is in
 * it: keys and certificates are read from files beside it.
 */
export function openidClientSnippet(of: SnippetOf): string {
  const { issuer, metadata } = of
  const plan = signInOf(of)
  const blocks = [
    heading(plan),
    imports(plan),
    [
      `const issuer = new URL(${literal(issuer)})`,
      `const clientId = ${literal(textIn(metadata, 'client_id') ?? '')}`,
      `const redirectUri = ${literal(textsIn(metadata, 'redirect_uris')?.[0] ?? '')}`,
      `const scope = ${literal(plan.scope)}`,
      `const metadata = ${literal(plan.known, 2)}`,
    ],
    keys(plan),
    configuration(plan),
    request(plan),
    answer(plan),
  ]
  return blocks
    .filter(({ length }) => length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n')
}

/** A value as JavaScript has it. Whatever it holds, it stays one: also in a page, and with the line ends that JSON does not escape. */
const literal = (value: unknown, indent?: number): string =>
  (JSON.stringify(value, null, indent) ?? 'undefined').replaceAll(
    /[<>\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

const when = (condition: boolean, ...lines: readonly string[]): readonly string[] => (condition ? lines : [])

const REQUEST_KEY = 'request.jwk.json'
const usesOwnKey = ({ method }: SignIn) => method === 'private_key_jwt'
const usesSecret = ({ method }: SignIn) => method.startsWith('client_secret_')
/** Whether requests are signed with another algorithm than client assertions, and so with another key. */
const hasRequestKey = (plan: SignIn) =>
  plan.signs &&
  usesOwnKey(plan) &&
  plan.assertionAlg !== undefined &&
  plan.requestAlg !== undefined &&
  plan.assertionAlg !== plan.requestAlg

function heading(plan: SignIn): readonly string[] {
  return [
    '// npm install openid-client@6 jose undici',
    '// Beside this file, and shown to nobody:',
    ...when(usesOwnKey(plan) || plan.signs, '//   client.jwk.json      the private key of the application, as a JWK with its kid and alg'),
    ...when(hasRequestKey(plan), `//   ${REQUEST_KEY}     the private key that its requests are signed with`),
    ...when(
      plan.usesCertificate,
      '//   client.pem           its certificate, with those of the authorities in between',
      '//   client.key           the private key of the certificate, as PEM',
    ),
    ...when(plan.decryptsWith !== undefined, '//   encryption.jwk.json  the private key that answers to it are encrypted for'),
    ...when(usesSecret(plan), '//   client.secret        its client secret'),
    '// Where the server has a certificate of an authority of its own: NODE_EXTRA_CA_CERTS=ca.pem node sign-in.mjs',
  ]
}

function imports(plan: SignIn): readonly string[] {
  const reads = usesOwnKey(plan) || plan.signs || plan.usesCertificate || usesSecret(plan) || plan.decryptsWith !== undefined
  return [
    ...when(reads, 'import { readFileSync } from "node:fs"'),
    'import { createInterface } from "node:readline/promises"',
    ...when(usesOwnKey(plan) || plan.signs || plan.decryptsWith !== undefined, 'import { importJWK } from "jose"'),
    'import * as client from "openid-client"',
    ...when(plan.usesCertificate, 'import { Agent, fetch } from "undici"'),
  ]
}

const keyFrom = (name: string, file: string, alg: string | undefined) => [
  `const ${name}Jwk = JSON.parse(readFileSync(${literal(file)}, "utf8"))`,
  `const ${name} = { key: await importJWK(${name}Jwk, ${alg === undefined ? `${name}Jwk.alg` : literal(alg)}), kid: ${name}Jwk.kid }`,
]

function keys(plan: SignIn): readonly string[] {
  const { assertionAlg, requestAlg, decryptsWith } = plan
  return [
    ...when(
      usesOwnKey(plan) || plan.signs,
      ...keyFrom('signingKey', 'client.jwk.json', usesOwnKey(plan) ? (assertionAlg ?? requestAlg) : requestAlg),
    ),
    ...when(hasRequestKey(plan), ...keyFrom('requestKey', REQUEST_KEY, requestAlg)),
    ...when(decryptsWith !== undefined, ...keyFrom('decryptionKey', 'encryption.jwk.json', decryptsWith)),
    ...when(usesSecret(plan), 'const secret = readFileSync("client.secret", "utf8").trim()'),
    ...when(
      plan.usesCertificate,
      'const agent = new Agent({ connect: { cert: readFileSync("client.pem"), key: readFileSync("client.key") } })',
      'const withCertificate = (url, options) => fetch(url, { ...options, dispatcher: agent })',
    ),
  ]
}

const AUTHENTICATIONS: Readonly<Record<string, string>> = {
  private_key_jwt: 'client.PrivateKeyJwt(signingKey)',
  tls_client_auth: 'client.TlsClientAuth()',
  self_signed_tls_client_auth: 'client.TlsClientAuth()',
  client_secret_jwt: 'client.ClientSecretJwt(secret)',
  client_secret_basic: 'client.ClientSecretBasic(secret)',
  client_secret_post: 'client.ClientSecretPost(secret)',
}

function configuration(plan: SignIn): readonly string[] {
  const authentication = Object.hasOwn(AUTHENTICATIONS, plan.method) ? AUTHENTICATIONS[plan.method] : 'client.None()'
  const options = plan.usesCertificate ? ', { [client.customFetch]: withCertificate }' : ''
  return [
    `const config = await client.discovery(issuer, clientId, metadata, ${authentication}${options})`,
    ...when(plan.isHybrid, 'client.useCodeIdTokenResponseType(config)'),
    ...when(plan.isDetached, 'client.enableDetachedSignatureResponseChecks(config)'),
    ...when(plan.usesJarm, 'client.useJwtResponseMode(config)'),
    ...when(
      plan.decryptsWith !== undefined,
      `client.enableDecryptingResponses(config, ${literal([...new Set(plan.encryption)])}, decryptionKey)`,
    ),
    ...when(plan.usesDpop, 'const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair("ES256"))'),
    `const options = ${plan.usesDpop ? '{ DPoP }' : '{}'}`,
  ]
}

function request(plan: SignIn): readonly string[] {
  const key = hasRequestKey(plan) ? 'requestKey' : 'signingKey'
  return [
    'const codeVerifier = client.randomPKCECodeVerifier()',
    'const state = client.randomState()',
    'const nonce = client.randomNonce()',
    'const parameters = {',
    '  redirect_uri: redirectUri,',
    '  scope,',
    '  state,',
    '  nonce,',
    '  code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),',
    '  code_challenge_method: "S256",',
    '}',
    ...sending(plan, key),
  ]
}

/** FAPI1-ADV-5.2.3-9: of a signed request by value, response_type and scope are repeated outside. */
function sending({ signs, pushes, isHybrid }: SignIn, key: string): readonly string[] {
  if (!signs)
    return [
      pushes
        ? 'const address = await client.buildAuthorizationUrlWithPAR(config, parameters, options)'
        : 'const address = client.buildAuthorizationUrl(config, parameters)',
    ]
  const signing = `await client.buildAuthorizationUrlWithJAR(config, parameters, ${key})`
  return pushes
    ? [`const signed = ${signing}`, 'const address = await client.buildAuthorizationUrlWithPAR(config, signed.searchParams, options)']
    : [
        `const address = ${signing}`,
        `address.searchParams.set("response_type", ${literal(isHybrid ? 'code id_token' : 'code')})`,
        'address.searchParams.set("scope", scope)',
      ]
}

function answer({ scope, usesCertificate }: SignIn): readonly string[] {
  const hasIdToken = scope.split(' ').includes('openid')
  return [
    'console.log("Open this address in a browser:\\n\\n" + address.href + "\\n")',
    'const terminal = createInterface({ input: process.stdin, output: process.stdout })',
    'const callback = new URL(await terminal.question("Then paste the address that it was sent back to: "))',
    'terminal.close()',
    '',
    'const checks = {',
    '  pkceCodeVerifier: codeVerifier,',
    '  expectedState: state,',
    ...when(hasIdToken, '  expectedNonce: nonce,', '  idTokenExpected: true,'),
    '}',
    'const tokens = await client.authorizationCodeGrant(config, callback, checks, undefined, options)',
    'const { token_type, expires_in, scope: granted } = tokens',
    'console.log(JSON.stringify({ token_type, expires_in, scope: granted, claims: tokens.claims() }, null, 2))',
    ...when(usesCertificate, 'await agent.close()'),
  ]
}
