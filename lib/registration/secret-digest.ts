import { hash, timingSafeEqual } from 'node:crypto'

/** What is kept of a secret in its place. */
export const digestOf = (secret: string): string => hash('sha256', secret, 'base64url')

/** Whether two digests are the same; takes as long whatever differs. */
export function isSameDigest(digest: string, kept: string | undefined): boolean {
  const [one, other] = [Buffer.from(digest), Buffer.from(kept ?? '')]
  return one.length === other.length && timingSafeEqual(one, other)
}
