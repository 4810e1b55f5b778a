import { reasonOf } from '../core/errors.js'
import { redacted } from '../core/redacted.js'

/** Does work whose failure is nobody's business but the operator's, who is warned of the first one only: a broken exporter fails with every request. */
export function unharmed(what: string): (work: () => unknown) => void {
  let warned = false
  const warn = (cause: unknown) => {
    if (warned) return
    warned = true
    process.emitWarning(`${what} failed; requests are decided all the same, and this is said once: ${redacted(reasonOf(cause))}`, {
      code: 'FAPI_TELEMETRY',
    })
  }
  return function tryOnly(work) {
    try {
      const result = work()
      if (typeof result === 'object' && result !== null) Promise.resolve(result).catch(warn)
    } catch (cause) {
      warn(cause)
    }
  }
}
