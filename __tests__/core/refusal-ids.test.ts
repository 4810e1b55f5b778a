import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { rulesOf } from '../../lib/core/profile.js'
import { refusalNamed } from '../../lib/core/refusals/index.js'
import { profiles } from '../../lib/profiles/index.js'

/* Whoever refuses by name has to name something that can be explained. */

const LIB = join(import.meta.dirname, '../../lib')
const rules = new Set(profiles.flatMap((profile) => rulesOf(profile).map(([, { id }]) => id)))

const named = ['express', 'resource', 'provider', 'registration', 'readers'].flatMap((folder) =>
  readdirSync(join(LIB, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) =>
      [...readFileSync(join(LIB, folder, file), 'utf8').matchAll(/\brule: '([^']+)'/g)].map(([, id = '']) => ({
        file: `${folder}/${file}`,
        id,
      })),
    ),
)

test('every refusal that is named in the sources has a rule or a named refusal', () => {
  expect(named.length).toBeGreaterThan(30)
  expect(named.filter(({ id }) => !rules.has(id) && !refusalNamed(id))).toEqual([])
})
