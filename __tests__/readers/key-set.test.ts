import { generateKeyPairSync, KeyObject } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { jest } from '@jest/globals'
import fc from 'fast-check'
import { type JWK, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { ConfigurationError } from '../../lib/core/errors.js'
import { type KeySource, keySet, localKeySet } from '../../lib/readers/key-set.js'
import { KeySetError } from '../../lib/readers/key-set-error.js'
import type { KeySetOptions } from '../../lib/readers/key-set-options.js'
import { missingKids } from '../../lib/readers/missing-kids.js'
import { later } from '../support/clock.js'
import { signJwt } from '../support/jwt.js'
import { mintKey, type SigningKey, weakRsaJwk } from '../support/keys.js'
import { until } from '../support/until.js'
import { ca, type Listening, listenTo } from './issuer-servers.js'

const HOUR = 3600
const [ps, es, ed, next, stranger] = [mintKey('PS256', 'ps'), mintKey('ES256', 'es'), mintKey('EdDSA', 'ed'), mintKey(), mintKey()]
const tokenOf = (key: SigningKey, kid: string | undefined = key.kid) => signJwt({ header: { kid }, claims: { sub: 'somebody' }, key })

/** How the issuer answers at the moment, how often it was asked, and who has no answer yet. */
const issuer: { answer: (res: ServerResponse) => unknown; reads: number; readonly waiting: Set<ServerResponse> } = {
  ...{ answer: () => undefined, reads: 0 },
  waiting: new Set(),
}
/** Readings that the sources began in a test, those of them that reached the issuer, and those that are over. */
const readings = { begun: 0, arrived: 0, over: 0 }
const publishing =
  (keys: readonly SigningKey[], headers: Readonly<Record<string, string>> = {}) =>
  (res: ServerResponse) =>
    res.writeHead(200, headers).end(JSON.stringify({ keys: keys.map(({ publicJwk }) => publicJwk) }))
const publish = (...keys: readonly SigningKey[]) => {
  issuer.answer = publishing(keys)
}
const down = (res: ServerResponse) => res.destroy()
const silent = () => undefined

let server: Listening
const url = () => `https://localhost:${server.port}/jwks`
const open = (options: KeySetOptions = {}) =>
  keySet(url(), { ca, allowPrivateHosts: [`localhost:${server.port}`], timeout: 20, resolve: countingReadings, ...options })
/** Called as soon as a reading begins. */
const countingReadings = async () => {
  readings.begun += 1
  return ['127.0.0.1']
}

const warnings = jest.spyOn(process, 'emitWarning')
beforeAll(async () => {
  server = await listenTo((req, res) => {
    issuer.reads += 1
    readings.arrived += 1
    issuer.waiting.add(res)
    // There is one connection for each reading, which the reader ends.
    req.socket.once('close', () => {
      issuer.waiting.delete(res)
      readings.over += 1
    })
    issuer.answer(res)
  })
})
afterAll(() => server.close())
beforeEach(() => {
  issuer.reads = 0
  Object.assign(readings, { begun: 0, arrived: 0, over: 0 })
  publish(ps, es, ed)
  warnings.mockReset()
})
afterEach(() => hangUp())

/** What a key source says to a token: its subject when it is genuine. */
const verdict = async (source: KeySource, token: string) => {
  try {
    const { payload } = await jwtVerify(token, source)
    return payload.sub
  } catch (error) {
    return error instanceof KeySetError ? error.kind : (error as Error).name
  }
}
const errorOf = (work: Promise<unknown>): Promise<Error> =>
  work.then(
    () => Promise.reject(new Error('nothing was refused')),
    (error: Error) => error,
  )

/** Readings that are under way. */
const underWay = () => readings.begun - readings.over
/** Waits until everything has been answered that was asked in the background, and the answers have been seen. */
const settled = async () => {
  await until('every reading is over', () => underWay() <= 0)
  await new Promise((resolve) => setImmediate(resolve))
}
/** Ends the readings that have no answer yet. */
const hangUp = async () => {
  await until('every reading has reached the issuer', () => readings.arrived >= readings.begun)
  for (const res of issuer.waiting) res.destroy()
  await settled()
}

describe('the keys at a URL', () => {
  test.each([
    ['PS256', ps],
    ['ES256', es],
    ['EdDSA', ed],
  ])('verify with %s, and nothing else', async (_alg, key) => {
    const source: JWTVerifyGetKey = open()
    await expect(jwtVerify(await tokenOf(key), source)).resolves.toMatchObject({ payload: { sub: 'somebody' } })
    const forged = await signJwt({ header: { kid: key.kid }, claims: { sub: 'somebody' }, key }, { signature: 'broken' })
    await expect(jwtVerify(forged, source)).rejects.toThrow('signature verification failed')
    const foreign = mintKey(key.alg, key.kid)
    await expect(jwtVerify(await tokenOf(foreign), source)).rejects.toThrow('signature verification failed')
  })

  test('verify with EdDSA under its newer name', async () => {
    const token = await signJwt({ header: { kid: 'ed' }, claims: { sub: 'somebody' }, key: ed }, { alg: 'Ed25519' })
    expect(await verdict(open(), token)).toBe('somebody')
  })

  test('are not read before they are needed', async () => {
    const source = open()
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect([readings.begun, issuer.reads]).toEqual([0, 0])
    await source({ alg: 'ES256', kid: 'es' })
    expect(issuer.reads).toBe(1)
  })

  test('are read once for fifty requests at once', async () => {
    const source = open()
    const token = await tokenOf(es)
    const answers = await Promise.all(Array.from({ length: 50 }, () => verdict(source, token)))
    expect(new Set(answers)).toEqual(new Set(['somebody']))
    expect(issuer.reads).toBe(1)
  })

  test('are imported once, and stay the same when they are read again', async () => {
    const source = open()
    const first = await source({ alg: 'ES256', kid: 'es' })
    expect(first).toBeInstanceOf(KeyObject)
    expect(await source({ alg: 'ES256', kid: 'es' })).toBe(first)
    publish(next, es)
    expect(await source({ alg: 'ES256', kid: next.kid })).not.toBe(first)
    expect(issuer.reads).toBe(2)
    expect(await source({ alg: 'ES256', kid: 'es' })).toBe(first)
  })

  test.each<[string, string | URL]>([
    ['text', 'text'],
    ['a URL', 'object'],
  ])('are found by %s', async (_what, kind) => {
    const options = { ca, allowPrivateHosts: [`localhost:${server.port}`] }
    const source = keySet(kind === 'text' ? url() : new URL(url()), options)
    expect(await verdict(source, await tokenOf(es))).toBe('somebody')
  })

  test('are not those of another URL that they lead to', async () => {
    issuer.answer = (res) => res.writeHead(302, { location: url() }).end()
    expect(await errorOf(open()({ alg: 'ES256', kid: 'es' }))).toMatchObject({
      kind: 'issuer',
      message: expect.stringContaining('redirects'),
    })
    expect(issuer.reads).toBe(1)
  })
})

describe('a set is fresh', () => {
  /** Whether a request, so many seconds after the set was read, leads to another reading. */
  const readAgainAfter = async (seconds: number, headers: Readonly<Record<string, string>>, options: KeySetOptions = {}) => {
    issuer.answer = publishing([es], headers)
    const source = open(options)
    await source({ alg: 'ES256', kid: 'es' })
    await later(seconds, async () => {
      expect(await verdict(source, await tokenOf(es))).toBe('somebody')
      await settled()
    })
    return issuer.reads === 2
  }

  const rows: readonly (readonly [headers: Record<string, string>, seconds: number, options?: KeySetOptions])[] = [
    [{}, 600],
    [{ 'cache-control': 'public' }, 600],
    [{ 'cache-control': 'max-age=300' }, 300],
    [{ 'cache-control': 'public, MAX-AGE=300, must-revalidate' }, 300],
    [{ 'cache-control': 'max-age="300"' }, 300],
    [{ 'cache-control': 'public,max-age=300' }, 300],
    [{ 'cache-control': 's-maxage=300' }, 600],
    [{ 'cache-control': 'max-age=300', age: '100' }, 200],
    [{ 'cache-control': 'max-age=300', age: 'old' }, 300],
    [{ 'cache-control': 'max-age=300', age: '100000' }, 60],
    [{ 'cache-control': 'max-age=10' }, 60],
    [{ 'cache-control': 'max-age=0' }, 60],
    [{ 'cache-control': 'no-cache' }, 60],
    [{ 'cache-control': 'private, no-store' }, 60],
    [{ 'cache-control': 'max-age=999999999999999999999999' }, 600],
    [{ 'cache-control': `max-age=${'9'.repeat(400)}` }, 600],
    [{ 'cache-control': 'max-age=-1' }, 600],
    [{ 'cache-control': 'max-age=soon' }, 600],
    [{ 'cache-control': 'max-age=7200' }, 7200, { maxAge: 86_400 }],
    [{ 'cache-control': 'max-age=300' }, 30, { maxAge: 30 }],
    [{}, 30, { maxAge: 30 }],
  ]

  test.each(rows.map(([headers, seconds, options = {}]) => [headers, seconds, options] as const))(
    'with %j for %d seconds (%j)',
    async (headers, seconds, options) => {
      expect(await readAgainAfter(seconds * 0.75 - 2, headers, options)).toBe(false)
      issuer.reads = 0
      expect(await readAgainAfter(seconds * 0.75 + 2, headers, options)).toBe(true)
    },
  )

  test('and nobody waits when it is read again before it ends', async () => {
    const source = open()
    await source({ alg: 'ES256', kid: 'es' })
    await settled()
    issuer.answer = silent
    await later(599, async () => {
      expect(await verdict(source, await tokenOf(es))).toBe('somebody')
      expect(underWay()).toBe(1)
      await until('it is read again', () => issuer.reads === 2)
    })
  })

  test('and after a long silence the issuer is heard first: a key that it withdrew verifies nothing', async () => {
    const source = open()
    const token = await tokenOf(es)
    expect(await verdict(source, token)).toBe('somebody')
    publish(ps)
    expect(await later(601, () => verdict(source, token))).toBe('token')
  })

  test('for no longer when the clock has been set back', async () => {
    const source = open()
    await source({ alg: 'ES256', kid: 'es' })
    const steady = jest.spyOn(performance, 'now')
    const now = performance.now()
    steady.mockImplementation(() => now + 601_000)
    await later(-10 * HOUR, () => source({ alg: 'ES256', kid: 'es' }))
    steady.mockRestore()
    expect(issuer.reads).toBe(2)
  })
})

describe('when keys are rotated', () => {
  test('the new one verifies at once, and the old one no longer', async () => {
    const source = open()
    const [old, fresh, forged] = await Promise.all([tokenOf(es), tokenOf(next), tokenOf(stranger, next.kid)])
    expect(await verdict(source, old)).toBe('somebody')
    publish(next)
    expect(await Promise.all(Array.from({ length: 50 }, () => verdict(source, fresh)))).toEqual(Array(50).fill('somebody'))
    expect(issuer.reads).toBe(2)
    expect(await verdict(source, old)).toBe('token')
    expect(await verdict(source, forged)).toBe('JWSSignatureVerificationFailed')
  })

  test('a key may change under its kid, when the set is read again', async () => {
    const source = open()
    const changed = mintKey('ES256', 'es')
    await source({ alg: 'ES256', kid: 'es' })
    publish(changed)
    expect(await later(601, async () => verdict(source, await tokenOf(changed)))).toBe('somebody')
    expect(await verdict(source, await tokenOf(es))).toBe('JWSSignatureVerificationFailed')
  })

  test('and the issuer then fails for the stale window, no valid request is refused and no forged one accepted', async () => {
    const source = open({ staleIfError: 24 * HOUR })
    expect(await verdict(source, await tokenOf(es))).toBe('somebody')
    publish(next, ps)
    expect(await verdict(source, await tokenOf(next))).toBe('somebody')
    issuer.answer = down
    const [valid, also] = await Promise.all([tokenOf(next), tokenOf(ps)])
    const forgeries = await Promise.all([tokenOf(stranger, next.kid), tokenOf(stranger, 'ps'), tokenOf(es), tokenOf(stranger, 'unknown')])
    for (const minutes of [7, 9, 11, 20, 60, 6 * 60, 12 * 60, 24 * 60, 24 * 60 + 9])
      await later(minutes * 60, async () => {
        expect(await Promise.all([verdict(source, valid), verdict(source, also)])).toEqual(['somebody', 'somebody'])
        const answers = await Promise.all(forgeries.map((token) => verdict(source, token)))
        expect(answers).not.toContain('somebody')
        // An unknown key may be a new one: who could tell?
        expect(answers).toEqual(['JWSSignatureVerificationFailed', 'issuer', 'issuer', 'issuer'])
      })
    await later(24 * HOUR + 602, async () => {
      const error = await errorOf(source({ alg: 'PS256', kid: 'ps' }))
      expect(error).toMatchObject({
        kind: 'issuer',
        message: expect.stringMatching(
          /^the keys of the issuer could not be read \(https:.* socket hang up\), and those at hand are too old to go on with$/,
        ),
      })
    })
    publish(next, ps)
    expect(await later(25 * HOUR, () => verdict(source, valid))).toBe('somebody')
  })
})

describe('while the issuer cannot be read', () => {
  test('nobody waits for it', async () => {
    const source = open()
    const token = await tokenOf(es)
    await verdict(source, token)
    await settled()
    issuer.answer = silent
    for (const minutes of [8, 9, 11, 13, 20, 29, 38]) {
      await later(minutes * 60, async () => {
        expect(await Promise.all(Array.from({ length: 20 }, () => verdict(source, token)))).toEqual(Array(20).fill('somebody'))
        expect(underWay()).toBe(1)
        await hangUp()
      })
    }
    expect(issuer.reads).toBe(1 + 7)
  })

  test('only the first request after a long silence waits, and no longer than the timeout', async () => {
    const source = open({ timeout: 1.5 })
    const token = await tokenOf(es)
    await verdict(source, token)
    issuer.answer = silent
    await later(2 * HOUR, async () => {
      const began = performance.now()
      expect(await verdict(source, token)).toBe('somebody')
      expect(performance.now() - began).toBeGreaterThan(1450)
      await settled()
      const { over } = readings
      expect(await verdict(source, token)).toBe('somebody')
      // What did not end meanwhile was not waited for.
      expect(readings.over).toBe(over)
    })
  })

  test('the pauses between attempts grow to half a minute', async () => {
    issuer.answer = down
    const source = open()
    const attempts: number[] = []
    for (let second = 0; second < 180; second += 0.5) {
      const before = issuer.reads
      // Half a second of fake time for a millisecond or two of real time.
      await later(second, () => errorOf(source({ alg: 'ES256', kid: 'es' })))
      if (issuer.reads > before) attempts.push(second)
    }
    const pauses = attempts.slice(1).map((second, index) => second - (attempts[index] ?? 0))
    expect(pauses.map(Math.round)).toEqual([1, 2, 4, 8, 16, 30, 30, 30, 30].map((pause) => expect.closeTo(pause, -0.5)))
    publish(es)
    expect(await later(215, async () => verdict(source, await tokenOf(es)))).toBe('somebody')
  })

  test('the operator is warned once, until it has been read again', async () => {
    const source = open()
    const use = () => source({ alg: 'ES256', kid: 'es' }).then(settled)
    await use()
    issuer.answer = down
    for (const seconds of [500, 700, 900]) await later(seconds, use)
    expect(warnings.mock.calls).toEqual([
      [
        expect.stringMatching(
          /^the keys of an issuer could not be read \(https:.*socket hang up\); those of \d+ seconds ago go on verifying, up to 86400 seconds beyond their time$/,
        ),
        { code: 'FAPI_KEYS' },
      ],
    ])
    publish(es)
    await later(1000, use)
    issuer.answer = down
    await later(1700, use)
    expect(warnings).toHaveBeenCalledTimes(2)
  })

  test('nothing verifies where no stale window is wanted', async () => {
    const source = open({ staleIfError: 0 })
    await source({ alg: 'ES256', kid: 'es' })
    issuer.answer = down
    expect(await later(590, async () => verdict(source, await tokenOf(es)))).toBe('somebody')
    expect(await later(605, async () => verdict(source, await tokenOf(es)))).toBe('issuer')
  })

  test('an issuer that withdraws all of its keys has answered', async () => {
    const source = open()
    await source({ alg: 'ES256', kid: 'es' })
    publish()
    expect(await later(601, async () => verdict(source, await tokenOf(es)))).toBe('token')
    expect(warnings).not.toHaveBeenCalled()
  })

  const wrongs: readonly (readonly [what: string, body: string])[] = [
    ['nothing', ''],
    ['a page', '<html><body>Sorry</body></html>'],
    ['half of it', '{"keys":[{"kty":"EC"'],
    ['null', 'null'],
    ['text', '"keys"'],
    ['a list', '[]'],
    ['an object without keys', '{}'],
    ['keys that are no list', '{"keys":{"0":{}}}'],
    ['keys of null', '{"keys":null}'],
    ['too many keys', JSON.stringify({ keys: Array(101).fill(es.publicJwk) })],
    ['a deep nest', `${'['.repeat(30_000)}${']'.repeat(30_000)}`],
    ['keys in the prototype', '{"__proto__":{"keys":[]}}'],
    ['more than the limit', JSON.stringify({ keys: [es.publicJwk], more: 'x'.repeat(65_536) })],
  ]

  test.each(wrongs)('for its answer is %s', async (_what, body) => {
    issuer.answer = (res) => res.end(body)
    const source = open()
    const error = await errorOf(source({ alg: 'ES256', kid: 'es' }))
    expect(error).toBeInstanceOf(KeySetError)
    expect(error).toMatchObject({ kind: 'issuer', code: 'ERR_FAPI_KEY_SET', name: 'KeySetError' })
    expect(error.message).toMatch(/^the keys of the issuer could not be read \(https:\/\/localhost:\d+\/jwks .+\), and none are at hand$/)
    publish(es)
    expect(await later(2, async () => verdict(source, await tokenOf(es)))).toBe('somebody')
  })

  test.each(wrongs)('the keys at hand are used: %s', async (_what, body) => {
    const source = open()
    await source({ alg: 'ES256', kid: 'es' })
    issuer.answer = (res) => res.end(body)
    expect(await later(601, async () => verdict(source, await tokenOf(es)))).toBe('somebody')
  })

  test('a hundred keys are no more than it may have', async () => {
    issuer.answer = (res) => res.end(JSON.stringify({ keys: [es.publicJwk, ...Array(99).fill(ps.publicJwk)] }))
    expect(await verdict(open({ maxBytes: 100_000 }), await tokenOf(es))).toBe('somebody')
  })
})

describe('kids that nobody knows', () => {
  test('ten thousand at once cause a handful of readings, and delay nobody', async () => {
    const source = open()
    const token = await tokenOf(es)
    const answers = Array.from({ length: 10_000 }, async (_, index) => {
      if (index % 100 === 0) return verdict(source, token)
      return (await errorOf(source({ alg: 'ES256', kid: `random ${index}` }))).message
    })
    const found = new Set(await Promise.all(answers))
    expect(found).toEqual(new Set(['somebody', 'the issuer has no key for alg and kid of the token']))
    expect(issuer.reads).toBeLessThanOrEqual(2)
  })

  test('ten thousand one after the other cause a handful of readings', async () => {
    const source = open()
    const began = performance.now()
    for (let index = 0; index < 10_000; index += 1) await errorOf(source({ alg: 'ES256', kid: `random ${index}` }))
    expect(issuer.reads).toBeLessThanOrEqual(2 + (performance.now() - began) / 5000)
    expect(await verdict(source, await tokenOf(es))).toBe('somebody')
  })

  test('for as long as it goes on: one reading in five seconds, and a new key is known as soon', async () => {
    const source = open()
    const token = await tokenOf(next)
    let knownAt: number | undefined
    for (let second = 0; second < 120; second += 1) {
      if (second === 61) publish(es, next)
      await later(second, async () => {
        for (let index = 0; index < 20; index += 1) await errorOf(source({ alg: 'ES256', kid: `${second} ${index}` }))
        if (second >= 61 && knownAt === undefined && (await verdict(source, token)) === 'somebody') knownAt = second
      })
    }
    expect(issuer.reads).toBeLessThanOrEqual(2 + 120 / 5)
    expect(knownAt).toBeLessThanOrEqual(61 + 6)
  })

  test('the same over and over: one reading in ten seconds, and others are looked for meanwhile', async () => {
    const source = open()
    const bad = { alg: 'ES256', kid: 'bad' }
    await source({ alg: 'ES256', kid: 'es' })
    for (let second = 0; second < 60; second += 1) await later(second, () => errorOf(source(bad)))
    expect(issuer.reads).toBeLessThanOrEqual(2 + 60 / 10)
    issuer.reads = 0
    await later(77, () => errorOf(source(bad)))
    publish(next)
    await later(83, async () => {
      expect((await errorOf(source(bad))).message).toMatch(/no key/)
      expect(issuer.reads).toBe(1)
      // The bad one has had its turn; the good one has its own.
      expect(await verdict(source, await tokenOf(next))).toBe('somebody')
    })
  })

  test('a kid that was asked for too early is known ten seconds later', async () => {
    const source = open()
    const token = await tokenOf(next)
    await source({ alg: 'ES256', kid: 'es' })
    expect(await verdict(source, token)).toBe('token')
    publish(es, next)
    expect(await later(9, () => verdict(source, token))).toBe('token')
    expect(await later(10.5, () => verdict(source, token))).toBe('somebody')
  })

  test('a kid that was asked for too early is known as soon as the set is read for another', async () => {
    const source = open()
    const token = await tokenOf(next)
    await source({ alg: 'ES256', kid: 'es' })
    expect(await verdict(source, token)).toBe('token')
    publish(es, next)
    await later(5.5, () => errorOf(source({ alg: 'ES256', kid: 'another' })))
    expect(await later(6, () => verdict(source, token))).toBe('somebody')
  })

  test.each([
    ['short', 1, 0, 1.5],
    ['long', 60, 55, 60.5],
  ])('the cooldown is an option, and may be %s', async (_what, cooldown, during, after) => {
    const source = open({ cooldown })
    await source({ alg: 'ES256', kid: 'es' })
    expect(await verdict(source, await tokenOf(stranger))).toBe('token')
    publish(next)
    // A second of the steady clock may go by on a busy machine.
    if (during > 0) expect(await later(during, async () => verdict(source, await tokenOf(next)))).toBe('token')
    expect(await later(after, async () => verdict(source, await tokenOf(next)))).toBe('somebody')
  })

  test('a reading that is under way serves them, however short the time since the last', async () => {
    const source = open()
    await source({ alg: 'ES256', kid: 'es' })
    issuer.answer = down
    expect(await later(460, () => errorOf(source({ alg: 'ES256', kid: 'bad' })))).toMatchObject({
      kind: 'issuer',
    })
    publish(next)
    expect(await later(462, async () => verdict(source, await tokenOf(next)))).toBe('somebody')
  })

  test('cannot wear out an issuer that is down', async () => {
    const source = open()
    await source({ alg: 'ES256', kid: 'es' })
    issuer.answer = down
    for (let second = 0; second < 60; second += 1)
      await later(second, async () => {
        const errors = await Promise.all(
          Array.from({ length: 20 }, (_, index) => errorOf(source({ alg: 'ES256', kid: `${second} ${index}` }))),
        )
        expect(errors.every((error) => error instanceof KeySetError && error.kind === 'issuer')).toBe(true)
        expect(await verdict(source, await tokenOf(es))).toBe('somebody')
      })
    expect(issuer.reads).toBeLessThanOrEqual(1 + 7)
  })
})

/** The public key with some members changed; `undefined` leaves one out. */
const jwkOf = ({ publicJwk }: SigningKey, change: Readonly<Record<string, unknown>> = {}) =>
  JSON.parse(JSON.stringify({ ...publicJwk, ...change })) as JWK

const UNKNOWN = 'the issuer has no key for alg and kid of the token'
const UNFIT = 'the issuer has no key for alg of the token'
const SEVERAL = 'several keys of the issuer fit: kid of the token must name one'
const AMBIGUOUS = 'several keys of the issuer have the kid of the token'
const unusable = (why: string) => `the key that the token names cannot be used: ${why}`
const nothingOf = (alg: string) => `it serves none of ${alg}`
const ALL = 'PS256, ES256, EdDSA, Ed25519'

describe('among several keys', () => {
  const other = mintKey('ES256', 'es')
  type Row = readonly [what: string, keys: readonly JWK[], header: { alg?: unknown; kid?: unknown }, found: SigningKey | string]
  const rows: readonly Row[] = [
    ['kid names one', [jwkOf(ps), jwkOf(es), jwkOf(next)], { alg: 'ES256', kid: 'es' }, es],
    ['kid names none', [jwkOf(es)], { alg: 'ES256', kid: 'no' }, UNKNOWN],
    ['kid names one in other letters', [jwkOf(es)], { alg: 'ES256', kid: 'ES' }, UNKNOWN],
    ['kid is empty and so is the key’s', [jwkOf(es, { kid: '' }), jwkOf(next)], { alg: 'ES256', kid: '' }, es],
    ['kid is empty and no key’s is', [jwkOf(es)], { alg: 'ES256', kid: '' }, UNKNOWN],
    ['the key has no kid', [jwkOf(es, { kid: undefined })], { alg: 'ES256', kid: 'es' }, UNKNOWN],
    ['the key has a kid that is no text', [jwkOf(es, { kid: 5 })], { alg: 'ES256', kid: '5' }, UNKNOWN],
    ['one kid names an RSA and an EC key: the EC one', [jwkOf(ps, { kid: 'k' }), jwkOf(es, { kid: 'k' })], { alg: 'ES256', kid: 'k' }, es],
    ['one kid names an RSA and an EC key: the RSA one', [jwkOf(ps, { kid: 'k' }), jwkOf(es, { kid: 'k' })], { alg: 'PS256', kid: 'k' }, ps],
    [
      'one kid names keys for other algorithms',
      [jwkOf(ps, { kid: 'k', alg: 'RS256' }), jwkOf(es, { kid: 'k' })],
      { alg: 'PS256', kid: 'k' },
      unusable(nothingOf(ALL)),
    ],
    ['one kid names a key to sign and one to encrypt', [jwkOf(es, { use: 'enc' }), jwkOf(other)], { alg: 'ES256', kid: 'es' }, other],
    ['one kid names two keys alike', [jwkOf(es), jwkOf(other)], { alg: 'ES256', kid: 'es' }, AMBIGUOUS],
    ['one key is listed twice', [jwkOf(es), jwkOf(es, { alg: 'ES256' })], { alg: 'ES256', kid: 'es' }, es],
    ['without kid, one fits', [jwkOf(ps), jwkOf(es), jwkOf(ed)], { alg: 'ES256' }, es],
    ['without kid, one fits that has none either', [jwkOf(ps), jwkOf(es, { kid: undefined })], { alg: 'ES256' }, es],
    ['without kid, two fit', [jwkOf(es), jwkOf(next)], { alg: 'ES256' }, SEVERAL],
    ['without kid, two fit but one is for another algorithm', [jwkOf(ps), jwkOf(mintKey('PS256'), { alg: 'RS256' })], { alg: 'PS256' }, ps],
    ['without kid, none fits', [jwkOf(ps), jwkOf(es)], { alg: 'EdDSA' }, UNFIT],
    ['alg of the key is the one', [jwkOf(es, { alg: 'ES256' })], { alg: 'ES256', kid: 'es' }, es],
    ['alg of the key is another', [jwkOf(ps, { alg: 'RS256' }), jwkOf(es)], { alg: 'PS256', kid: 'ps' }, unusable(nothingOf(ALL))],
    ['alg of the key is no text', [jwkOf(ps, { alg: 5 }), jwkOf(es)], { alg: 'PS256', kid: 'ps' }, unusable(nothingOf(ALL))],
    ['use is sig', [jwkOf(es, { use: 'sig' })], { alg: 'ES256', kid: 'es' }, es],
    ['use is missing', [jwkOf(es, { use: undefined })], { alg: 'ES256', kid: 'es' }, es],
    ...['enc', 'SIG', '', null, 5, ['sig']].map(
      (use): Row => [
        `use is ${JSON.stringify(use)}`,
        [jwkOf(es, { use }), jwkOf(ps)],
        { alg: 'ES256', kid: 'es' },
        unusable('it is not for signatures (use)'),
      ],
    ),
    ['key_ops has verify', [jwkOf(es, { use: undefined, key_ops: ['verify'] })], { alg: 'ES256', kid: 'es' }, es],
    ...[[], ['sign'], ['encrypt', 'wrapKey'], 'verify', { verify: true }, null, [['verify']]].map(
      (key_ops): Row => [
        `key_ops is ${JSON.stringify(key_ops)}`,
        [jwkOf(es, { key_ops }), jwkOf(ps)],
        { alg: 'ES256', kid: 'es' },
        unusable('it is not for verifying (key_ops)'),
      ],
    ),
    ...['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'].map(
      (member): Row => [
        `it shows ${member}`,
        [jwkOf(es, { [member]: 'AQAB' }), jwkOf(ps)],
        { alg: 'ES256', kid: 'es' },
        unusable('it is private or symmetric, and shown to everybody'),
      ],
    ),
    [
      'it is private',
      [es.privateJwk as JWK, jwkOf(next)].map((jwk) => ({ ...jwk, kid: jwk.kid ?? 'es' })),
      { alg: 'ES256', kid: 'es' },
      unusable('it is private or symmetric, and shown to everybody'),
    ],
    [
      'it is symmetric',
      [{ kty: 'oct', k: 'AAAA', kid: 'es' }, jwkOf(ps)],
      { alg: 'ES256', kid: 'es' },
      unusable('it is private or symmetric, and shown to everybody'),
    ],
    [
      'it is symmetric with a curve',
      [{ kty: 'oct', crv: 'P-256', kid: 'es' }, jwkOf(ps)],
      { alg: 'ES256', kid: 'es' },
      unusable('it is no valid key'),
    ],
    [
      'it is an RSA key of 1024 bits',
      [weakRsaJwk(), jwkOf(ps)],
      { alg: 'PS256', kid: 'weak' },
      unusable('it is an RSA key of 1024 bits, at least 2048 are required'),
    ],
    [
      'its exponent is 1',
      [jwkOf(ps, { e: 'AQ' }), jwkOf(es)],
      { alg: 'PS256', kid: 'ps' },
      unusable('it has an exponent that makes no key'),
    ],
    ['its exponent is 3', [rsaWithExponent(3)], { alg: 'PS256', kid: 'three' }, 'found'],
    ['it is on another curve', [jwkOf(mintKey('ES384', 'es')), jwkOf(ps)], { alg: 'ES256', kid: 'es' }, unusable(nothingOf(ALL))],
    [
      'it is off its curve',
      [jwkOf(es, { x: es.publicJwk.y, y: es.publicJwk.x }), jwkOf(ps)],
      { alg: 'ES256', kid: 'es' },
      unusable('it is no valid key'),
    ],
    ...[undefined, '', null, 5, 'not base64!', ['AQAB'], {}].map(
      (n): Row => [
        `its modulus is ${JSON.stringify(n)}`,
        [jwkOf(ps, { n }), jwkOf(es)],
        { alg: 'PS256', kid: 'ps' },
        expect.stringMatching(/cannot be used: it is (no valid key|an RSA key of \d+ bits)/),
      ],
    ),
    [
      'its neighbours are no keys',
      [null, 5, 'text', [], {}, { kty: 'EC' }, { kid: 'es' }, { keys: [] }, jwkOf(es)] as JWK[],
      { alg: 'ES256', kid: 'es' },
      es,
    ],
    [
      'its neighbours are of kinds to come',
      [{ kty: 'AKP', alg: 'ML-DSA-44', pub: 'AAAA', kid: 'pq' }, jwkOf(es)],
      { alg: 'ES256', kid: 'es' },
      es,
    ],
  ]

  test.each(rows)('%s', async (_what, keys, header, found) => {
    const local = localKeySet({ keys })
    issuer.answer = (res) => res.end(JSON.stringify({ keys }))
    const remote = open()
    for (const source of [local, remote]) {
      if (typeof found === 'object' && 'publicJwk' in found) {
        const { kty, x, n } = found.publicJwk
        expect((await source(header)).export({ format: 'jwk' })).toMatchObject({ kty, ...(x && { x }), ...(n && { n }) })
      } else if (found === 'found') expect(await source(header)).toBeInstanceOf(KeyObject)
      else expect(await errorOf(source(header))).toMatchObject({ name: 'KeySetError', kind: 'token', message: found })
    }
  })
})

/** RSA with a public exponent of one's choice. */
function rsaWithExponent(publicExponent: number): JWK {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent })
  return { ...(publicKey.export({ format: 'jwk' }) as JWK), kid: 'three' }
}

