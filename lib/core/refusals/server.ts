import { named } from './named-refusal.js'

/** What no client can mend. */
export const server = named({
  'server-available': [
    'What the server needs to decide can be reached.',
    'Repeat the request after a pause. At the server, look whether the store, the key sets and the directory can be reached.',
    ['RFC6749-4.1.2.1'],
  ],
  'server-sound': [
    'The server works without failures of its own.',
    'The request may be right: look in the log of the server, at the time of this entry, for what failed.',
    ['RFC6749-4.1.2.1'],
  ],
})
