import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { jest } from '@jest/globals'
import { type RevocationOptions, type TrustNote, trust } from '../../lib/trust/index.js'
import { later } from '../support/clock.js'
import { authority, crlOf, extension, issue, outcome, type Party, request, responders, shows, x509 } from './pki.js'
import { answerOf, type Behaviour, type Registry, startResponder } from './responder.js'

const folder = mkdtempSync(join(tmpdir(), 'asking-'))
afterAll(() => rmSync(folder, { recursive: true }))

const root = await authority('CN=Root')

type Responder = Awaited<ReturnType<typeof startResponder>>
const open: Responder[] = []
/** A responder that ends with its test. */
async function responding(behaviour: Behaviour): Promise<Responder> {
  const responder = await startResponder(behaviour)
  open.push(responder)
  return responder
}
afterEach(async () => {
  for (const responder of open.splice(0)) await responder.stop()
})

/** Answers as openssl does; who is revoked may change meanwhile. */
const registry =
  (by: Party, state: Pick<Registry, 'issued' | 'revoked'>): Behaviour =>
  (asked) =>
    answerOf(folder, { authority: by, ...state }, asked)

describe('who is asked', () => {
  test.each<[string, (host: string) => readonly string[], boolean]>([
    ['the responder that a certificate names, where it may be asked', (host) => [`http://${host}/ocsp`], true],
    ['the first that may be asked', (host) => ['ldap://ca.example', 'http://169.254.169.254/latest', `http://${host}`], true],
    ['nobody at another host', () => ['http://169.254.169.254/latest/meta-data'], false],
    ['nobody at another port', (host) => [`http://${host.split(':')[0]}:1/`], false],
    ['nobody by another scheme', (host) => [`ftp://${host}/`], false],
    ['nobody with a password', (host) => [`http://user:secret@${host}/`], false],
    ['nobody at a host that hides behind another', (host) => [`http://${host}@ca.example/`, `http://ca.example/?http://${host}`], false],
  ])('%s', async (_who, urls, asked) => {
    const issued: Party[] = []
    const responder = await responding(registry(root, { issued }))
    const app = await issue('CN=App', { by: root, extensions: [responders(...urls(responder.host))] })
    issued.push(app)
    const said = await outcome({ ca: root.pem, revocation: { ocsp: { hosts: [responder.host] }, whenUnknown: 'refuse' } }, app)
    expect(responder.seen).toHaveLength(asked ? 1 : 0)
    expect(said).toMatch(
      asked ? /^chain$/ : /^revocation status unknown: CN=App names the OCSP responder .* not among the hosts that may be asked$/,
    )
  })

  test('nobody where the certificate names nobody', async () => {
    const app = await issue('CN=App', { by: root })
    const options = (whenUnknown: RevocationOptions['whenUnknown']) => ({
      ca: root.pem,
      revocation: { ocsp: { hosts: ['ca.example'] }, whenUnknown },
    })
    expect(await outcome(options('refuse'), app)).toBe('revocation status unknown: CN=App names no OCSP responder')
    expect(await outcome(options('accept'), app)).toBe('chain')
  })

  test('nobody about a certificate that no trusted authority issued', async () => {
    const responder = await responding(registry(root, { issued: [] }))
    const [own, expired] = [
      await issue('CN=App', { extensions: [responders(responder.url)] }),
      await issue('CN=App', { by: root, from: -2, to: -1 }),
    ]
    for (const ocsp of [{ responder: responder.url }, { hosts: [responder.host] }])
      for (const party of [own, expired])
        expect(await outcome({ ca: root.pem, revocation: { ocsp, whenUnknown: 'accept' } }, party)).not.toBe('chain')
    expect(responder.seen).toEqual([])
  })

  test('the one responder about all, whatever they name', async () => {
    const app = await issue('CN=App', { by: root, extensions: [responders('http://127.0.0.1:1/')] })
    const responder = await responding(registry(root, { issued: [app] }))
    expect(await outcome({ ca: root.pem, revocation: { ocsp: { responder: responder.url }, whenUnknown: 'refuse' } }, app)).toBe('chain')
  })

  test('each responder about what its authority issued, up to the anchor', async () => {
    const state = { issued: [] as Party[], revoked: [] as Party[] }
    const below = { issued: [] as Party[], revoked: [] as Party[] }
    const top = await responding(registry(root, state))
    const middle = await authority('CN=Middle', { by: root, extensions: [responders(top.url)] })
    const bottom = await responding(registry(middle, below))
    const app = await issue('CN=App', { by: middle, extensions: [responders(bottom.url)] })
    state.issued.push(middle)
    below.issued.push(app)
    const asked = () =>
      outcome({ ca: root.pem, revocation: { ocsp: { hosts: [top.host, bottom.host] }, whenUnknown: 'accept' } }, app, [middle])
    expect(await asked()).toBe('chain')
    state.revoked.push(middle)
    expect(await asked()).toMatch(/^CN=Middle was revoked/)
    expect([top.seen.length, bottom.seen.length]).toEqual([2, 2])
  })
})

