import { readFileSync } from 'node:fs'
import { coveragePage } from '../../scripts/coverage.js'

test('docs/coverage.md is what npm run docs would write', () => {
  expect(readFileSync('docs/coverage.md', 'utf8')).toBe(coveragePage())
})
