import fc from 'fast-check'
import type { Ecosystem } from '../../lib/registration/ecosystem.js'
import { auCdr, brOpenfinance, ecosystems, generic, ukObie } from '../../lib/registration/ecosystems/index.js'
import type { Metadata } from '../../lib/registration/metadata.js'
import { applyStatement } from '../../lib/registration/statement-match.js'
import { CALLBACKS, claimsOf, KEYS, SOFTWARE } from './statements.js'

const [CB, OTHER] = ['https://tpp.example/cb', 'https://tpp.example/other']
const showing = (values: Readonly<Record<string, readonly string[]>>) => (attribute: string) => values[attribute] ?? []
const certificate = showing({ UID: [SOFTWARE] })

/** What an honest client of each ecosystem sends. */
const HONEST = new Map<Ecosystem, Metadata>([
  [generic, { redirect_uris: [CB] }],
  [ukObie, { redirect_uris: [CB], token_endpoint_auth_method: 'private_key_jwt', scope: 'openid accounts' }],
  [brOpenfinance, { redirect_uris: [CB], jwks_uri: KEYS, token_endpoint_auth_method: 'private_key_jwt' }],
  [auCdr, { redirect_uris: [CB], token_endpoint_auth_method: 'private_key_jwt' }],
])

interface Change {
  readonly sent?: Metadata
  readonly claims?: Metadata
  readonly certificate?: Parameters<typeof applyStatement>[3]
}
const apply = (ecosystem: Ecosystem, change: Change = {}) =>
  applyStatement(
    ecosystem,
    { ...HONEST.get(ecosystem), ...change.sent },
    { ...claimsOf(ecosystem), ...change.claims },
    'certificate' in change ? change.certificate : certificate,
  )

test.each(ecosystems.map((ecosystem) => [ecosystem.name, ecosystem] as const))(
  'an honest client of %s has nothing against it',
  (_name, ecosystem) => {
    const before = [HONEST.get(ecosystem), claimsOf(ecosystem)]
    const copies = structuredClone(before)
    const { metadata, faults } = applyStatement(ecosystem, before[0] ?? {}, before[1], certificate)
    expect(faults).toEqual([])
    expect(metadata.software_id).toBe(SOFTWARE)
    expect(before).toEqual(copies)
    expect(Object.isFrozen(metadata)).toBe(true)
  },
)

