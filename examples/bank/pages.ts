import { alert, page } from './layout.js'
import { html } from './markup.js'
import type { Account } from './users.js'

export interface LoginPage {
  /** Where the form is posted to. */
  readonly action: string
  readonly clientName: string
  /** What was wrong with the last attempt. */
  readonly problem?: string | undefined
  /** The user name typed before. */
  readonly login?: string | undefined
  readonly knownLogins: readonly string[]
}

/** The login form: `login` and `password`, or `decision` = `deny` to go back. */
export const loginPage = ({ action, clientName, problem, login = '', knownLogins }: LoginPage): string =>
  page(
    'Sign in',
    html`
      <h1>Sign in</h1>
      <p class="lead">to continue to <strong><bdi>${clientName}</bdi></strong></p>
      ${alert(problem)}
      <form method="post" action="${action}">
        <label for="login">User name</label>
        <input id="login" name="login" value="${login}" autocomplete="username" autocapitalize="none" spellcheck="false" required autofocus>
        <label for="password">Password</label>
        <input id="password" name="password" type="password" autocomplete="current-password" required>
        <div class="actions">
          <button class="primary">Sign in</button>
          <button name="decision" value="deny" formnovalidate>Cancel</button>
        </div>
      </form>
      <p class="note">This is a development bank. Sign in as ${knownLogins.join(' or ')}; the password is the user name.</p>`,
  )

export interface OperatorSignInPage {
  /** Where the form is posted to. */
  readonly action: string
  /** The page of the console to go to afterwards. */
  readonly returnTo: string
  /** The user name typed before. */
  readonly user?: string | undefined
  /** What was wrong with the last attempt. */
  readonly problem?: string | undefined
  /** Whether the operator has just left. */
  readonly signedOut: boolean
}

/** The sign-in of the console: `user`, `password` and `return_to`. */
export const operatorSignInPage = ({ action, returnTo, user = '', problem, signedOut }: OperatorSignInPage): string => {
  const faulty = problem && html` aria-invalid="true" aria-describedby="problem"`
  // Whoever has typed the name goes on with the password.
  const [first, second] = user === '' ? [html` autofocus`, ''] : ['', html` autofocus`]
  return page(
    problem ? 'Problem: sign in to the console' : 'Sign in to the console',
    html`
      <h1>Sign in to the console</h1>
      <p class="lead">For the operators of this bank.</p>
      ${problem ? html`<div id="problem">${alert(problem)}</div>` : signedOut && html`<p class="done" role="status">You have signed out.</p>`}
      <form method="post" action="${action}">
        <input type="hidden" name="return_to" value="${returnTo}">
        <label for="user">User name</label>
        <input id="user" name="user" value="${user}" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="64" required${faulty}${first}>
        <label for="password">Password</label>
        <input id="password" name="password" type="password" autocomplete="current-password" required${faulty}${second}>
        <div class="actions"><button class="primary">Sign in</button></div>
      </form>
      <p class="note">The bank showed the password of <strong>admin</strong> when it was opened for the first time.</p>`,
  )
}

export interface ConsentPage {
  readonly action: string
  readonly clientName: string
  /** The host the user goes back to. */
  readonly clientHost: string
  readonly userName: string
  /** What is asked for, one sentence each. */
  readonly permissions: readonly string[]
  /** The accounts to choose from; nothing when accounts are not asked for. */
  readonly accounts: readonly Account[] | undefined
  /** The ids of the accounts chosen before. */
  readonly chosen: readonly string[]
  readonly days: number
  readonly problem?: string | undefined
}

/** The consent form: `accounts`, once for each chosen account, and `decision` = `approve` or `deny`. */
export const consentPage = ({
  action,
  clientName,
  clientHost,
  userName,
  permissions,
  accounts,
  chosen,
  days,
  problem,
}: ConsentPage): string =>
  page(
    'Give access',
    html`
      <h1>Give access to <bdi>${clientName}</bdi>?</h1>
      <p class="lead">You are signed in as <strong>${userName}</strong>.</p>
      ${alert(problem)}
      <form method="post" action="${action}">
        <h2 id="permissions"><bdi>${clientName}</bdi> would like to</h2>
        <ul class="permissions" aria-labelledby="permissions">${permissions.map((permission) => html`<li>${permission}</li>`)}</ul>
        ${accounts && accountChoice(accounts, chosen)}
        <p class="note">Access ends after ${days} days at the latest. Afterwards you return to <strong>${clientHost}</strong>.</p>
        <div class="actions">
          <button class="primary" name="decision" value="approve">Allow access</button>
          <button name="decision" value="deny">Do not allow</button>
        </div>
      </form>`,
  )

const accountChoice = (accounts: readonly Account[], chosen: readonly string[]) => html`
  <fieldset>
    <legend>Choose the accounts to share</legend>
    ${accounts.map(
      ({ id, name, iban, currency, balance }) => html`
    <label class="account">
      <input type="checkbox" name="accounts" value="${id}"${chosen.includes(id) && html` checked`}>
      <span class="account-name">${name}<small>${iban}</small></span>
      <span class="balance">${money(currency, balance)}</span>
    </label>`,
    )}
  </fieldset>`

const money = (currency: string, amount: string) => new Intl.NumberFormat('en-GB', { style: 'currency', currency }).format(Number(amount))

export interface ErrorPage {
  /** What went wrong, for the reader. */
  readonly text: string
  /** The error as OAuth names it. */
  readonly code?: string | undefined
  /** What support needs to find the request: its interaction id. */
  readonly reference?: string | undefined
}

/** The page for everything the user cannot go on from. */
export const errorPage = ({ text, code, reference }: ErrorPage): string =>
  page(
    'The bank could not continue',
    html`
      <h1>The bank could not continue</h1>
      <p class="lead">${sentence(text)}</p>
      <p>Please go back to the application you came from and start again.</p>
      <dl>
        ${code && html`<dt>Error</dt><dd><code>${code}</code></dd>`}
        ${reference && html`<dt>Reference</dt><dd><code>${reference}</code></dd>`}
      </dl>`,
  )

/** OAuth's descriptions start small and end without a stop. */
const sentence = (text: string) => text.replace(/^./, (first) => first.toUpperCase()).replace(/([^.!?])$/, '$1.')

/** The front door: it says what runs here. */
export const homePage = (issuer: string): string =>
  page(
    'Welcome',
    html`
      <h1>Welcome</h1>
      <p class="lead">This bank is an example of an authorization server and an API made with express-fapi.</p>
      <dl>
        <dt>Issuer</dt><dd><code>${issuer}</code></dd>
        <dt>Discovery</dt><dd><a href="/.well-known/openid-configuration">/.well-known/openid-configuration</a></dd>
        <dt>API</dt><dd><code>GET /accounts</code></dd>
        <dt>Console</dt><dd><a href="/console/">/console/</a></dd>
      </dl>`,
  )
