import { type Request, type RequestHandler, type Response, Router } from 'express'
import { isText, urlOf } from '../core/claims.js'
import { ConfigurationError, type ConfigurationFault } from '../core/errors.js'
import { answerJson } from './answer.js'
import { ApiError, answerFailure } from './api-error.js'
import { type Authorize, insistOnOwnPages, pagingOf, readJson, revisionIn, whoAsks } from './api-request.js'
import type { InitialAccessTokens } from './initial-access-tokens.js'
import type { CurrentSettings, RegistrationSettings } from './registration-settings.js'
import { isJsonPatch, mergePatchOf, needsCurrent } from './settings-patch.js'

export type { Authorize } from './api-request.js'

export interface SettingsApiOptions {
  readonly settings: RegistrationSettings
  readonly tokens: InitialAccessTokens
  readonly authorize: Authorize
  /** The origins of the pages that may use it, such as `https://console.bank.example`; that of the Host header when not given. */
  readonly origins?: readonly string[]
  /** Whose statements they are when a client of WSO2's API names nothing but a key set (`ssaJwks`) and there is no issuer yet. */
  readonly statementIssuer?: string
}

type Work = (req: Request, res: Response, by: string) => Promise<void>

const PATCHES = ['application/json', 'application/merge-patch+json', 'application/json-patch+json']

/**
 * A JSON API to read and change the settings of the registration, and to issue and revoke initial access tokens. Answers errors with
 * `error` and `error_description`. Throws a `ConfigurationError`: without `authorize` there is none.
 */
export function settingsApi(options: SettingsApiOptions): Router {
  const { settings, tokens, authorize, origins, statementIssuer } = checked(options)
  const router = Router()

  const serve = (path: string, methods: Readonly<Record<string, Work>>) => {
    const allow = [...Object.keys(methods), ...(methods.GET ? ['HEAD'] : [])].sort()
    const handler: RequestHandler = async function fapiSettingsApi(req, res) {
      try {
        insistOnOwnPages(req, origins)
        const by = await whoAsks(authorize, req)
        const work = methods[req.method === 'HEAD' ? 'GET' : req.method]
        if (!work) {
          res.set('allow', allow.join(', '))
          throw new ApiError(405, 'invalid_request', `the method must be ${allow.join(' or ')}`)
        }
        await work(req, res, by)
      } catch (cause) {
        answerFailure(res, cause)
      }
    }
    router.all(path, handler)
  }

  serve('/settings', {
    GET: async (_req, res) => answerSettings(res, await settings.current()),
    async PATCH(req, res, by) {
      const revision = revisionIn(req)
      const body = await readJson(req, res, PATCHES)
      if (!isJsonPatch(body, String(req.headers['content-type'])))
        return answerSettings(res, await settings.change(membersOf(body), by, revision))
      // What is worked out from the settings as they are is only right for these.
      const current = needsCurrent(body) ? await settings.current() : undefined
      const patch = mergePatchOf(body, current?.settings, statementIssuer)
      answerSettings(res, await settings.change(patch, by, revision ?? current?.revision))
    },
  })
  serve('/settings/history', {
    GET: async (req, res) => answerJson(res, 200, await settings.history(pagingOf(req))),
  })
  serve('/initial-access-tokens', {
    GET: async (req, res) => answerJson(res, 200, await tokens.list(pagingOf(req))),
    async POST(req, res, by) {
      const { expires_in, ...body } = membersOf(await readJson(req, res, ['application/json']))
      for (const name of ['issuedBy', 'expiresIn'])
        if (Object.hasOwn(body, name)) throw new ApiError(400, 'invalid_request', `there is no ${name}`)
      // All of it is checked where tokens are made.
      const { token, record } = await tokens.issue({
        ...body,
        ...(expires_in !== undefined && { expiresIn: typeof expires_in === 'number' ? expires_in : Number.NaN }),
        issuedBy: by,
      })
      answerJson(res, 201, { token, ...record })
    },
  })
  serve('/initial-access-tokens/:id', {
    async DELETE(req, res) {
      if (!(await tokens.revoke(String(req.params.id))))
        throw new ApiError(404, 'not_found', 'there is no such token, or it was revoked before')
      res.status(204).set('cache-control', 'no-store').end()
    },
  })
  return router
}

function answerSettings(res: Response, { revision, settings }: CurrentSettings): void {
  res.set('etag', `"${revision}"`)
  answerJson(res, 200, { ...settings, fapi_profile: settings.fapi_profile ?? null })
}

function membersOf(body: unknown): Readonly<Record<string, unknown>> {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new ApiError(400, 'invalid_request', 'the body must be a JSON object')
  return { ...body }
}

function checked(
  options: SettingsApiOptions,
): Required<Omit<SettingsApiOptions, 'statementIssuer'>> & Pick<SettingsApiOptions, 'statementIssuer'> {
  const { settings, tokens, authorize, origins = [], statementIssuer } = { ...options }
  const faults: ConfigurationFault[] = []
  const insist = (holds: boolean, option: string, got: unknown, allowed: string) => void (holds || faults.push({ option, got, allowed }))
  insist(typeof settings?.change === 'function', 'settings', typeof settings, 'must be settings, of registrationSettings()')
  insist(typeof tokens?.issue === 'function', 'tokens', typeof tokens, 'must be tokens, of initialAccessTokens()')
  insist(typeof authorize === 'function', 'authorize', typeof authorize, 'must be given: it says who asks, or that they may not')
  insist(
    Array.isArray(origins) && origins.every((origin) => isText(origin) && urlOf(origin)?.origin === origin),
    'origins',
    origins,
    "must list origins, such as 'https://console.bank.example'",
  )
  insist(statementIssuer === undefined || isText(statementIssuer), 'statementIssuer', statementIssuer, 'must be the iss of the statements')
  if (faults.length > 0) throw new ConfigurationError(faults)
  return { settings, tokens, authorize, origins: [...origins], ...(statementIssuer !== undefined && { statementIssuer }) }
}
