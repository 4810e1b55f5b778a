import { testTable } from './support.js'
import { redirectUriTables } from './tables/redirect-uris.js'

redirectUriTables.forEach(testTable)
