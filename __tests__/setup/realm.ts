/*
 * Jest runs tests in a realm of their own but lends them the outer structuredClone, whose objects have the outer realm's
 * prototypes: node-oidc-provider then takes no client's metadata for a plain object. This one stays inside.
 */
const copy = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(copy)
  if (value === null || typeof value !== 'object') return value
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [copy(key), copy(item)]))
  if (value instanceof Set) return new Set([...value].map(copy))
  if (value instanceof Date) return new Date(value)
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copy(item)]))
}

globalThis.structuredClone = copy as typeof structuredClone

/* For the same reason an error of node:fs or node:crypto is no instance of the Error that tests and examples see. */
const isError = (value: unknown) => value instanceof Object === false && Object.prototype.toString.call(value) === '[object Error]'
const own = Function.prototype[Symbol.hasInstance]
Object.defineProperty(Error, Symbol.hasInstance, {
  value(this: ErrorConstructor, value: unknown) {
    return own.call(this, value) || (this === Error && isError(value))
  },
})
