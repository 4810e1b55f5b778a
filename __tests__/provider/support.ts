import { generateKeyPairSync, type JsonWebKey } from 'node:crypto'
import type { JWKS } from 'oidc-provider'

const rsa = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength }).privateKey.export({ format: 'jwk' })
const keySet = (...keys: JsonWebKey[]) => ({ keys }) as unknown as JWKS

/** Server keys: good ones, an RSA key too short, and one for RS256 only. */
export function makeKeys() {
  const good = { ...rsa(2048), kid: 'rsa', use: 'sig' }
  const ec = { ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }), kid: 'ec', use: 'sig' }
  return { jwks: keySet(good, ec), weakRsa: keySet({ ...rsa(1024), kid: 'weak' }), onlyRs256: keySet({ ...good, alg: 'RS256' }) }
}
