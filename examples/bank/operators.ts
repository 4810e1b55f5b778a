import { createHash } from 'node:crypto'
import { type DataFolder, prettyJson } from './data-folder.js'
import { hashPassword, isHash, isPassword, newPassword } from './operator-passwords.js'
import { StartError } from './start-error.js'

/** What an operator may do in the console: look, run what there is, and change it. */
export const ROLES = ['viewer', 'operator', 'admin'] as const

export type Role = (typeof ROLES)[number]

/** Somebody who may open the console. */
export interface Operator {
  readonly id: string
  readonly roles: readonly Role[]
  /** Another one as soon as the password or the roles are: what was given to the operator before does not outlive that. */
  readonly mark: string
}

/** Who may open the console, as the file said when it was read. */
export interface Operators {
  readonly ids: readonly string[]
  find(id: string): Operator | undefined
  /** The operator, if that is their password. Computes as much for somebody unknown. Throws a `BusyError`. */
  verify(id: string, password: string): Promise<Operator | undefined>
}

/** An operator as `operators.json` has one. */
interface Entry {
  readonly id: string
  readonly roles: readonly Role[]
  /** The password as `hashPassword` writes it. */
  readonly hash: string
}

/** An operator whose password the bank is about to make. */
export type NewOperator = Pick<Entry, 'id' | 'roles'>

const FILE = 'operators.json'

/** Whoever has the operator's token, as the console's audit names them: nobody else may be called that. */
export const TOKEN_OPERATOR = 'operator-token'

/** User names, our choice: what nobody mistakes for another one. */
const ID = /^[a-z0-9][a-z0-9._@-]{0,63}$/

/**
 * The operators of a data folder. Where there are none yet, `admin` is made, whose password is told this once and kept nowhere.
 * Call it when nothing can go wrong any more before the password is shown. Throws a `StartError` for a file that cannot be used.
 */
export async function loadOperators(folder: DataFolder): Promise<{ operators: Operators; firstPassword: string | undefined }> {
  const kept = readEntries(folder)
  if (kept) return { operators: await operatorsOf(kept), firstPassword: undefined }
  const firstPassword = newPassword()
  const entries: readonly Entry[] = [{ id: 'admin', roles: ['admin'], hash: await hashPassword(firstPassword) }]
  const operators = await operatorsOf(entries)
  writeEntries(folder, entries)
  return { operators, firstPassword }
}

/**
 * Adds an operator, or gives the one of that name these roles and a new password, and resolves that password, which is kept
 * nowhere. A bank that is open knows of it when it is opened again. Throws a `StartError`.
 */
export async function addOperator(folder: DataFolder, { id, roles }: NewOperator): Promise<string> {
  const problem = problemWith({ id, roles })
  if (problem) throw new StartError(`the operator cannot be added: ${problem}`)
  if (!readEntries(folder)) throw new StartError(`${folder.path} has no ${FILE} yet: open the bank once, which makes the first operator`)
  const password = newPassword()
  const entry: Entry = { id, roles: [...roles], hash: await hashPassword(password) }
  // Read again, so that nobody is lost who was added in the meantime.
  writeEntries(folder, [...(readEntries(folder) ?? []).filter((one) => one.id !== id), entry])
  return password
}

async function operatorsOf(entries: readonly Entry[]): Promise<Operators> {
  const people = new Map(
    entries.map((entry) => {
      const { id, roles, hash } = entry
      const mark = createHash('sha256')
        .update(JSON.stringify([id, [...roles].sort(), hash]))
        .digest('base64url')
      const operator: Operator = Object.freeze({ id, roles: Object.freeze([...roles]), mark })
      return [id, { operator, hash }] as const
    }),
  )
  // Compared with when nobody has that name, so that the answer takes the same time.
  const nobody = await hashPassword(newPassword())

  return Object.freeze<Operators>({
    ids: [...people.keys()],
    find: (id) => people.get(id)?.operator,
    async verify(id, password) {
      const known = people.get(id)
      const same = await isPassword(password, known?.hash ?? nobody)
      return same ? known?.operator : undefined
    },
  })
}

const writeEntries = (folder: DataFolder, operators: readonly Entry[]) => folder.writeSecret(FILE, prettyJson({ operators }))

/** The operators in the file; `undefined` when there is no file. */
function readEntries(folder: DataFolder): readonly Entry[] | undefined {
  const kept = folder.readJson(FILE)
  if (kept === undefined) return undefined
  const wrong = (problem: string) =>
    new StartError(`${FILE} in ${folder.path}: ${problem}. Mend it, or delete it and the bank makes it anew, with a new password of admin`)
  const listed: unknown = isRecord(kept) ? kept.operators : undefined
  if (!Array.isArray(listed) || listed.length === 0) throw wrong('"operators" must list at least one operator')
  const entries = listed.map((entry: unknown, index) => {
    const problem = problemWith(entry)
    if (problem) throw wrong(`operators[${index}]: ${problem}`)
    if (isEntry(entry)) return entry
    throw wrong(`operators[${index}]: "hash" must be a password as the bank writes it ($scrypt$ln=15,r=8,p=1$…)`)
  })
  const [twice] = entries.filter(({ id }, index) => entries.findIndex((one) => one.id === id) < index)
  if (twice) throw wrong(`two operators are called ${twice.id}`)
  return entries
}

/** What is wrong with the name and the roles of an operator. */
function problemWith(entry: unknown): string | undefined {
  if (!isRecord(entry)) return 'it must be an object with "id", "roles" and "hash"'
  const { id, roles } = entry
  if (typeof id !== 'string' || !ID.test(id))
    return 'the id must be 1 to 64 small letters, digits and . _ @ - and begin with a letter or digit'
  if (id === TOKEN_OPERATOR) return `the id ${TOKEN_OPERATOR} stands for the operator's token`
  const known = Array.isArray(roles) && roles.length > 0 && roles.every((role: unknown) => ROLES.some((one) => one === role))
  return known ? undefined : `the roles must be some of ${ROLES.join(', ')}, in a list`
}

/** Whether an entry that has nothing wrong with its name and roles has a password too. */
const isEntry = (entry: unknown): entry is Entry => isRecord(entry) && isHash(entry.hash)

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
