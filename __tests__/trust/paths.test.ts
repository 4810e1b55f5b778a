import { X509Certificate } from 'node:crypto'
import { jest } from '@jest/globals'
import { trust } from '../../lib/trust/index.js'
import { later } from '../support/clock.js'
import { workTime } from '../support/work-time.js'
import { authority, issue, judge, outcome, type Party, request, shows } from './pki.js'

const root = await authority('CN=Root,O=Trust')
const middle = await authority('CN=Middle,O=Trust', { by: root })
const app = await issue('CN=App', { by: middle })
const stranger = await authority('CN=Stranger')
const strangers = await Promise.all(Array.from({ length: 18 }, (_, at) => authority(`CN=Stranger ${at}`)))

const bridge = await authority('CN=Bridge')
const old = await authority('CN=Old', { from: -3, to: -1 })
const crossed = await authority('CN=Bridge', { by: root, keys: bridge.keys })
const crossedByOld = await authority('CN=Bridge', { by: old, keys: bridge.keys })
const client = await issue('CN=App', { by: bridge })

describe('a chain that holds', () => {
  test('makes the certificate a verified one, and nothing else of it', async () => {
    const found = await judge({ ca: root.pem }, app, [middle])
    expect(found).toEqual({ x509: app.certificate, chain: [middle.certificate], verified: 'chain' })
    expect(Object.isFrozen(found)).toBe(true)
  })

  test.each<[string, readonly Party[]]>([
    ['the root included', [middle, root]],
    ['the root first', [root, middle]],
    ['everything twice', [middle, middle, root, root]],
    ['the client certificate again', [app, middle, app]],
    ['certificates of others between', [stranger, app, stranger, middle]],
    ['twenty certificates', [...strangers, stranger, middle]],
  ])('may be sent with %s', async (_how, chain) => {
    expect(await outcome({ ca: root.pem }, app, chain)).toBe('chain')
  })

  test('may be looked at at once by many', async () => {
    const source = trust({ certificate: shows(app, [middle]), ca: root.pem })
    const found = await Promise.all(Array.from({ length: 50 }, () => source(request())))
    expect(found.map((one) => one?.verified)).toEqual(Array(50).fill('chain'))
  })

  test.each<[string, Parameters<typeof outcome>[0], readonly Party[]]>([
    ['to a root given as a certificate', { ca: root.certificate }, [middle]],
    ['to one of several', { ca: [stranger.pem, root.certificate] }, [middle]],
    ['to one of several in one text', { ca: `${stranger.pem}\nsome words\n${root.pem}` }, [middle]],
    ['to an authority below a root that is not known', { ca: middle.pem }, []],
    ['to an authority below a root that is trusted as well', { ca: [root.pem, middle.pem] }, []],
    ['through an authority that clients leave out', { ca: root.pem, intermediates: middle.pem }, []],
    ['through one that is given twice', { ca: [root.pem, root.pem], intermediates: [middle.pem, middle.certificate] }, [middle]],
  ])('may lead %s', async (_how, options, chain) => {
    expect(await outcome(options, app, chain)).toBe('chain')
  })
})

describe('several ways up', () => {
  test('of two keys of one authority the right one is found', async () => {
    const [before, after] = [await authority('CN=Roll-over'), await authority('CN=Roll-over')]
    for (const by of [before, after]) expect(await outcome({ ca: [before.pem, after.pem] }, await issue('CN=App', { by }))).toBe('chain')
    expect(await outcome({ ca: [before.pem] }, await issue('CN=App', { by: after }))).toMatch(/do not hold/)
  })

  test('a new key that the old one vouches for is as good as the old', async () => {
    const before = await authority('CN=Roll-over', { pathLength: 0 })
    const after = await authority('CN=Roll-over')
    const newWithOld = await authority('CN=Roll-over', { by: before, keys: after.keys })
    expect(await outcome({ ca: before.pem }, await issue('CN=App', { by: after }), [newWithOld])).toBe('chain')
  })

  test.each([
    ['the self-signed one leads nowhere', { ca: root.pem }, [bridge, crossed]],
    ['another anchor has expired', { ca: [old.pem, root.pem] }, [crossedByOld, crossed]],
    ['another one is not known', { ca: root.pem }, [crossedByOld, crossed]],
  ])('a cross-certificate is taken where %s', async (_why, options, chain) => {
    expect(await outcome(options, client, chain)).toBe('chain')
    expect(await outcome(options, client, chain.slice(0, 1))).not.toBe('chain')
  })

  test('authorities that certify each other end somewhere', async () => {
    const [a, b] = [await authority('CN=A'), await authority('CN=B')]
    const [aByB, bByA] = [await authority('CN=A', { by: b, keys: a.keys }), await authority('CN=B', { by: a, keys: b.keys })]
    const end = await issue('CN=App', { by: a })
    expect(await outcome({ ca: root.pem }, end, [aByB, bByA, a, b])).toMatch(/no path/)
    expect(await outcome({ ca: b.pem }, end, [bByA, aByB, a])).toBe('chain')
  })

  test('a way through authorities that all certify each other is found', async () => {
    const web = await Promise.all([1, 2, 3, 4].map((at) => authority(`CN=Web ${at}`)))
    const crossing = await Promise.all(
      web.flatMap((by) => web.filter((one) => one !== by).map((one) => authority(one.name, { by, keys: one.keys }))),
    )
    const up = [await authority('CN=Up', { by: root })]
    for (const depth of [2, 3]) up.unshift(await authority(`CN=Up ${depth}`, { by: up[0] as Party }))
    const [first, last] = [web[0] as Party, web[3] as Party]
    const bridge = await authority(last.name, { by: up[0] as Party, keys: last.keys })
    expect(await outcome({ ca: root.pem }, await issue('CN=App', { by: first }), [...crossing, bridge, ...up])).toBe('chain')
    expect(await outcome({ ca: root.pem }, await issue('CN=App', { by: first }), [...crossing, ...up])).toMatch(/no path/)
  })

  test('a web of authorities of one name is looked at for as long as it takes to find a way', async () => {
    const web = await Promise.all(Array.from({ length: 6 }, () => authority('CN=Web')))
    const crossing = await Promise.all(
      web.slice(1).flatMap((by) =>
        web
          .slice(0, 4)
          .filter((one) => one !== by)
          .map((one) => authority('CN=Web', { by, keys: one.keys })),
      ),
    )
    const end = await issue('CN=App', { by: web[0] as Party })
    const [took] = await workTime(async () => expect(await outcome({ ca: (web[5] as Party).pem }, end, crossing.slice(-20))).toBe('chain'))
    expect(took).toBeLessThan(2000)
  })
})

