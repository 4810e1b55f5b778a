import { testTable } from './support.js'
import { requestObjectTables } from './tables/request-objects.js'

requestObjectTables.forEach(testTable)