describe('a header', () => {
  const algorithms = `alg of the token must be one of ${ALL}`
  const kids = 'kid of the token must be a string of at most 512 characters'
  const longest = mintKey('ES256', 'k'.repeat(512))
  const breaks: readonly (readonly [header: unknown, says: string])[] = [
    ...[
      undefined,
      null,
      '',
      5,
      {},
      [],
      ['ES256'],
      'none',
      'None',
      'HS256',
      'RS256',
      'PS384',
      'ES384',
      'es256',
      'ES256 ',
      'ES256\0',
      'constructor',
      '__proto__',
    ].map((alg) => [{ alg, kid: 'es' }, algorithms] as const),
    ...[null, 5, true, {}, [], ['es'], 'k'.repeat(513)].map((kid) => [{ alg: 'ES256', kid }, kids] as const),
    ...[undefined, null, 5, 'ES256', [], {}].map((header) => [header, algorithms] as const),
  ]

  test.each(breaks)('%j is refused, and nothing read for it', async (header, says) => {
    const source = open()
    for (const one of [source, localKeySet({ keys: [jwkOf(es)] })])
      expect(await errorOf(one(header as object))).toMatchObject({ name: 'KeySetError', kind: 'token', message: says })
    expect(issuer.reads).toBe(0)
  })

  test('may have a kid of 512 characters', async () => {
    publish(longest)
    expect(await verdict(open(), await tokenOf(longest))).toBe('somebody')
  })

  test('may have anything else in it', async () => {
    const header = {
      alg: 'ES256',
      kid: 'es',
      jku: 'https://evil.example',
      x5u: 'https://evil.example',
      jwk: stranger.publicJwk,
      x5c: ['AAAA'],
    }
    expect(await open()(header)).toBeInstanceOf(KeyObject)
    expect(issuer.reads).toBe(1)
  })

  test('whatever it has, is answered with a key or with an error of its own', async () => {
    const remote = open()
    const local = localKeySet({ keys: [jwkOf(es), jwkOf(ps), jwkOf(ed)] })
    const hostile = fc.oneof(fc.anything(), fc.string({ unit: 'binary' }), fc.constantFrom('__proto__', 'toString', '\0', '\ud800'))
    const alg = fc.oneof(fc.constantFrom('PS256', 'ES256', 'EdDSA', 'Ed25519'), hostile)
    const kid = fc.oneof(fc.constantFrom('es', 'ps', 'ed'), hostile)
    const header = fc.oneof(fc.record({ alg, kid }, { requiredKeys: [] }), fc.anything())
    const began = performance.now()
    await fc.assert(
      fc.asyncProperty(header, async (sent) => {
        for (const source of [local, remote]) {
          const answer = await source(sent as object).catch((error: unknown) => error)
          expect(answer instanceof KeyObject || answer instanceof KeySetError).toBe(true)
        }
      }),
      { numRuns: 2000 },
    )
    expect(issuer.reads).toBeLessThanOrEqual(2 + (performance.now() - began) / 5000)
  })
})