describe('refused, and the nearest that is not', () => {
  type Row = readonly [what: string, ecosystem: Ecosystem, wrong: Change, error: string, says: string | RegExp, right: Change]
  const redirect = 'invalid_redirect_uri'
  const metadata = 'invalid_client_metadata'
  const statement = 'invalid_software_statement'
  const webhooks = 'invalid_webhook_uris'
  const sent = (values: Metadata): Change => ({ sent: values })
  const claims = (values: Metadata): Change => ({ claims: values })
  const evil = 'https://evil.example/cb'
  const inUk = `it may only have what is in software_redirect_uris of the software statement (${CALLBACKS.join(', ')})`

  const rows: readonly Row[] = [
    [
      'a foreign redirect URI',
      ukObie,
      sent({ redirect_uris: [evil] }),
      redirect,
      `redirect_uris has ${evil}: ${inUk}`,
      sent({ redirect_uris: [OTHER] }),
    ],
    [
      'a foreign one among good ones',
      ukObie,
      sent({ redirect_uris: [CB, evil, OTHER] }),
      redirect,
      `redirect_uris has ${evil}: ${inUk}`,
      sent({ redirect_uris: [OTHER, CB] }),
    ],
    [
      'another case',
      ukObie,
      sent({ redirect_uris: [CB.toUpperCase()] }),
      redirect,
      /redirect_uris has HTTPS/,
      sent({ redirect_uris: [CB] }),
    ],
    ['a slash more', ukObie, sent({ redirect_uris: [`${CB}/`] }), redirect, /redirect_uris has/, sent({ redirect_uris: [CB, CB] })],
    [
      'a letter that looks like it',
      ukObie,
      sent({ redirect_uris: ['https://tpp.example/сb'] }),
      redirect,
      /redirect_uris has/,
      sent({ redirect_uris: [CB] }),
    ],
    [
      'composed and decomposed letters',
      ukObie,
      { sent: { redirect_uris: ['https://tpp.example/e\u0301'] }, claims: { software_redirect_uris: ['https://tpp.example/\u00e9'] } },
      redirect,
      /redirect_uris has/,
      { sent: { redirect_uris: ['https://tpp.example/\u00e9'] }, claims: { software_redirect_uris: ['https://tpp.example/\u00e9'] } },
    ],
    ['a NUL behind it', ukObie, sent({ redirect_uris: [`${CB}\0`] }), redirect, /redirect_uris has/, sent({ redirect_uris: [CB] })],
    [
      'a text for a list',
      ukObie,
      sent({ redirect_uris: CB }),
      redirect,
      'redirect_uris must be a list of texts',
      sent({ redirect_uris: [CB] }),
    ],
    [
      'a list in a list',
      ukObie,
      sent({ redirect_uris: [[CB]] }),
      redirect,
      'redirect_uris must be a list of texts',
      sent({ redirect_uris: [CB] }),
    ],
    [
      'an object',
      ukObie,
      sent({ redirect_uris: { 0: CB, length: 1 } }),
      redirect,
      'redirect_uris must be a list of texts',
      sent({ redirect_uris: [CB] }),
    ],
    [
      'an empty text in it',
      ukObie,
      sent({ redirect_uris: [CB, ''] }),
      redirect,
      'redirect_uris must be a list of texts',
      sent({ redirect_uris: [CB] }),
    ],
    [
      'null in it',
      ukObie,
      sent({ redirect_uris: [null] }),
      redirect,
      'redirect_uris must be a list of texts',
      sent({ redirect_uris: null }),
    ],
    ['an empty list', ukObie, sent({ redirect_uris: [] }), redirect, 'redirect_uris is required', sent({ redirect_uris: '' })],
    [
      'none in Brazil',
      brOpenfinance,
      sent({ redirect_uris: undefined }),
      redirect,
      'redirect_uris is required',
      sent({ redirect_uris: [OTHER] }),
    ],
    [
      'null in Brazil',
      brOpenfinance,
      sent({ redirect_uris: null }),
      redirect,
      'redirect_uris is required',
      sent({ redirect_uris: CALLBACKS }),
    ],
    [
      'a claim that is no list',
      ukObie,
      claims({ software_redirect_uris: { uri: CB } }),
      statement,
      'software_redirect_uris of the software statement is no redirect_uris: it must be a list of texts',
      claims({ software_redirect_uris: CB }),
    ],

    [
      'another jwks_uri',
      brOpenfinance,
      sent({ jwks_uri: 'https://evil.example/jwks' }),
      metadata,
      `jwks_uri has https://evil.example/jwks: it must be the same as software_jwks_uri of the software statement (${KEYS})`,
      sent({ jwks_uri: KEYS }),
    ],
    [
      'no jwks_uri, and none in the statement',
      brOpenfinance,
      { sent: { jwks_uri: undefined }, claims: { software_jwks_uri: null } },
      metadata,
      'jwks_uri is required',
      sent({ jwks_uri: undefined }),
    ],
    [
      'authentication by certificate in Brazil',
      brOpenfinance,
      sent({ token_endpoint_auth_method: 'tls_client_auth' }),
      metadata,
      'token_endpoint_auth_method has tls_client_auth: it may only have private_key_jwt',
      sent({ token_endpoint_auth_method: 'private_key_jwt' }),
    ],
    ['jwks_uri in a list', brOpenfinance, sent({ jwks_uri: [KEYS] }), metadata, 'jwks_uri must be a text', sent({ jwks_uri: KEYS })],
    [
      'jwks by value',
      brOpenfinance,
      sent({ jwks: { keys: [] } }),
      metadata,
      'jwks must not be sent: keys are not taken by value, send jwks_uri',
      sent({ jwks: null }),
    ],
    ['jwks by value in the UK', ukObie, sent({ jwks: { keys: [] } }), metadata, /^jwks must not be sent/, sent({ jwks: '' })],
    ['jwks by value in Australia', auCdr, sent({ jwks: { keys: [] } }), metadata, /^jwks must not be sent/, sent({ jwks: undefined })],

    [
      'another software_id',
      brOpenfinance,
      sent({ software_id: 'another' }),
      metadata,
      /^software_id has another: it must be the same/,
      sent({ software_id: SOFTWARE }),
    ],
    [
      'a certificate of another software',
      brOpenfinance,
      { certificate: showing({ UID: ['another'] }) },
      statement,
      /^UID in the subject of the client certificate has another: it must be the same as software_id/,
      { certificate },
    ],
    [
      'a certificate of two',
      brOpenfinance,
      { certificate: showing({ UID: [SOFTWARE, 'another'] }) },
      statement,
      /^UID .* has another/,
      { certificate: showing({ UID: [SOFTWARE, SOFTWARE] }) },
    ],
    [
      'a certificate without UID',
      brOpenfinance,
      { certificate: showing({ CN: [SOFTWARE] }) },
      statement,
      /^UID in the subject of the client certificate is missing/,
      { certificate },
    ],
    [
      'no certificate',
      brOpenfinance,
      { certificate: undefined },
      statement,
      /^UID in the subject of the client certificate is missing/,
      { certificate },
    ],

    [
      'a foreign webhook',
      brOpenfinance,
      sent({ webhook_uris: [evil] }),
      webhooks,
      /^webhook_uris has https:\/\/evil/,
      sent({ webhook_uris: ['https://tpp.example/hook'] }),
    ],
    [
      'not every webhook',
      brOpenfinance,
      { sent: { webhook_uris: ['https://a.example'] }, claims: { software_api_webhook_uris: ['https://b.example', 'https://a.example'] } },
      webhooks,
      /^webhook_uris lacks https:\/\/b\.example/,
      {
        sent: { webhook_uris: ['https://a.example', 'https://b.example'] },
        claims: { software_api_webhook_uris: ['https://b.example', 'https://a.example'] },
      },
    ],
    [
      'a webhook where the directory has none',
      brOpenfinance,
      { sent: { webhook_uris: ['https://a.example'] }, claims: { software_api_webhook_uris: null } },
      webhooks,
      /^webhook_uris has .*\(none\)$/,
      claims({ software_api_webhook_uris: null }),
    ],

    [
      'a scope of another role',
      ukObie,
      sent({ scope: 'openid accounts fundsconfirmations' }),
      metadata,
      /^scope has fundsconfirmations: it may only have what the roles in software_roles of the software statement give \(openid, registration, accounts, payments\)$/,
      sent({ scope: 'payments openid' }),
    ],
    [
      'a scope of a role that is not in force',
      brOpenfinance,
      sent({ scope: 'openid payments' }),
      metadata,
      /^scope has payments/,
      sent({ scope: 'openid accounts' }),
    ],
    ['a scope of no role', brOpenfinance, sent({ scope: 'admin' }), metadata, /^scope has admin/, sent({ scope: 'resources' })],
    [
      'a scope as of a prototype',
      ukObie,
      claims({ software_roles: ['constructor', '__proto__'] }),
      metadata,
      /^scope has accounts/,
      claims({ software_roles: 'AISP' }),
    ],
    [
      'scopes in a list',
      ukObie,
      sent({ scope: ['openid'] }),
      metadata,
      'scope must be scopes with one space between them',
      sent({ scope: 'openid' }),
    ],
    [
      'two spaces',
      ukObie,
      sent({ scope: 'openid  accounts' }),
      metadata,
      'scope must be scopes with one space between them',
      sent({ scope: 'openid accounts openid' }),
    ],
    [
      'a line break for a space',
      ukObie,
      sent({ scope: 'openid\naccounts' }),
      metadata,
      'scope must be scopes with one space between them',
      sent({ scope: 'accounts' }),
    ],
    ['only a space', ukObie, sent({ scope: ' ' }), metadata, 'scope must be scopes with one space between them', sent({ scope: '' })],
    [
      'no role in force',
      brOpenfinance,
      claims({ software_statement_roles: [{ role: 'DADOS', status: 'Inactive' }] }),
      statement,
      /no role in force that gives a scope$/,
      claims({ software_statement_roles: { role: 'CONTA', status: 'Active' } }),
    ],
    [
      'roles that are no objects',
      brOpenfinance,
      claims({ software_statement_roles: ['DADOS'] }),
      statement,
      'software_statement_roles of the software statement must be roles, as objects with role',
      claims({ software_statement_roles: [{ role: 'DADOS', status: 'Active' }] }),
    ],
    [
      'roles that are no texts',
      ukObie,
      claims({ software_roles: [{ role: 'AISP' }] }),
      statement,
      'software_roles of the software statement must be roles, as a text or a list of texts',
      claims({ software_roles: ['AISP'] }),
    ],
    [
      'a scope that the statement has not',
      auCdr,
      sent({ scope: 'openid bank:payees:read' }),
      metadata,
      /^scope has bank:payees:read: it may only have what is in scope/,
      sent({ scope: 'openid cdr:registration' }),
    ],
    ...[[], ' ', {}, 7.5, [''], ['openid profile'], 'open"id'].map(
      (scope): Row => [
        `a claim that is no scope: ${JSON.stringify(scope)}`,
        auCdr,
        claims({ scope }),
        statement,
        'scope of the software statement is no scope: it must be scopes with one space between them',
        claims({ scope: ['openid', 'profile'] }),
      ],
    ),

    [
      'another authentication',
      auCdr,
      sent({ token_endpoint_auth_method: 'tls_client_auth' }),
      metadata,
      'token_endpoint_auth_method has tls_client_auth: it may only have private_key_jwt',
      sent({ token_endpoint_auth_method: null }),
    ],
    [
      'no authentication',
      ukObie,
      sent({ token_endpoint_auth_method: 'none' }),
      metadata,
      /^token_endpoint_auth_method has none/,
      sent({ token_endpoint_auth_method: 'tls_client_auth' }),
    ],
    [
      'authentication in a list',
      ukObie,
      sent({ token_endpoint_auth_method: ['private_key_jwt'] }),
      metadata,
      /^token_endpoint_auth_method must be a text/,
      sent({ token_endpoint_auth_method: 'private_key_jwt' }),
    ],
    [
      'the hybrid flow in Australia',
      auCdr,
      sent({ response_types: ['code', 'code id_token'] }),
      metadata,
      'response_types has code id_token: it may only have code',
      sent({ response_types: ['code'] }),
    ],
    [
      'the implicit flow in the UK',
      ukObie,
      sent({ response_types: ['token'] }),
      metadata,
      /^response_types has token/,
      sent({ response_types: ['id_token code'] }),
    ],
    [
      'a grant of its own',
      ukObie,
      sent({ grant_types: ['password'] }),
      metadata,
      /^grant_types has password/,
      sent({ grant_types: ['client_credentials'] }),
    ],
    [
      'a name that is an object',
      generic,
      claims({ client_name: { en: 'x' } }),
      statement,
      'client_name of the software statement is no client_name: it must be a text',
      claims({ client_name: 'x' }),
    ],
    [
      'a name that is a list',
      ukObie,
      claims({ software_client_name: ['x'] }),
      statement,
      'software_client_name of the software statement is no client_name: it must be a text',
      claims({ software_client_name: null }),
    ],
  ]

  test.each(rows)('%s', (_what, ecosystem, wrong, error, says, right) => {
    const { faults } = apply(ecosystem, wrong)
    expect(faults).toContainEqual({ error, description: typeof says === 'string' ? says : expect.stringMatching(says) })
    expect(apply(ecosystem, right).faults).toEqual([])
  })

  test('everything that is wrong is told, not only the first', () => {
    const { faults } = apply(brOpenfinance, {
      sent: {
        redirect_uris: [evil],
        jwks_uri: evil,
        jwks: {},
        scope: 'admin',
        token_endpoint_auth_method: 'none',
        software_id: 'x',
        webhook_uris: 'y',
      },
      certificate: undefined,
    })
    expect(faults.map(({ error, description }) => `${error} ${description.split(' ')[0]}`)).toEqual([
      'invalid_client_metadata jwks',
      'invalid_client_metadata jwks_uri',
      'invalid_redirect_uri redirect_uris',
      'invalid_client_metadata software_id',
      'invalid_webhook_uris webhook_uris',
      'invalid_software_statement UID',
      'invalid_client_metadata scope',
      'invalid_client_metadata token_endpoint_auth_method',
    ])
  })

  test('what is long is told in short', () => {
    const uris = Array.from({ length: 10_000 }, (_, index) => `https://evil.example/${index}${'x'.repeat(1000)}`)
    const { faults } = apply(ukObie, { sent: { redirect_uris: uris, ['client_name#x'.repeat(10_000)]: 'y' } })
    expect(faults).toHaveLength(1)
    expect(faults[0]?.description).toMatch(/9995 more: it may only have/)
    expect(faults[0]?.description.length).toBeLessThan(2000)
  })
})

