import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import express from 'express'
import { createPolicy, memoryStore, profiles, registration } from 'express-fapi'
import { adminConsole } from 'express-fapi/console'
import type { ClientMetadata } from 'oidc-provider'
import { type Bank, startBank } from '../../examples/bank/bank.js'
import type { Identity } from '../../examples/bank/certificates.js'
import { openDataFolder } from '../../examples/bank/data-folder.js'
import { loadAuthority } from '../../examples/bank/identities.js'
import { type Directory, openDirectory } from '../../examples/tpp/directory.js'
import { ca, listenTo } from '../readers/issuer-servers.js'
import { choose, inStore } from '../registration/registration-server.js'
import { type Browser, openBrowser } from '../support/browser.js'
import '../support/clock.js'
import { mintKey, type SigningKey } from '../support/keys.js'
import { type Party, party } from '../support/party.js'
import type { Metadata } from '../support/registration.js'
import { type Answer, openWire, type Params, type Wire } from '../support/wire.js'
import { decoded, elementsIn } from './security/html.js'

/** What is typed into a form, beside what it shows already: a list is as many boxes. */
export type Typed = Readonly<Record<string, string | readonly string[]>>

/** A console, by its pages as a browser without scripts has them, and by its API as a script does. */
export interface Desk {
  page(path: string): Promise<Answer>
  /** Sends the form of a page that leads to `action`, with what it shows and what is typed. Throws when something is chosen that it does not offer. */
  send(page: Answer, action: string, typed?: Typed): Promise<Answer>
  /** Sends it with whatever is typed. */
  forge(page: Answer, action: string, typed: Typed): Promise<Answer>
  ask(method: string, path: string, body?: object): Promise<Answer>
  close(): Promise<void>
}

/** The administrator of a bank that knows a directory. */
export interface Administrator extends Desk {
  readonly bank: Bank
  readonly directory: Directory
  /** Who issues client certificates. */
  readonly authority: Identity
  readonly wire: Wire
  /** The client that was made, ready to send requests. */
  meet(metadata: Metadata, key: SigningKey, certificate?: Identity): Party
}

function deskAt(consoleUrl: string, wire: Wire, browser: Browser, token: string): Omit<Desk, 'close'> {
  const forge: Desk['forge'] = ({ text }, action, typed) =>
    browser.open(consoleUrl + action, { ...shownIn(text, `/console${action}`), ...typed })
  return {
    page: (path) => browser.open(consoleUrl + path),
    forge,
    send(page, action, typed = {}) {
      for (const [field, values] of Object.entries(typed))
        for (const value of [values].flat())
          if (isOffered(page, field, value) === false) throw new Error(`${field} is not offered as ${value}`)
      return forge(page, action, typed)
    },
    ask: (method, path, body) =>
      wire.send(`${consoleUrl}/api${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
        ...(body && { body: JSON.stringify(body) }),
      }),
  }
}

export async function openAdministrator(): Promise<Administrator> {
  const dataDir = mkdtempSync(join(tmpdir(), 'administrator-'))
  const authority = await loadAuthority(openDataFolder(dataDir))
  const directory = await openDirectory({ issuer: 'https://directory.example' })
  const { issuer, jwksUri, ca: trusted, host } = directory
  const bank = await startBank({ port: 0, mtlsPort: 0, dataDir, quiet: true, directory: { issuer, jwksUri, ca: trusted, hosts: [host] } })
  const wire = openWire(bank.caCertificate)
  const browser = openBrowser(wire, bank.issuer)
  await browser.open(`${bank.consoleUrl}/sign-in`, { user: 'admin', password: bank.firstPassword })
  const { json: metadata } = await wire.send(`${bank.issuer}/.well-known/openid-configuration`)
  const { json: jwks } = await wire.send(String(metadata.jwks_uri))
  return {
    ...{ bank, directory, authority, wire },
    ...deskAt(bank.consoleUrl, wire, browser, bank.operatorToken),
    meet(stored, key, certificate) {
      const own = stored as unknown as ClientMetadata
      const [redirectUri = ''] = own.redirect_uris ?? []
      const proofKey = own.dpop_bound_access_tokens ? mintKey() : undefined
      return party(
        { issuer: bank.issuer, metadata, jwks, wire },
        { id: own.client_id, metadata: own, redirectUri, key, proofKey, certificate },
      )
    },
    async close() {
      await wire.close()
      await bank.close()
      await directory.close()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** The console of a server that offers all that there is, encryption and client secrets among it. */
export async function openDeskOfEverything(): Promise<Desk> {
  const app = express()
  const listening = await listenTo(app)
  const origin = `https://localhost:${listening.port}`
  const store = memoryStore()
  const registering = registration(createPolicy({ profiles, choose }), {
    ...{ issuer: origin, publicUrl: `${origin}/register`, clients: inStore(store), store },
  })
  const authorize = () => ({ id: 'admin', roles: ['admin'] as const })
  app.use('/console', adminConsole({ registration: registering, store, authorize, publicUrl: `${origin}/console` }))
  const wire = openWire(ca)
  return {
    ...deskAt(`${origin}/console`, wire, openBrowser(wire, origin), 'of a script'),
    async close() {
      await wire.close()
      await listening.close()
    },
  }
}

/** What a browser would send of the form that leads to `action`. Throws when the page has no such form. */
function shownIn(page: string, action: string): Params {
  const [form] = [...page.matchAll(/<form[\s\S]*?<\/form>/g)].flatMap(([one]) =>
    elementsIn(one)[0]?.attributes.action === action ? [one] : [],
  )
  if (form === undefined) throw new Error(`the page has no form for ${action}: ${page}`)
  const fields = new Map<string, string[]>()
  const add = (name: string | undefined, value = '') => name !== undefined && fields.set(name, [...(fields.get(name) ?? []), value])
  for (const { name, attributes } of elementsIn(form)) {
    const { type = 'text', value = type === 'checkbox' ? 'on' : '' } = attributes
    const isChosen = !['radio', 'checkbox'].includes(type) || 'checked' in attributes
    if (name === 'input' && isChosen && !('disabled' in attributes)) add(attributes.name, value)
  }
  for (const [, name, text = ''] of form.matchAll(/<textarea[^>]* name="([^"]*)"[^>]*>([\s\S]*?)<\/textarea>/g)) add(name, decoded(text))
  for (const [, name, options = ''] of form.matchAll(/<select[^>]* name="([^"]*)"[^>]*>([\s\S]*?)<\/select>/g)) {
    const all = elementsIn(options)
    const chosen = all.find(({ attributes }) => 'selected' in attributes) ?? all[0]
    if (chosen && !('disabled' in chosen.attributes)) add(name, chosen.attributes.value)
  }
  return Object.fromEntries(fields)
}

/** Whether a page shows that value as one that can be chosen; `undefined` where it does not show it. */
export function isOffered({ text }: Answer, field: string, value: string): boolean | undefined {
  const [, options = ''] = new RegExp(`<select[^>]* name="${field}"[^>]*>([\\s\\S]*?)</select>`).exec(text) ?? []
  const found = [
    ...elementsIn(options).filter(({ attributes }) => attributes.value === value),
    ...elementsIn(text).filter(({ name, attributes }) => name === 'input' && attributes.name === field && attributes.value === value),
  ]
  return found.length === 0 ? undefined : found.every(({ attributes }) => !('disabled' in attributes))
}

/** The text of a page, as it is read. */
export const wordsOf = ({ text }: Answer): string => decoded(text.replaceAll(/<[^>]*>/g, ' ')).replaceAll(/\s+/g, ' ')
