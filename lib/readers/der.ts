/** One element of DER (ITU-T X.690 §8.1): its tag, where its content starts and where it ends. */
export interface Element {
  readonly tag: number
  readonly content: number
  readonly end: number
}

/** Reads the head of an element. Throws a `RangeError` for what is no DER or does not end before `limit`. */
export function elementAt(bytes: Uint8Array, start: number, limit: number): Element {
  const tag = octetAt(bytes, start)
  const first = octetAt(bytes, start + 1)
  // Tags of several octets and lengths that are not stated do not occur in certificates and their lists; four octets say 4 GB.
  if ((tag & 0x1f) === 0x1f || first === 0x80 || first > 0x84) throw new RangeError('not DER')
  const octets = first < 0x80 ? 0 : first - 0x80
  let length = first < 0x80 ? first : 0
  for (let at = 0; at < octets; at += 1) length = length * 256 + octetAt(bytes, start + 2 + at)
  const content = start + 2 + octets
  if (content + length > limit) throw new RangeError('DER that ends too early')
  return { tag, content, end: content + length }
}

const octetAt = (bytes: Uint8Array, at: number): number => {
  const octet = bytes[at]
  if (octet === undefined) throw new RangeError('DER that ends too early')
  return octet
}

/** The elements inside one. Throws a `RangeError` where they do not fill it. */
export function* elementsIn(bytes: Uint8Array, { content, end }: Element): Generator<Element & { readonly start: number }> {
  for (let start = content; start < end; ) {
    const element = elementAt(bytes, start, end)
    yield { ...element, start }
    start = element.end
  }
}
