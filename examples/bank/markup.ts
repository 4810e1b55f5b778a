/** HTML that may stand in a page as it is. */
export interface Markup {
  readonly markup: string
}

/** What a template takes: text is escaped, markup is not, and nothing at all stands for `undefined` and `false`. */
export type Content = string | number | Markup | readonly Content[] | undefined | false

/** Builds HTML. Every value is escaped unless it was built here too, in text as in quoted attributes. */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return { markup: strings.map((text, index) => text + written(values[index])).join('') }
}

function written(value: Content): string {
  if (value === undefined || value === false) return ''
  if (typeof value === 'string' || typeof value === 'number') return escaped(String(value))
  return 'markup' in value ? value.markup : value.map(written).join('')
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

const escaped = (text: string) => text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