describe('without a statement', () => {
  test.each([ukObie, brOpenfinance, auCdr].map((ecosystem) => [ecosystem.name, ecosystem] as const))(
    '%s refuses, and says no more than that',
    (_name, ecosystem) => {
      expect(applyStatement(ecosystem, HONEST.get(ecosystem) ?? {}, undefined, certificate).faults).toEqual([
        { error: 'invalid_software_statement', description: 'software_statement is required' },
      ])
    },
  )

  test('generic takes metadata as they are', () => {
    const sent = { redirect_uris: [CB], client_name: 'One', scope: 'openid', software_id: 'mine' }
    expect(applyStatement(generic, sent, undefined)).toEqual({ metadata: sent, set: {}, faults: [] })
  })

  test('roles give nothing beyond what everybody has', () => {
    const optional: Ecosystem = { ...ukObie, body: 'json', required: [], statement: { ...ukObie.statement, required: false } }
    expect(applyStatement(optional, {}, undefined).metadata.scope).toBe('openid registration')
    expect(applyStatement(optional, { scope: 'accounts' }, undefined).faults).toHaveLength(1)
    const strict: Ecosystem = { ...brOpenfinance, required: [], statement: { ...brOpenfinance.statement, required: false } }
    expect(applyStatement(strict, {}, undefined).faults).toMatchObject([{ error: 'invalid_software_statement' }])
  })
})

