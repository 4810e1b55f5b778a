import fc from 'fast-check'
import type { Ecosystem } from '../../lib/registration/ecosystem.js'
import { ecosystemFaults } from '../../lib/registration/ecosystem-faults.js'
import * as named from '../../lib/registration/ecosystems/index.js'
import { auCdr, brOpenfinance, ecosystems, generic, ukObie } from '../../lib/registration/ecosystems/index.js'

const isFrozen = (value: unknown): boolean =>
  typeof value !== 'object' || value === null || (Object.isFrozen(value) && Object.values(value).every(isFrozen))

test('every ecosystem is in the list, under a name of its own', () => {
  expect(ecosystems).toEqual([generic, ukObie, brOpenfinance, auCdr])
  expect(new Set(ecosystems.map(({ name }) => name)).size).toBe(ecosystems.length)
  expect(Object.keys(named).sort()).toEqual(['auCdr', 'brOpenfinance', 'ecosystems', 'generic', 'ukObie'])
})

describe.each(ecosystems.map((ecosystem) => [ecosystem.name, ecosystem] as const))('%s', (_name, ecosystem) => {
  test('is data, which nobody can change', () => {
    expect(isFrozen(ecosystem)).toBe(true)
    expect(JSON.parse(JSON.stringify(ecosystem))).toEqual(ecosystem)
  })

  test('has nothing against it, and neither has what came from a file', () => {
    expect(ecosystemFaults(ecosystem)).toEqual([])
    expect(ecosystemFaults(JSON.parse(JSON.stringify(ecosystem)))).toEqual([])
  })

  test('lacks no member, and may have no other', () => {
    const optional = ['signedRequest', 'scopes', 'status', 'maxAge', 'organisationId']
    for (const part of ['', 'source', 'statement', 'management'] as const) {
      const found: Readonly<Record<string, unknown>> = part === '' ? { ...ecosystem } : { ...ecosystem[part] }
      const changed = (value: unknown) => (part === '' ? value : { ...ecosystem, [part]: value })
      const at = (member: string) => ['ecosystem', ...(part === '' ? [] : [part]), member].join('.')
      for (const member of Object.keys(found).filter((name) => !optional.includes(name))) {
        const { [member]: _left, ...rest } = found
        expect(ecosystemFaults(changed(rest))).toContainEqual(expect.objectContaining({ option: at(member) }))
      }
      expect(ecosystemFaults(changed({ ...found, wildcard: true }))).toMatchObject([
        { option: at('wildcard'), allowed: expect.stringMatching(/^is not known here/) },
      ])
    }
  })
})

