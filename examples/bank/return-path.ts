/** Where somebody goes who asked for nothing, or for somewhere else. */
const CONSOLE = '/console/'

/** Characters, our choice: no page of the console has a longer address. */
const LONGEST = 2000

/** What paths and queries are written with (RFC 3986 §3.3, §3.4): no backslash, no control character, no fragment. */
const PATH = /^\/console(?:\/[\w\-.~!$&'()*+,;=:@%/]*)?(?:\?[\w\-.~!$&'()*+,;=:@%/?]*)?$/

/** Escapes that some server or browser on the way may undo: of slashes, backslashes, dots, percent signs and control characters. */
const UNDONE = /%(?:2f|5c|2e|25|[01][0-9a-f]|7f)/i
const CONTROL = /%(?:[01][0-9a-f]|7f)/i

/** The page of the console to go to after the sign-in: the one asked for, or the first where that is not a page of the console. */
export function pathToReturnTo(asked: unknown): string {
  if (typeof asked !== 'string' || asked.length > LONGEST || !PATH.test(asked)) return CONSOLE
  const [path = '', query = ''] = asked.split(/\?(.*)/s)
  if (UNDONE.test(path) || CONTROL.test(query) || path.includes('//') || /^\/console\/sign-(?:in|out)\b/i.test(path)) return CONSOLE
  // A browser goes where the address leads once dots are resolved: it has to be what was written.
  const { pathname, search } = new URL(asked, 'https://bank.invalid')
  return pathname + search === asked ? asked : CONSOLE
}
