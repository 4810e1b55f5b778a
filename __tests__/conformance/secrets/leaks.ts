/* Looks for secrets in what was written down, however it was spelled there. */

/** A secret that stands in an output. */
export interface Leak {
  /** What kind of secret it is, such as `refresh_token`. */
  readonly kind: string
  /** What stands there of it. */
  readonly found: string
  /** What stands around it. */
  readonly around: string
}

/** Characters: so many of a secret in a row are too many, whatever stands around them. */
const RUN = 16
/** Every run of 16 holds a whole block of 8 that begins at a multiple of 8. */
const BLOCK = 8

/** Finds what stands of these secrets (text to kind) in texts: any 16 characters of a long one, and the whole of a short one. */
export function leakFinder(secrets: ReadonlyMap<string, string>): (texts: Iterable<string>) => readonly Leak[] {
  const long = [...secrets.keys()].filter((secret) => secret.length >= RUN)
  const short = [...secrets].filter(([secret]) => secret.length < RUN).map(([secret, kind]) => ({ pattern: wholeWord(secret), kind }))
  const blocks = new Map<string, (readonly [secret: string, at: number])[]>()
  for (const secret of long)
    for (let at = 0; at + BLOCK <= secret.length; at += BLOCK) {
      const block = secret.slice(at, at + BLOCK)
      const there = blocks.get(block) ?? []
      // Constant parts, such as the header of a JWT, begin many secrets.
      if (there.length < 50) blocks.set(block, [...there, [secret, at]])
    }

  return function leaksIn(texts) {
    const leaks = new Map<string, Leak>()
    for (const text of new Set(texts))
      for (const form of new Set(formsOf(text))) {
        for (const { pattern, kind } of short) {
          const match = pattern.exec(form)
          if (match) leaks.set(`${kind} ${match[0]}`, { kind, found: match[0], around: around(form, match.index, match[0].length) })
        }
        for (let at = 0; at + BLOCK <= form.length; at++)
          for (const [secret, place] of blocks.get(form.slice(at, at + BLOCK)) ?? []) {
            const [start, length] = common(form, at, secret, place)
            if (length < RUN) continue
            const found = form.slice(start, start + length)
            const kind = secrets.get(secret) ?? ''
            leaks.set(`${kind} ${found}`, { kind, found, around: around(form, start, length) })
          }
      }
    const found = [...leaks.values()]
    return found.filter((one) => !found.some((other) => other.found.length > one.found.length && other.found.includes(one.found)))
  }
}

/** How far a text and a secret agree around a block that they share. */
function common(text: string, at: number, secret: string, place: number): readonly [start: number, length: number] {
  let before = 0
  while (before < Math.min(at, place) && text[at - before - 1] === secret[place - before - 1]) before++
  let after = BLOCK
  while (at + after < text.length && place + after < secret.length && text[at + after] === secret[place + after]) after++
  return [at - before, before + after]
}

const around = (text: string, start: number, length: number) => text.slice(Math.max(0, start - 80), start + length + 40)

const wholeWord = (secret: string) =>
  new RegExp(`(?<![\\p{L}\\p{N}])${secret.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\p{L}\\p{N}])`, 'iu')

/** A text as it is, without percent and JSON escapes, and what stands in it in base64url, wherever that begins. */
function formsOf(text: string): readonly string[] {
  const runs = text.match(/[\w+/-]{22,}/g) ?? []
  const decoded = runs.flatMap((run) => [0, 1, 2, 3].map((skip) => Buffer.from(run.slice(skip), 'base64').toString('latin1')))
  const plain = unescaped(text)
  return [text, plain, unescaped(plain), percentDecoded(text), decoded.join('\n')]
}

const unescaped = (text: string) =>
  text
    .replaceAll(/\\u([0-9a-f]{4})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replaceAll(/\\(["\\/])/g, '$1')
    .replaceAll(/&(?:#x2F|#39|quot|amp);/g, (entity) => ENTITIES[entity] ?? entity)

const ENTITIES: Readonly<Record<string, string>> = { '&#x2F;': '/', '&#39;': "'", '&quot;': '"', '&amp;': '&' }

const percentDecoded = (text: string) =>
  text.replaceAll('+', ' ').replaceAll(/(?:%[0-9a-f]{2})+/gi, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'))
