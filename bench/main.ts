import { benchConsole } from './console.js'
import { benchGuard } from './guard.js'
import { benchProvider } from './provider.js'
import { benchStores } from './stores.js'

/* Side-by-side measurements: `npm run bench -- <name>`. The last line printed is one JSON object with the figures. */

const BENCHMARKS: Readonly<Record<string, () => Promise<object>>> = {
  console: benchConsole,
  guard: benchGuard,
  provider: benchProvider,
  stores: benchStores,
}

const [name = ''] = process.argv.slice(2)
const run = BENCHMARKS[name]
if (run) {
  console.log(JSON.stringify(await run()))
} else {
  console.error(`${name ? `there is no benchmark ${name}` : 'which benchmark?'}: give one of ${Object.keys(BENCHMARKS).join(', ')}`)
  process.exitCode = 1
}
