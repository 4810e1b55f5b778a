import { fileURLToPath } from 'node:url'
import express, { type Request, type Response, Router } from 'express'
import { render } from 'preact-render-to-string'
import { answerError, consoleApi, pathMatcher, ran, segmentsOf } from './api.js'
import { auditTrail } from './audit-trail.js'
import type { Console } from './console.js'
import { ConsoleError, told } from './console-error.js'
import { consoleHeaders } from './console-headers.js'
import { type ConsoleOptions, type ConsoleSetup, setUpConsole } from './console-options.js'
import { perform } from './operation.js'
import { ErrorView } from './pages/error-view.js'
import { formOf } from './pages/form.js'
import { pages } from './pages/index.js'
import { Layout } from './pages/layout.js'
import type { Outcome, Page, Section, View, Visit } from './pages/page.js'
import { changes, insistOnOwnOrigin, insistOnToken, TOKEN_FIELD, tokenFor } from './request-guard.js'
import { insistOnRole, type Person, personOf } from './roles.js'

/** Octets of a form, our choice: key sets are the largest. */
const LARGEST = 300_000

const parseForm = express.urlencoded({ extended: false, limit: LARGEST, parameterLimit: 500 })

/**
 * The admin console: pages, and the same as a JSON API, to create and run FAPI applications. Mount it at the path of `publicUrl`:
 * `app.use('/console', adminConsole({ … }))`. Nobody is let in but whom `authorize` names, by page or by API. Throws a
 * `ConfigurationError` that lists everything wrong with the options.
 */
export function adminConsole(options: ConsoleOptions): Router {
  const setup = setUpConsole(options)
  const { registration, store, jwks, certificates, serverMetadata, configuredClients = [] } = options
  const console = Object.freeze<Console>({
    ...{ registration, store, jwks, certificates, serverMetadata },
    audit: auditTrail(store),
    configuredClients: structuredClone([...configuredClients]),
  })
  const api = consoleApi(console, setup.origin + setup.path)
  const router = Router()
  router.use(consoleHeaders())
  router.use('/assets', assets())
  router.use(function fapiConsole(req, res) {
    void serve(req, res)
  })
  return router

  async function serve(req: Request, res: Response): Promise<void> {
    const isApi = req.path === '/api' || req.path.startsWith('/api/')
    let by: Person | undefined
    try {
      insistOnOwnOrigin(req, setup.origin)
      by = await personOf(setup.authorize, req)
      if (!by) refuseNobody(setup, req, res, isApi)
      else if (isApi) await api(req, res, by)
      else await servePage(console, setup, req, res, by)
    } catch (cause) {
      if (isApi) answerError(res, cause)
      else showError(setup, req, res, by, cause)
    }
  }
}

/** The stylesheet and the script, which browsers keep and ask about again: they change with the version of the package. */
const assets = () =>
  express.static(fileURLToPath(new URL('./assets', import.meta.url)), {
    ...{ cacheControl: false, index: false, redirect: false },
    setHeaders: (res) => void res.setHeader('cache-control', 'no-cache'),
  })

/** Whoever is not signed in is sent to where he can, with the page to come back to. */
function refuseNobody({ signInPath, path }: ConsoleSetup, req: Request, res: Response, isApi: boolean): void {
  const nobody = new ConsoleError(401, 'access_denied', 'you are not signed in')
  if (isApi || changes(req) || signInPath === undefined) throw nobody
  res.redirect(303, `${signInPath}?${new URLSearchParams({ return_to: returnTo(path, req) })}`)
}

/** A path of this server, whatever was asked for: `//` at its beginning would name another one. */
function returnTo(path: string, { path: asked, url }: Request): string {
  const query = url.indexOf('?')
  return (path + asked).replace(/^[/\\]+/, '/') + (query === -1 ? '' : url.slice(query))
}