describe('keys that are missing', () => {
  test('are remembered for as long as was said', async () => {
    const missing = missingKids(10)
    missing.add({ alg: 'ES256', kid: 'a' })
    expect([
      missing.has({ alg: 'ES256', kid: 'a' }),
      missing.has({ alg: 'PS256', kid: 'a' }),
      missing.has({ alg: 'ES256', kid: 'b' }),
    ]).toEqual([true, false, false])
    expect([missing.has({ alg: 'ES256', kid: undefined }), missing.has({ alg: 'ES256', kid: 'undefined' })]).toEqual([false, false])
    await later(9.5, async () => expect(missing.has({ alg: 'ES256', kid: 'a' })).toBe(true))
    await later(10.5, async () => expect(missing.has({ alg: 'ES256', kid: 'a' })).toBe(false))
  })

  test('are a thousand at most, and the first stay', async () => {
    const missing = missingKids(10)
    const remembered = () =>
      Array.from({ length: 2000 }, (_, index) => missing.has({ alg: 'ES256', kid: `${index}` })).filter(Boolean).length
    for (let index = 0; index < 2000; index += 1) missing.add({ alg: 'ES256', kid: `${index}` })
    expect(remembered()).toBe(1000)
    expect([missing.has({ alg: 'ES256', kid: '0' }), missing.has({ alg: 'ES256', kid: '1999' })]).toEqual([true, false])
    await later(11, async () => {
      missing.add({ alg: 'ES256', kid: '1999' })
      expect(remembered()).toBe(1)
    })
  })
})

