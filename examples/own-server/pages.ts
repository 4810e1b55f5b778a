import { type Content, html, type Markup } from '../bank/markup.js'

const page = (title: string, body: Markup): string =>
  html`<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>${title} · Harbour Savings</title></head>
  <body><main>${body}</main></body>
</html>
`.markup

export interface LoginPage {
  readonly csrf: string
  /** Where to go once signed in. */
  readonly returnTo: string
  /** The user name typed before. */
  readonly login?: string
  readonly problem?: string
}

/** The login form: `login` and `password`. */
export const loginPage = ({ csrf, returnTo, login = '', problem }: LoginPage): string =>
  page(
    'Sign in',
    html`
      <h1>Sign in</h1>
      ${problem && html`<p role="alert">${problem}</p>`}
      <form method="post" action="/login">
        ${hidden('csrf', csrf)}
        ${hidden('return_to', returnTo)}
        <label>User name <input name="login" value="${login}" autocomplete="username" required autofocus></label>
        <label>Password <input name="password" type="password" autocomplete="current-password" required></label>
        <button>Sign in</button>
      </form>`,
  )

export interface ConsentPage {
  readonly csrf: string
  /** Where the form goes: the authorization request itself. */
  readonly action: string
  readonly clientName: string
  readonly userName: string
  readonly scopes: readonly string[]
}

/** The consent form: `decision` = `approve` or `deny`. */
export const consentPage = ({ csrf, action, clientName, userName, scopes }: ConsentPage): string =>
  page(
    'Give access',
    html`
      <h1>Give access to <bdi>${clientName}</bdi>?</h1>
      <p>You are signed in as <strong>${userName}</strong>.</p>
      <form method="post" action="${action}">
        ${hidden('csrf', csrf)}
        <p><bdi>${clientName}</bdi> would like to</p>
        <ul>${scopes.map((scope) => html`<li>${WORDS[scope] ?? scope}</li>`)}</ul>
        <button name="decision" value="approve">Allow</button>
        <button name="decision" value="deny">Do not allow</button>
      </form>`,
  )

/** The page for everything the user cannot go on from. */
export const errorPage = (text: string, code: string): string =>
  page('Sorry', html`<h1>We could not continue</h1><p>${text}</p><p><code>${code}</code></p>`)

const WORDS: Readonly<Record<string, string>> = {
  openid: 'recognise you when you come back',
  accounts: 'see your accounts and their balances',
}

const hidden = (name: string, value: string): Content => html`<input type="hidden" name="${name}" value="${value}">`
