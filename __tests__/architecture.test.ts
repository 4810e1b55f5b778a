import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

/** Who may import whom. A folder that is not listed on the right may not be reached from the left. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  rules: ['core'],
  profiles: ['core', 'rules'],
  readers: ['core'],
  stores: ['core'],
  registration: ['core', 'readers', 'stores'],
  provider: ['core', 'readers', 'stores', 'registration'],
  readiness: ['core', 'readers', 'registration'],
  console: ['core', 'readers', 'stores', 'registration', 'readiness'],
  audit: ['core', 'profiles', 'readers', 'stores', 'registration', 'readiness', 'provider'],
  express: ['core', 'readers', 'stores', 'registration'],
  resource: ['core', 'readers', 'stores'],
  telemetry: ['core', 'profiles'],
  trust: ['core', 'readers'],
  testing: ['core', 'readers'],
}

/** Which packages a folder may load. Types may come from any package that the user has anyway. */
const MAY_LOAD: Readonly<Record<string, readonly string[]>> = {
  readers: ['asn1js', 'jose'],
  express: ['express', 'helmet', 'jose'],
  registration: ['express', 'express-rate-limit', 'jose'],
  provider: ['oidc-provider'],
  console: ['express', 'helmet', 'jose', 'preact', 'preact-render-to-string'],
  audit: ['jose', 'preact', 'preact-render-to-string'],
  resource: ['jose'],
  telemetry: ['@opentelemetry/api'],
  trust: ['asn1js', 'pkijs'],
  testing: ['jose'],
}

/** Files that may ask the environment, and what for. */
const READS_ENVIRONMENT: Readonly<Record<string, string>> = {
  'lib/audit/main.ts': 'A program is told what to do by its arguments, and how to look by its terminal.',
  'lib/stores/memory.ts': 'A memory store in production needs more than forgetting to name another one.',
}

/** The one file of lib that does something when it is loaded. */
const PROGRAM = 'lib/audit/main.ts'

/** Names that say nothing about what is inside. */
const EMPTY_NAMES = ['utils', 'util', 'helpers', 'helper', 'common', 'types', 'misc', 'shared', 'lib']

const sourcesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => join(folder, file))
    .sort()

const lib = sourcesIn('lib')
const examples = sourcesIn('examples')
const tests = sourcesIn('__tests__')

interface Source {
  readonly text: string
  /** The text without comments, and with empty strings. */
  readonly code: string
  readonly imports: readonly Import[]
}

interface Import {
  readonly from: string
  /** Gone at run time. */
  readonly typeOnly: boolean
}

