import { named } from './named-refusal.js'

/** Flows without a redirect. */
export const otherFlows = named({
  'backchannel-request': [
    'A backchannel authentication request names one user in one way.',
    'Send exactly one of login_hint, login_hint_token and id_token_hint, of a user whom the server knows; requested_expiry as a positive number, and client_notification_token where the client is notified.',
    [],
  ],
  'user-decided': [
    'The user has decided before the client asks for tokens.',
    'Wait interval seconds between two requests and ask again: the user has not decided yet. This belongs to the protocol and is no fault.',
    ['RFC8628-3.5'],
  ],
  'flow-in-time': [
    'The client asks for tokens before the request of the user has expired.',
    'Start a new request: this one has expired, or was used already. expires_in says how long one lives.',
    ['RFC8628-3.5'],
  ],
})
