import { openApi } from '../../lib/console/open-api.js'
import { operations } from '../../lib/console/operations/index.js'
import { ROLES } from '../../lib/console/roles.js'

/* The document that scripts are written by says what there is, and nothing else. */

const document = openApi(operations, 'https://bank.example/console/api', { issuer: 'https://bank.example' })
const paths = Object.entries({ ...(document.paths as Record<string, Record<string, Described>>) })

interface Described {
  readonly operationId: string
  readonly summary: string
  readonly description: string
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly required: boolean }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: object }>> }
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: object }>>
}

const described = paths.flatMap(([path, item]) => Object.entries(item).map(([method, one]) => ({ path, method, one })))

test('it is OpenAPI 3.1, at the address of the API', () => {
  expect(document).toMatchObject({ openapi: '3.1.0', servers: [{ url: 'https://bank.example/console/api' }] })
  expect(JSON.parse(JSON.stringify(document))).toEqual(document)
})

test('each operation stands in it once', () => {
  expect(described.map(({ one }) => one.operationId).sort()).toEqual(operations.map(({ name }) => name).sort())
  expect(new Set(operations.map(({ name }) => name)).size).toBe(operations.length)
  expect(new Set(operations.map(({ method, path }) => `${method} ${path}`)).size).toBe(operations.length)
})

test.each(operations)('$name says its role, its parameters, its body and its answers', (operation) => {
  const found = described.find(({ one }) => one.operationId === operation.name)
  expect(found).toMatchObject({ path: operation.path, method: operation.method.toLowerCase() })
  expect(ROLES).toContain(operation.role)
  const { one } = found ?? described[0] ?? { one: undefined }
  expect(one?.description).toBe(`Role: ${operation.role}.`)
  expect(one?.summary).toMatch(/^[A-Z].*\.$/)
  const inPath = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
  expect(one?.parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name)).toEqual(inPath)
  expect(one?.parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name)).toEqual(
    Object.keys(operation.parameters ?? {}),
  )
  expect(Boolean(one?.requestBody)).toBe(operation.body !== undefined)
  expect(Object.keys(one?.responses ?? {}).sort()).toEqual([String(operation.status ?? 200), '400', '401', '403', '503'].sort())
})

test('who only reads is called to change nothing, and the other way round', () => {
  expect(operations.filter(({ method, body }) => method === 'GET' && body !== undefined)).toEqual([])
  const readers = operations.filter(({ method, role }) => method !== 'GET' && role === 'viewer').map(({ name }) => name)
  // They answer a question that does not fit into an address.
  expect(readers.sort()).toEqual(['considerApplication', 'readCertificate'])
})
