import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { ecosystems } from 'express-fapi'
import { WAYS } from '../../examples/tpp/ecosystems.js'
import { stepsIn, walkRegistration } from '../../examples/tpp/registration-walk.js'
import type { Row } from '../../examples/tpp/table.js'

const dataDir = mkdtempSync(join(tmpdir(), 'registration-'))
afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

test('a third party registers in every ecosystem there is', () => {
  expect(WAYS.map(({ name }) => name)).toEqual(ecosystems.map(({ name }) => name))
})

describe.each(WAYS.map((ways) => [ways.name, ways] as const))('%s: the third party', (_name, ways) => {
  let rows: readonly Row[]
  beforeAll(async () => {
    rows = await walkRegistration(ways, dataDir)
  })

  test.each(stepsIn(ways).map(({ title }) => title))('%s', (title) => {
    expect(rows.filter(({ step }) => step === title)).toEqual([expect.objectContaining({ ok: true, outcome: expect.any(String) })])
  })
})

test('a step that goes wrong is told, and so is every one that needs it', async () => {
  const [ways] = WAYS.filter(({ name }) => name === 'br-openfinance')
  if (!ways) throw new Error('nobody registers in Brazil')
  const rows = await walkRegistration(
    { ...ways, metadata: (software) => ({ ...ways.metadata(software), redirect_uris: undefined }) },
    dataDir,
  )
  const registers = rows.findIndex(({ step }) => step.startsWith('registers'))
  expect(rows[registers]).toMatchObject({ ok: false, outcome: expect.stringContaining('redirect_uris is required') })
  const after = rows.slice(registers + 1).filter(({ step }) => !/second registration|statement that was used/.test(step))
  expect(after.length).toBeGreaterThan(8)
  expect(after.filter(({ ok }) => ok)).toEqual([])
})
