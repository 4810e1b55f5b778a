import express, { type Request, type RequestHandler, type Response } from 'express'
import { describable } from '../core/errors.js'
import type { Console } from './console.js'
import { ConsoleError, invalid, told } from './console-error.js'
import { openApi } from './open-api.js'
import { type Operation, perform } from './operation.js'
import { operations } from './operations/index.js'
import { changes, insistOnToken, isScript, TOKEN_HEADER } from './request-guard.js'
import type { Person } from './roles.js'

/** Octets of a body, our choice: key sets are the largest. */
const LARGEST = 300_000

/** Characters of a description, our choice. */
const LONGEST = 4000

const parse = express.json({ limit: LARGEST, type: () => true })

/** The JSON API: each operation under its method and path. */
export function consoleApi(console: Console, publicUrl: string): (req: Request, res: Response, by: Person) => Promise<void> {
  const document = openApi(operations, `${publicUrl}/api`, console.registration.terms)
  const routes = operations.map((operation) => ({ operation, matches: pathMatcher(operation.path) }))

  return async function fapiConsoleApi(req, res, by) {
    try {
      if (req.path === '/api/openapi.json' && !changes(req)) return answer(res, 200, document)
      const segments = segmentsOf(req.path).slice(1)
      const found = routes.flatMap(({ operation, matches }) => {
        const path = matches(segments)
        return path ? [{ operation, path }] : []
      })
      if (found.length === 0) throw new ConsoleError(404, 'not_found', 'there is no such resource: openapi.json lists them')
      const method = req.method === 'HEAD' ? 'GET' : req.method
      const chosen = found.find(({ operation }) => operation.method === method)
      if (!chosen)
        throw notAllowed(
          res,
          found.map(({ operation }) => operation.method),
        )
      if (changes(req) && !isScript(req)) insistOnToken(req, by, req.headers[TOKEN_HEADER])
      const { operation, path } = chosen
      const body = operation.body ? await readJson(req, res) : undefined
      const result = await perform(operation, console, { by, path, query: queryOf(req, operation), body })
      if (operation.status === 204) res.status(204).end()
      else answer(res, operation.status ?? 200, result)
    } catch (cause) {
      answerError(res, cause)
    }
  }
}

/** Answers what ended a request, as JSON. */
export function answerError(res: Response, cause: unknown): void {
  if (res.headersSent) return
  const { status, error, message, faults } = told(cause)
  if (status === 503) res.set('retry-after', '5')
  const error_description = describable(message).slice(0, LONGEST)
  answer(res, status, { error, error_description, ...(faults.length > 1 && { faults: faults.map((fault) => describable(fault)) }) })
}

function answer(res: Response, status: number, body: unknown): void {
  res.status(status).set('content-type', 'application/json; charset=utf-8').send(JSON.stringify(body))
}

function notAllowed(res: Response, methods: readonly string[]): ConsoleError {
  const allow = [...methods, ...(methods.includes('GET') ? ['HEAD'] : [])].sort().join(', ')
  res.set('allow', allow)
  return new ConsoleError(405, 'invalid_request', `the method must be one of ${allow}`)
}

/** The parts of a path, decoded; what cannot be decoded, or has control characters in it, is the name of nothing. */
export function segmentsOf(path: string): readonly string[] {
  try {
    const segments = path.split('/').slice(1).map(decodeURIComponent)
    return segments.some((segment) => /\p{Cc}/u.test(segment)) ? [] : segments
  } catch {
    return []
  }
}

/** The named parts of a path that fits; a part that is empty is none. */
export function pathMatcher(pattern: string): (segments: readonly string[]) => Readonly<Record<string, string>> | undefined {
  const parts = pattern.split('/').slice(1)
  return function matched(segments) {
    if (segments.length !== parts.length) return undefined
    const named: [string, string][] = []
    for (const [index, part] of parts.entries()) {
      const segment = segments[index] ?? ''
      const name = /^\{(\w+)\}$/.exec(part)?.[1]
      if (name === undefined ? segment !== part : segment === '') return undefined
      if (name !== undefined) named.push([name, segment])
    }
    return Object.fromEntries(named)
  }
}

/** What an operation has parameters for. Throws a `ConsoleError` for others, and for one that is there twice. */
function queryOf({ query }: Request, { parameters = {} }: Operation): Readonly<Record<string, string>> {
  const names = Object.keys(parameters)
  const entries = Object.entries(query).map(([name, value]): [string, string] => {
    if (!names.includes(name)) throw invalid(`there is no parameter ${name.slice(0, 60)}: there are ${names.join(', ') || 'none'}`)
    if (typeof value !== 'string') throw invalid(`${name} must be there once`)
    return [name, value]
  })
  return Object.fromEntries(entries.filter(([, value]) => value !== ''))
}

async function readJson(req: Request, res: Response): Promise<unknown> {
  if (!req.is('application/json')) throw new ConsoleError(415, 'invalid_request', 'the request must be sent as application/json')
  await ran(parse, req, res).catch(() => {
    throw invalid(`the body cannot be read: it must be JSON of at most ${LARGEST} octets`)
  })
  return req.body
}

/** Waits for a handler to hand on. */
export const ran = (handler: RequestHandler, req: Request, res: Response): Promise<void> =>
  new Promise((resolve, reject) => void handler(req, res, (error?: unknown) => (error ? reject(error) : resolve())))
