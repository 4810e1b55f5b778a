import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below where systems take the ports from that are asked for by 0, and those of outgoing connections. */
const [FIRST, COUNT] = [10_000, 20_000]
/** Each worker of jest looks in a part of its own. */
const WORKERS = 50
const PART = COUNT / WORKERS
const part = FIRST + (Number(process.env.JEST_WORKER_ID ?? 0) % WORKERS) * PART
let next = Math.floor(Math.random() * PART)

/** A port for a server that has to be told one. Nobody listens on it, and nobody gets it by chance until that server does. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < PART; tries++) {
    const port = part + (next++ % PART)
    if (await isFree(port)) return port
  }
  throw new Error(`no port is free from ${part} to ${part + PART - 1}`)
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    await once(server.listen(port), 'listening')
  } catch {
    return false
  }
  await once(server.close(), 'close')
  return true
}