test('an authority below the root may sign its own answers', async () => {
  const middle = await authority('CN=Middle', { by: root })
  const app = await issue('CN=App', { by: middle })
  const responder = await responding(registry(middle, { issued: [app] }))
  expect(await outcome({ ca: middle.pem, revocation: { ocsp: { responder: responder.url }, whenUnknown: 'refuse' } }, app)).toBe('chain')
})

test('a certificate that names its responder in a way that cannot be read leaves the list to decide', async () => {
  const app = await issue('CN=App', { by: root, extensions: [extension('1.3.6.1.5.5.7.1.1', false, new Uint8Array([5, 0]))] })
  const file = join(folder, 'unread.crl')
  writeFileSync(file, await crlOf(root))
  const ocsp = { hosts: ['ocsp.ca.example'] }
  expect(await outcome({ ca: root.pem, revocation: { ocsp, whenUnknown: 'refuse' } }, app)).toBe(
    'revocation status unknown: the extension 1.3.6.1.5.5.7.1.1 cannot be read',
  )
  expect(await outcome({ ca: root.pem, revocation: { crl: { files: [file] }, ocsp, whenUnknown: 'refuse' } }, app)).toBe('chain')
})

describe('how often', () => {
  const app = issue('CN=App', { by: root })
  const watch = async (responder: Responder, whenUnknown: RevocationOptions['whenUnknown'] = 'refuse', timeout = 10) =>
    trust({ certificate: shows(await app), ca: root.pem, revocation: { ocsp: { responder: responder.url, timeout }, whenUnknown } })
  const seen = async (source: Awaited<ReturnType<typeof watch>>, seconds: number) =>
    (await later(seconds, async () => source(request())))?.verified

  test('fifty requests at once ask once', async () => {
    const responder = await responding(registry(root, { issued: [await app] }))
    const source = await watch(responder)
    const found = await Promise.all(Array.from({ length: 50 }, () => source(request())))
    expect(found.map((one) => one?.verified)).toEqual(Array(50).fill('chain'))
    expect(responder.seen).toHaveLength(1)
  })

  test('fifty requests at once wait once for who does not answer', async () => {
    const responder = await responding(() => undefined)
    const source = await watch(responder, 'refuse', 1)
    const started = performance.now()
    const found = await Promise.all(Array.from({ length: 50 }, () => source(request())))
    expect(found.map((one) => one?.verified)).toEqual(Array(50).fill(false))
    await source(request())
    // Milliseconds; fifty-one times a second would be five times as long.
    expect(performance.now() - started).toBeLessThan(10_000)
    expect(responder.seen).toHaveLength(1)
  })

  test('an answer is used for five minutes, and a revocation heeded then', async () => {
    const state = { issued: [await app], revoked: [] as Party[] }
    const responder = await responding(registry(root, state))
    const source = await watch(responder)
    expect(await seen(source, 0)).toBe('chain')
    state.revoked.push(await app)
    expect(await seen(source, 290)).toBe('chain')
    expect(responder.seen).toHaveLength(1)
    expect(await seen(source, 301)).toBe(false)
    expect(responder.seen).toHaveLength(2)
    expect(await seen(source, 310)).toBe(false)
    expect(responder.seen).toHaveLength(2)
  })

  test('an answer is not used longer than it holds', async () => {
    const issued = [await app]
    const responder = await responding((asked) => answerOf(folder, { authority: root, issued, flags: ['-nmin', '1'] }, asked))
    const source = await watch(responder)
    expect(await seen(source, 0)).toBe('chain')
    expect(await seen(source, 50)).toBe('chain')
    expect(responder.seen).toHaveLength(1)
    await seen(source, 70)
    expect(responder.seen).toHaveLength(2)
  })

  test('a failure is tried again after ten seconds', async () => {
    let fails = true
    const issued = [await app]
    const responder = await responding((asked, response) =>
      fails ? void response.writeHead(503).end() : answerOf(folder, { authority: root, issued }, asked),
    )
    const source = await watch(responder)
    expect(await seen(source, 0)).toBe(false)
    fails = false
    expect(await seen(source, 5)).toBe(false)
    expect(responder.seen).toHaveLength(1)
    expect(await seen(source, 11)).toBe('chain')
    expect(responder.seen).toHaveLength(2)
  })
})

