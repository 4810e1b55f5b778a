import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Extension, type ResponseData } from 'pkijs'
import type { OcspOptions, RevocationOptions } from '../../lib/trust/index.js'
import { later } from '../support/clock.js'
import { authority, issue, outcome, type Party, x509 } from './pki.js'
import { answerOf, type Behaviour, questionAbout, type Registry, resigned, responsesOf, startOpenssl, startResponder } from './responder.js'

const folder = mkdtempSync(join(tmpdir(), 'ocsp-'))
afterAll(() => rmSync(folder, { recursive: true }))

const SIGNING = '1.3.6.1.5.5.7.3.9'
const nocheck = new x509.Extension('1.3.6.1.5.5.7.48.1.5', false, new Uint8Array([5, 0]))

const MONTHS = { to: 60 * 24 }
const root = await authority('CN=Root', MONTHS)
const good = await issue('CN=Good', { by: root, ...MONTHS })
const bad = await issue('CN=Bad', { by: root })
const stray = await issue('CN=Stray', { by: root })
const delegate = await issue('CN=Responder', { by: root, purposes: [SIGNING], extensions: [nocheck], ...MONTHS })
const known: Registry = { authority: root, signer: delegate, issued: [good, bad], revoked: [bad] }

type Policy = RevocationOptions['whenUnknown']
const ask = (party: Party, ocsp: OcspOptions, whenUnknown: Policy = 'refuse') =>
  outcome({ ca: root.pem, revocation: { ocsp, whenUnknown } }, party)
const REVOKED = 'CN=Bad was revoked on 2026-01-02T03:04:05Z (keyCompromise), says its OCSP responder'

describe.each<[string, Partial<Registry>]>([
  ['a certificate for that', {}],
  ['the key of the authority', { signer: root }],
  ['a certificate for that, named by its key', { flags: ['-ndays', '1', '-resp_key_id'] }],
  ['the key of the authority, which sends no certificate', { signer: root, flags: ['-ndays', '1', '-resp_no_certs'] }],
])('the responder of openssl with %s', (_how, how) => {
  let responder: Awaited<ReturnType<typeof startOpenssl>>
  beforeAll(async () => {
    responder = await startOpenssl(folder, { ...known, ...how })
  })
  afterAll(() => responder.stop())

  test('lets in who is good, and nobody who was revoked or is not known', async () => {
    const { url } = responder
    expect(await ask(good, { responder: url })).toBe('chain')
    expect(await ask(bad, { responder: url })).toBe(REVOKED)
    expect(await ask(bad, { responder: url }, 'accept')).toBe(REVOKED)
    expect(await ask(stray, { responder: url })).toBe('revocation status unknown: the OCSP responder does not know CN=Stray')
    expect(await ask(stray, { responder: url }, 'accept')).toBe('chain')
  })

  test('that is down: as the policy says', async () => {
    await responder.stop()
    expect(await ask(good, { responder: responder.url })).toBe(
      `revocation status unknown: OCSP responder ${responder.url}/ could not be reached`,
    )
    expect(await ask(good, { responder: responder.url }, 'accept')).toBe('chain')
  })
})

/** Asks about a party while a responder behaves so. */
async function asking(party: Party, behaviour: Behaviour, ocsp: OcspOptions = {}, whenUnknown: Policy = 'refuse') {
  const responder = await startResponder(behaviour)
  try {
    const said = await ask(party, { responder: responder.url, ...ocsp }, whenUnknown)
    return said?.replace(responder.host, 'HOST')
  } finally {
    await responder.stop()
  }
}

const answering =
  (registry: Partial<Registry> = {}): Behaviour =>
  (request) =>
    answerOf(folder, { ...known, ...registry }, request)

/** An answer that was made beforehand, to a question without a nonce. */
const prepared = async (registry: Partial<Registry> = {}, party = good) =>
  answerOf(folder, { ...known, ...registry }, await questionAbout(folder, registry.authority ?? root, party))

const namesake = await authority('CN=Root')
const delegated = (wishes: Parameters<typeof issue>[1] = {}) => issue('CN=Responder', { by: root, purposes: [SIGNING], ...wishes })

