import { testTable } from './support.js'
import { authorizationRequestTables } from './tables/authorization-requests.js'

authorizationRequestTables.forEach(testTable)
