/* What people are told of stages, modes and outcomes. Journals may hold names that this version does not know: those are told as they are. */

const STAGES: Readonly<Record<string, string | undefined>> = Object.assign(Object.create(null), {
  configuration: 'Configuration of the server',
  registration: 'Registration of a client',
  key: 'Key of a client',
  authentication: 'Client authentication',
  par: 'Pushed authorization request',
  authorization: 'Authorization request',
  token: 'Token request',
  issuance: 'Issuance of a token',
  resource: 'Call of the API',
})

/** The moment that was judged. */
export const stageWords = (stage: string | undefined): string => (stage === undefined ? 'Unknown' : (STAGES[stage] ?? stage))

const MODES: Readonly<Record<string, string | undefined>> = Object.assign(Object.create(null), {
  enforce: 'enforce: what is broken is refused',
  report: 'report: what is broken is recorded, and nobody is refused for it',
  'by client': 'by client: some clients are refused, of others it is only recorded',
})

/** What a mode means. */
export const modeWords = (mode: string | undefined): string => (mode === undefined ? 'Unknown' : (MODES[mode] ?? mode))

/** Who settles a clause. */
export const SETTLED_BY: Readonly<Record<'rules' | 'setting' | 'provider' | 'operator' | 'guard' | 'client' | 'nobody', string>> = {
  rules: 'Checked by rules',
  setting: 'Settled by a setting',
  provider: 'Settled by node-oidc-provider',
  operator: 'Left to the operator',
  guard: 'Left to the API guard',
  client: 'A duty of the client',
  nobody: 'Nothing to check',
}

/** Whether a text can stand in a path and come back as it was: no half characters, no U+0000, and not what a browser takes for another folder. */
export const isLinkable = (text: string | undefined): text is string =>
  text !== undefined && text.length <= 300 && text === text.trim() && !/^\.{0,2}$/.test(text) && !/[\0\p{Surrogate}]/u.test(text)