describe('an answer', () => {
  test('is asked for as RFC 6960 has it', async () => {
    const responder = await startResponder(answering())
    expect(await ask(good, { responder: responder.url })).toBe('chain')
    expect(responder.seen).toEqual([{ method: 'POST', type: 'application/ocsp-request', connection: 'close' }])
    await responder.stop()
  })

  test.each<[string, RegExp, () => Promise<Behaviour>]>([
    ['is about another certificate', /answered for another certificate/, async () => () => prepared({}, stray)],
    [
      'is about a certificate of that number by another authority',
      /answered, but not as CN=Root|another certificate/,
      async () => {
        const twin = await issue('CN=Good', { by: namesake, serial: `00${good.certificate.serialNumber}` })
        return () => prepared({ authority: namesake, signer: namesake, issued: [twin], revoked: [] }, twin)
      },
    ],
    [
      'repeats the nonce of another request',
      /with the nonce of another request/,
      async () => {
        const other = await captured()
        return () => other
      },
    ],
    ['is signed by somebody else of that name', /not as CN=Root or in its name/, async () => answering({ signer: namesake })],
    [
      'is signed by who may not sign answers',
      /CN=Responder is not certified for OCSP/,
      async () => answering({ signer: await issue('CN=Responder', { by: root }) }),
    ],
    [
      'is signed by who may sign only for servers',
      /is not certified for OCSP/,
      async () => answering({ signer: await issue('CN=Responder', { by: root, purposes: ['1.3.6.1.5.5.7.3.1'] }) }),
    ],
    [
      'is signed by who may do anything, which is not this',
      /is not certified for OCSP/,
      async () => answering({ signer: await issue('CN=Responder', { by: root, purposes: ['2.5.29.37.0'] }) }),
    ],
    [
      'is signed by a key that may not sign',
      /is not certified for OCSP/,
      async () => answering({ signer: await delegated({ usage: x509.KeyUsageFlags.keyEncipherment }) }),
    ],
    [
      'is signed by the responder of another authority',
      /not as CN=Root or in its name/,
      async () => answering({ signer: await issue('CN=Responder', { by: await authority('CN=Other'), purposes: [SIGNING] }) }),
    ],
    [
      'is signed by the responder of an authority of that name',
      /not as CN=Root or in its name/,
      async () => answering({ signer: await issue('CN=Responder', { by: namesake, purposes: [SIGNING] }) }),
    ],
    [
      'is signed by a responder that certified itself',
      /not as CN=Root or in its name/,
      async () => answering({ signer: await issue('CN=Responder', { purposes: [SIGNING] }) }),
    ],
    [
      'is signed by a responder whose certificate has expired',
      /CN=Responder is not valid now/,
      async () => answering({ signer: await delegated({ from: -3, to: -1 }) }),
    ],
    [
      'is signed by a responder with a weak key',
      /RSA key of 1024 bits/,
      async () => answering({ signer: await delegated({ kind: 'RSA 1024' }) }),
    ],
    [
      'is signed by a responder whose certificate is signed with SHA-1',
      /signed with SHA-1/,
      async () => answering({ signer: await delegated({ algorithm: { name: 'ECDSA', hash: 'SHA-1' } }) }),
    ],
    ['is signed with SHA-1', /signed with SHA-1/, async () => answering({ flags: ['-ndays', '1', '-rmd', 'sha1'] })],
    ['is signed by a client of the authority', /is not certified for OCSP/, async () => answering({ signer: bad })],
    [
      'has a signature that was changed',
      /not as CN=Root or in its name/,
      async () => async (request) => {
        const der = await answerOf(folder, { ...known, signer: root, flags: ['-ndays', '1', '-resp_no_certs'] }, request)
        der[der.length - 1] = (der[der.length - 1] ?? 0) ^ 1
        return der
      },
    ],
    [
      'had a word changed',
      /not as CN=Root or in its name|no OCSP response|another certificate|the nonce/,
      async () => async (request) => {
        const der = await answerOf(folder, known, request)
        der[60] = (der[60] ?? 0) ^ 1
        return der
      },
    ],
    ['tells to try later', /refused to answer \(tryLater\)/, async () => () => Buffer.from('30030a0103', 'hex')],
    ['says that nobody may ask', /refused to answer \(unauthorized\)/, async () => () => Buffer.from('30030a0106', 'hex')],
    ['says nothing', /answered with a response of another type/, async () => () => Buffer.from('30030a0100', 'hex')],
    ['is empty', /no OCSP response/, async () => (_request, response) => void response.end()],
    ['is text', /no OCSP response/, async () => () => Buffer.from('<html>Welcome</html>')],
    ['is noise', /no OCSP response/, async () => () => Buffer.alloc(5000, 0xa5)],
    ['is the request', /no OCSP response/, async () => (request) => request],
    ['is nested without end', /no OCSP response/, async () => () => Buffer.concat(Array(15_000).fill(Buffer.from('3080', 'hex')))],
    ['is of 10 MB', /answered with more than 65536 octets/, async () => () => Buffer.alloc(10 * 1024 * 1024)],
    ['is an error', /answered with status 500/, async () => (_request, response) => void response.writeHead(500).end('oops')],
    [
      'leads elsewhere',
      /answered with status 302/,
      async () => (_request, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    ],
    [
      'is broken off',
      /broke off its answer/,
      async () => (_request, response) => void response.writeHead(200, { 'content-length': 100 }).write('0', () => response.destroy()),
    ],
    ['does not come', /did not answer within 0.3 s/, async () => () => undefined],
    [
      'comes too slowly',
      /did not answer within 0.3 s/,
      async () => (_request, response) => {
        const dripping = setInterval(() => response.write('0'), 50)
        response.once('close', () => clearInterval(dripping))
        return undefined
      },
    ],
  ])('that %s is none', async (_what, reason, make) => {
    const behaviour = await make()
    const said = await asking(good, behaviour, { timeout: reason.source.includes('0.3') ? 0.3 : 10 })
    expect(said).toMatch(/^revocation status unknown: OCSP responder http:\/\/HOST\/ /)
    expect(said).toMatch(reason)
    expect(await asking(good, behaviour, { timeout: 0.3 }, 'accept')).toBe('chain')
    expect(await asking(good, answering(), { timeout: 10 })).toBe('chain')
  })

  /** What a responder answered to somebody else. */
  async function captured(): Promise<Buffer> {
    let answer: Buffer = Buffer.alloc(0)
    const behaviour: Behaviour = async (request) => {
      answer = await answerOf(folder, known, request)
      return answer
    }
    expect(await asking(good, behaviour)).toBe('chain')
    return answer
  }
})

describe('an answer by the authority itself', () => {
  const critical = (isCritical: boolean) =>
    new Extension({ extnID: '1.3.6.1.4.1.99999.1', critical: isCritical, extnValue: new Uint8Array([5, 0]).buffer })
  /** What becomes of an answer about both certificates when this is done to it. */
  const changed = (party: Party, change: (data: ResponseData) => void) =>
    asking(party, async (request) => resigned(root, await answerOf(folder, { ...known, signer: root }, request), change), { timeout: 10 })

  test('may hold extensions that nobody has to know', async () => {
    const whole = (isCritical: boolean) => (data: ResponseData) => data.responseExtensions?.push(critical(isCritical))
    const single = (isCritical: boolean) => (data: ResponseData) =>
      data.responses.forEach((one) => {
        one.singleExtensions = [critical(isCritical)]
      })
    for (const change of [whole, single]) {
      expect(await changed(good, change(true))).toMatch(/answered with the critical extension 1.3.6.1.4.1.99999.1, which is not known here/)
      expect(await changed(good, change(false))).toBe('chain')
    }
  })

  test('that does not say until when it holds is not older than four days, though it is new', async () => {
    const aged = (days: number) => (data: ResponseData) => {
      for (const one of data.responses) {
        one.thisUpdate = new Date(Date.now() - days * 24 * 3600 * 1000)
        delete one.nextUpdate
      }
    }
    expect(await changed(good, aged(5))).toMatch(/answered with an old status/)
    expect(await changed(good, aged(3))).toBe('chain')
  })

  test('that says both is taken at its worst', async () => {
    const other = await prepared({ revoked: [good] })
    const both = (first: boolean) => (data: ResponseData) => {
      const revocation = responsesOf(other)
      data.responses = first ? [...revocation, ...data.responses] : [...data.responses, ...revocation]
    }
    for (const first of [true, false]) expect(await changed(good, both(first))).toMatch(/CN=Good was revoked/)
  })

  test('may hold answers about others', async () => {
    const about = await prepared({}, bad)
    expect(await changed(good, (data) => data.responses.unshift(...responsesOf(about)))).toBe('chain')
    expect(
      await changed(good, (data) => {
        data.responses = [...responsesOf(about)]
      }),
    ).toMatch(/answered for another certificate/)
    expect(
      await changed(good, (data) => {
        data.responses = []
      }),
    ).toMatch(/something that is no OCSP response/)
  })
})

describe('an answer without a nonce', () => {
  const DAY = 24 * 3600
  const at = (seconds: number, answer: Buffer) => later(seconds, () => asking(good, () => answer))

  test('holds until the next is due, and for four days at most', async () => {
    const [brief, long] = [await prepared({ flags: ['-ndays', '1'] }), await prepared({ flags: ['-ndays', '30'] })]
    expect(await at(0, brief)).toBe('chain')
    expect(await at(DAY - 60, brief)).toBe('chain')
    expect(await at(DAY + 60, brief)).toMatch(/answered with an old status/)
    expect(await at(4 * DAY - 60, long)).toBe('chain')
    expect(await at(4 * DAY + 60, long)).toMatch(/answered without the nonce and with a status of 20/)
  })

  test('that does not say until when it holds is for now', async () => {
    const answer = await prepared({ flags: [] })
    expect(await at(0, answer)).toBe('chain')
    expect(await at(100, answer)).toBe('chain')
    expect(await at(200, answer)).toMatch(/answered with an old status/)
  })

  test('that is to come is none', async () => {
    const answer = await prepared()
    expect(await at(-300, answer)).toMatch(/which is to come/)
    expect(await at(-30, answer)).toBe('chain')
  })

  test('that was good then and is none now', async () => {
    const answer = await prepared({ flags: ['-nmin', '5'], revoked: [] })
    expect(await at(200, answer)).toBe('chain')
    expect(await at(400, answer)).toMatch(/answered with an old status, of 20/)
  })
})

test('an answer with the nonce need not say until when it holds', async () => {
  expect(await asking(good, answering({ flags: [] }))).toBe('chain')
  expect(await asking(bad, answering({ flags: [] }))).toBe(REVOKED)
})
