import { testTable } from './support.js'
import { transportTables } from './tables/transport.js'

transportTables.forEach(testTable)
