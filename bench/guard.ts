import { type Cast, makeCast } from './guard-cast.js'
import { type Checked, checkDpop, checkMtls, expectRefusals } from './guard-checks.js'
import type { Target } from './guard-connection.js'
import { VARIANT_NAMES, VARIANTS, type VariantName } from './guard-variants.js'
import type { Figure } from './measure.js'
import { type Child, startProcess } from './process.js'
import { median, spread } from './spread.js'

/** Servers are started anew so often, and take so many turns each time. */
const STARTS = 2
const ROUNDS = 7
/** Requests in each turn, and those before the first that are not counted. */
const TIMES = 1_500
const WARMUP = 5_000
/** One connection for each, with one request at a time on it. */
const CLIENTS = 16

/** A figure, and the processor time a request took at the server, in microseconds over all its threads. */
type Result = Figure & { readonly cpu: number }
type Results = Readonly<Record<VariantName, readonly Result[]>>

/**
 * What the guard costs: servers with it, with another guard and with none take turns. Certificate-bound tokens need TLS, so they are
 * compared with a bare server over the same TLS; everything else is asked as by a proxy that ended TLS, with the same octets.
 */
export async function benchGuard(): Promise<object> {
  const cast = await makeCast(CLIENTS)
  await showRefusals(cast)
  const results: Record<VariantName, Result[]> = { bare: [], peer: [], dpop: [], bareTls: [], mtls: [] }
  for (let start = 0; start < STARTS; start++) await takeTurns(cast, (name, result) => results[name].push(result))
  return report(results)
}

/** Every server once, warmed up, and then in turns: what else the machine does comes upon all of them alike. */
async function takeTurns(cast: Cast, record: (name: VariantName, result: Result) => void): Promise<void> {
  const load = startProcess('guard-load.js')
  const started = await Promise.all(VARIANT_NAMES.map(async (name) => ({ name, ...(await startServer(name, cast)) })))
  for (const { target } of started) await load.call<Figure>({ cast, target, times: WARMUP })
  for (let round = 0; round < ROUNDS; round++)
    for (const { name, server, target } of started) record(name, await turn(server, load, cast, target))
  for (const { server } of started) await server.stop()
  await load.stop()
}

/** A refusal that fails fails the run; that the peer lets a used proof in again is shown. */
async function showRefusals(cast: Cast): Promise<void> {
  const check = async (name: VariantName) => {
    const { server, target } = await startServer(name, cast)
    const checked = await (target.tls ? checkMtls(target, cast) : checkDpop(target, cast))
    await server.stop()
    return checked
  }
  const tell = (name: VariantName, checked: Checked) => {
    const answers = Object.entries(checked).map(([what, status]) => `${what} ${status}`)
    console.log(`${VARIANTS[name].title}: ${answers.join(', ')}`)
  }
  tell('peer', await check('peer'))
  for (const name of ['dpop', 'mtls'] as const) {
    const checked = await check(name)
    tell(name, checked)
    expectRefusals(checked)
  }
}

async function startServer(name: VariantName, cast: Cast): Promise<{ readonly server: Child; readonly target: Target }> {
  const server = startProcess('guard-server.js', name)
  return { server, target: { port: await server.call<number>({ cast }), tls: VARIANTS[name].tls } }
}

async function turn(server: Child, load: Child, cast: Cast, target: Target): Promise<Result> {
  const before = await server.call<number>({})
  const figure = await load.call<Figure>({ cast, target, times: TIMES })
  const spent = (await server.call<number>({})) - before
  // The load has a tenth of its requests in front that are not timed.
  return { ...figure, cpu: spent / (TIMES * 1.1) }
}

function report(results: Results): object {
  console.log(
    `\n${STARTS} times ${ROUNDS} rounds of ${TIMES} requests on ${CLIENTS} connections, medians (lowest to highest); node ${process.version}`,
  )
  console.log(`${''.padEnd(42)} ${'requests per second'.padStart(24)} ${'p99 ms'.padStart(20)} ${'CPU µs per request'.padStart(20)}`)
  for (const name of VARIANT_NAMES) {
    const column = (pick: (result: Result) => number, digits: number, width: number) =>
      spread(results[name].map(pick), digits).padStart(width)
    const columns = [column(({ perSecond }) => perSecond, 0, 24), column(({ p99 }) => p99, 1, 20), column(({ cpu }) => cpu, 0, 20)]
    console.log(`${VARIANTS[name].title.padEnd(42)} ${columns.join(' ')}`)
  }
  const ratios = (name: VariantName, other: VariantName) =>
    results[name].map(({ perSecond }, round) => perSecond / (results[other][round]?.perSecond ?? Number.NaN))
  const all = { dpop_vs_peer: ratios('dpop', 'peer'), dpop_vs_bare: ratios('dpop', 'bare'), mtls_vs_bare: ratios('mtls', 'bareTls') }
  for (const [name, values] of Object.entries(all)) console.log(`${name.padEnd(42)} ${spread(values, 2).padStart(24)}`)
  return Object.fromEntries(Object.entries(all).map(([name, values]) => [name, Number(median(values).toFixed(3))]))
}
