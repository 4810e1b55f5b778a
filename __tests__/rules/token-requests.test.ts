import { testTable } from './support.js'
import { tokenRequestTables } from './tables/token-requests.js'

tokenRequestTables.forEach(testTable)
