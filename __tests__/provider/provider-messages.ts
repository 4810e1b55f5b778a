import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { errors } from 'oidc-provider'

/** A refusal that stands in the source text of node-oidc-provider. */
export interface ProviderMessage {
  readonly file: string
  /** What is thrown. */
  readonly thrown: string
  /** The OAuth error, where what is thrown has one. */
  readonly error: string | undefined
  readonly description: string
}

const ROOT = dirname(createRequire(import.meta.url).resolve('oidc-provider'))

/** Whatever is a text in a source: of one kind of quotation marks, with what is put into a template replaced by `x`. */
const LITERALS = /'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`/g

const THROWN = new RegExp(`^(?:${Object.keys(errors).join('|')}|Error|ErrorClass|ErrorConstructor)$`)

/** The error that a class of the provider stands for, as its instances say. */
export function errorOf(name: string): string | undefined {
  const found: unknown = Reflect.get(errors, name)
  if (typeof found !== 'function' || name === 'OIDCProviderError' || name === 'CustomOIDCProviderError') return undefined
  const { error } = Reflect.construct(found, ['']) as { error?: string }
  return error
}

/** Where the argument list ends that begins at an index. */
function endOf(source: string, start: number): number {
  let depth = 1
  const quoted = [...source.slice(start).matchAll(LITERALS)].map(
    ({ index, 0: { length } }) => [start + index, start + index + length] as const,
  )
  for (let at = start; at < source.length; at++) {
    const literal = quoted.find(([from]) => from === at)
    if (literal) at = literal[1] - 1
    else if ('([{'.includes(source.charAt(at))) depth++
    else if (')]}'.includes(source.charAt(at)) && --depth === 0) return at
  }
  return source.length
}

/** The texts of the first argument. */
function textsIn(argument: string): string[] {
  const [, first = ''] =
    /^\s*((?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`)\s*(?:,\s*(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`))?)/.exec(
      argument,
    ) ?? []
  return [...first.matchAll(LITERALS)].map(([, a, b, c]) =>
    (a ?? b ?? c ?? '').replaceAll(/\$\{(?:[^{}]|\{[^}]*\})*\}/g, 'x').replaceAll(/\\(.)/g, '$1'),
  )
}

/** Every refusal that the provider words itself: what it throws, by source file. */
export function providerMessages(): readonly ProviderMessage[] {
  const files = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.js'))
  return files.flatMap((file) => {
    const source = readFileSync(join(ROOT, file), 'utf8')
    return [...source.matchAll(/\bnew (?:errors\.)?([A-Z]\w+)\(/g)].flatMap(({ index, 0: { length }, 1: name = '' }) => {
      if (!THROWN.test(name)) return []
      const start = index + length
      const texts = textsIn(source.slice(start, endOf(source, start)))
      return [{ file, thrown: name, error: errorOf(name), description: texts.join(' ') }]
    })
  })
}
