import type { Figure } from './measure.js'
import { type Child, startProcess } from './process.js'
import { type Cast, makeCast } from './provider-cast.js'
import { expectRefusals } from './provider-checks.js'
import { KINDS, type Kind } from './provider-requests.js'
import type { Spent } from './provider-server.js'
import { VARIANT_NAMES, VARIANTS, type VariantName } from './provider-variants.js'
import { median, spread } from './spread.js'

/** Servers are started anew so often, and take so many rounds each time. */
const STARTS = 2
const ROUNDS = 25
/** Requests in each turn, and those before the first that are not counted. */
const TIMES = 300
const WARMUP = 3_000
/** One connection for each, with one request at a time on it. */
const CLIENTS = 16

/** A figure, the processor time of a request at the server in microseconds over all its threads, and how many verdicts it left. */
type Result = Figure & { readonly cpu: number; readonly verdicts: number }
type Results = Readonly<Record<Kind, Readonly<Record<VariantName, Result[]>>>>

interface Server {
  readonly name: VariantName
  readonly process: Child
  readonly port: number
}

/**
 * What judging and recording cost at the pushed authorization request and token endpoints: node-oidc-provider with FAPI 2.0
 * settings written by hand, and the same one with withFapi, observe and the bank's journal, take turns.
 */
export async function benchProvider(): Promise<object> {
  const cast = makeCast(CLIENTS)
  const results: Results = { par: { bare: [], fapi: [] }, token: { bare: [], fapi: [] } }
  for (let start = 0; start < STARTS; start++) await takeTurns(cast, results)
  return report(results)
}

/** Both servers once, warmed up, and then in turns, who goes first changing: what else the machine does comes upon both alike. */
async function takeTurns(cast: Cast, results: Results): Promise<void> {
  const load = startProcess('provider-load.js')
  const servers = await Promise.all(VARIANT_NAMES.map((name) => startServer(name, cast)))
  for (const { port } of servers) {
    await expectRefusals(port, cast)
    for (const kind of kinds) await load.call<Figure>({ cast, port, kind, times: WARMUP })
  }
  for (let round = 0; round < ROUNDS; round++) {
    const order = round % 2 ? servers.toReversed() : servers
    for (const kind of kinds) for (const server of order) results[kind][server.name].push(await turn(server, load, cast, kind))
  }
  for (const { process } of servers) await process.stop()
  await load.stop()
}

const kinds = Object.keys(KINDS) as Kind[]

async function startServer(name: VariantName, cast: Cast): Promise<Server> {
  const process = startProcess('provider-server.js', name)
  return { name, process, port: await process.call<number>({ cast }) }
}

async function turn({ process, port }: Server, load: Child, cast: Cast, kind: Kind): Promise<Result> {
  const before = await process.call<Spent>({})
  const figure = await load.call<Figure>({ cast, port, kind, times: TIMES })
  const after = await process.call<Spent>({})
  // The load has a tenth of its requests in front that are not timed.
  const asked = TIMES * 1.1
  return { ...figure, cpu: (after.cpu - before.cpu) / asked, verdicts: (after.verdicts - before.verdicts) / asked }
}

function report(results: Results): object {
  const heading = `${STARTS} times ${ROUNDS} rounds of ${TIMES} requests on ${CLIENTS} connections, medians (lowest to highest)`
  console.log(`${heading}; node ${process.version}`)
  const columns = ['requests per second', 'p99 ms', 'CPU µs per request'].map((title) => title.padStart(24)).join('')
  console.log(`${''.padEnd(52)}${columns}${'verdicts'.padStart(10)}`)
  for (const kind of kinds) {
    for (const name of VARIANT_NAMES) {
      const all = results[kind][name]
      const column = (pick: (result: Result) => number, digits: number) => spread(all.map(pick), digits).padStart(24)
      const figures = [column(({ perSecond }) => perSecond, 0), column(({ p99 }) => p99, 1), column(({ cpu }) => cpu, 0)].join('')
      console.log(
        `${`${kind}: ${VARIANTS[name]}`.padEnd(52)}${figures}${median(all.map(({ verdicts }) => verdicts))
          .toFixed(0)
          .padStart(10)}`,
      )
    }
  }
  const ratios = kinds.map((kind) => [kind, ratiosOf(results[kind])] as const)
  for (const [kind, values] of ratios) console.log(`${`${kind}: with to without`.padEnd(52)}${spread(values, 3).padStart(24)}`)
  return Object.fromEntries(ratios.map(([kind, values]) => [kind, Number(median(values).toFixed(3))]))
}

/** Round by round. */
const ratiosOf = ({ fapi, bare }: Results[Kind]) => fapi.map(({ perSecond }, round) => perSecond / (bare[round]?.perSecond ?? Number.NaN))
