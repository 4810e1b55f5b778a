import type { RegistrationTerms } from '../registration/registration.js'
import type { Operation, Schema } from './operation.js'
import { TOKEN_HEADER } from './request-guard.js'

const ERROR: Schema = {
  type: 'object',
  required: ['error', 'error_description'],
  properties: {
    error: { type: 'string' },
    error_description: { type: 'string' },
    faults: { type: 'array', items: { type: 'string' }, description: 'Each thing that is wrong, where there are several.' },
  },
}

/** What may come of any operation but what it is there for. */
const REFUSALS: Readonly<Record<string, string>> = {
  400: 'What was sent is wrong; the description says what would be right.',
  401: 'Nobody is signed in.',
  403: 'The role is missing, or the request came from a page of another site.',
  503: 'It cannot be answered right now.',
}

/** The OpenAPI 3.1 document of the operations. */
export function openApi(operations: readonly Operation[], url: string, { issuer }: Pick<RegistrationTerms, 'issuer'>): Schema {
  const paths: Record<string, Record<string, Schema>> = {}
  for (const operation of operations) {
    const item = paths[operation.path] ?? {}
    item[operation.method.toLowerCase()] = pathItem(operation)
    paths[operation.path] = item
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'FAPI console',
      version: '1',
      description: `What the console of ${issuer} can be asked. Each operation names the role it needs. A script that sends its credentials in Authorization needs no ${TOKEN_HEADER}; a page does.`,
    },
    servers: [{ url }],
    paths,
    components: { schemas: { Error: ERROR } },
  }
}

function pathItem({ name, path, role, summary, parameters = {}, body, status, answer }: Operation): Schema {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, part = '']) => ({
    name: part,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
  const inQuery = Object.entries(parameters).map(([part, { description, schema = { type: 'string' } }]) => ({
    ...{ name: part, in: 'query', required: false, description, schema },
  }))
  const refusal = (description: string) => ({
    description,
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
  })
  return {
    operationId: name,
    summary,
    description: `Role: ${role}.`,
    parameters: [...inPath, ...inQuery],
    ...(body && { requestBody: { required: true, content: { 'application/json': { schema: body } } } }),
    responses: {
      [status ?? 200]: { description: answer, ...(status !== 204 && { content: { 'application/json': { schema: {} } } }) },
      ...Object.fromEntries(Object.entries(REFUSALS).map(([code, description]) => [code, refusal(description)])),
    },
  }
}
