import { testTable } from './support.js'
import { cryptographyTables } from './tables/cryptography.js'

cryptographyTables.forEach(testTable)
