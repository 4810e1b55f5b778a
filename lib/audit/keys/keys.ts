import type { DistinguishedName } from '../../core/distinguished-name.js'
import { DistinguishedNameError, parseDistinguishedName } from '../../core/parse-distinguished-name.js'
import { CommandError } from '../command-error.js'
import { type Given, valueGiven } from '../command-line.js'
import { nearestName } from '../nearest-name.js'
import type { ExitCode, Surroundings } from '../surroundings.js'
import { counted, prettyJson } from '../told.js'
import { type FreshFile, writeFresh } from './fresh-files.js'
import { KEY_ALGORITHMS, type KeyAlgorithm, type MadeCertificate, type MadeKey, makeCertificate, makeKey } from './made-keys.js'

/** The files that keys are kept in. */
export const KEY_FILES = {
  private: 'private.jwks.json',
  public: 'public.jwks.json',
  certificate: 'certificate.pem',
  certificateKey: 'certificate.key',
} as const

/** Makes keys, writes them where nothing is yet, and says what to register where. */
export async function keysCommand(_target: string, flags: Given, { say }: Surroundings): Promise<ExitCode> {
  const algorithms = algorithmsOf(flags)
  const kid = kidOf(flags, algorithms)
  const subject = subjectOf(flags)
  const days = daysOf(flags)
  const keys = await Promise.all(algorithms.map((alg) => makeKey(alg, kid)))
  const certificate = subject && (await makeCertificate(subject, days))
  const files = filesOf(keys, certificate)
  const paths = writeFresh(valueGiven(flags, 'out') ?? '.', files)
  const written = files.map(({ secret }, index) => `  ${paths[index]}  ${secret ? 'private: for the client alone' : 'public'}\n`)
  await say(`Written, ${counted(keys.length, 'key')}${certificate ? ' and a certificate' : ''}:\n${written.join('')}\n`)
  await say(registering(algorithms, keys, certificate, days))
  return 0
}

function algorithmsOf(flags: Given): readonly KeyAlgorithm[] {
  const use = valueGiven(flags, 'use')
  if (use !== undefined && use !== 'sig' && use !== 'enc')
    throw new CommandError(`--use is ${use}: give sig for signatures or enc for encryption`)
  const fitting = Object.keys(KEY_ALGORITHMS).filter(isAlgorithm)
  const given = flags.alg ?? (use === 'enc' ? ['RSA-OAEP-256'] : ['PS256'])
  const known = given.filter(isAlgorithm)
  const wrong = given.find((alg) => !isAlgorithm(alg))
  if (wrong !== undefined) {
    const meant = nearestName(wrong, fitting)
    throw new CommandError(`--alg is ${wrong}: ${meant ? `did you mean ${meant}? There are` : 'give one of'} ${fitting.join(', ')}`)
  }
  const other = known.find((alg) => use !== undefined && KEY_ALGORITHMS[alg].use !== use)
  if (other) {
    const right = fitting.filter((alg) => KEY_ALGORITHMS[alg].use === use)
    throw new CommandError(`--alg ${other} is not for --use ${use}: give ${right.join(', ')}, or leave --use out`)
  }
  const twice = known.find((alg, index) => known.indexOf(alg) !== index)
  if (twice) throw new CommandError(`--alg ${twice} is given twice: give each algorithm once`)
  return known
}

const isAlgorithm = (alg: string): alg is KeyAlgorithm => Object.hasOwn(KEY_ALGORITHMS, alg)

function kidOf(flags: Given, algorithms: readonly string[]): string | undefined {
  const kid = valueGiven(flags, 'kid')
  if (kid === undefined) return undefined
  if (algorithms.length > 1) throw new CommandError('--kid names one key, and there are several --alg: leave --kid out, or give one --alg')
  // Our choice: what every implementation takes, and nothing that hides.
  if (!/^[\x21-\x7e]{1,200}$/.test(kid)) throw new CommandError('--kid must be 1 to 200 visible ASCII characters without spaces')
  return kid
}

function subjectOf(flags: Given): DistinguishedName | undefined {
  const name = valueGiven(flags, 'certificate')
  if (name === undefined) return undefined
  try {
    return parseDistinguishedName(name)
  } catch (cause) {
    if (!(cause instanceof DistinguishedNameError)) throw cause
    throw new CommandError(`--certificate is ${name}: ${cause.message}. Give a name such as CN=client,O=Example,C=GB`)
  }
}

/** Ten years, our choice, at the most. */
const MOST_DAYS = 3650

function daysOf(flags: Given): number {
  const given = valueGiven(flags, 'days')
  if (given === undefined) return 365
  if (flags.certificate === undefined) throw new CommandError('--days is for a certificate: give --certificate with it, or leave it out')
  const days = /^\d{1,4}$/.test(given) ? Number(given) : 0
  if (days < 1 || days > MOST_DAYS) throw new CommandError(`--days is ${given}: give a whole number from 1 to ${MOST_DAYS}`)
  return days
}

const filesOf = (keys: readonly MadeKey[], certificate: MadeCertificate | undefined): readonly FreshFile[] => [
  { name: KEY_FILES.private, text: prettyJson({ keys: keys.map(({ privateJwk }) => privateJwk) }), secret: true },
  {
    name: KEY_FILES.public,
    text: prettyJson({ keys: [...keys.map(({ publicJwk }) => publicJwk), ...(certificate ? [certificate.publicJwk] : [])] }),
    secret: false,
  },
  ...(certificate
    ? [
        { name: KEY_FILES.certificate, text: certificate.certificate, secret: false },
        { name: KEY_FILES.certificateKey, text: certificate.key, secret: true },
      ]
    : []),
]

function registering(
  algorithms: readonly KeyAlgorithm[],
  keys: readonly MadeKey[],
  certificate: MadeCertificate | undefined,
  days: number,
): string {
  const signing = algorithms.filter((alg) => KEY_ALGORITHMS[alg].use === 'sig')
  const encryption = algorithms.filter((alg) => KEY_ALGORITHMS[alg].use === 'enc')
  const lines = [
    `jwks: the content of ${KEY_FILES.public}; or publish it at an https URL and register that as jwks_uri.`,
    ...(signing.length > 0
      ? [`With a key that signs: token_endpoint_auth_method private_key_jwt, token_endpoint_auth_signing_alg ${signing.join(' or ')}.`]
      : []),
    ...(signing.some((alg) => alg.startsWith('Ed')) ? ['EdDSA and Ed25519 are for FAPI 2.0: FAPI 1.0 knows PS256 and ES256 only.'] : []),
    ...(encryption.length > 0
      ? [`With a key for encryption: id_token_encrypted_response_alg ${encryption.join(' or ')}, where ID tokens are to be encrypted.`]
      : []),
    ...(certificate
      ? [
          `With the certificate, which is valid for ${counted(days, 'day')}: token_endpoint_auth_method self_signed_tls_client_auth, or`,
          '  tls_client_certificate_bound_access_tokens true beside private_key_jwt. Its key is in the jwks, with x5c.',
        ]
      : []),
  ]
  const kids = keys.map(({ kid }, index) => `  ${algorithms[index]}  kid ${kid}\n`).join('')
  return `Keys:\n${kids}\nRegister for the client:\n${lines.map((line) => `  ${line}\n`).join('')}`
}
