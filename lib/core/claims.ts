/* Claims, parameters and metadata come from strangers: these tell what they are before a rule compares them. */

/** A NumericDate (RFC 7519 §2). */
export const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)

/** A string that says something. */
export const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

/** Words in one order: those of `response_type` may stand in any (OAuth 2.0 Multiple Response Types §3). */
export const wordsInOrder = (text: string): string => text.split(' ').sort().join(' ')

/** A URL taken apart. Node's own canParse answers wrongly, in 20 and 22, for Latin-1 letters once its caller has been optimised. */
export function urlOf(text: unknown): URL | undefined {
  try {
    return isText(text) ? new URL(text) : undefined
  } catch {
    return undefined
  }
}

/** Most URLs are normal as they are, and they come with every request: a host in lower case that is no address, no default port, a path of plain segments. */
const NORMAL = /^https:\/\/(?:[a-z0-9-]+\.)*[a-z][a-z0-9-]*(?::(?!443\/)[1-9]\d{0,3})?(?:\/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+$/
const isNormal = (url: string) => NORMAL.test(url) && !url.includes('xn--')

/** An https URL as it stands in a Location header: what URL parsers would mend, a browser may read as a path. */
export const isHttpsUrl = (value: unknown): value is string =>
  isText(value) && (isNormal(value) || (/^https:\/\/[^/\\\s?#][^\\\s]*$/i.test(value) && urlOf(value) !== undefined))

/** Whether a claimed time lies more than `seconds` after `now`. What is there and is no time is not to be trusted to lie earlier. */
export const isAhead = (time: unknown, now: number, seconds: number): boolean =>
  time !== undefined && !(isTime(time) && time - now <= seconds)

/** Whether a URL is one of these, as RFC 9449 §4.3 compares them; `urls` are some. Most say it letter by letter. */
export function isAmongUrls(url: unknown, urls: readonly string[]): boolean {
  if (isText(url) && urls.includes(url)) return true
  const meant = comparableUrl(url)
  return meant !== undefined && urls.some((one) => comparableUrl(one) === meant)
}

/** A URL as RFC 9449 §4.3 compares it: without query and fragment, normalised as RFC 3986 §6.2.2 and §6.2.3 have it; `undefined` for what is no URL. */
export function comparableUrl(url: unknown): string | undefined {
  if (isText(url) && isNormal(url)) return url
  const parsed = urlOf(url)
  if (!parsed) return undefined
  const { origin, pathname } = parsed
  const path = pathname.replaceAll(/%[0-9a-f]{2}/gi, (octet) => {
    const letter = String.fromCharCode(Number.parseInt(octet.slice(1), 16))
    return /[a-z0-9._~-]/i.test(letter) ? letter : octet.toUpperCase()
  })
  return origin + path
}
