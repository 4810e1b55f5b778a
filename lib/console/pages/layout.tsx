import type { VNode } from 'preact'
import type { ConsoleSetup } from '../console-options.js'
import { TOKEN_FIELD } from '../request-guard.js'
import type { Person } from '../roles.js'
import type { Section } from './page.js'

/** Where each section begins. */
export const SECTIONS: Readonly<Record<Section, string>> = {
  Applications: '/applications',
  Registration: '/registration',
  'Initial access tokens': '/initial-access-tokens',
  Verdicts: '/verdicts',
  Profiles: '/profiles',
  Grants: '/grants',
  Keys: '/keys',
  'Audit trail': '/audit',
}

export interface LayoutProps {
  readonly setup: ConsoleSetup
  readonly section: Section | undefined
  readonly title: string
  readonly by: Person | undefined
  readonly token: string | undefined
  readonly body: VNode
}

/** A whole page. */
export const Layout = ({ setup: { path, title: name, signOutPath }, section, title, by, token, body }: LayoutProps) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>{`${title} · ${name}`}</title>
      <link rel="stylesheet" href={`${path}/assets/console.css`} />
      <link rel="icon" href={`${path}/assets/icon.svg`} type="image/svg+xml" />
      <script type="module" src={`${path}/assets/console.js`} />
    </head>
    <body>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header class="top">
        <a class="name" href={`${path}/`}>
          {name}
        </a>
        {by && (
          <div class="who">
            <span>
              <bdi>{by.id}</bdi> <small>{by.roles.join(', ') || 'no role'}</small>
            </span>
            {signOutPath !== undefined && (
              <form method="post" action={signOutPath}>
                <input type="hidden" name={TOKEN_FIELD} value={token} />
                <button type="submit">Sign out</button>
              </form>
            )}
          </div>
        )}
      </header>
      <div class="frame">
        {by && (
          <nav aria-label="Console">
            <ul>
              {Object.entries(SECTIONS).map(([label, target]) => (
                <li key={label}>
                  <a href={path + target} {...(label === section && { 'aria-current': 'page' })}>
                    {label}
                  </a>
                </li>
              ))}
            </ul>
          </nav>
        )}
        <main id="main" tabIndex={-1}>
          {body}
        </main>
      </div>
    </body>
  </html>
)