describe('what is filled in', () => {
  test('is told with where it came from', () => {
    const { metadata, set } = apply(ukObie, { sent: { redirect_uris: undefined, scope: undefined, client_name: 'Big Bank' } })
    expect(metadata).toEqual({
      redirect_uris: CALLBACKS,
      jwks_uri: KEYS,
      token_endpoint_auth_method: 'private_key_jwt',
      scope: 'openid registration accounts payments',
      grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
      response_types: ['code id_token'],
      client_name: 'The Third Party',
      logo_uri: 'https://tpp.example/logo.png',
      software_id: SOFTWARE,
      software_version: '1.1',
      org_id: 'org-1',
      org_name: 'The Third Party Ltd',
    })
    const { grant_types, response_types, ...others } = set
    expect([grant_types, response_types]).toEqual(['default', 'default'])
    expect(Object.keys(others).sort()).toEqual(
      ['redirect_uris', 'jwks_uri', 'scope', 'client_name', 'logo_uri', 'software_id', 'software_version', 'org_id', 'org_name'].sort(),
    )
    expect(new Set(Object.values(others))).toEqual(new Set(['statement']))
  })

  test('of Australia is the statement’s, as the Register wrote it', () => {
    expect(apply(auCdr)).toMatchObject({
      metadata: {
        redirect_uris: [CB],
        jwks_uri: KEYS,
        sector_identifier_uri: 'https://tpp.example/sector.json',
        scope: 'openid profile bank:accounts.basic:read cdr:registration',
        software_roles: 'data-recipient-software-product',
        response_types: ['code'],
        subject_type: 'pairwise',
      },
      set: { response_types: 'default', subject_type: 'default', scope: 'statement' },
    })
    expect(apply(auCdr).set.redirect_uris).toBeUndefined()
  })

  test('of Brazil are the scopes of roles in force', () => {
    expect(
      apply(brOpenfinance, {
        claims: {
          software_statement_roles: [
            { role: 'PAGTO', status: 'Active' },
            { role: 'CONTA', status: 'Active' },
          ],
        },
      }).metadata.scope,
    ).toBe('openid payments recurring-payments nrp-consents')
    expect(String(apply(brOpenfinance).metadata.scope).split(' ')).toEqual(
      expect.arrayContaining(['openid', 'accounts', 'invoice-financings', 'loans']),
    )
  })

  test('cannot be changed through the statement or the ecosystem it came from', () => {
    const claims = { ...claimsOf(ukObie), software_redirect_uris: [CB] }
    const { metadata } = applyStatement(ukObie, {}, claims)
    claims.software_redirect_uris.push('https://evil.example')
    expect(metadata.redirect_uris).toEqual([CB])
    expect(metadata.grant_types).not.toBe(ukObie.defaults.grant_types)
  })
})

