import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { ConfigurationError } from '../../lib/core/errors.js'
import { authority, crlOf, issue, outcome } from './pki.js'
import { answerOf, questionAbout, startResponder } from './responder.js'

const folder = mkdtempSync(join(tmpdir(), 'hostile-'))
afterAll(() => rmSync(folder, { recursive: true }))

const root = await authority('CN=Root')
const middle = await authority('CN=Middle', { by: root })
const app = await issue('CN=App', { by: middle })
const bad = await issue('CN=Bad', { by: root })

/** Some octets of a text changed, left out or put in. */
const spoilt = (octets: Buffer) =>
  fc
    .array(
      fc.record({
        at: fc.nat(octets.length - 1),
        how: fc.constantFrom('change', 'drop', 'add', 'cut'),
        by: fc.integer({ min: 1, max: 255 }),
      }),
      {
        minLength: 1,
        maxLength: 3,
      },
    )
    .map((changes) =>
      changes.reduce((text, { at, how, by }) => {
        if (how === 'cut') return text.subarray(0, at)
        const middle = how === 'change' ? [(text[at] ?? 0) ^ by] : how === 'add' ? [by, text[at] ?? 0] : []
        return Buffer.concat([text.subarray(0, at), Buffer.from(middle), text.subarray(at + 1)])
      }, octets),
    )
    .filter((text) => !text.equals(octets))

test('no change to a certificate leaves it trusted', async () => {
  await fc.assert(
    fc.asyncProperty(spoilt(app.certificate.raw), async (octets) => {
      let certificate: X509Certificate
      try {
        certificate = new X509Certificate(octets)
      } catch {
        return
      }
      if (!certificate.raw.equals(app.certificate.raw)) expect(await outcome({ ca: root.pem }, { certificate }, [middle])).not.toBe('chain')
    }),
    { numRuns: 500 },
  )
})

test('no change to a list lets in who is in it', async () => {
  const list = Buffer.from((await crlOf(root, { revoked: [{ party: bad }] })).replaceAll(/-----[^-]+-----|\s/g, ''), 'base64')
  const file = join(folder, 'spoilt.crl')
  await fc.assert(
    fc.asyncProperty(spoilt(list), async (octets) => {
      writeFileSync(file, octets)
      const asked = outcome({ ca: root.pem, revocation: { crl: { files: [file] }, whenUnknown: 'refuse' } }, bad)
      const said = await asked.catch((error: unknown) => {
        if (error instanceof ConfigurationError) return 'not started'
        throw error
      })
      expect(said).toMatch(/^(not started|revocation status unknown: |CN=Bad was revoked)/)
    }),
    { numRuns: 500 },
  )
})

test('no change to an answer lets in whom it does not', async () => {
  const registry = { authority: root, issued: [bad], revoked: [bad] }
  const answer = await answerOf(folder, registry, await questionAbout(folder, root, bad))
  let said: Buffer = answer
  const responder = await startResponder(() => said)
  await fc.assert(
    fc.asyncProperty(spoilt(answer), async (octets) => {
      said = octets
      const found = await outcome(
        { ca: root.pem, revocation: { ocsp: { responder: responder.url, timeout: 10 }, whenUnknown: 'refuse' } },
        bad,
      )
      expect(found).toMatch(/^(revocation status unknown: |CN=Bad was revoked)/)
    }),
    { numRuns: 300 },
  )
  await responder.stop()
})

test('certificates sent in any order and number lead to the same', async () => {
  const others = await Promise.all(['CN=Middle', 'CN=Root', 'CN=Other'].map((name) => authority(name)))
  const sent = fc.array(fc.constantFrom(middle, root, app, bad, ...others), { maxLength: 15 })
  await fc.assert(
    fc.asyncProperty(sent, async (chain) => {
      const said = await outcome({ ca: root.pem }, app, chain)
      expect(said === 'chain').toBe(chain.includes(middle))
    }),
    { numRuns: 200 },
  )
})
