import type { Visit } from './page.js'

const TABS = [
  ['/registration', 'Settings'],
  ['/registration/statement', 'Try a software statement'],
  ['/registration/history', 'History'],
] as const

/** The pages about registration, and which of them this is. */
export const RegistrationTabs = ({ href, here }: Pick<Visit, 'href'> & { readonly here: (typeof TABS)[number][0] }) => (
  <nav class="tabs" aria-label="Registration">
    <ul>
      {TABS.map(([path, label]) => (
        <li key={path}>
          <a href={href(path)} {...(path === here && { 'aria-current': 'page' })}>
            {label}
          </a>
        </li>
      ))}
    </ul>
  </nav>
)
