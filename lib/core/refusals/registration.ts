import { named } from './named-refusal.js'

/** Registration of clients, and the management of what is registered. */
export const registration = named({
  'initial-access-token': [
    'Who registers a client has an initial access token that counts.',
    'Send the initial access token in the Authorization header, with the scheme Bearer. If it is used up, expired or lost, ask the operator of the server for a new one.',
    ['RFC7591-3', 'RFC6750-3.1'],
  ],
  'registration-access-token': [
    'Who manages a client has the newest registration access token of this client.',
    'Send the newest registration_access_token of this client as a bearer token to its registration_client_uri: each answer may bring a new one. If it is lost, the operator can issue a new one.',
    ['RFC7592-2', 'RFC6750-3.1'],
  ],
  'software-statement': [
    'The software statement is one of the directory that the server trusts.',
    'Get a new software statement from the directory of this ecosystem: its signature, issuer, age and software must fit. The operator checks which directory keys the server reads.',
    ['RFC7591-2.3', 'RFC7591-3.2.2'],
  ],
  'software-approved': [
    'The software is approved in the directory that the server trusts.',
    'Get the software approved in the directory of this ecosystem, or use a software statement of the directory that this server trusts.',
    ['RFC7591-3.2.2'],
  ],
  'redirect-uris-registrable': [
    'Redirect URIs are complete https URLs.',
    'Register every redirect URI as a complete https URL without fragment, and inside the software statement where the ecosystem wants it there.',
    ['FAPI1-BASE-5.2.2-20', 'FAPI2-SP-5.3.2.2-8', 'RFC7591-3.2.2'],
  ],
  'metadata-sound': [
    'The metadata of the client are valid and agree with each other.',
    'Change the field that the description names and register again. Values must agree with each other and with the software statement.',
    ['RFC7591-2', 'RFC7591-3.2.2'],
  ],
  'client-keys': [
    'The keys of the client can be read.',
    'Register jwks as {"keys":[...]} with public keys in JSON Web Key form and a kid each, or a jwks_uri that answers with that and 200. Without private members, and not both.',
    ['FAPI1-ADV-8.9-1', 'FAPI2-SP-5.4.2-1', 'RFC7591-2', 'RFC7517-4'],
  ],
  'sector-identifier': [
    'The sector of a client with pairwise subjects is known.',
    'Let sector_identifier_uri answer with 200 and a JSON array of all redirect_uris of the client, or register redirect_uris of one host alone.',
    ['RFC7591-2'],
  ],
  'webhook-uris': [
    'Webhooks are those of the software statement.',
    'Register webhook_uris that stand in the software statement, as https URLs.',
    ['RFC7591-2.3'],
  ],
  'registration-request': [
    'A registration is a JSON object with the metadata of the client and nothing that the server alone decides.',
    'Send Content-Type: application/json and one JSON object. In a PUT send client_id and client_secret as they are, and leave out registration_access_token, registration_client_uri, client_id_issued_at and client_secret_expires_at.',
    ['RFC7591-3.1', 'RFC7592-2.2'],
  ],
  'registration-current': [
    'Who changes a registration has read it as it is.',
    'Read the client again and change it then: somebody has changed it meanwhile. Send the revision that was read last.',
    [],
  ],
  'registration-permitted': [
    'The client may be read and changed by who manages it.',
    'Ask the operator of the server: this client was set up so that its own registration access token does not allow this.',
    ['RFC7592-2.1', 'RFC7592-2.2', 'RFC7592-2.3'],
  ],
})
