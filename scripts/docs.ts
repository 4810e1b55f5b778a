import { writeFileSync } from 'node:fs'
import { coveragePage } from './coverage.js'

writeFileSync('docs/coverage.md', coveragePage())
