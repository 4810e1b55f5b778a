import { isHttpsUrl, isText } from '../core/claims.js'
import type { Client } from '../core/facts.js'
import { isNative, isRegisteredRedirectUri, LOOPBACK } from '../core/redirect-uri.js'
import { defineRule } from '../core/rule.js'

interface Options {
  /** FAPI2-SP-5.3.2.2-8 lets native applications listen on loopback addresses, FAPI1-BASE-7.5-2 does not. */
  readonly nativeLoopback: boolean
}

const isAllowed = (uri: string, client: Client, { nativeLoopback }: Options) =>
  isHttpsUrl(uri) || (nativeLoopback && isNative(client) && LOOPBACK.test(uri))
const allowedOnes = ({ nativeLoopback }: Options) =>
  nativeLoopback ? 'https, or the loopback address of a native application' : 'https, without exception'

const loopbackToo = ({ nativeLoopback }: Options) =>
  nativeLoopback ? '; an app on a device may use http://127.0.0.1/callback with application_type native' : ''

export const httpsRedirectUris = (options: Options) =>
  defineRule({
    id: 'https-redirect-uris',
    summary: `Registered redirect URIs are ${allowedOnes(options)}.`,
    mend: `Register redirect_uris that begin with https://, such as https://client.example/callback${loopbackToo(options)}.`,
    at: ['registration'],
    error: 'invalid_redirect_uri',
    check({ client }) {
      const wrong = client.redirect_uris.find((uri) => !isAllowed(uri, client, options))
      return wrong === undefined ? undefined : `redirect_uris must be https URLs, ${wrong === '' ? 'one of them' : wrong} is not`
    },
  })

/** A server may take redirect URIs that were never registered (RFC 9126 §2.4); they are held to the same. */
export const httpsRedirectUri = (options: Options) =>
  defineRule({
    id: 'https-redirect-uri',
    summary: `The redirect URI of a request is ${allowedOnes(options)}.`,
    mend: `Send a redirect_uri that begins with https://, such as https://client.example/callback${loopbackToo(options)}.`,
    at: ['par', 'authorization'],
    check: ({ params: { redirect_uri: uri }, client }) =>
      uri === undefined || (isText(uri) && isAllowed(uri, client, options)) ? undefined : 'redirect_uri must be an https URL',
  })

export const redirectUriGiven = defineRule({
  id: 'redirect-uri-given',
  summary: 'The redirect URI is named in the request, even if only one is registered.',
  mend: 'Send redirect_uri with each authorization request, inside the request object where there is one, even if only one is registered.',
  at: ['par', 'authorization'],
  check: ({ params }) => (isText(params.redirect_uri) ? undefined : 'redirect_uri is required'),
})

export const redirectUriRegistered = defineRule({
  id: 'redirect-uri-registered',
  summary: 'The redirect URI equals a registered one, character by character.',
  mend: 'Send one of the registered redirect_uris exactly as it is registered: same host, port, path, final slash and query. If it is a new one, register it first.',
  at: ['par', 'authorization'],
  check: ({ params: { redirect_uri: uri }, client }) =>
    uri === undefined || (isText(uri) && isRegisteredRedirectUri(uri, client))
      ? undefined
      : 'redirect_uri must be one of the registered redirect URIs',
})