describe('keys at hand', () => {
  test.each([ps, es, ed])('verify: $alg', async (key) => {
    const source: JWTVerifyGetKey = localKeySet({ keys: [jwkOf(ps), jwkOf(es), jwkOf(ed)] })
    await expect(jwtVerify(await tokenOf(key), source)).resolves.toMatchObject({ payload: { sub: 'somebody' } })
    await expect(jwtVerify(await tokenOf(stranger, key.kid), source)).rejects.toThrow()
  })

  test('stay as they were given', async () => {
    const keys = [jwkOf(es)]
    const source = localKeySet(Object.freeze({ keys }))
    keys.splice(0, 1, jwkOf(stranger, { kid: 'es' }))
    expect(await verdict(source, await tokenOf(es))).toBe('somebody')
  })

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['text', '{"keys":[]}'],
    ['a list', [es.publicJwk]],
    ['no list', { keys: es.publicJwk }],
    ['no keys', { keys: [] }],
    ['private keys', { keys: [es.privateJwk] }],
    ['weak keys', { keys: [weakRsaJwk()] }],
    ['too many keys', { keys: Array(101).fill(es.publicJwk) }],
  ])('must not be %s', (_what, jwks) => {
    const opening = () => localKeySet(jwks as { keys: JWK[] })
    expect(opening).toThrow(ConfigurationError)
    expect(opening).toThrow(/^jwks is .*, must (be a JWK Set; it|have a public key for) /)
    // Logs are no place for a key.
    expect(opening).not.toThrow(String(es.privateJwk.d))
  })

  test('and their algorithms may be fewer', async () => {
    const source = localKeySet({ keys: [jwkOf(ps), jwkOf(es)] }, { algorithms: ['ES256'] })
    expect(await verdict(source, await tokenOf(es))).toBe('somebody')
    expect(await verdict(source, await tokenOf(ps))).toBe('token')
    expect(() => localKeySet({ keys: [jwkOf(ps)] }, { algorithms: ['ES256'] })).toThrow('must have a public key for ES256')
  })
})

