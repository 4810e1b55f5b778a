import { constraints, type Limits, type Name } from './constraints.js'
import { authority, extension, issue, outcome, type Party, type x509 } from './pki.js'

const root = await authority('CN=Root')
const alternative = (names: readonly Name[]): x509.JsonGeneralNames =>
  names.flatMap((name) => Object.entries(name).map(([type, value]) => ({ type, value }))) as x509.JsonGeneralNames

/** A client with these names under an authority with these limits. */
async function under(limits: Limits, subject: string, names: readonly Name[], by: Party = root) {
  const limited = await authority('CN=Limited', { by, extensions: [constraints(limits)] })
  const client = await issue(subject, { by: limited, ...(names.length && { names: alternative(names) }) })
  return outcome({ ca: root.pem }, client, [limited, ...(by === root ? [] : [by])])
}

const OUTSIDE = /has a name that CN=Limited may not vouch for/
const dns = { permitted: [{ dns: 'bank.example' }] }
const noDns = { excluded: [{ dns: 'evil.example' }] }
const mail = { permitted: [{ email: 'bank.example' }] }
const url = { permitted: [{ url: 'bank.example' }] }
const ip = { permitted: [{ ip: '10.1.0.0.255.255.0.0' }] }
const dn = { permitted: [{ dn: 'C=DE,O=Bank' }] }
const noDn = { excluded: [{ dn: 'C=DE,O=Bank,OU=Test' }] }
const APP = 'CN=App'

test.each<[string, Limits, [string, Name[]], [string, Name[]]]>([
  ['another host', dns, [APP, [{ dns: 'evil.example' }]], [APP, [{ dns: 'bank.example' }]]],
  ['a host that ends alike', dns, [APP, [{ dns: 'notbank.example' }]], [APP, [{ dns: 'app.bank.example' }]]],
  [
    'one host of two',
    dns,
    [APP, [{ dns: 'a.bank.example' }, { dns: 'evil.example' }]],
    [APP, [{ dns: 'a.bank.example' }, { dns: 'BANK.example' }]],
  ],
  [
    'a host above a leading dot',
    { permitted: [{ dns: '.bank.example' }] },
    [APP, [{ dns: 'bank.example' }]],
    [APP, [{ dns: 'a.bank.example' }]],
  ],
  ['a host with a dot at its end', noDns, [APP, [{ dns: 'evil.example.' }]], [APP, [{ dns: 'good.example' }]]],
  ['a host that is excluded', noDns, [APP, [{ dns: 'EVIL.example' }]], [APP, [{ dns: 'good.example' }]]],
  ['a host below one that is excluded', noDns, [APP, [{ dns: 'a.evil.example' }]], [APP, [{ dns: 'devil.example' }]]],
  ['a host with a NUL', noDns, [APP, [{ dns: 'evil.example\0' }]], [APP, [{ dns: 'good.example' }]]],
  [
    'a host that is permitted and excluded',
    { ...dns, excluded: [{ dns: 'test.bank.example' }] },
    [APP, [{ dns: 'a.test.bank.example' }]],
    [APP, [{ dns: 'a.bank.example' }]],
  ],
  ['every host', { excluded: [{ dns: '' }] }, [APP, [{ dns: 'bank.example' }]], [APP, [{ url: 'https://bank.example' }]]],
  ['a mailbox elsewhere', mail, [APP, [{ email: 'a@evil.example' }]], [APP, [{ email: 'a@bank.example' }]]],
  ['a mailbox below', mail, [APP, [{ email: 'a@b.bank.example' }]], [APP, [{ email: 'a@BANK.example' }]]],
  [
    'a mailbox in the subject',
    mail,
    ['CN=App,E=a@evil.example', [{ dns: 'bank.example' }]],
    ['CN=App,E=a@bank.example', [{ dns: 'bank.example' }]],
  ],
  [
    'a mailbox beside the one',
    { permitted: [{ email: 'a@bank.example' }] },
    [APP, [{ email: 'b@bank.example' }]],
    [APP, [{ email: 'a@bank.example' }]],
  ],
  ['two hosts in one mailbox', mail, [APP, [{ email: 'a@evil.example@bank.example' }]], [APP, [{ email: 'a@bank.example' }]]],
  ['a URI elsewhere', url, [APP, [{ url: 'https://evil.example/' }]], [APP, [{ url: 'https://bank.example:8443/a?b' }]]],
  [
    'a URI with a user before its host',
    url,
    [APP, [{ url: 'https://bank.example@evil.example/' }]],
    [APP, [{ url: 'https://bank.example/@evil.example' }]],
  ],
  [
    'a URI with an address',
    { excluded: [{ url: 'evil.example' }] },
    [APP, [{ url: 'https://10.0.0.1/' }]],
    [APP, [{ url: 'https://10.example/' }]],
  ],
  ['a URI without a host', url, [APP, [{ url: 'urn:bank.example' }]], [APP, [{ url: 'app://bank.example' }]]],
  ['a URI below a host', url, [APP, [{ url: 'https://a.bank.example' }]], [APP, [{ url: 'https://BANK.example' }]]],
  ['an address elsewhere', ip, [APP, [{ ip: '10.2.0.1' }]], [APP, [{ ip: '10.1.255.1' }]]],
  ['an address of the other kind', ip, [APP, [{ ip: '2001:db8::1' }]], [APP, [{ ip: '10.1.0.1' }]]],
  ['another organization', dn, ['C=DE,O=Evil,CN=App', []], ['C=DE,O=Bank,CN=App', []]],
  ['an organization in another place', dn, ['CN=App,C=DE,O=Bank', []], ['C=DE,O=Bank', []]],
  ['fewer RDNs', dn, ['C=DE', []], ['C=de,O=bank,CN=App', []]],
  ['attributes in one RDN', dn, ['C=DE+O=Bank,CN=App', []], ['C=DE,O=Bank,CN=App', []]],
  [
    'another organization as an alternative name',
    dn,
    ['C=DE,O=Bank,CN=App', [{ dn: 'O=Evil' }]],
    ['C=DE,O=Bank,CN=App', [{ dn: 'C=DE,O=Bank,CN=2' }]],
  ],
  // Names that pass for the excluded one wherever names are compared.
  ['an organization in full-width letters', noDn, ['C=DE,O=\uff22ank,OU=Test,CN=App', []], ['C=DE,O=\uff22ank,OU=Live,CN=App', []]],
  ['an organization with a long s', noDn, ['C=DE,O=Bank,OU=Te\u017ft,CN=App', []], ['C=DE,O=Bank,OU=Rest,CN=App', []]],
  ['a unit that is excluded', noDn, ['C=DE,O=BANK,OU=test,CN=App', []], ['C=DE,O=Bank,OU=Live,CN=App', []]],
  ['a form that is not known here', { excluded: [{ id: '1.2.3' }] }, [APP, [{ id: '1.2.4' }]], [APP, [{ dns: 'bank.example' }]]],
])('%s is refused', async (_what, limits, refused, accepted) => {
  expect(await under(limits, ...refused)).toMatch(/may not vouch for|cannot be checked|is no host name|is no mail address|names no host/)
  expect(await under(limits, ...accepted)).toBe('chain')
})

