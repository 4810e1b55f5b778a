import type { TlsOptions } from 'node:tls'
import { countsOf, type Finding } from '../../lib/audit/finding.js'
import { type Host, tlsFindings } from '../../lib/audit/tls/tls-findings.js'
import { rulesOf } from '../../lib/core/profile.js'
import { fapi1Advanced, fapi1Baseline, fapi2MessageSigning, fapi2Security, profiles } from '../../lib/profiles/index.js'
import { bothAtOnce, closeListeners, httpsListener, listening, pemOf, rsa } from './listeners.js'

const PATIENT = 20

afterEach(closeListeners)

const of = (findings: readonly Finding[], status: Finding['status']) =>
  findings.filter((one) => one.status === status).map(({ rule }) => rule)

/** The hosts of one listener that does everything. */
const everything = (port: number): readonly Host[] => [
  { url: `https://localhost:${port}/auth`, browsers: true },
  { url: `https://localhost:${port}/token`, browsers: false },
]

async function judged(profile: typeof fapi2Security, options: TlsOptions, hosts = everything) {
  const port = await listening(httpsListener(options))
  return tlsFindings(profile, hosts(port), { ca: pemOf(rsa), timeout: PATIENT })
}

const GCM = 'ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384'
const COMPLIANT: TlsOptions = { minVersion: 'TLSv1.2', ciphers: `TLS_AES_128_GCM_SHA256:${GCM}` }
const WEAK: TlsOptions = { minVersion: 'TLSv1', maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA:NULL-SHA256:@SECLEVEL=0' }
const WITH_DHE: TlsOptions = { ...COMPLIANT, ciphers: `TLS_AES_128_GCM_SHA256:${GCM}:DHE-RSA-AES128-GCM-SHA256`, dhparam: 'auto' as never }

test.each(profiles.map((profile) => [profile.name, profile] as const))(
  'nothing is wrong with a compliant listener in %s',
  async (_name, profile) => {
    const findings = await judged(profile, COMPLIANT)
    expect(countsOf({ findings })).toEqual({ failed: 0, warned: 0, unjudged: 0, passed: findings.length })
    const rules = new Set(rulesOf(profile).flatMap(([, rule]) => (rule.at.includes('tls') ? [rule.id] : [])))
    expect(findings.map(({ rule }) => rule).sort()).toEqual([...rules].sort())
    expect(findings.every(({ clauses }) => clauses.length > 0 && clauses.every(({ link }) => link?.startsWith('https://')))).toBe(true)
  },
)

test.each([
  [fapi2Security, WEAK, ['tls-ciphers', 'tls-ciphers-unbroken', 'tls-ciphers-undeprecated', 'tls-versions'], ['tls-1-3-offered']],
  [fapi2MessageSigning, WITH_DHE, ['tls-ciphers', 'tls-ciphers-undeprecated'], []],
  [fapi1Advanced, WITH_DHE, [], ['tls-ciphers-undeprecated']],
  [fapi1Advanced, WEAK, ['tls-ciphers', 'tls-ciphers-unbroken', 'tls-versions'], ['tls-1-3-offered', 'tls-ciphers-undeprecated']],
  [fapi1Baseline, WEAK, ['tls-ciphers-unbroken', 'tls-versions'], ['tls-1-3-offered', 'tls-ciphers-undeprecated']],
] as const)('%# what a SHALL forbids fails, what a SHOULD advises against is warned of', async (profile, options, failed, warned) => {
  const findings = await judged(profile, options)
  expect(of(findings, 'failed').sort()).toEqual(failed)
  expect(of(findings, 'warned').sort()).toEqual(warned)
  for (const { status, mend } of findings) expect(mend !== undefined).toBe(status === 'failed' || status === 'warned')
})

test('a finding has all that a report says', async () => {
  const port = await listening(httpsListener(WEAK))
  const seen: unknown[] = []
  const findings = await tlsFindings(fapi2Security, everything(port), {
    ca: pemOf(rsa),
    timeout: PATIENT,
    progress: (event) => seen.push('started' in event ? event.started : event.found),
  })
  expect(seen).toEqual(['tls', ...findings])
  expect(findings.find(({ rule }) => rule === 'tls-versions')).toEqual({
    area: 'tls',
    id: `tls-versions/localhost:${port}`,
    rule: 'tls-versions',
    title: `Protocol versions, each offered alone at localhost:${port}`,
    status: 'failed',
    clauses: [expect.objectContaining({ clause: 'FAPI2-SP-5.2.1-2', specification: 'FAPI 2.0 Security Profile' })],
    expected: 'TLS 1.2 and TLS 1.3 are accepted, and no version before them.',
    got: 'Accepts TLS 1.0 and TLS 1.1, only TLS 1.2 and TLS 1.3 may be accepted.',
    mend: expect.stringContaining('TLSv1.2'),
    evidence: [
      'SSLv3 offered alone → refused (handshake_failure)',
      'TLSv1 offered alone → TLSv1 chosen',
      'TLSv1.1 offered alone → TLSv1.1 chosen',
      'TLSv1.2 offered alone → TLSv1.2 chosen',
      'TLSv1.3 offered alone → refused (protocol_version)',
    ],
  })
  expect(findings.find(({ rule }) => rule === 'tls-ciphers')?.got).toBe(
    'Accepts TLS_RSA_WITH_AES_128_CBC_SHA, TLS_RSA_WITH_NULL_SHA256, which are not allowed for TLS 1.2.',
  )
})

test('a listener for browsers alone may take more, one without browsers needs no HSTS', async () => {
  const CBC: TlsOptions = { ...COMPLIANT, ciphers: `${COMPLIANT.ciphers}:ECDHE-RSA-AES256-SHA384` }
  const pages = await judged(fapi2Security, CBC, (port) => [{ url: `https://localhost:${port}/auth`, browsers: true }])
  expect([of(pages, 'failed'), pages.some(({ rule }) => rule === 'tls-ciphers')]).toEqual([[], false])
  const api = await judged(fapi2Security, CBC, (port) => [{ url: `https://localhost:${port}/accounts?secret=1`, browsers: false }])
  expect([of(api, 'failed'), api.some(({ rule }) => rule === 'strict-transport-security')]).toEqual([['tls-ciphers'], false])
  expect(JSON.stringify(api)).not.toContain('secret')
})

test('no HSTS is a failure in FAPI 2.0 and a warning in FAPI 1.0; a page by plain http fails in both', async () => {
  const port = await listening(bothAtOnce((_request, response) => response.end('a page')))
  const silent = await listening(httpsListener(COMPLIANT, (_request, response) => response.end('a page')))
  const options = { ca: pemOf(rsa), timeout: PATIENT }
  for (const [profile, status] of [[fapi2Security, 'failed'] as const, [fapi1Advanced, 'warned'] as const]) {
    expect(of(await tlsFindings(profile, everything(silent), options), status)).toEqual(['strict-transport-security'])
    expect(of(await tlsFindings(profile, everything(port), options), 'failed')).toContain('no-plain-http')
  }
})

test('what could not be tried is not judged, and says why', async () => {
  const port = await listening(httpsListener({ ...COMPLIANT, maxVersion: 'TLSv1.2', requestCert: true, rejectUnauthorized: true }))
  const findings = await tlsFindings(fapi2Security, everything(port), { ca: pemOf(rsa), timeout: PATIENT })
  expect(of(findings, 'unjudged').sort()).toEqual(['server-certificate-lasting', 'server-certificate-trusted', 'strict-transport-security'])
  expect(findings.find(({ rule }) => rule === 'server-certificate-trusted')).toMatchObject({
    got: expect.stringMatching(/^The handshake failed: \S+ alert handshake failure; it may want a client certificate\.$/),
    mend: undefined,
  })
})

test('nobody at home: nothing is judged; a URL that says http: no TLS', async () => {
  const port = await listening(httpsListener())
  await closeListeners()
  const away = await tlsFindings(fapi2Security, everything(port), { timeout: PATIENT })
  expect(countsOf({ findings: away })).toMatchObject({ failed: 0, warned: 0, passed: 0 })
  expect(away.length).toBeGreaterThan(0)
  const plain = await tlsFindings(fapi2Security, [{ url: `http://localhost:${port}/token`, browsers: false }])
  expect(of(plain, 'failed')).toEqual(['tls-versions'])
  expect(of(plain, 'passed')).toEqual([])
})

test.each([
  ['no URL', 'no url at all', 0],
  ['another scheme', 'ftp://localhost/x', 0],
  ['a port that is none', 'https://localhost:99999/', 0],
  ['a wrong path', 'https://localhost:1/%20a"b', 9],
])('%s is no reason to stop', async (_name, url, findings) => {
  const found = await tlsFindings(fapi2Security, [{ url, browsers: false }], { timeout: PATIENT })
  expect(found).toHaveLength(findings)
})
