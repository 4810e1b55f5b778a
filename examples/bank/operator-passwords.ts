import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

/** A password as it is kept: scrypt (RFC 7914), with what it was made with. */
interface Hash {
  /** log2 of scrypt's N. */
  readonly cost: number
  readonly blockSize: number
  readonly parallelism: number
  readonly salt: Buffer
  readonly digest: Buffer
}

/** 32 MiB and about a tenth of a second, our choice: the passwords are random, so a hash has little to make up for. */
const COST = { cost: 15, blockSize: 8, parallelism: 1 } as const
/** Bytes of memory that a hash in the file may ask for at the most, our choice. */
const MOST_MEMORY = 256 * 1024 * 1024
/** At a time, our choice: the threads of the process do other work as well. */
const AT_ONCE = 2
/** Our choice: who comes when so many wait is told to come back. */
const WAITING = 32

/** The longest password that is looked at, in characters: our choice. */
export const LONGEST_PASSWORD = 1000

/** More passwords wait to be checked than will be soon. */
export class BusyError extends Error {
  override readonly name = 'BusyError'
}

/** Letters and digits that nobody takes for one another (Crockford's base32): five bits each. */
const LETTERS = '0123456789abcdefghjkmnpqrstvwxyz'

/** A random password of 140 bits, in groups of four for people to read and to type. */
export const newPassword = (): string =>
  [...randomBytes(28)].map((byte, index) => (index > 0 && index % 4 === 0 ? '-' : '') + LETTERS[byte % LETTERS.length]).join('')

/** What is kept of a password, as a PHC string: `$scrypt$ln=15,r=8,p=1$<salt>$<digest>`. Throws a `BusyError`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  return written({ ...COST, salt, digest: await derive(password, { ...COST, salt, length: 32 }) })
}

/** Whether what is kept is a hash that this bank can check, and neither weaker than it may be nor too large to compute. */
export const isHash = (text: unknown): text is string => typeof text === 'string' && read(text) !== undefined

/** Whether a password is the one that was hashed. Throws a `BusyError`. */
export async function isPassword(password: string, kept: string): Promise<boolean> {
  const hash = read(kept)
  // HMAC, which scrypt begins with, takes NULs at the end of a password for none.
  if (!hash || password.length > LONGEST_PASSWORD || password.includes('\0')) return false
  return timingSafeEqual(await derive(password, { ...hash, length: hash.digest.length }), hash.digest)
}

const PHC = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{22,86})\$([A-Za-z0-9+/]{43,86})$/

function read(text: string): Hash | undefined {
  const [, cost = '', blockSize = '', parallelism = '', salt = '', digest = ''] = PHC.exec(text) ?? []
  const hash = {
    ...{ cost: Number(cost), blockSize: Number(blockSize), parallelism: Number(parallelism) },
    ...{ salt: Buffer.from(salt, 'base64'), digest: Buffer.from(digest, 'base64') },
  }
  const sound = hash.cost >= 14 && hash.blockSize >= 8 && hash.parallelism >= 1 && hash.parallelism <= 4 && memoryOf(hash) <= MOST_MEMORY
  // Written otherwise, one hash could stand there in two ways.
  return sound && written(hash) === text ? hash : undefined
}

const written = ({ cost, blockSize, parallelism, salt, digest }: Hash) =>
  `$scrypt$ln=${cost},r=${blockSize},p=${parallelism}$${plain(salt)}$${plain(digest)}`

const plain = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '')

const memoryOf = ({ cost, blockSize }: Pick<Hash, 'cost' | 'blockSize'>) => 128 * 2 ** cost * blockSize

interface Derivation extends Omit<Hash, 'digest'> {
  readonly length: number
}

const derive = (password: string, { cost, blockSize, parallelism, salt, length }: Derivation): Promise<Buffer> =>
  inTurn(
    () =>
      new Promise((resolve, reject) => {
        const options = { N: 2 ** cost, r: blockSize, p: parallelism, maxmem: 2 * memoryOf({ cost, blockSize }) }
        scrypt(password, salt, length, options, (error, key) => (error ? reject(error) : resolve(key)))
      }),
  )

const waiting: (() => void)[] = []
let running = 0

/** Lets few hashes be computed at a time, in the order they came. */
async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running < AT_ONCE) running++
  else if (waiting.length >= WAITING) throw new BusyError('too many passwords wait to be checked')
  // Whoever is done hands the turn on.
  else await new Promise<void>((resolve) => void waiting.push(resolve))
  try {
    return await work()
  } finally {
    const next = waiting.shift()
    if (next) next()
    else running--
  }
}
