/** A start tag of a page. */
export interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
}

const TAG = /<!--[\s\S]*?-->|<([a-z][^\s/>]*)((?:[^>"']|"[^"]*"|'[^']*')*)>/gi
const ATTRIBUTE = /([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?/g

/** Every element of a page as a browser reads its tags (HTML §13.2.5), with its attributes decoded. */
export function elementsIn(page: string): readonly Element[] {
  return [...page.matchAll(TAG)].flatMap(([, name, rest = '']) =>
    name === undefined
      ? []
      : [
          {
            name: name.toLowerCase(),
            attributes: Object.fromEntries(
              [...rest.matchAll(ATTRIBUTE)].map(([, attribute = '', ...values]) => [
                attribute.toLowerCase(),
                decoded(values.find((value) => value !== undefined) ?? ''),
              ]),
            ),
          },
        ],
  )
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** Text of a page, with its references resolved. */
export const decoded = (text: string): string =>
  text.replaceAll(/&(?:#x([0-9a-f]+)|#(\d+)|(amp|lt|gt|quot|apos));/gi, (_all, hex?: string, decimal?: string, name?: string) =>
    hex ? String.fromCodePoint(Number.parseInt(hex, 16)) : decimal ? String.fromCodePoint(Number(decimal)) : (NAMED[name ?? ''] ?? ''),
  )

/** The forms of a page, each with what a browser would send of it. */
export function formsIn(page: string): readonly { readonly action: string; readonly fields: readonly (readonly [string, string])[] }[] {
  return [...page.matchAll(/<form[^>]*method="post"[^>]*>[\s\S]*?<\/form>/g)].map(([form]) => {
    const [head, ...inside] = elementsIn(form)
    const areas = [...form.matchAll(/<textarea[^>]*name="([^"]*)"[^>]*>([\s\S]*?)<\/textarea>/g)]
    const inputs = inside.flatMap(({ name, attributes }): [string, string][] =>
      name === 'input' &&
      attributes.name !== undefined &&
      !('disabled' in attributes) &&
      (!['radio', 'checkbox'].includes(attributes.type ?? '') || 'checked' in attributes)
        ? [[attributes.name, attributes.value ?? '']]
        : [],
    )
    const selects = [...form.matchAll(/<select[^>]*name="([^"]*)"[^>]*>([\s\S]*?)<\/select>/g)].map(([, name = '', options = '']) => {
      const chosen = elementsIn(options).find(({ attributes }) => 'selected' in attributes) ?? elementsIn(options)[0]
      return [name, chosen?.attributes.value ?? ''] as const
    })
    const texts = areas.map(([, name = '', text = '']) => [name, decoded(text)] as const)
    return { action: head?.attributes.action ?? '', fields: [...inputs, ...texts, ...selects] }
  })
}
