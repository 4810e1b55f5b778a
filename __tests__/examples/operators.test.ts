import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { DataFolder } from '../../examples/bank/data-folder.js'
import { BusyError, hashPassword, isHash, isPassword, newPassword } from '../../examples/bank/operator-passwords.js'
import { addOperator, loadOperators } from '../../examples/bank/operators.js'
import { pathToReturnTo } from '../../examples/bank/return-path.js'
import { StartError } from '../../examples/bank/start-error.js'
import { newFolder } from '../support/operator-desk.js'

const folders: DataFolder[] = []
let folder: DataFolder
beforeEach(() => {
  folder = newFolder()
  folders.push(folder)
})
afterAll(() => {
  for (const { path } of folders) rmSync(path, { recursive: true, force: true })
})

const modeOf = () => statSync(join(folder.path, 'operators.json')).mode & 0o777
const refusal = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'accepted',
    (cause: unknown) => cause,
  )

describe('the first start', () => {
  test('makes one administrator, whose password is told once and kept nowhere', async () => {
    const { operators, firstPassword = '' } = await loadOperators(folder)
    expect(firstPassword).toMatch(/^([0-9a-hjkmnp-tv-z]{4}-){6}[0-9a-hjkmnp-tv-z]{4}$/)
    expect(operators.ids).toEqual(['admin'])
    expect(await operators.verify('admin', firstPassword)).toEqual(expect.objectContaining({ id: 'admin', roles: ['admin'] }))
    expect(folder.read('operators.json')).not.toContain(firstPassword)
    expect(modeOf()).toBe(0o600)
  })

  test('is the first only once: then the same password holds, and none is told', async () => {
    const { firstPassword = '' } = await loadOperators(folder)
    const before = folder.read('operators.json')
    const again = await loadOperators(folder)
    expect(again.firstPassword).toBeUndefined()
    expect(await again.operators.verify('admin', firstPassword)).toMatchObject({ id: 'admin' })
    expect(folder.read('operators.json')).toBe(before)
  })

  test('makes another password in each folder', async () => {
    const passwords = new Set(Array.from({ length: 200 }, newPassword))
    expect(passwords.size).toBe(200)
  })
})