const ROUTES: readonly { readonly page: Page; readonly matches: ReturnType<typeof pathMatcher> }[] = pages.map((page) => ({
  page,
  matches: pathMatcher(page.path),
}))

async function servePage(console: Console, setup: ConsoleSetup, req: Request, res: Response, by: Person): Promise<void> {
  if (req.path === '/') {
    res.redirect(303, `${setup.path}/applications`)
    return
  }
  const { page, path } = routed(req)
  const work = req.method === 'POST' ? page.post : req.method === 'GET' || req.method === 'HEAD' ? page.get : undefined
  if (!work) {
    res.set('allow', [page.get && 'GET, HEAD', page.post && 'POST'].filter(Boolean).join(', '))
    throw new ConsoleError(405, 'invalid_request', 'this page cannot be asked for in this way')
  }
  if (req.method === 'POST') {
    await ran(parseForm, req, res).catch(() => {
      throw new ConsoleError(400, 'invalid_request', `the form cannot be read: it may have ${LARGEST} octets at the most`)
    })
    insistOnToken(req, by, formOf(req.body).one(TOKEN_FIELD))
  }
  insistOnRole(by, (req.method === 'POST' && page.postRole) || page.role)
  const token = tokenFor(req, res, by)
  const visit: Visit = {
    ...{ console, setup, by, token, path },
    query: Object.fromEntries(
      Object.entries(req.query).flatMap(([name, value]) => (typeof value === 'string' && value !== '' ? [[name, value]] : [])),
    ),
    form: formOf(req.method === 'POST' ? req.body : undefined),
    ask: (operation, call = {}) => perform(operation, console, { by, ...call }),
    href: (pattern, named = {}, query = {}) => hrefOf(setup.path, pattern, named, query),
  }
  show(setup, res, await work(visit), { by, token, section: page.section })
}

/** The page at a path. Throws a `ConsoleError` when there is none. */
function routed(req: Request): { readonly page: Page; readonly path: Readonly<Record<string, string>> } {
  const segments = segmentsOf(req.path)
  for (const { page, matches } of ROUTES) {
    const path = matches(segments)
    if (path) return { page, path }
  }
  throw new ConsoleError(404, 'not_found', 'there is no such page')
}

/** An address below the console. */
function hrefOf(
  base: string,
  pattern: string,
  named: Readonly<Record<string, string>>,
  query: Readonly<Record<string, string | undefined>>,
): string {
  const path = pattern.replaceAll(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(named[name] ?? ''))
  const given = Object.entries(query).flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, value]]))
  return given.length === 0 ? base + path : `${base}${path}?${new URLSearchParams(given)}`
}

interface Shown {
  readonly by: Person | undefined
  readonly token: string | undefined
  readonly section: Section | undefined
}

function show(setup: ConsoleSetup, res: Response, outcome: Outcome, { by, token, section }: Shown): void {
  if ('to' in outcome) {
    res.redirect(303, outcome.to)
    return
  }
  if ('text' in outcome) {
    res
      .set('content-type', `${outcome.type}; charset=utf-8`)
      .set('content-disposition', `attachment; filename="${outcome.name.replaceAll(/[^\w.-]/g, '_')}"`)
    res.send(outcome.text)
    return
  }
  const { title, body, status = 200, fragment = false } = outcome
  const text = fragment ? render(body) : `<!doctype html>${render(<Layout {...{ setup, section, title, by, token, body }} />)}`
  res.status(status).set('content-type', 'text/html; charset=utf-8').send(text)
}

function showError(setup: ConsoleSetup, req: Request, res: Response, by: Person | undefined, cause: unknown): void {
  if (res.headersSent) return
  const error = told(cause)
  if (error.status === 503) res.set('retry-after', '5')
  const view: View = { title: 'This cannot be shown', status: error.status, body: <ErrorView error={error} path={setup.path} /> }
  show(setup, res, view, { by, token: by && tokenFor(req, res, by), section: undefined })
}
