/** What a form sent. */
export interface Form {
  /** What stands under a name, without space around it; empty when it is not there. The first where there are several. */
  one(name: string): string
  /** All that stands under a name, without empty ones. */
  all(name: string): readonly string[]
  /** The lines under a name, without empty ones and space around them. */
  lines(name: string): readonly string[]
  has(name: string): boolean
  readonly names: readonly string[]
}

/** Reads a form as Express parsed it. */
export function formOf(body: unknown): Form {
  const sent = new Map<string, readonly string[]>(
    Object.entries(typeof body === 'object' && body !== null ? body : {}).map(([name, value]) => [
      name,
      [value].flat().filter((one): one is string => typeof one === 'string'),
    ]),
  )
  const all = (name: string) => sent.get(name) ?? []
  return Object.freeze<Form>({
    one: (name) => (all(name)[0] ?? '').trim(),
    all: (name) => all(name).flatMap((one) => one.trim() || []),
    lines: (name) => all(name).flatMap((text) => text.split(/\r\n|\r|\n/).flatMap((line) => line.trim() || [])),
    has: (name) => sent.has(name),
    names: [...sent.keys()],
  })
}
