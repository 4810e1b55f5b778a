/** How often something can be done, and how long the slowest percent takes. */
export interface Figure {
  readonly perSecond: number
  /** Milliseconds. */
  readonly p50: number
  /** Milliseconds. */
  readonly p99: number
}

/** Does `work` `times` times, `atOnce` at a time, after a tenth of that unmeasured to warm up. */
export async function measure(work: (index: number) => Promise<unknown>, times: number, atOnce: number): Promise<Figure> {
  const warmup = Math.ceil(times / 10)
  for (let index = 0; index < warmup; index++) await work(-1 - index)
  const durations: number[] = []
  let next = 0
  const worker = async () => {
    while (next < times) {
      const index = next++
      const started = performance.now()
      await work(index)
      durations.push(performance.now() - started)
    }
  }
  const started = performance.now()
  await Promise.all(Array.from({ length: atOnce }, worker))
  const seconds = (performance.now() - started) / 1000
  durations.sort((a, b) => a - b)
  const at = (share: number) => Number((durations[Math.min(durations.length - 1, Math.floor(share * durations.length))] ?? 0).toFixed(3))
  return { perSecond: Math.round(times / seconds), p50: at(0.5), p99: at(0.99) }
}
