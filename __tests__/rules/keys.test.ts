import { testTable } from './support.js'
import { keyTables } from './tables/keys.js'

keyTables.forEach(testTable)