describe('somebody’s own ecosystem', () => {
  const { signedRequest, scopes } = ukObie
  const roles = { ...brOpenfinance.scopes }
  const rows: readonly (readonly [option: string, base: Ecosystem, change: object, says: RegExp])[] = [
    ['name', generic, { name: 'My Ecosystem' }, /^must be a name in small letters/],
    ['title', generic, { title: '' }, /^must be a text/],
    ['source.url', generic, { source: { ...generic.source, url: 'http://a.example' } }, /^must be an https URL/],
    ['source.date', generic, { source: { ...generic.source, date: '2026-02-30' } }, /^must be a day/],
    ['source.date', generic, { source: { ...generic.source, date: 'yesterday' } }, /^must be a day/],
    ['body', generic, { body: 'xml' }, /^must be one of json, jwt/],
    ['certificate', generic, { certificate: true }, /^must be one of required, optional/],
    ['statement.required', generic, { statement: { ...generic.statement, required: 'yes' } }, /^must be true or false/],
    ['statement.algorithms', generic, { statement: { ...generic.statement, algorithms: [] } }, /^must not be empty/],
    ['statement.algorithms[0]', generic, { statement: { ...generic.statement, algorithms: ['RS256'] } }, /^must be one of PS256/],
    ['statement.algorithms[1]', generic, { statement: { ...generic.statement, algorithms: ['PS256', 'none'] } }, /^must be one of PS256/],
    ['statement.algorithms', generic, { statement: { ...generic.statement, algorithms: ['PS256', 'PS256'] } }, /^must list nothing twice/],
    ['statement.algorithms', generic, { statement: { ...generic.statement, algorithms: 'PS256' } }, /^must be a list/],
    ['statement.algorithms[0]', generic, { statement: { ...generic.statement, algorithms: new Array(1) } }, /^must be one of PS256/],
    ['statement.maxAge', generic, { statement: { ...generic.statement, maxAge: 0 } }, /^must be whole seconds/],
    ['statement.maxAge', generic, { statement: { ...generic.statement, maxAge: '300' } }, /^must be whole seconds/],
    ['statement.maxAge', generic, { statement: { ...generic.statement, maxAge: Number.POSITIVE_INFINITY } }, /^must be whole seconds/],
    ['statement.softwareId', generic, { statement: { ...generic.statement, softwareId: [] } }, /^must be the name of a claim/],
    ['statement.softwareId', generic, { statement: { ...generic.statement, softwareId: ['a', ''] } }, /^must be the name of a claim/],
    ['signedRequest.maxLifetime', ukObie, { signedRequest: { ...signedRequest, maxLifetime: 86_401 } }, /^must be whole seconds/],
    ['signedRequest.jti', ukObie, { signedRequest: { ...signedRequest, jti: undefined } }, /^must be one of uuid, text/],
    ['signedRequest.algorithms[0]', ukObie, { signedRequest: { ...signedRequest, algorithms: ['HS256'] } }, /^must be one of PS256/],
    ['claims', generic, { claims: ['client_name'] }, /^must be an object/],
    ['claims.client_name', generic, { claims: { client_name: 1 } }, /^must be the name of a claim/],
    ['claims.client_id', generic, { claims: { client_id: 'id' } }, /^must be the name of metadata that a client may have/],
    ['claims.constructor', generic, { claims: { constructor: 'a' } }, /^must be the name of metadata/],
    ['claims.__proto__', generic, { claims: JSON.parse('{"__proto__":"a"}') }, /^must be the name of metadata/],
    ['claims.client name', generic, { claims: { 'client name': 'a' } }, /^must be the name of metadata/],
    ['precedence', generic, { precedence: 'client' }, /^must be one of statement, request/],
    [
      'matches[0].how',
      generic,
      { matches: [{ field: 'a', how: 'superset', claim: 'a', error: 'invalid_client_metadata' }] },
      /^must be one of subset, equals/,
    ],
    [
      'matches[0].error',
      generic,
      { matches: [{ field: 'a', how: 'equals', claim: 'a', error: 'invalid_token' }] },
      /^must be one of invalid_redirect_uri/,
    ],
    [
      'matches[0].field',
      generic,
      { matches: [{ field: 'certificate:', how: 'equals', claim: 'a', error: 'invalid_client_metadata' }] },
      /^must be the name of metadata, or/,
    ],
    [
      'matches[0].field',
      generic,
      { matches: [{ field: 'client_id', how: 'equals', claim: 'a', error: 'invalid_client_metadata' }] },
      /^must be the name of metadata, or/,
    ],
    ['matches[0]', generic, { matches: [null] }, /^must be an object with field, how, claim, error/],
    ['scopes.table', ukObie, { scopes: { ...scopes, table: [] } }, /^must be an object/],
    ['scopes.table.AISP[0]', ukObie, { scopes: { ...scopes, table: { AISP: ['a b'] } } }, /^must be a scope/],
    ['scopes.always', ukObie, { scopes: { ...scopes, always: 'openid' } }, /^must be a list/],
    [
      'scopes.active.value',
      brOpenfinance,
      { scopes: { ...roles, active: { field: 'status', value: undefined } } },
      /^must be a text, a number/,
    ],
    ['required[0]', generic, { required: [1] }, /^must be the name of metadata/],
    ['forbidden[0].why', generic, { forbidden: [{ field: 'jwks', error: 'invalid_client_metadata' }] }, /^must be a text/],
    ['allowed.response_types', generic, { allowed: { response_types: [] } }, /^must not be empty/],
    ['defaults.grant_types', generic, { defaults: { grant_types: null } }, /^must be what JSON can say/],
    ['defaults.client_name', generic, { defaults: { client_name: '' } }, /^must be what JSON can say/],
    ['defaults.jwks', generic, { defaults: { jwks: () => [] } }, /^must be what JSON can say/],
    ['defaults.require_auth_time', generic, { defaults: { require_auth_time: new Date() } }, /^must be what JSON can say/],
    [
      'defaults.registration_access_token',
      generic,
      { defaults: { registration_access_token: 'a' } },
      /^must be the name of metadata that a client may have/,
    ],
    ['management.by', generic, { management: { ...generic.management, by: 'password' } }, /^must be 'registration_access_token', or/],
    ['management.by.scope', auCdr, { management: { ...auCdr.management, by: { scope: 'a b' } } }, /^must be a scope/],
    ['management.methods[0]', generic, { management: { ...generic.management, methods: ['PATCH'] } }, /^must be one of GET, PUT, DELETE/],
    ['sameHost', generic, { sameHost: 'logo_uri' }, /^must be a list/],
    ['sameHost[0]', generic, { sameHost: ['client_secret'] }, /^must be the name of metadata that a client may have/],
    ['duplicates', generic, { duplicates: 'merge' }, /^must be one of reject/],
    ['status.active', auCdr, { status: { ...auCdr.status, active: [] } }, /^must not be empty/],

    // What contradicts itself.
    ['signedRequest', ukObie, { signedRequest: undefined }, /because body is 'jwt'/],
    ['signedRequest', generic, { signedRequest }, /because body is 'json'/],
    ['statement.required', ukObie, { statement: { ...ukObie.statement, required: false } }, /the keys to a signed request/],
    ['statement.maxAge', generic, { statement: { ...generic.statement, expires: false } }, /never grow old/],
    ['certificate', brOpenfinance, { certificate: 'optional' }, /because matches look into it/],
    ['statement.required', brOpenfinance, { statement: { ...brOpenfinance.statement, required: false } }, /a certificate must fit it/],
    ['claims.scope', ukObie, { claims: { ...ukObie.claims, scope: 'scope' } }, /because scope follows from roles/],
    ['scopes.role', brOpenfinance, { scopes: { ...roles, role: undefined } }, /must name the role/],
    ['scopes', ukObie, { scopes: { ...scopes, always: [], table: { AISP: [] } } }, /must give a scope to somebody/],
    ['management.rotate', auCdr, { management: { ...auCdr.management, rotate: true } }, /no registration access token/],
    ['management.statementOnUpdate', auCdr, { management: { ...auCdr.management, methods: ['GET'] } }, /there are no updates/],
    ['forbidden (jwks)', brOpenfinance, { required: ['jwks'] }, /must not be required as well/],
    ['forbidden (jwks)', brOpenfinance, { allowed: { jwks: ['a'] } }, /must not have allowed values as well/],
    [
      'forbidden (jwks_uri)',
      brOpenfinance,
      { required: [], forbidden: [{ field: 'jwks_uri', error: 'invalid_client_metadata', why: 'no' }] },
      /must not be matched as well/,
    ],
    ['defaults.response_types', auCdr, { defaults: { response_types: ['token'] } }, /^must be among what is allowed: code/],
    ['defaults.response_types', generic, { defaults: { response_types: 'code' } }, /^must be a list of texts/],
    ['defaults.scope', ukObie, { defaults: { scope: 'openid' } }, /because scope follows from roles/],
  ]
  test.each(rows)('is told what is wrong with %s (%#)', (option, base, change, says) => {
    const faults = ecosystemFaults({ ...base, ...change }).map((one) => [one.option.replace(/^the name of /, ''), one.allowed])
    expect(faults).toContainEqual([`ecosystem.${option}`, expect.stringMatching(says)])
    expect(ecosystemFaults(base)).toEqual([])
  })

  test.each<[string, object]>([
    ['its own names and claims inside claims', { name: 'fdx-2', claims: { client_name: ['software', 'name'], registry_reference: 'ref' } }],
    [
      'metadata that only the statement may give',
      { forbidden: [{ field: 'jwks_uri', error: 'invalid_client_metadata', why: 'the statement has it' }], required: ['jwks_uri'] },
    ],
    [
      'matches where a statement is not needed',
      { matches: [{ field: 'redirect_uris', how: 'subset', claim: 'redirect_uris', error: 'invalid_redirect_uri' }] },
    ],
    ['an age in place of an end', { statement: { ...generic.statement, expires: false, maxAge: 300 } }],
    [
      'an attribute by its number',
      {
        certificate: 'required',
        statement: { ...generic.statement, required: true },
        matches: [{ field: 'certificate:2.5.4.97', how: 'equals', claim: 'org_id', error: 'invalid_software_statement' }],
      },
    ],
    ['flags and numbers as defaults', { defaults: { require_auth_time: true, default_max_age: 60 } }],
    ['no management', { management: { by: 'registration_access_token', statementOnUpdate: false, rotate: false, methods: [] } }],
  ])('may have %s', (_what, change) => {
    expect(ecosystemFaults({ ...generic, ...change })).toEqual([])
  })

  test('is told everything at once', () => {
    const faults = ecosystemFaults({ ...generic, body: 'xml', duplicates: 'merge', statement: { ...generic.statement, once: 1 } })
    expect(faults.map(({ option }) => option)).toEqual(['ecosystem.body', 'ecosystem.statement.once', 'ecosystem.duplicates'])
  })

  test.each([[undefined], [null], ['uk-obie'], [1], [[]], [[generic]], [() => generic]])('is no data: %p', (value) => {
    expect(ecosystemFaults(value)).toMatchObject([
      { option: 'ecosystem', allowed: expect.stringMatching(/^must be an object with name, title/) },
    ])
  })

  test('is read without falling over anything', () => {
    const members = Object.keys({ ...ukObie, ...auCdr })
    const change = fc.dictionary(
      fc.constantFrom(...members),
      fc.anything({ withBigInt: true, withNullPrototype: true, withSparseArray: true, withDate: true }),
    )
    fc.assert(
      fc.property(fc.constantFrom(...ecosystems), change, (base, changes) => {
        const faults = ecosystemFaults({ ...base, ...changes })
        expect(faults.every(({ option, allowed }) => option.length > 0 && allowed.length > 0)).toBe(true)
      }),
    )
    expect(ecosystemFaults(Object.create(generic))).not.toEqual([])
  })
})
