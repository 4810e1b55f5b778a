/** Puts elements into a SEQUENCE. */
export function sequenceOf(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const content = Buffer.concat(parts)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(content.length)
  return Buffer.concat([Buffer.from([0x30, 0x84]), length, content])
}
