import express, { type ErrorRequestHandler } from 'express'
import request from 'supertest'
import { interactionId } from '../../lib/express/interaction-id.js'

const HEADER = 'x-fapi-interaction-id'
const SENT = 'c770aef3-6784-41f7-8e0e-ff5f97bddb3a'
const FRESH = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

const onError: ErrorRequestHandler = (_error, _req, res, _next) => void res.status(503).json({ error: 'down' })

const app = express()
  .use(interactionId())
  .get('/', (req, res) => void res.json({ logged: req.headers[HEADER] }))
  .get('/throws', () => {
    throw new Error('unforeseen')
  })
  .get('/handled', (_req, _res, next) => next(new Error('foreseen')))
  .use('/handled', onError)
  .get('/empty', (_req, res) => void res.status(204).end())
// Express logs what nobody handles unless it is told that this is a test.
app.set('env', 'test')

describe('an interaction id that was sent', () => {
  test.each([
    ['of version 4', SENT],
    ['of version 1', '2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d'],
    ['of version 7', '01890a5d-ac96-774b-bcce-b302099a8057'],
    ['in capitals', SENT.toUpperCase()],
  ])('%s is echoed as it is, and can be logged', async (_what, id) => {
    const { headers, body } = await request(app).get('/').set(HEADER, id)
    expect([headers[HEADER], body.logged]).toEqual([id, id])
  })

  test.each([
    ['nothing', ''],
    ['a word', 'abc'],
    ['a UUID and more', `${SENT}x`],
    ['a UUID in braces', `{${SENT}}`],
    ['a UUID without dashes', SENT.replaceAll('-', '')],
    ['no hexadecimal digits', SENT.replace('c', 'g')],
    ['the nil UUID', '00000000-0000-0000-0000-000000000000'],
    ['another variant', '2c5ea4c0-4067-11e9-0bad-9b1deb4d3b7d'],
    ['two UUIDs', `${SENT}, ${SENT}`],
    ['markup', '<script>alert(1)</script>'],
    ['a very long one', 'a'.repeat(4000)],
  ])('that is %s is replaced by a fresh UUID', async (_what, id) => {
    const { headers, body } = await request(app).get('/').set(HEADER, id)
    expect(headers[HEADER]).toMatch(FRESH)
    expect(body.logged).toBe(headers[HEADER])
  })
})

describe('without one', () => {
  test('every request gets one of its own', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => request(app).get('/')))
    const ids = answers.map(({ headers }) => headers[HEADER])
    expect(new Set(ids).size).toBe(3)
    for (const id of ids) expect(id).toMatch(FRESH)
  })
})

describe('the header is on', () => {
  test.each([
    ['an answer without a body', '/empty', 204],
    ['a page that is not there', '/nowhere', 404],
    ['an error nobody handles', '/throws', 500],
    ['an error somebody handles', '/handled', 503],
  ])('%s', async (_what, path, status) => {
    const response = await request(app).get(path).set(HEADER, SENT)
    expect([response.status, response.headers[HEADER]]).toEqual([status, SENT])
  })

  test('the handler has a name for stack traces', () => {
    expect(interactionId().name).toBe('fapiInteractionId')
  })
})
