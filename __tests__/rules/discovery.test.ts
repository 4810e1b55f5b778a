import { testTable } from './support.js'
import { discoveryTables } from './tables/discovery.js'

discoveryTables.forEach(testTable)
