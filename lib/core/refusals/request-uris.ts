import { named } from './named-refusal.js'

const ONCE = ['FAPI2-SP-5.3.2.2-12', 'RFC9126-4']

/** The reference to a pushed authorization request. */
export const requestUris = named({
  'request-uri-known': [
    'The request_uri is one that this server has issued, in its time and unused.',
    'Push the authorization request again and send the user at once to the authorization endpoint with the new request_uri: it counts for a short time (expires_in seconds) and once.',
    [...ONCE, 'FAPI1-ADV-5.2.2-11', 'RFC9126-2.2'],
  ],
  'request-uri-client': [
    'A request_uri is used by the client that pushed the request.',
    'Send client_id and request_uri of one and the same client: the one that pushed the request and authenticated for it.',
    ['FAPI1-ADV-5.2.3-16', 'FAPI2-SP-5.3.3.2-6', 'RFC9126-2.2'],
  ],
  'request-uri-unused': [
    'A request_uri is used for one authorization.',
    'Push the authorization request again whenever the user is sent: a request_uri that has led to an answer is used up. Look for a page that is loaded again, or a bookmark.',
    ['FAPI2-SP-5.3.2.2-note3', 'FAPI1-ADV-5.2.2-11', 'RFC9126-4'],
  ],
  'request-uri-pushed': [
    'A request_uri stands for a pushed request, and only at the authorization endpoint.',
    'Push the authorization request to pushed_authorization_request_endpoint without request_uri, and use the request_uri of the answer at the authorization endpoint. Request objects that clients host are not fetched.',
    ['FAPI2-SP-5.3.2.2-3', 'FAPI1-ADV-5.2.2-11', 'RFC9126-2.1', 'RFC9101-10.4'],
  ],
  'request-or-request-uri': [
    'A request has a request object or a request_uri, not both.',
    'Send either request or request_uri. With a pushed request, send client_id and request_uri alone.',
    ['RFC9101-5'],
  ],
})