describe('lists and responders together', () => {
  const list = async (party: Party, state: State) => {
    if (state === 'unknown') return crlOf(await authority('CN=Other'))
    return crlOf(root, { revoked: state === 'revoked' ? [{ party }] : [] })
  }
  type State = 'good' | 'revoked' | 'unknown'

  test.each<[State, State, RegExp]>([
    ['good', 'good', /^chain$/],
    ['good', 'unknown', /^chain$/],
    ['unknown', 'good', /^chain$/],
    ['unknown', 'unknown', /^revocation status unknown: there is no CRL of CN=Root; the OCSP responder does not know CN=App$/],
    ['revoked', 'good', /was revoked on .*says the CRL/],
    ['good', 'revoked', /was revoked on .*says its OCSP responder/],
    ['revoked', 'unknown', /was revoked/],
    ['unknown', 'revoked', /was revoked/],
    ['revoked', 'revoked', /was revoked/],
  ])('%s by the list and %s by the responder', async (listed, answered, expected) => {
    const app = await issue('CN=App', { by: root })
    const file = join(folder, `${listed}-${answered}.crl`)
    writeFileSync(file, await list(app, listed))
    const responder = await responding(
      registry(root, { issued: answered === 'unknown' ? [] : [app], revoked: answered === 'revoked' ? [app] : [] }),
    )
    const revocation = (whenUnknown: RevocationOptions['whenUnknown']) => ({
      crl: { files: [file] },
      ocsp: { responder: responder.url },
      whenUnknown,
    })
    expect(await outcome({ ca: root.pem, revocation: revocation('refuse') }, app)).toMatch(expected)
    expect(await outcome({ ca: root.pem, revocation: revocation('accept') }, app)).toMatch(
      listed === 'revoked' || answered === 'revoked' ? /was revoked/ : /^chain$/,
    )
  })

  test('a responder whose own certificate was revoked is not believed, unless it says that it cannot be', async () => {
    const nocheck = new x509.Extension('1.3.6.1.5.5.7.48.1.5', false, new Uint8Array([5, 0]))
    const app = await issue('CN=App', { by: root })
    const asked = async (extensions: x509.Extension[], revoked: boolean) => {
      const signer = await issue('CN=Responder', { by: root, purposes: ['1.3.6.1.5.5.7.3.9'], extensions })
      const file = join(folder, 'responder.crl')
      writeFileSync(file, await crlOf(root, { from: -3, to: -1, revoked: revoked ? [{ party: signer }] : [] }))
      const responder = await responding((question) => answerOf(folder, { authority: root, signer, issued: [app] }, question))
      return outcome(
        { ca: root.pem, revocation: { crl: { files: [file] }, ocsp: { responder: responder.url }, whenUnknown: 'refuse' } },
        app,
      )
    }
    expect(await asked([], true)).toMatch(/CN=Responder was revoked/)
    expect(await asked([], false)).toBe('chain')
    expect(await asked([nocheck], true)).toBe('chain')
  })
})

describe('the operator', () => {
  const listening =
    (notes: TrustNote[], behaviour: (note: TrustNote) => void = () => {}) =>
    (note: TrustNote) => {
      notes.push(note)
      return behaviour(note)
    }

  test('is told of refusals and of what could not be learned, and of nothing else', async () => {
    const [app, own] = [await issue('CN=App', { by: root }), await issue('CN=Own')]
    const down = { ocsp: { responder: 'http://127.0.0.1:1/' }, whenUnknown: 'accept' as const }
    const notes: TrustNote[] = []
    const told = listening(notes)
    expect(await outcome({ ca: root.pem, record: told }, app)).toBe('chain')
    expect(notes).toEqual([])
    expect(await outcome({ ca: root.pem, record: told }, own)).toMatch(/no path/)
    expect(await outcome({ ca: root.pem, revocation: down, record: told }, app)).toBe('chain')
    expect(notes.map(({ subject, trusted, reason }) => [subject, trusted, reason])).toEqual([
      ['CN=Own', false, 'no path to a trusted authority: CN=Own signed itself and is not among the trusted ones'],
      ['CN=App', true, 'revocation status unknown: OCSP responder http://127.0.0.1:1/ could not be reached'],
    ])
    expect(notes.every(Object.isFrozen)).toBe(true)
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error('full')
      },
    ],
    ['rejects', () => Promise.reject(new Error('full'))],
  ])('who %s changes nothing', async (_what, behaviour) => {
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    expect(await outcome({ ca: root.pem, record: behaviour }, await issue('CN=Own'))).toMatch(/no path/)
    await new Promise((resolve) => setImmediate(resolve))
    expect(warnings.mock.calls).toEqual([['the record function of trust failed: full', { code: 'FAPI_RECORD' }]])
    warnings.mockRestore()
  })
})
