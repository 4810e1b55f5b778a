import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/* The packed tarball in an empty project, used as a stranger would. What npm would install beside it is linked from here. */

let project: string
let contents: string[]

const run = (command: string, ...args: string[]) => execFileSync(command, args, { cwd: project, encoding: 'utf8', stdio: 'pipe' })
const write = (name: string, text: string) => writeFileSync(join(project, name), text)

beforeAll(() => {
  if (!existsSync('dist/index.js')) throw new Error('run npm run build first')
  project = mkdtempSync(join(tmpdir(), 'express-fapi-'))
  const packed = execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', project], {
    encoding: 'utf8',
    stdio: 'pipe',
  })
  const [{ filename, files }] = JSON.parse(packed.slice(packed.indexOf('['))) as [{ filename: string; files: { path: string }[] }]
  contents = files.map(({ path }) => path)
  linkNeighbours(join(project, 'node_modules'))
  mkdirSync(join(project, 'node_modules/express-fapi'))
  execFileSync('tar', ['-xzf', join(project, filename), '--strip-components=1', '-C', join(project, 'node_modules/express-fapi')])
  write('package.json', '{ "name": "stranger", "private": true }')
})

afterAll(() => rmSync(project, { recursive: true, force: true }))

function linkNeighbours(target: string): void {
  mkdirSync(target)
  for (const name of readdirSync('node_modules')) if (!name.startsWith('.')) symlinkSync(resolve('node_modules', name), join(target, name))
}

test('the tarball holds the built package and nothing of the workshop', () => {
  expect(contents).toEqual(
    expect.arrayContaining([
      'package.json',
      'README.md',
      'LICENSE',
      'CHANGELOG.md',
      'dist/index.js',
      'dist/index.d.ts',
      'dist/provider/index.js',
      'dist/console/assets/console.css',
      'dist/console/assets/console.js',
    ]),
  )
  const fitting = /^(package\.json|README\.md|LICENSE|CHANGELOG\.md|dist\/.+\.(js|d\.ts)|dist\/console\/assets\/\w+\.(css|svg))$/
  expect(contents.filter((path) => !fitting.test(path))).toEqual([])
})

test('every export there is can be imported, and each target is in the tarball', () => {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as { exports: Record<string, string | Record<string, string>> }
  const targets = Object.values(exports).flatMap((target) => (typeof target === 'string' ? [target] : Object.values(target)))
  expect(targets.filter((target) => !contents.includes(target.replace('./', '')))).toEqual([])
})

test('each of them loads, from where a stranger has it', () => {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as { exports: Record<string, unknown> }
  const names = Object.keys(exports).filter((name) => name !== './package.json')
  write(
    'load.mjs',
    `for (const name of ${JSON.stringify(names)}) {
  const loaded = Object.keys(await import(name.replace('.', 'express-fapi')))
  console.log(name, loaded.length > 0 ? 'loads' : 'is empty')
}`,
  )
  expect(run(process.execPath, '--no-warnings', 'load.mjs').trim().split('\n')).toEqual(names.map((name) => `${name} loads`))
})

const USE = `
const policy = createPolicy({ profile: fapi2Security })
const provider = observe(policy, new Provider('https://as.example', withFapi(policy, 'https://as.example')))
express().use(interactionId(), securityHeaders(), provider.callback())
console.log(policy.profiles.map(({ name }) => name).join(), provider.issuer)
`
const EXPECTED = 'fapi2-security https://as.example'

test('it runs as an ES module', () => {
  write(
    'use.mjs',
    `import express from 'express'
import Provider from 'oidc-provider'
import { createPolicy, fapi2Security, interactionId, securityHeaders } from 'express-fapi'
import { observe, withFapi } from 'express-fapi/provider'
${USE}`,
  )
  expect(run(process.execPath, '--no-warnings', 'use.mjs')).toContain(EXPECTED)
})

test('it runs with require', () => {
  write(
    'use.cjs',
    `const express = require('express')
const { default: Provider } = require('oidc-provider')
const { createPolicy, fapi2Security, interactionId, securityHeaders } = require('express-fapi')
const { observe, withFapi } = require('express-fapi/provider')
${USE}`,
  )
  expect(run(process.execPath, '--no-warnings', 'use.cjs')).toContain(EXPECTED)
})

