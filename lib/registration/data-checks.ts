import { isText } from '../core/claims.js'
import type { ConfigurationFault } from '../core/errors.js'

/** Says what is wrong with a piece of data; `option` is where it stands. */
export type Check = (option: string, value: unknown) => readonly ConfigurationFault[]

/** An object with members, and nothing else. */
export type Data = Readonly<Record<string, unknown>>

export const isData = (value: unknown): value is Data => typeof value === 'object' && value !== null && !Array.isArray(value)

const fault = (option: string, got: unknown, allowed: string): ConfigurationFault => ({ option, got, allowed })

/** A value that a function takes for right. */
export const checked =
  (holds: (value: unknown) => boolean, allowed: string): Check =>
  (option, value) =>
    holds(value) ? [] : [fault(option, value, allowed)]

export const text = checked(isText, 'must be a text')
export const flag = checked((value) => typeof value === 'boolean', 'must be true or false')

export const oneOf = (...some: readonly string[]): Check =>
  checked((value) => some.some((one) => one === value), `must be one of ${some.join(', ')}`)

/** Whole seconds from one up to `most`. */
export const seconds = (most: number): Check =>
  checked((value) => Number.isInteger(value) && Number(value) > 0 && Number(value) <= most, `must be whole seconds, from 1 to ${most}`)

export const optional =
  (check: Check): Check =>
  (option, value) =>
    value === undefined ? [] : check(option, value)

/** A list without holes. */
export const listOf =
  (check: Check): Check =>
  (option, value) =>
    Array.isArray(value)
      ? Array.from(value, (entry: unknown, index) => check(`${option}[${index}]`, entry)).flat()
      : [fault(option, value, 'must be a list')]

/** A list in which nothing stands twice, and something where `least` is 1. */
export const setOf =
  (check: Check, least: 0 | 1 = 0): Check =>
  (option, value) => {
    const faults = listOf(check)(option, value)
    if (faults.length > 0 || !Array.isArray(value)) return faults
    if (value.length < least) return [fault(option, value, 'must not be empty')]
    return new Set(value).size === value.length ? [] : [fault(option, value, 'must list nothing twice')]
  }

/** An object whose members have names of their own choice. */
export const recordOf =
  (check: Check, name: Check = text): Check =>
  (option, value) =>
    isData(value)
      ? Reflect.ownKeys(value).flatMap((key) => [
          ...name(`the name of ${option}.${String(key)}`, key),
          ...check(`${option}.${String(key)}`, Reflect.get(value, key)),
        ])
      : [fault(option, value, 'must be an object')]

/** An object with just these members; which of them may be left out, their own checks say. */
export const members =
  (checks: Readonly<Record<string, Check>>): Check =>
  (option, value) => {
    if (!isData(value)) return [fault(option, value, `must be an object with ${Object.keys(checks).join(', ')}`)]
    const unknown = Reflect.ownKeys(value).filter((key) => typeof key === 'symbol' || !Object.hasOwn(checks, key))
    return [
      ...Object.entries(checks).flatMap(([name, check]) =>
        check(`${option}.${name}`, Object.hasOwn(value, name) ? value[name] : undefined),
      ),
      ...unknown.map((key) => fault(`${option}.${String(key)}`, 'given', `is not known here: there are ${Object.keys(checks).join(', ')}`)),
    ]
  }