describe('where request and statement differ', () => {
  const claims = { client_name: 'The Third Party', redirect_uris: [CB] }
  const sent = { client_name: 'Big Bank', 'client_name#pt-BR': 'Banco Grande', 'policy_uri#de': 'https://tpp.example/de' }

  test('the statement counts, in every language', () => {
    const { metadata, set } = apply(generic, { sent, claims })
    expect(metadata).toMatchObject({ client_name: 'The Third Party', 'policy_uri#de': 'https://tpp.example/de', redirect_uris: [CB] })
    expect(metadata).not.toHaveProperty('client_name#pt-BR')
    expect(set.client_name).toBe('statement')
  })

  test('or the request, where the ecosystem has it so', () => {
    const { metadata, set } = apply(
      { ...generic, precedence: 'request' },
      { sent, claims: { ...claims, policy_uri: 'https://tpp.example/policy' } },
    )
    expect(metadata).toMatchObject({ ...sent, policy_uri: 'https://tpp.example/policy' })
    expect(set).toMatchObject({ policy_uri: 'statement' })
    expect(set.client_name).toBeUndefined()
  })

  test('what has to fit must fit in every language', () => {
    const matched: Ecosystem = {
      ...generic,
      matches: [{ field: 'client_name', how: 'equals', claim: 'client_name', error: 'invalid_client_metadata' }],
    }
    const named = { client_name: 'The Third Party', 'client_name#pt-BR': 'Banco Grande' }
    expect(apply(matched, { sent: named, claims }).faults).toMatchObject([
      { description: expect.stringMatching(/^client_name#pt-BR has Banco Grande/) },
    ])
    expect(apply(matched, { sent: { ...named, 'client_name#pt-BR': 'The Third Party' }, claims }).faults).toEqual([])
  })
})

test('claims may stand deeper, and a prototype holds none', () => {
  const deep: Ecosystem = {
    ...generic,
    claims: { client_name: ['software', 'name'], policy_uri: ['__proto__', 'polluted'], tos_uri: 'constructor' },
  }
  const claims = JSON.parse('{"software":{"name":"Deep"}}')
  expect(applyStatement(deep, {}, claims)).toEqual({ metadata: { client_name: 'Deep' }, set: { client_name: 'statement' }, faults: [] })
})

test('a prototype that is sent does not become one', () => {
  const sent = JSON.parse('{"__proto__":{"jwks":{"keys":[]},"redirect_uris":["https://evil.example"]}}')
  const { metadata, faults } = applyStatement(ukObie, sent, claimsOf(ukObie))
  expect(faults).toEqual([])
  expect(Object.hasOwn(metadata, '__proto__')).toBe(false)
  expect(Object.assign({}, metadata)).toMatchObject({ redirect_uris: CALLBACKS })
})

test('what is nested without end is refused or kept, and nothing falls over it', () => {
  const deep: unknown = JSON.parse('['.repeat(30_000) + ']'.repeat(30_000))
  expect(apply(ukObie, { sent: { redirect_uris: deep } }).faults).toMatchObject([{ error: 'invalid_redirect_uri' }])
  expect(apply(ukObie, { claims: { software_redirect_uris: deep } }).faults).toMatchObject([
    { error: 'invalid_software_statement' },
    { error: 'invalid_redirect_uri' },
  ])
  expect(apply(generic, { sent: { colours: deep } }).faults).toEqual([])
})

describe('whatever is sent and stated', () => {
  const FIELDS = [
    'redirect_uris',
    'jwks_uri',
    'jwks',
    'scope',
    'software_id',
    'webhook_uris',
    'client_name',
    'response_types',
    'grant_types',
    '__proto__',
    'constructor',
  ]
  const CLAIMS = [
    'software_redirect_uris',
    'redirect_uris',
    'software_jwks_uri',
    'jwks_uri',
    'software_id',
    'software_roles',
    'scope',
    'software_statement_roles',
    '__proto__',
  ]
  const value = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(CB, OTHER, SOFTWARE, KEYS, 'openid', 'openid accounts', 'accounts payments', 'AISP'),
    fc.subarray([CB, OTHER, 'https://evil.example', '', 'AISP', 'PISP', 'openid']),
    fc.constantFrom([{ role: 'DADOS', status: 'Active' }], [{ role: 'PAGTO' }], [{ status: 'Active' }]),
  )
  const some = (names: readonly string[]) => fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), value)
  const texts = (from: unknown): readonly unknown[] =>
    typeof from === 'string' ? from.split(' ') : [from].flat().map((one) => (typeof one === 'number' ? String(one) : one))

  test.each(ecosystems.map((ecosystem) => [ecosystem.name, ecosystem] as const))(
    'nothing passes %s that its statement does not have',
    (_name, ecosystem) => {
      fc.assert(
        fc.property(some(FIELDS), some(CLAIMS), fc.boolean(), (sent, more, isHonest) => {
          const claims: Metadata = isHonest ? { ...claimsOf(ecosystem), ...more } : more
          const { metadata, set, faults } = applyStatement(ecosystem, { ...HONEST.get(ecosystem), ...sent }, claims, certificate)
          expect(faults.every(({ error, description }) => error.startsWith('invalid_') && description !== '')).toBe(true)
          if (faults.length > 0) return
          for (const { field, how, claim } of ecosystem.matches.filter((match) => metadata[match.field] !== undefined)) {
            const allowed = texts(claims[String(claim)])
            expect(texts(metadata[field]).filter((one) => !allowed.includes(one))).toEqual([])
            if (how === 'equals') expect(allowed.filter((one) => !texts(metadata[field]).includes(one))).toEqual([])
          }
          for (const { field } of ecosystem.forbidden) expect(metadata[field]).toBeUndefined()
          for (const field of ecosystem.required) expect(texts(metadata[field]).length).toBeGreaterThan(0)
          const { scopes } = ecosystem
          if (scopes)
            expect(
              texts(metadata.scope).every((scope) => [...scopes.always, ...Object.values(scopes.table).flat()].includes(String(scope))),
            ).toBe(true)
          for (const field of Object.keys(set)) expect(metadata[field]).toBeDefined()
          for (const value of Object.values(metadata)) expect(['', null, undefined]).not.toContain(value)
        }),
        { numRuns: 500 },
      )
    },
  )
})
