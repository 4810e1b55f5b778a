/** Does something. Has the milliseconds that this process was at work on it, without those that others had the processor, and what came of it. */
export async function workTime<T>(work: () => T): Promise<readonly [took: number, result: Awaited<T>]> {
  const before = process.cpuUsage()
  const result = await work()
  const { user, system } = process.cpuUsage(before)
  return [(user + system) / 1000, result]
}
