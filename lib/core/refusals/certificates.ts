import { named } from './named-refusal.js'

const METHODS = ['FAPI1-BASE-5.2.2-4', 'FAPI1-ADV-5.2.2-14', 'FAPI2-SP-5.3.2.1-6']

/** The client certificate of the connection, and what a proxy makes of it. */
export const certificates = named({
  'client-certificate': [
    'The client certificate is the one that is registered for the client.',
    'Connect with the registered client certificate: its subject must be the registered tls_client_auth_ value or, for self_signed_tls_client_auth, it must be x5c of a key in jwks. A proxy in front must pass it on.',
    [...METHODS, 'RFC8705-2.1', 'RFC8705-2.2'],
  ],
  'certificate-trusted': [
    'The client certificate comes from an authority that the server trusts, is in its time and not revoked.',
    'Use a client certificate of an authority that the server trusts for clients, in its time and not revoked. The operator adds authorities where client certificates are verified.',
    [...METHODS, 'RFC8705-2.1'],
  ],
  'certificate-given': [
    'The connection comes with a client certificate.',
    'Set up the HTTP client with its certificate and private key, and call the endpoints in mtls_endpoint_aliases of the server metadata. If it does that, the proxy in front must ask for the certificate and pass it on.',
    ['FAPI1-ADV-5.2.2-6', 'FAPI2-SP-5.3.2.1-5', 'RFC8705-2', 'RFC8705-3.4'],
  ],
  'certificate-clear': [
    'It is clear which client certificate came with a request.',
    'Let one proxy alone set the header with the client certificate, in the format the server is set up for, and let it remove what clients send under that name. As a client, send no such header.',
    ['RFC9440-3', 'RFC9440-4'],
  ],
})
