import express, { type Request, type Response } from 'express'
import { isText } from '../core/claims.js'
import type { Client, Params } from '../core/facts.js'
import { shown } from '../core/shown.js'
import { OAuthRefusal, type RefusalFacts } from './oauth-refusal.js'

/** Octets of a form, our choice: a request object with rich authorization requests takes some ten thousand. */
const LARGEST = 131_072

const parse = express.urlencoded({ extended: false, limit: LARGEST })

const parseJson = express.json({ limit: LARGEST })

/** Leaves no body unread that a server might look for parameters in. Throws an `OAuthRefusal` for one of a kind that is not known. */
export async function readAnyBody(req: Request, res: Response, facts: RefusalFacts): Promise<Readonly<Record<string, unknown>>> {
  const hasBody = req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0
  if (!hasBody) return {}
  if (req.method !== 'POST')
    throw new OAuthRefusal('invalid_request', 'a request of this method must not have a body', { ...facts, rule: 'request-sound' })
  if (!req.is('application/json')) return readForm(req, res, facts)
  await parsed(parseJson, req, res, facts)
  return { ...req.body }
}

/** Runs a parser, unless whoever stands in front has read the body to its end. Throws an `OAuthRefusal` for what it cannot read. */
export async function parsed(parser: typeof parse, req: Request, res: Response, facts: RefusalFacts): Promise<void> {
  if (!req.readableEnded)
    await new Promise<void>((resolve, reject) => parser(req, res, (error: unknown) => (error ? reject(error) : resolve()))).catch(() => {
      throw new OAuthRefusal(facts.stage === 'registration' ? 'invalid_client_metadata' : 'invalid_request', 'the body cannot be read', {
        ...facts,
        rule: 'body-readable',
      })
    })
  // Which is how body-parser 1 (Express 4) knows that there is nothing left to read.
  Object.assign(req, { _body: true })
}

/**
 * What a form holds. A body that was parsed in front is taken as it is, and one that was not is parsed here and left in `req.body` for the
 * server. Throws an `OAuthRefusal` for what is no form.
 */
export async function readForm(req: Request, res: Response, facts: RefusalFacts): Promise<Readonly<Record<string, unknown>>> {
  if (!req.is('application/x-www-form-urlencoded'))
    throw new OAuthRefusal('invalid_request', 'the parameters must be sent as application/x-www-form-urlencoded', {
      ...facts,
      rule: 'body-readable',
      detail: `content-type is ${shown(req.headers['content-type'])}`,
    })
  await parsed(parse, req, res, facts)
  return { ...req.body }
}

/** Throws an `OAuthRefusal` for parameters of a token request that stand in the query (RFC 6749 §3.2): a server might look there. */
export function noneInQuery(req: Request, facts: RefusalFacts): void {
  const names = [...new URL(`https://server${req.url.startsWith('/') ? '' : '/'}${req.url}`).searchParams.keys()]
  if (names.some((name) => OF_TOKEN_REQUESTS.test(name)))
    throw new OAuthRefusal('invalid_request', 'the parameters must not be sent in the query', { ...facts, rule: 'request-sound' })
}

const OF_TOKEN_REQUESTS = /client_|grant_type|code|token|scope|redirect_uri|assertion|username|password/i

/** Parameters of which each is there once, but for `resource` (RFC 8707 §2). Throws an `OAuthRefusal` otherwise. */
export function parametersIn(sent: Readonly<Record<string, unknown>>, facts: RefusalFacts): Params {
  // Without a prototype, so that a parameter named __proto__ is one like any other.
  const params: Record<string, string | readonly string[]> = Object.create(null)
  for (const [name, value] of Object.entries(sent)) {
    // Some parsers read client_id[] and [client_id] as client_id.
    if (/[[\]]/.test(name))
      throw new OAuthRefusal('invalid_request', 'the name of a parameter must not have brackets', { ...facts, rule: 'parameters-once' })
    if (name === 'resource' && Array.isArray(value) && value.every(isText)) params[name] = value
    else if (typeof value !== 'string')
      throw new OAuthRefusal('invalid_request', 'a parameter must not be sent more than once', {
        ...facts,
        rule: 'parameters-once',
        detail: `${shown(name)} is there more than once`,
      })
    // RFC 6749 §3.1: without a value it counts as omitted.
    else if (value !== '') params[name] = value
  }
  return params
}

/** One of the parameters, as the text it is. */
export function textIn(params: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = params[name]
  return isText(value) ? value : undefined
}

/** How a client authenticates is no part of what it asks for. */
const CREDENTIALS = ['client_assertion', 'client_assertion_type', 'client_secret']

/** Leaves a form to the server as one of a client that has authenticated: its id, and not what it showed. */
export function withoutAssertion(req: Request, { client_id }: Client): void {
  const { client_assertion: _assertion, client_assertion_type: _type, ...body } = req.body
  req.body = { ...body, client_id }
}

/** What a client asks for, without its credentials. */
export function withoutCredentials(form: Params): Params {
  return Object.fromEntries(Object.entries(form).filter(([name]) => !CREDENTIALS.includes(name)))
}
