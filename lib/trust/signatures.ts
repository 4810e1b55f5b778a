import { createPublicKey, verify } from 'node:crypto'
import { type AlgorithmIdentifier, CryptoEngine, type ICryptoEngine, RSASSAPSSParams } from 'pkijs'

const RSA_PSS = '1.2.840.113549.1.1.10'
const SHA_1 = '1.3.14.3.2.26'
const EDDSA = new Set(['1.3.101.112', '1.3.101.113'])
/** RSA and ECDSA with SHA-256, SHA-384 and SHA-512. RSA with PSS says its hash function in its parameters. */
const STRONG = new Set([
  '1.2.840.113549.1.1.11',
  '1.2.840.113549.1.1.12',
  '1.2.840.113549.1.1.13',
  '1.2.840.10045.4.3.2',
  '1.2.840.10045.4.3.3',
  '1.2.840.10045.4.3.4',
  ...EDDSA,
])
const STRONG_HASHES = new Set(['2.16.840.1.101.3.4.2.1', '2.16.840.1.101.3.4.2.2', '2.16.840.1.101.3.4.2.3'])
const KNOWN_WEAK: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.2': 'MD2',
  '1.2.840.113549.1.1.4': 'MD5',
  '1.2.840.113549.1.1.5': 'SHA-1',
  '1.2.840.10045.4.1': 'SHA-1',
  [SHA_1]: 'SHA-1',
  '1.3.14.3.2.29': 'SHA-1',
}

/** Why a signature made so proves nothing; the library verifies SHA-1 as it does SHA-256. */
export function weakSignature(algorithm: AlgorithmIdentifier): string | undefined {
  const isPss = algorithm.algorithmId === RSA_PSS
  const id = isPss ? pssHash(algorithm) : algorithm.algorithmId
  return (isPss ? STRONG_HASHES : STRONG).has(id)
    ? undefined
    : `signed with ${KNOWN_WEAK[id] ?? `the algorithm ${id}`}, which is not accepted`
}

/** SHA-1 is what the parameters mean when they do not say (RFC 4055 §3.1). */
const pssHash = ({ algorithmParams }: AlgorithmIdentifier): string =>
  algorithmParams ? new RSASSAPSSParams({ schema: algorithmParams }).hashAlgorithm.algorithmId : SHA_1

/** What pkijs verifies signatures with: Web Crypto, told to take strong algorithms only, and Ed25519 and Ed448, which pkijs does not know. */
export const engine: ICryptoEngine = strict(new CryptoEngine({ name: 'node', crypto: globalThis.crypto }))

function strict(engine: CryptoEngine): ICryptoEngine {
  const verifyWithPublicKey: ICryptoEngine['verifyWithPublicKey'] = async (data, signature, key, algorithm, hash) => {
    const weak = weakSignature(algorithm)
    if (weak) throw new Error(weak)
    if (!EDDSA.has(algorithm.algorithmId))
      return CryptoEngine.prototype.verifyWithPublicKey.call(engine, data, signature, key, algorithm, hash)
    const spki = Buffer.from(key.toSchema().toBER())
    return verify(
      null,
      new Uint8Array(data as Uint8Array),
      createPublicKey({ key: spki, format: 'der', type: 'spki' }),
      signature.valueBlock.valueHexView,
    )
  }
  return Object.assign(engine, { verifyWithPublicKey })
}
