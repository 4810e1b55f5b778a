import { testTable } from './support.js'
import { serverTables } from './tables/server.js'

serverTables.forEach(testTable)
