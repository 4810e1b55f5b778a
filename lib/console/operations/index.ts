import type { Operation } from '../operation.js'
import * as applicationChanges from './application-changes.js'
import * as applicationStanding from './application-standing.js'
import * as applications from './applications.js'
import * as audit from './audit.js'
import * as choices from './choices.js'
import * as grants from './grants.js'
import * as initialAccessTokens from './initial-access-tokens.js'
import * as keys from './keys.js'
import * as profiles from './profiles.js'
import * as registration from './registration.js'
import * as verdicts from './verdicts.js'

/** Everything the console can be asked. */
export const operations: readonly Operation[] = [
  ...Object.values(applications),
  ...Object.values(applicationChanges),
  ...Object.values(applicationStanding),
  ...Object.values(choices),
  ...Object.values(verdicts),
  ...Object.values(profiles),
  ...Object.values(registration),
  ...Object.values(initialAccessTokens),
  ...Object.values(grants),
  ...Object.values(keys),
  ...Object.values(audit),
]
