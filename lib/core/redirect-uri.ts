import type { Client } from './facts.js'

/** RFC 8252 §7.3: an http loopback address, with its port apart. */
export const LOOPBACK = /^(http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost))(:\d{1,5})?(\/[^\\\s#]*)?$/i

export const isNative = ({ application_type: type }: Client): boolean => type === 'native'

/** The port of a native application's loopback address is free (RFC 8252 §7.3); nothing else is. */
const comparable = (uri: string, client: Client) => (isNative(client) ? uri.replace(LOOPBACK, '$1$3') : uri)

/** Whether a redirect URI equals one that the client has registered, character by character. */
export const isRegisteredRedirectUri = (uri: string, client: Client): boolean =>
  client.redirect_uris.some((registered) => comparable(registered, client) === comparable(uri, client))
