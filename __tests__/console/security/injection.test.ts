import { jest } from '@jest/globals'
import { pages } from '../../../lib/console/pages/index.js'
import { wireOf } from '../open-console.js'
import { elementsIn } from './html.js'
import { createdBy, metadata, openedDesks, type SecureDesk } from './secure-desk.js'

/* Whatever clients, users and operators call themselves stays text on every page: no element and no attribute comes of it. */

jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
const opened = openedDesks()
const MARK = 'xss0mark'
const ATTACKS = [
  `"><script src=x id=${MARK}></script><img src=x onerror=${MARK}()>`,
  `' onmouseover='${MARK}()' x='`,
  `</title></textarea></script><svg onload=${MARK}() ${MARK}=1>`,
  `&lt;b ${MARK}&gt;<b ${MARK}>\u2028\`\${${MARK}}`,
  `--><b ${MARK}><!--`,
]

/** Elements that come from what somebody wrote: their name, or the name of an attribute, has the mark in it, or an address or handler runs. */
function foreign(page: string) {
  return elementsIn(page).filter(
    ({ name, attributes }) =>
      name.includes(MARK) ||
      ['img', 'svg:onload', 'b'].includes(name) ||
      (name === 'script' && attributes.src !== '/console/assets/console.js') ||
      Object.keys(attributes).some((one) => one.includes(MARK) || one.startsWith('on') || one === 'style') ||
      ['href', 'src', 'action', 'formaction'].some((one) => /^\s*(?:javascript|data|vbscript):/i.test(attributes[one] ?? '')),
  )
}

async function pagesOf(desk: SecureDesk, ids: Readonly<Record<string, string>>, query: string) {
  const browser = desk.browser('ada.admin')
  const paths = pages.flatMap(({ path, get }) =>
    get ? [path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(ids[name] ?? 'none'))] : [],
  )
  return Promise.all(paths.map(async (path) => ({ path, ...(await browser.open(path + query)) })))
}

test('the eyes of these tests are open', () => {
  for (const attack of ATTACKS.slice(0, 1)) expect(foreign(`<p>${attack}</p>`)).not.toEqual([])
  expect(foreign(`<a title='' onmouseover='${MARK}()'>`)).not.toEqual([])
  expect(foreign('<a href=" javascript:alert(1)">')).not.toEqual([])
  expect(foreign(`<p title="&quot;><script id=${MARK}>">&lt;script&gt;</p>`)).toEqual([])
})

