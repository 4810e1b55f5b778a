/* Claims, parameters and metadata come from strangers: these tell what they are before a rule compares them. */

/** A NumericDate (RFC 7519 §2). */
export const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)

/** A string that says something. */
export const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

/** An https URL as it stands in a Location header: what URL parsers would mend, a browser may read as a path. */
export const isHttpsUrl = (value: unknown): value is string =>
  isText(value) && /^https:\/\/[^/\\\s?#][^\\\s]*$/i.test(value) && URL.canParse(value)

/** Whether a claimed time lies more than `seconds` after `now`. What is there and is no time is not to be trusted to lie earlier. */
export const isAhead = (time: unknown, now: number, seconds: number): boolean =>
  time !== undefined && !(isTime(time) && time - now <= seconds)
