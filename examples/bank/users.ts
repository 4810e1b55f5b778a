import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

export interface Account {
  readonly id: string
  readonly name: string
  readonly iban: string
  readonly currency: string
  /** A decimal number as text: money is not for floating point. */
  readonly balance: string
}

export interface User {
  readonly login: string
  readonly given_name: string
  readonly family_name: string
  readonly accounts: readonly Account[]
}

/** The people who bank here. */
export interface Users {
  readonly logins: readonly string[]
  find(login: string): User | undefined
  /** The user, if that is their password. Takes as long for somebody unknown. */
  verify(login: string, password: string): Promise<User | undefined>
}

/** Development users: each one's password is their login. */
const PEOPLE: readonly User[] = [
  {
    login: 'alice',
    given_name: 'Alice',
    family_name: 'Archer',
    accounts: [
      { id: 'acc-1001', name: 'Current account', iban: 'GB21 EXBK 2020 1555 5510 01', currency: 'GBP', balance: '2480.15' },
      { id: 'acc-1002', name: 'Rainy day savings', iban: 'GB91 EXBK 2020 1555 5510 02', currency: 'GBP', balance: '12900.00' },
      { id: 'acc-1003', name: 'Euro travel account', iban: 'GB64 EXBK 2020 1555 5510 03', currency: 'EUR', balance: '315.40' },
    ],
  },
  {
    login: 'bob',
    given_name: 'Bob',
    family_name: 'Brook',
    accounts: [
      { id: 'acc-2001', name: 'Current account', iban: 'GB84 EXBK 2020 1555 5520 01', currency: 'GBP', balance: '845.90' },
      { id: 'acc-2002', name: 'Joint household account', iban: 'GB57 EXBK 2020 1555 5520 02', currency: 'GBP', balance: '3120.77' },
    ],
  },
]

const derive = promisify<string, Buffer, number, Buffer>(scrypt)

/** The seeded users, their passwords hashed with scrypt. */
export async function seedUsers(): Promise<Users> {
  const hashes = new Map(await Promise.all(PEOPLE.map(async (user) => [user.login, await hash(user.login)] as const)))
  // Compared with when nobody has that login, so that the answer takes the same time.
  const nobody = await hash(randomBytes(32).toString('base64url'))
  const people = new Map(PEOPLE.map((user) => [user.login, user]))

  return Object.freeze<Users>({
    logins: [...people.keys()],
    find: (login) => people.get(login),
    async verify(login, password) {
      const { salt, digest } = hashes.get(login) ?? nobody
      const same = timingSafeEqual(await derive(password, salt, digest.length), digest)
      return same ? people.get(login) : undefined
    },
  })
}

async function hash(password: string): Promise<{ salt: Buffer; digest: Buffer }> {
  const salt = randomBytes(16)
  return { salt, digest: await derive(password, salt, 32) }
}