describe('what a client sends', () => {
  test('cannot stand in for its own certificate', async () => {
    // pkijs alone would validate the authority here and call it a success.
    const alone = await issue('CN=Alone')
    expect(await outcome({ ca: root.pem }, alone, [alone, middle])).toMatch(/no path/)
    expect(await outcome({ ca: root.pem }, app, [app, middle])).toBe('chain')
  })

  test('is not trusted for being there', async () => {
    const own = await authority('CN=Own')
    expect(await outcome({ ca: root.pem }, await issue('CN=App', { by: own }), [own])).toBe(
      'no path to a trusted authority: CN=Own signed itself and is not among the trusted ones',
    )
  })

  test('cannot forge a line in a log', async () => {
    const forger = await issue('CN=App', { by: await authority('CN=Bänk\u0085\u202eNobody was refused') })
    const said = await outcome({ ca: root.pem }, forger)
    expect(said).toMatch(/issuer CN=Bänk.*Nobody was refused is not among the trusted ones$/)
    expect(said).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u)
  })
})

describe('a path', () => {
  test('that was found is not looked for again within a minute', async () => {
    const verify = jest.spyOn(X509Certificate.prototype, 'verify')
    const source = trust({ certificate: shows(app, [middle]), ca: root.pem })
    const costs = async (seconds: number) => {
      const before = verify.mock.calls.length
      expect((await later(seconds, async () => source(request())))?.verified).toBe('chain')
      return verify.mock.calls.length - before
    }
    expect([await costs(0), await costs(59), await costs(61)]).toEqual([2, 0, 2])
    verify.mockRestore()
  })

  test('that was found is not taken for another', async () => {
    let shown = app
    const own = await issue('CN=App')
    const source = trust({ certificate: (req) => shows(shown, [middle])(req), ca: root.pem })
    expect((await source(request()))?.verified).toBe('chain')
    shown = own
    expect((await source(request()))?.verified).toBe(false)
  })
})

describe('time', () => {
  test('a certificate that expires is refused though its path was remembered', async () => {
    const brief = await issue('CN=Brief', { by: middle, to: 30 / 3600 })
    const source = trust({ certificate: shows(brief, [middle]), ca: root.pem })
    expect((await source(request()))?.verified).toBe('chain')
    expect((await later(29, async () => source(request())))?.verified).toBe('chain')
    expect(await later(31, async () => source(request()))).toMatchObject({
      verified: false,
      unverified: expect.stringMatching(/CN=Brief has expired/),
    })
  })

  test('a certificate that becomes valid is accepted once the refusal is forgotten', async () => {
    const coming = await issue('CN=Coming', { by: middle, from: 30 / 3600 })
    const source = trust({ certificate: shows(coming, [middle]), ca: root.pem })
    expect((await source(request()))?.verified).toBe(false)
    expect((await later(61, async () => source(request())))?.verified).toBe('chain')
  })
})

describe('the source', () => {
  test.each([
    ['shows nothing', () => undefined],
    ['shows nothing after a while', async () => undefined],
  ])('that %s: nothing comes back', async (_what, certificate) => {
    expect(await trust({ certificate, ca: root.pem })(request())).toBeUndefined()
  })

  test.each([
    [
      'throws',
      () => {
        throw new RangeError('its own')
      },
    ],
    [
      'rejects',
      async () => {
        throw new RangeError('its own')
      },
    ],
  ])('that %s: its error comes through', async (_what, certificate) => {
    await expect(async () => trust({ certificate, ca: root.pem })(request())).rejects.toThrow(new RangeError('its own'))
  })

  test('that found no path itself: the chain decides', async () => {
    const found = await trust({
      certificate: () => ({ x509: app.certificate, chain: [middle.certificate], verified: false, unverified: 'unable to verify' }),
      ca: root.pem,
    })(request())
    expect(found).toEqual({ x509: app.certificate, chain: [middle.certificate], verified: 'chain' })
  })

  test('that shows what is no chain is not believed', async () => {
    const certificate = () => ({ x509: app.certificate, chain: null as never, verified: 'tls' as const })
    expect(await trust({ certificate, ca: root.pem })(request())).toMatchObject({
      verified: false,
      unverified: expect.stringMatching(/could not be judged/),
    })
  })
})