test.each(ATTACKS)('%s', async (attack) => {
  const desk = await opened({
    options: { title: 'Bank', configuredClients: [{ ...metadata({ client_name: attack }), client_id: `configured ${attack}` }] },
  })
  const id = `id ${attack}`
  const evil = {
    ...metadata({
      client_name: attack,
      contacts: [attack],
      scope: `openid ${attack}`,
      redirect_uris: [`https://x.example/${attack}`, attack],
    }),
    ...{ software_statement: attack, software_id: attack, tls_client_auth_subject_dn: attack, default_acr_values: [attack] },
    ...{ logo_uri: `javascript:${MARK}()`, client_uri: 'data:text/html,x', policy_uri: 'JaVaScRiPt:x', tos_uri: ` javascript:${MARK}()` },
    ...{
      jwks_uri: `javascript:${MARK}()`,
      sector_identifier_uri: attack,
      [attack]: attack,
      'client_name#de': attack,
      fapi_profile: 'fapi2-security',
    },
  }
  await desk.store.upsert('Client', id, { ...evil, client_id: id }, undefined)
  await desk.store.upsert(
    'Grant',
    `grant ${attack}`,
    {
      jti: `grant ${attack}`,
      accountId: `user ${attack}`,
      clientId: id,
      iat: 1,
      openid: { scope: attack, claims: [attack] },
      resources: { [attack]: attack },
      rar: [{ type: attack }],
    },
    undefined,
  )
  const token = await desk.script('operator', 'POST', '/initial-access-tokens', { label: attack, software_id: attack })
  const own = await createdBy(desk, { client_name: attack })
  await desk.script('operator', 'PUT', `/applications/${own}/suspension`, { reason: attack })
  const { policy } = desk.registering.terms
  const about = { at: Math.floor(Date.now() / 1000), stage: 'par' as const, client: undefined, wire: wireOf(attack) }
  policy.note({ ...about, error: 'invalid_request', description: attack, detail: attack })
  desk.steer(() => ({ id: `person ${attack}`.slice(0, 200), roles: ['admin'] }))

  const query = `?${new URLSearchParams({ search: attack, client: id, user: attack, rule: attack, interaction: attack, done: attack, from: '', profile: 'fapi2-security' })}`
  for (const ids of [
    { client_id: id, grant_id: `grant ${attack}`, id: String(token.json.id), interaction_id: attack, name: attack, profile: attack },
    { client_id: own, grant_id: 'none', id: 'none', interaction_id: attack, name: 'fapi2-security', profile: 'fapi2-security' },
    { client_id: `configured ${attack}`, id: attack },
  ])
    for (const q of ['', query])
      for (const { path, status, text, headers } of await pagesOf(desk, ids, q)) {
        // A file that is kept is no page.
        const isFile = headers['content-disposition']?.startsWith('attachment') && !headers['content-type']?.includes('html')
        expect({ path, foreign: isFile ? [] : foreign(text) }).toEqual({ path, foreign: [] })
        expect({ path, status: status < 500 }).toEqual({ path, status: true })
      }
  const { text } = await desk.browser('x').open(`/applications/${encodeURIComponent(id)}`)
  expect(text).toContain(MARK)

  const browser = desk.browser('x')
  const csrf_token = await browser.token()
  for (const { path, post } of pages) {
    if (!post) continue
    const fields = [
      'client_name',
      'redirect_uris',
      'reason',
      'confirm',
      'label',
      'metadata',
      'base',
      'given_keys',
      'given_certificate',
      'jwks_uri',
      'fapi_profile',
      'software_statement',
      'certificate',
      'user',
      'client',
    ]
    const sent = Object.fromEntries([
      ...fields.map((name) => [name, attack]),
      ['csrf_token', csrf_token],
      ['standing', 'disabled'],
      ['metadata', JSON.stringify({ client_name: attack })],
    ])
    for (const base of [attack, JSON.stringify({ client_name: attack, jwks: attack, redirect_uris: attack })]) {
      const reply = await browser.post(path.replaceAll(/\{\w+\}/g, own), { ...sent, base })
      expect({ path, foreign: foreign(reply.text), failed: reply.status >= 500 }).toEqual({ path, foreign: [], failed: false })
    }
  }
})

test.each(['logo_uri', 'client_uri', 'policy_uri', 'tos_uri', 'jwks_uri', 'sector_identifier_uri', 'initiate_login_uri', 'logo_uri#de'])(
  '%s is a web address, or is not taken',
  async (name) => {
    const desk = await opened()
    const { jwks: _jwks, ...rest } = metadata()
    const base = name === 'jwks_uri' ? rest : metadata()
    for (const uri of [
      'javascript:alert(1)',
      'JAVASCRIPT:alert(1)',
      ' javascript:alert(1)',
      'java\nscript:alert(1)',
      'data:text/html,x',
      'vbscript:x',
      'file:///etc/passwd',
      '//evil.example',
      'https:\\\\evil.example',
      'https://a\u0000b/',
      'https://user@evil.example/',
    ]) {
      const { status } = await desk.script('admin', 'POST', '/applications', { metadata: { ...base, [name]: uri } })
      expect({ uri, status }).toEqual({ uri, status: 400 })
      const draft = await desk.script('viewer', 'POST', '/application-drafts', { metadata: { ...base, [name]: uri } })
      expect({ uri, refused: draft.json.refused }).toEqual({ uri, refused: true })
    }
    const good = await desk.script('viewer', 'POST', '/application-drafts', { metadata: { ...base, [name]: 'https://tpp.example/x' } })
    expect(good.json.refused).toBe(false)
  },
)
