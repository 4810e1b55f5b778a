import { testTable } from './support.js'
import { clientTables } from './tables/clients.js'

clientTables.forEach(testTable)
