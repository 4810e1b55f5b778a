import type { Browser } from '../../support/browser.js'
import type { Party } from '../../support/party.js'
import type { TppName } from '../../support/tpp.js'

/** What a row finds at a server. */
export interface Scene {
  readonly issuer: string
  readonly authorizationEndpoint: string
  as(name: TppName): Party
  /** A browser that has never been here. */
  browser(): Browser
  /** The tokens of one honest flow of a client, the same for all rows. */
  grant(name: TppName): Promise<{ readonly accessToken: string; readonly refreshToken: string }>
}
