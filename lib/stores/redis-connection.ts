import { ConfigurationError } from '../core/errors.js'
import { answerOf } from './remote.js'

/**
 * What a store needs of a client: `createClient()`, `createClientPool()` or `createCluster()` of `redis`. For ioredis:
 * `{ eval: (script, { keys, arguments: values }) => ioredis.eval(script, keys.length, ...keys, ...values) }`.
 */
export interface RedisClient {
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
}

/** Runs a script on one key. Rejections name a code, and neither the address nor any value. */
export type Run = (script: string, key: string, ...values: (string | number)[]) => Promise<unknown>

/** Throws a `ConfigurationError`. */
export function redisConnection(client: RedisClient, prefix = 'fapi:'): Run {
  // What was given is not shown: it may well be an address with a password.
  if (typeof client?.eval !== 'function')
    throw new ConfigurationError([
      { option: 'client', got: typeof client, allowed: 'must have an eval function, as a client of redis has' },
    ])
  if (typeof prefix !== 'string' || prefix === '')
    throw new ConfigurationError([{ option: 'prefix', got: prefix, allowed: 'must be text' }])
  return (script, key, ...values) => answerOf('redis', () => client.eval(script, { keys: [prefix + key], arguments: values.map(String) }))
}

/** A reply as text. Like `isOne`, throws on any other: a store that cannot be understood must not be taken for an empty one. */
export function texts(reply: unknown): (string | undefined)[] {
  if (!Array.isArray(reply) || !reply.every((text: unknown) => text === null || typeof text === 'string')) throw new Error(NO_ANSWER)
  return reply.map((text: string | null) => text ?? undefined)
}

export function isOne(reply: unknown): boolean {
  if (reply !== 0 && reply !== 1) throw new Error(NO_ANSWER)
  return reply === 1
}

const NO_ANSWER = 'the redis store answered something else'