const STRINGS_AND_COMMENTS = /\/\*[\s\S]*?\*\/|\/\/.*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g
const IMPORTS = /^(?:import|export)( type)?(?: ([^'"]*?) from)? '([^']+)'/gm

function read(file: string): Source {
  const text = readFileSync(file, 'utf8')
  const code = text.replaceAll(STRINGS_AND_COMMENTS, (found) => (found.startsWith('/') ? '' : "''"))
  const named = [...text.matchAll(IMPORTS)].map(([, type, what = '', from = '']) => ({
    from,
    typeOnly: type !== undefined || onlyTypes(what),
  }))
  const dynamic = [...text.matchAll(/\b(?:import|require)\('([^']+)'\)/g)].map(([, from = '']) => ({ from, typeOnly: false }))
  return { text, code, imports: [...named, ...dynamic] }
}

/** `{ type A, type B }`: every name is a type. */
const onlyTypes = (what: string) => {
  const names = /^\{([^}]*)\}$/s
    .exec(what.trim())?.[1]
    ?.split(',')
    .map((name) => name.trim())
    .filter(Boolean)
  return names !== undefined && names.length > 0 && names.every((name) => name.startsWith('type '))
}

const isOurs = ({ from }: Import) => from.startsWith('.')
const folderOf = (file: string) => (file.split('/').length > 2 ? (file.split('/')[1] ?? '') : '')
const targetOf = (file: string, { from }: Import) => {
  const source = relative('.', join(dirname(file), from)).replace(/\.js$/, '.ts')
  return existsSync(source) ? source : `${source}x`
}
/** The package of a specifier, without what is looked up inside it. */
const packageOf = ({ from }: Import) =>
  from
    .split('/')
    .slice(0, from.startsWith('@') ? 2 : 1)
    .join('/')

test('every folder of lib stands in the table', () => {
  expect([...new Set(lib.map(folderOf).filter(Boolean))].filter((folder) => !(folder in MAY_IMPORT))).toEqual([])
})

describe.each(lib.filter(folderOf).map((file) => [file, folderOf(file)] as const))('%s', (file, folder) => {
  const { imports } = read(file)

  test('imports only what its folder may', () => {
    const targets = imports.filter(isOurs).map((one) => targetOf(file, one))
    expect(targets.filter((target) => folderOf(target) !== folder && !MAY_IMPORT[folder]?.includes(folderOf(target)))).toEqual([])
  })

  test('loads only the packages its folder may', () => {
    const loaded = imports.filter((one) => !isOurs(one) && !one.typeOnly && !one.from.startsWith('node:'))
    expect(loaded.map(packageOf).filter((name) => !MAY_LOAD[folder]?.includes(name))).toEqual([])
  })
})

test('core needs nothing at run time, not even of Node', () => {
  const needed = lib
    .filter((file) => folderOf(file) === 'core')
    .flatMap((file) => read(file).imports.filter((one) => !one.typeOnly && !isOurs(one)))
  expect(needed.map(({ from }) => from)).toEqual([])
})

test('oidc-provider, express and the database clients are imported where they belong, not even as types elsewhere', () => {
  const wrong = lib.flatMap((file) =>
    read(file)
      .imports.map(packageOf)
      .filter(
        (name) => (name === 'oidc-provider' && folderOf(file) !== 'provider') || /^(pg|redis|ioredis|@redis|@electric-sql)/.test(name),
      )
      .map((name) => `${file}: ${name}`),
  )
  expect(wrong).toEqual([])
})

test('the examples use the package as a stranger would', () => {
  const reaching = examples.filter((file) => read(file).imports.some((one) => isOurs(one) && targetOf(file, one).startsWith('lib/')))
  expect(reaching).toEqual([])
})

describe.each([
  ['lib', lib],
  ['examples', examples],
])('in %s', (_folder, files) => {
  test('no file imports itself, however long the way round', () => {
    expect(cyclesIn(files)).toEqual([])
  })

  test.each([
    ['type any', /\bany\b/],
    ['class but for errors', /\bclass (?!\w+ extends \w*Error\b)/],
    ['enum or namespace', /^\s*(export )?(declare )?(const )?(enum|namespace) /m],
  ])('there is no %s', (_what, pattern) => {
    expect(files.filter((file) => pattern.test(read(file).code))).toEqual([])
  })

  test.each([
    ['note of what is left to do', /\b(TODO|FIXME|XXX|HACK)\b/],
    ['silenced compiler or linter', /@ts-(ignore|expect-error|nocheck)|biome-ignore|eslint-disable/],
    ['banner', /^\s*(\/\/|\*|\/\*)\s*[-=*#─]{4,}/m],
  ])('there is no %s', (_what, pattern) => {
    expect(files.filter((file) => pattern.test(read(file).text))).toEqual([])
  })
})

test('no file of lib reads the environment without a reason', () => {
  const reading = lib.filter((file) => /\bprocess\s*(\.|\?\.)\s*(env|argv)\b|\benv\b.*=\s*process\b/.test(read(file).code))
  expect(reading).toEqual(Object.keys(READS_ENVIRONMENT))
  expect(lib.filter((file) => read(file).imports.some(({ from }) => /^(node:)?process$/.test(from)))).toEqual([])
})

test('nothing loads the program, which is where the package says that it is', () => {
  const { bin } = JSON.parse(readFileSync('package.json', 'utf8')) as { bin: Record<string, string> }
  expect(Object.values(bin)).toEqual([PROGRAM.replace('lib', 'dist').replace(/ts$/, 'js')])
  expect(read(PROGRAM).text).toMatch(/^#!\/usr\/bin\/env node\n/)
  expect(lib.filter((file) => read(file).imports.some((one) => isOurs(one) && targetOf(file, one) === PROGRAM))).toEqual([])
})

test('no file of lib asks URL.canParse, which forgets how to read Latin-1 once Node 20 or 22 has optimised its caller', () => {
  expect(lib.filter((file) => /\bcanParse\b/.test(read(file).code))).toEqual([])
})

test('no file of lib does anything when it is imported: at the top level there are declarations only', () => {
  const DECLARATION = /^(import|export|const|let|function|async function|interface|type|class|declare module)\b|^[}\])>]|^\s|^$/
  const doing = lib
    .filter((file) => file !== PROGRAM)
    .flatMap((file) =>
      read(file)
        .code.split('\n')
        .filter((line) => !DECLARATION.test(line))
        .map((line) => `${file}: ${line}`),
    )
  expect(doing).toEqual([])
})

describe('names', () => {
  const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*$/
  const parts = [...lib, ...examples, ...tests].map((file) => relative('.', file).split('/').slice(1))

  test('of files are kebab-case', () => {
    const names = parts.map((path) => path.at(-1)?.replace(/(\.test|\.d)?\.tsx?$/, '') ?? '')
    expect(names.filter((name) => !KEBAB.test(name))).toEqual([])
  })

  test('of folders are nouns of the domain', () => {
    const folders = [...new Set(parts.flatMap((path) => path.slice(0, -1)))]
    expect(folders.filter((name) => !KEBAB.test(name) || EMPTY_NAMES.includes(name))).toEqual([])
  })
})

/** Files that import themselves by way of others, types included. */
function cyclesIn(files: readonly string[]): readonly string[] {
  const graph = new Map(
    files.map((file) => [
      file,
      read(file)
        .imports.filter(isOurs)
        .map((one) => targetOf(file, one)),
    ]),
  )
  const done = new Set<string>()
  const found: string[] = []
  const visit = (file: string, path: readonly string[]) => {
    if (path.includes(file)) return void found.push([...path.slice(path.indexOf(file)), file].join(' → '))
    if (done.has(file)) return
    for (const target of graph.get(file) ?? []) visit(target, [...path, file])
    done.add(file)
  }
  for (const file of files) visit(file, [])
  return found
}