test('what one authority permits, one below it cannot widen', async () => {
  const first = await authority('CN=First', { by: root, extensions: [constraints(dns)] })
  expect(await under({ permitted: [{ dns: 'evil.example' }] }, APP, [{ dns: 'evil.example' }], first)).toMatch(/may not vouch for/)
  expect(await under({ permitted: [{ dns: 'a.bank.example' }] }, APP, [{ dns: 'a.bank.example' }], first)).toBe('chain')
  expect(await under({ permitted: [{ dns: 'a.bank.example' }] }, APP, [{ dns: 'b.bank.example' }], first)).toMatch(OUTSIDE)
})

test('an authority below is bound as a client is', async () => {
  const first = await authority('CN=First', { by: root, extensions: [constraints({ permitted: [{ dn: 'O=Bank' }] })] })
  const [inside, outside] = [await authority('O=Bank,CN=Below', { by: first }), await authority('O=Evil,CN=Below', { by: first })]
  const app = (by: Party) => issue('O=Bank,CN=App', { by })
  expect(await outcome({ ca: root.pem }, await app(outside), [outside, first])).toMatch(/O=Evil, CN=Below has a name that CN=First/)
  expect(await outcome({ ca: root.pem }, await app(inside), [inside, first])).toBe('chain')
})

test('the constraints of an anchor bind too', async () => {
  const anchor = await authority('CN=Anchor', { extensions: [constraints(dns)] })
  const app = async (host: string) => outcome({ ca: anchor.pem }, await issue(APP, { by: anchor, names: [{ type: 'dns', value: host }] }))
  expect(await app('evil.example')).toMatch(/CN=Anchor may not vouch for/)
  expect(await app('bank.example')).toBe('chain')
})

test('the authority itself is not bound by what it may vouch for', async () => {
  const before = await authority('CN=Roll-over', { extensions: [constraints({ permitted: [{ dn: 'O=Bank' }] })] })
  const after = await authority('CN=Roll-over')
  const newWithOld = await authority('CN=Roll-over', { by: before, keys: after.keys })
  const app = async (subject: string) => outcome({ ca: before.pem }, await issue(subject, { by: after }), [newWithOld])
  expect(await app('O=Bank,CN=App')).toBe('chain')
  expect(await app('O=Evil,CN=App')).toMatch(/may not vouch for/)
})

test('a subtree that starts below its base is refused, which RFC 5280 does not allow', async () => {
  const permitted = (octets: string) => extension('2.5.29.30', true, Buffer.from(octets, 'hex'))
  const app = async (octets: string) => {
    const limited = await authority('CN=Limited', { by: root, extensions: [permitted(octets)] })
    return outcome({ ca: root.pem }, await issue(APP, { by: limited, names: [{ type: 'dns', value: 'a.b' }] }), [limited])
  }
  // permittedSubtrees [0] { GeneralSubtree { dNSName 'b', minimum [0] 1 } }
  expect(await app('300aa0083006820162800101')).toMatch(/CN=Limited has the extension 2.5.29.30, which cannot be read/)
  expect(await app('3007a0053003820162')).toBe('chain')
})
