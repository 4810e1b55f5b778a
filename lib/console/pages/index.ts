import { applicationPages } from './application.js'
import { applicationActionPages } from './application-actions.js'
import { applicationEditingPages } from './application-editing.js'
import { applicationListPages } from './applications.js'
import { auditPages } from './audit.js'
import { clientSecretPages } from './client-secret.js'
import { explanationPages } from './explanation.js'
import { grantPages } from './grants.js'
import { initialAccessTokenPages } from './initial-access-tokens.js'
import { keyPages } from './keys.js'
import type { Page } from './page.js'
import { profilePages } from './profiles.js'
import { registrationPages } from './registration.js'
import { statementPages } from './statement.js'
import { verdictPages } from './verdicts.js'

/** Every page; the first whose path fits is shown, so that a fixed part comes before a named one. */
export const pages: readonly Page[] = [
  ...applicationListPages,
  ...applicationEditingPages,
  ...applicationPages,
  ...applicationActionPages,
  ...clientSecretPages,
  ...verdictPages,
  ...explanationPages,
  ...profilePages,
  ...registrationPages,
  ...statementPages,
  ...initialAccessTokenPages,
  ...grantPages,
  ...keyPages,
  ...auditPages,
]
