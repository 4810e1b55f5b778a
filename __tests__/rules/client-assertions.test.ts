import { testTable } from './support.js'
import { clientAssertionTables } from './tables/client-assertions.js'

clientAssertionTables.forEach(testTable)
