import { urlOf } from '../core/claims.js'
import { ConfigurationError, type ConfigurationFault } from '../core/errors.js'
import { type Authorities, readAuthorities } from './authorities.js'
import { type CrlFiles, openCrlFiles } from './crl-files.js'
import { isAskable } from './ocsp.js'

/** What was made of the options. */
export interface Settings {
  readonly authorities: Authorities
  readonly files: CrlFiles | undefined
}

/** Seconds a responder may be waited for at most, our choice. */
const PATIENCE = 30

/** Reads the options of `trust`. Throws a `ConfigurationError` that lists everything wrong with them. */
export function readSettings({ certificate, ca, intermediates = [], revocation, record }: Readonly<Record<string, unknown>>): Settings {
  const faults: ConfigurationFault[] = []
  insist(faults, typeof certificate === 'function', 'certificate', certificate, 'must be a certificate source, such as fromTls()')
  insist(faults, record === undefined || typeof record === 'function', 'record', record, 'must be a function, or left out')
  const anchors = readAuthorities('ca', ca)
  const known = readAuthorities('intermediates', intermediates)
  faults.push(...anchors.faults, ...known.faults)
  if (anchors.links.length === 0 && anchors.faults.length === 0)
    faults.push({ option: 'ca', got: ca, allowed: 'must hold the certificate of at least one authority' })
  const files = revocation === undefined ? undefined : readRevocation(faults, revocation)
  if (faults.length) throw new ConfigurationError(faults)
  return Object.freeze<Settings>({ authorities: { anchors: anchors.links, intermediates: known.links }, files })
}

function insist(faults: ConfigurationFault[], holds: boolean, option: string, got: unknown, allowed: string): void {
  if (!holds) faults.push({ option, got, allowed })
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isListOf = <T>(value: unknown, is: (item: unknown) => item is T): value is readonly T[] =>
  Array.isArray(value) && value.length > 0 && value.every(is)

function readRevocation(faults: ConfigurationFault[], revocation: unknown): CrlFiles | undefined {
  const option = 'revocation'
  if (!isObject(revocation)) {
    faults.push({ option, got: revocation, allowed: 'must say crl or ocsp, and whenUnknown; leave it out to ask nobody' })
    return undefined
  }
  const { crl, ocsp, whenUnknown } = revocation
  const decided = whenUnknown === 'refuse' || whenUnknown === 'accept'
  insist(faults, decided, `${option}.whenUnknown`, whenUnknown, "must be 'refuse' or 'accept'")
  insist(faults, crl !== undefined || ocsp !== undefined, option, revocation, 'must say where to learn of revocations: crl, ocsp or both')
  if (ocsp !== undefined) readOcsp(faults, `${option}.ocsp`, ocsp)
  if (crl === undefined) return undefined
  const files = isObject(crl) ? crl.files : undefined
  if (isListOf(files, isText)) return openCrlFiles(files, faults)
  faults.push({ option: `${option}.crl.files`, got: files, allowed: 'must list the paths of CRL files, at least one' })
  return undefined
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

function readOcsp(faults: ConfigurationFault[], option: string, ocsp: unknown): void {
  if (!isObject(ocsp)) {
    faults.push({ option, got: ocsp, allowed: 'must name a responder, or hosts that may be asked' })
    return
  }
  const { responder, hosts, timeout = 2 } = ocsp
  const url = urlOf(responder)
  const allowed = 'must be the http or https URL of a responder, without user and password'
  insist(faults, responder === undefined || (url !== undefined && isAskable(url)), `${option}.responder`, responder, allowed)
  insist(faults, hosts === undefined || isListOf(hosts, isHost), `${option}.hosts`, hosts, 'must list hosts, such as ocsp.ca.example')
  const one = (responder === undefined) !== (hosts === undefined)
  insist(faults, one, option, ocsp, 'must have either a responder that is asked about all, or hosts that certificates may name')
  const soon = typeof timeout === 'number' && timeout > 0 && timeout <= PATIENCE
  insist(faults, soon, `${option}.timeout`, timeout, `must be seconds, more than 0 and at most ${PATIENCE}`)
}

/** A host as it stands in a URL, with a port where it is not the usual one. A pattern is none. */
const isHost = (value: unknown): value is string =>
  isText(value) && !value.includes('*') && ['http', 'https'].every((scheme) => urlOf(`${scheme}://${value}`)?.host === value.toLowerCase())