const TYPED = `import express, { type RequestHandler } from 'express'
import Provider, { type Configuration } from 'oidc-provider'
import { type Client, createPolicy, fapi, fapi2Security, fromTls, interactionId, memoryStore, type Policy, profileNamed, protect, registration, securityHeaders, servedOf, type Verdict } from 'express-fapi'
import { adminConsole } from 'express-fapi/console'
import { observe, registeredClients, serverMetadata, storage, withFapi } from 'express-fapi/provider'
import { storeContract } from 'express-fapi/stores/contract'
import { postgresStore } from 'express-fapi/stores/postgres'
import { redisStore } from 'express-fapi/stores/redis'
import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'
import { createClient, createCluster } from 'redis'

export const stores = [postgresStore(new pg.Pool()), postgresStore(new PGlite()), redisStore(createClient()), redisStore(createCluster({ rootNodes: [] }))]
export const clauses = storeContract.map(({ name }) => name)
const verdicts: Verdict[] = []
const byClient: Policy = createPolicy({ profiles: [fapi2Security], choose: (client: Client) => profileNamed(client.fapi_profile), record: (verdict) => verdicts.push(verdict) })
const configuration: Configuration = withFapi(byClient, 'https://as.example', {})
const handler: RequestHandler = interactionId()
express().use(handler, securityHeaders(), observe(byClient, new Provider('https://as.example', configuration)).callback())
const guard = fapi(byClient, { issuer: 'https://as.example', clients: async (id) => ({ client_id: id }), keys: { keys: [] }, store: memoryStore(), certificate: fromTls() })
express().use('/token', guard.tokenRequest(), (req, res) => void res.json(servedOf(req)?.cnf ?? {})).use(guard.fapiErrors())
const issuers = { issuer: 'https://as.example', audience: 'https://api.example', tokens: guard.accessTokens(() => ({ client_id: 'a' })) }
express().use(protect(byClient, { issuers, publicUrl: 'https://api.example', certificate: fromTls(), store: memoryStore() }))
const provider = new Provider('https://as.example', configuration)
const store = memoryStore()
const clients = registeredClients(provider, { adapter: storage(store)('Client'), store })
const registering = registration(byClient, { issuer: 'https://as.example', publicUrl: 'https://as.example/reg', clients, store })
const authorize = () => ({ id: 'me', roles: ['viewer' as const] })
const serverSays = () => serverMetadata(provider)
express().use('/console', adminConsole({ registration: registering, store, authorize, publicUrl: 'https://as.example/console', serverMetadata: serverSays }))
// @ts-expect-error nobody is let in by default
adminConsole({ registration: registering, store, publicUrl: 'https://as.example/console' })
// @ts-expect-error nothing is guessed about certificates
fapi(byClient, { issuer: 'https://as.example', clients: () => undefined, keys: { keys: [] }, store: memoryStore() })
// @ts-expect-error a policy needs a profile
createPolicy({})
// @ts-expect-error the mode is enforce or report
createPolicy({ profile: fapi2Security, mode: 'off' })
`

test.each([
  ['ES module', 'typed.mts'],
  ['CommonJS module', 'typed.cts'],
])('its types hold in an %s', (_kind, file) => {
  write(file, TYPED)
  const options = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--moduleResolution',
    'nodenext',
    '--target',
    'es2022',
    '--types',
    'node',
    '--skipLibCheck',
    '--esModuleInterop',
  ]
  run(process.execPath, resolve('node_modules/typescript/bin/tsc'), ...options, file)
})

test('its program runs from where npm puts it: executable, and by its first line', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
  run('npm', 'rebuild', '--ignore-scripts', '--offline', 'express-fapi')
  const program = join(project, 'node_modules/.bin/express-fapi')
  expect(statSync(program).mode & 0o111).toBe(0o111)
  expect(run(program, '--version')).toBe(`${version}\n`)
  expect(run(program, 'help')).toContain('Usage: express-fapi <command>')
  expect(run(program, 'keys', '--out', 'keys', '--certificate', 'CN=stranger')).toContain('Written, 1 key and a certificate')
})

test('its own declarations are sound: they are checked too', () => {
  const declarations = contents
    .filter((path) => path.endsWith('.d.ts'))
    .map((path) => readFileSync(join(project, 'node_modules/express-fapi', path), 'utf8'))
  expect(declarations.filter((text) => /\bany\b/.test(text.replace(/\/\*[\s\S]*?\*\//g, '')))).toEqual([])
})