describe('an operator who is added', () => {
  test('has the roles and the password given, and nobody else loses theirs', async () => {
    const { firstPassword = '' } = await loadOperators(folder)
    const password = await addOperator(folder, { id: 'vera', roles: ['viewer'] })
    const { operators } = await loadOperators(folder)
    expect(operators.ids).toEqual(['admin', 'vera'])
    expect(await operators.verify('vera', password)).toMatchObject({ id: 'vera', roles: ['viewer'] })
    expect(await operators.verify('admin', firstPassword)).toMatchObject({ id: 'admin' })
    expect(await operators.verify('vera', firstPassword)).toBeUndefined()
    expect(folder.read('operators.json')).not.toContain(password)
    expect(modeOf()).toBe(0o600)
  })

  test('under a name that is there gets a new password and another mark', async () => {
    const { operators: before, firstPassword = '' } = await loadOperators(folder)
    const password = await addOperator(folder, { id: 'admin', roles: ['admin'] })
    const { operators } = await loadOperators(folder)
    expect(operators.ids).toEqual(['admin'])
    expect(await operators.verify('admin', firstPassword)).toBeUndefined()
    expect(await operators.verify('admin', password)).toMatchObject({ id: 'admin' })
    expect(operators.find('admin')?.mark).not.toBe(before.find('admin')?.mark)
  })

  test.each([
    ['a capital letter', { id: 'Vera', roles: ['viewer' as const] }, /small letters/],
    ['nothing', { id: '', roles: ['viewer' as const] }, /1 to 64/],
    ['65 letters', { id: 'v'.repeat(65), roles: ['viewer' as const] }, /1 to 64/],
    ['the name of the token', { id: 'operator-token', roles: ['viewer' as const] }, /stands for the operator's token/],
    ['a name without roles', { id: 'vera', roles: [] }, /viewer, operator, admin/],
  ])('is not called %s', async (_what, operator, reason) => {
    await loadOperators(folder)
    const before = folder.read('operators.json')
    const cause = await refusal(addOperator(folder, operator))
    expect(cause).toBeInstanceOf(StartError)
    expect(String(cause)).toMatch(reason)
    expect(folder.read('operators.json')).toBe(before)
  })

  test('comes after the first', async () => {
    expect(String(await refusal(addOperator(folder, { id: 'vera', roles: ['admin'] })))).toMatch(/open the bank once/)
    expect(folder.read('operators.json')).toBeUndefined()
  })
})

describe('operators.json', () => {
  const HASH = `$scrypt$ln=15,r=8,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`
  const vera = { id: 'vera', roles: ['viewer'], hash: HASH }

  test('may be written by hand', async () => {
    folder.writeSecret('operators.json', JSON.stringify({ operators: [vera, { ...vera, id: 'otto', roles: ['operator', 'viewer'] }] }))
    const { operators, firstPassword } = await loadOperators(folder)
    expect(firstPassword).toBeUndefined()
    expect(operators.ids).toEqual(['vera', 'otto'])
  })

  test.each([
    ['no JSON', '{', /not JSON/],
    ['null', 'null', /must list at least one operator/],
    ['a list', JSON.stringify([vera]), /must list at least one operator/],
    ['no operators', '{"operators":[]}', /must list at least one operator/],
    ['an operator that is a text', '{"operators":["vera"]}', /operators\[0\]: it must be an object/],
    ['a name that is no text', JSON.stringify({ operators: [{ ...vera, id: 1 }] }), /operators\[0\]: the id/],
    ['a role there is not', JSON.stringify({ operators: [vera, { ...vera, id: 'otto', roles: ['root'] }] }), /operators\[1\]: the roles/],
    ['a role that is a text', JSON.stringify({ operators: [{ ...vera, roles: 'admin' }] }), /operators\[0\]: the roles/],
    ['a password instead of a hash', JSON.stringify({ operators: [{ ...vera, hash: 'vera' }] }), /operators\[0\]: "hash"/],
    ['no hash', JSON.stringify({ operators: [{ ...vera, hash: undefined }] }), /operators\[0\]: "hash"/],
    ['one name twice', JSON.stringify({ operators: [vera, vera] }), /two operators are called vera/],
  ])('with %s is refused, and says what to do', async (_what, text, reason) => {
    folder.writeSecret('operators.json', text)
    const cause = await refusal(loadOperators(folder))
    expect(cause).toBeInstanceOf(StartError)
    expect(String(cause)).toMatch(reason)
    expect(String(cause)).toMatch(/delete it and the bank makes it anew/)
    expect(folder.read('operators.json')).toBe(text)
  })

  const weak = { ln: 13, r: 8, p: 1, salt: 'A'.repeat(22), digest: 'A'.repeat(43) }
  const phc = ({ ln, r, p, salt, digest }: typeof weak) => `$scrypt$ln=${ln},r=${r},p=${p}$${salt}$${digest}`

  test.each([
    ['that is as weak as may be', { ...weak, ln: 14 }, true],
    ['that is weaker', weak, false],
    ['that is as large as may be', { ...weak, ln: 18 }, true],
    ['that is larger', { ...weak, ln: 19 }, false],
    ['of small blocks', { ...weak, ln: 15, r: 4 }, false],
    ['of no lanes', { ...weak, ln: 15, p: 0 }, false],
    ['of many lanes', { ...weak, ln: 15, p: 5 }, false],
    ['with a short salt', { ...weak, ln: 15, salt: 'A'.repeat(21) }, false],
    ['with a short digest', { ...weak, ln: 15, digest: 'A'.repeat(42) }, false],
    ['with bits left over', { ...weak, ln: 15, digest: `${'A'.repeat(42)}B` }, false],
  ])('a hash %s', (_what, hash, good) => {
    expect(isHash(phc(hash))).toBe(good)
  })
})

describe('passwords', () => {
  test.each([
    ['as it is', 'pässword 🔑', 'pässword 🔑', true],
    ['with a space more', 'password', 'password ', false],
    ['in capitals', 'password', 'PASSWORD', false],
    ['with a NUL more', 'password', 'password\0', false],
    ['of a thousand characters', 'x'.repeat(1000), 'x'.repeat(1000), true],
    ['of more', 'x'.repeat(1001), 'x'.repeat(1001), false],
  ])('a password %s', async (_what, password, typed, same) => {
    expect(await isPassword(typed, await hashPassword(password))).toBe(same)
  })

  test('are hashed with a salt of their own', async () => {
    expect(await hashPassword('password')).not.toBe(await hashPassword('password'))
  })

  test('are hashed a few at a time, and who comes when many wait is sent away', async () => {
    const results = await Promise.allSettled(Array.from({ length: 40 }, () => hashPassword('password')))
    const refused = results.filter((result) => result.status === 'rejected')
    expect(refused).toHaveLength(40 - 2 - 32)
    expect(refused.every(({ reason }) => reason instanceof BusyError)).toBe(true)
    expect(await isPassword('password', await hashPassword('password'))).toBe(true)
  })
})

describe('after the sign-in', () => {
  test.each([
    '/console',
    '/console/',
    '/console/applications',
    '/console/applications/client-1?tab=keys&page=2',
    '/console/verdicts?client=https%3A%2F%2Ftpp.example&rule=pkce-s256',
    '/console?x=1',
    '/console/a.b',
    `/console/${'a'.repeat(1991)}`,
  ])('%.60s is gone to', (path) => {
    expect(pathToReturnTo(path)).toBe(path)
  })

  test.each([
    ['another site', 'https://evil.example/console/'],
    ['another site of the same scheme', '//evil.example/console/'],
    ['another site, with a backslash', '/\\evil.example'],
    ['another site, with two', '\\\\evil.example'],
    ['a name that only begins so', '/console.evil.example'],
    ['a name that only begins so, as a user', '/console@evil.example'],
    ['another page of the bank', '/auth'],
    ['the bank', '/'],
    ['no path', 'console/'],
    ['another path that begins so', '/consoles'],
    ['dots', '/console/../auth'],
    ['dots at the end', '/console/..'],
    ['a dot', '/console/./applications'],
    ['encoded dots', '/console/%2e%2e/auth'],
    ['dots, one of them encoded', '/console/.%2E/auth'],
    ['dots, encoded twice', '/console/%252e%252e/auth'],
    ['an encoded slash', '/console/%2f%2fevil.example'],
    ['an encoded backslash', '/console/%5cevil.example'],
    ['a backslash', '/console/\\evil.example'],
    ['two slashes', '/console//evil.example'],
    ['an encoded beginning', '%2Fconsole/'],
    ['an encoded letter', '/%63onsole/'],
    ['a line break', '/console/\r\nset-cookie: a=b'],
    ['an encoded line break', '/console/%0d%0aset-cookie:%20a=b'],
    ['an encoded line break in the query', '/console/?a=%0D%0Aset-cookie:%20a=b'],
    ['a tab', '/\tconsole/'],
    ['a NUL', '/console/\0'],
    ['a space', '/console/ '],
    ['a space in front', ' /console/'],
    ['a fragment', '/console/#//evil.example'],
    ['a script', 'javascript:alert(1)//console/'],
    ['letters that look alike', '/cоnsole/'],
    ['a slash that looks alike', '/console/／evil.example'],
    ['capitals', '/CONSOLE/'],
    ['the sign-in', '/console/sign-in'],
    ['the sign-in, with a query', '/console/sign-in?return_to=/console/'],
    ['the sign-out', '/console/Sign-Out'],
    ['an address too long', `/console/${'a'.repeat(1992)}`],
    ['nothing', ''],
    ['no text', undefined],
    ['a list', ['/console/applications']],
    ['an object', { toString: () => '/console/applications' }],
  ])('%s is not', (_what, asked) => {
    expect(pathToReturnTo(asked)).toBe('/console/')
  })
})