describe('options', () => {
  const passes: readonly KeySetOptions[] = [
    { maxAge: 1 },
    { maxAge: 86_400 },
    { staleIfError: 0 },
    { staleIfError: 604_800 },
    { cooldown: 1 },
    { cooldown: 60 },
    { algorithms: ['Ed25519', 'EdDSA'] },
    { timeout: 1, maxBytes: 1 },
  ]
  const notSeconds = [-1, Number.NaN, Number.POSITIVE_INFINITY, '5', null, {}]
  const breaks: readonly (readonly [option: string, got: readonly unknown[]])[] = [
    ['maxAge', [0, 86_401, ...notSeconds]],
    ['staleIfError', [604_801, ...notSeconds]],
    ['cooldown', [0, 0.5, 61, ...notSeconds]],
    ['algorithms', [[], ['RS256'], ['ES256', 'none'], ['es256'], 'ES256', null, {}, [null]]],
    ['timeout', [0]],
    ['maxBytes', [0]],
    ['ca', ['x']],
    ['allowPrivateHosts', [['*']]],
  ]
  const urls = [
    ...[
      '',
      'jwks',
      '/jwks',
      'http://issuer.example/jwks',
      'ftp://issuer.example',
      'https://',
      'https:issuer.example',
      'https:\\\\issuer.example',
    ],
    ...['https://a b', 'https://user:secret@issuer.example/jwks', 'https://127.0.0.1/jwks', 'https://169.254.169.254/jwks'],
    ...['https://[::1]/', undefined, null, 5, {}, [], ['https://issuer.example']],
  ]

  test.each(passes)('%j', (options) => {
    expect(keySet('https://issuer.example/jwks', options)).toBeInstanceOf(Function)
  })

  test.each(breaks.flatMap(([option, values]) => values.map((got) => [option, got] as const)))('%s must not be %p', (option, got) => {
    const opening = () => keySet('https://issuer.example/jwks', { [option]: got })
    expect(opening).toThrow(ConfigurationError)
    expect(opening).toThrow(new RegExp(`^${option} is .*, must `))
  })

  test.each(urls)('the URL must not be %p', (wrong) => {
    const opening = () => keySet(wrong as string)
    expect(opening).toThrow(ConfigurationError)
    expect(opening).toThrow(/^url is .*, must /)
    expect(opening).not.toThrow('secret')
  })

  test('a private address may be named where it is allowed, a metadata address nowhere', () => {
    expect(keySet('https://10.0.0.1:8443/jwks', { allowPrivateHosts: ['10.0.0.1:8443'] })).toBeInstanceOf(Function)
    expect(() => keySet('https://169.254.169.254/', { allowPrivateHosts: ['169.254.169.254'] })).toThrow(
      'where a machine asks about itself',
    )
  })

  test('are told all at once', () => {
    expect(() => keySet('http://x', { maxAge: 0, cooldown: 0, timeout: 0, algorithms: [] })).toThrow(
      /^url.*\nmaxAge.*\ncooldown.*\nalgorithms.*\ntimeout/,
    )
  })
})
