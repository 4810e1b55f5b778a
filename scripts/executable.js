import { chmodSync } from 'node:fs'

/* Makes files executable: what a compiler writes is not. */

for (const file of process.argv.slice(2)) chmodSync(file, 0o755)
