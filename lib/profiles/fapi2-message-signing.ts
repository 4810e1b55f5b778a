import { defineProfile } from '../core/profile.js'
import { jarmForAdopters } from '../rules/authorization-requests.js'
import * as objects from '../rules/request-objects.js'
import * as server from '../rules/server.js'
import { by } from './fapi1-baseline.js'
import { fapi2Security } from './fapi2-security.js'

const { 'RFC9101-4': _required, ...inherited } = fapi2Security.beyond

const CLIENT = by('client', 'A duty of the client; what breaks it is refused under the clause it mirrors.')

/** FAPI 2.0 Message Signing, Final (September 2025), on top of the Security Profile. */
export const fapi2MessageSigning = defineProfile({
  name: 'fapi2-message-signing',
  title: 'FAPI 2.0 Message Signing',
  spec: 'https://openid.net/specs/fapi-message-signing-2_0-final.html',
  generation: '2.0',
  clauses: {
    ...fapi2Security.clauses,
    'FAPI2-MS-5.3.1-1': [server.requestObjectsOffered, server.requestObjectsRequired, objects.signedRequestsForSigners],
    'FAPI2-MS-5.3.1-2': [objects.requestObjectAudience],
    'FAPI2-MS-5.3.1-3': [objects.requestObjectNbf, objects.requestObjectAge(3600)],
    'FAPI2-MS-5.3.1-4': [objects.requestObjectExp, objects.requestObjectLifetime(3600)],
    'FAPI2-MS-5.3.1-5': [objects.requestObjectType],
    'FAPI2-MS-5.4.1-1': [server.jarmOffered, jarmForAdopters],
  },
  unchecked: {
    ...fapi2Security.unchecked,
    'FAPI2-MS-5.3.2-a': CLIENT,
    'FAPI2-MS-5.3.3': by('provider', 'response_modes is client metadata; a mode outside it is refused with invalid_request.'),
    'FAPI2-MS-5.4.2-1': CLIENT,
    'FAPI2-MS-5.5.1-1': by('setting', 'withFapi turns on introspection and its signed answers.'),
    'FAPI2-MS-5.6.1': by('nobody', 'ID tokens are signed already; FAPI2-SP-5.4.1-1.2 holds their algorithms.'),
    'FAPI2-MS-6.1': by('operator', 'A consideration: features.encryption stays off unless asked for.'),
    'FAPI2-MS-6.2': by('operator', 'features.introspection.allowedPolicy decides who may introspect which token.'),
  },
  beyond: {
    ...inherited,
    'RFC9101-10.8': { why: 'A request object cannot be replayed as a client assertion.', rules: [objects.requestObjectNotAssertion] },
  },
  audited: { ...fapi2Security.audited },
  defaults: {
    server: {
      ...fapi2Security.defaults.server,
      request_parameter_supported: true,
      require_signed_request_object: true,
      response_modes_supported: ['jwt'],
    },
    client: {
      ...fapi2Security.defaults.client,
      require_signed_request_object: true,
      response_modes: ['jwt'],
    },
  },
})
