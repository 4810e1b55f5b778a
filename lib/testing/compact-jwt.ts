/** The members of a JWT's header, or its claims. One that is `undefined` is left out. */
export type Members = Readonly<Record<string, unknown>>

/** Puts a JWT together (RFC 7515 §7.1), whatever its signature is worth. */
export function compactJwt(header: Members, claims: Members, sign: (input: string) => string): string {
  const input = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${input}.${sign(input)}`
}

/** Seconds from now, as JWTs have them. */
export const fromNow = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds
