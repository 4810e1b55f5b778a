import { crc32, deflateSync, inflateSync } from 'node:zlib'

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex')
/** What a palette has room for (PNG §11.2.2). */
const COLOURS = 256

/**
 * The same picture with a palette, at a third of the size: what Chromium photographs has true colours, of which a page uses few. The
 * rarest, between a letter and its ground, become the nearest of the others. Throws an `Error` for a picture that Chromium did not make.
 */
export function smallPng(png: Buffer): Buffer {
  const chunks = chunksOf(png)
  const header = chunks.find(({ type }) => type === 'IHDR')?.data
  if (header?.[8] !== 8 || ![2, 6].includes(header[9] ?? 0) || header[12] !== 0) throw new Error('not a picture as Chromium makes it')
  const [width, height, size] = [header.readUInt32BE(0), header.readUInt32BE(4), header[9] === 6 ? 4 : 3]
  const data = Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map((chunk) => chunk.data))
  const octets = unfiltered(inflateSync(data), width * size, height, size)
  const pixels = Uint32Array.from({ length: width * height }, (_none, index) => octets.readUIntBE(index * size, 3))
  const { colours, indexOf } = paletteOf(pixels)
  const rows = Buffer.alloc((width + 1) * height)
  for (const [index, colour] of pixels.entries()) rows[index + Math.floor(index / width) + 1] = indexOf(colour)
  const own = Buffer.from(header)
  own[9] = 3
  const body = deflateSync(rows, { level: 9 })
  return Buffer.concat([SIGNATURE, chunk('IHDR', own), chunk('PLTE', colours), chunk('IDAT', body), chunk('IEND', Buffer.alloc(0))])
}

/** The colours that are there most often, and for each colour the place of the nearest of them. */
function paletteOf(pixels: Uint32Array): { readonly colours: Buffer; indexOf(colour: number): number } {
  const counts = new Map<number, number>()
  for (const colour of pixels) counts.set(colour, (counts.get(colour) ?? 0) + 1)
  const chosen = [...counts].sort(([, one], [, other]) => other - one).map(([colour]) => colour)
  const kept = chosen.splice(0, COLOURS)
  const places = new Map(kept.map((colour, index) => [colour, index]))
  for (const colour of chosen) places.set(colour, nearest(kept, colour))
  return { colours: Buffer.from(kept.flatMap(parts)), indexOf: (colour) => places.get(colour) ?? 0 }
}

const parts = (colour: number) => [colour >> 16, (colour >> 8) & 255, colour & 255]

function nearest(kept: readonly number[], colour: number): number {
  const wanted = parts(colour)
  const distances = kept.map((one) => parts(one).reduce((sum, part, index) => sum + (part - (wanted[index] ?? 0)) ** 2, 0))
  return distances.indexOf(Math.min(...distances))
}

function chunksOf(png: Buffer): readonly { readonly type: string; readonly data: Buffer }[] {
  const chunks: { type: string; data: Buffer }[] = []
  for (let at = SIGNATURE.length; at < png.length; ) {
    const length = png.readUInt32BE(at)
    chunks.push({ type: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) })
    at += 12 + length
  }
  return chunks
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  sum.writeUInt32BE(crc32(named))
  return Buffer.concat([length, named, sum])
}

/** Takes the filters off (PNG §9.2). */
function unfiltered(raw: Buffer, width: number, height: number, size: number): Buffer {
  const out = Buffer.alloc(width * height)
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (width + 1)]
    for (let x = 0; x < width; x++) {
      const at = y * width + x
      const left = x >= size ? (out[at - size] ?? 0) : 0
      const above = y > 0 ? (out[at - width] ?? 0) : 0
      const corner = x >= size && y > 0 ? (out[at - width - size] ?? 0) : 0
      const guess = [0, left, above, (left + above) >> 1, paeth(left, above, corner)][filter ?? 0] ?? 0
      out[at] = (raw[y * (width + 1) + 1 + x] ?? 0) + guess
    }
  }
  return out
}

function paeth(left: number, above: number, corner: number): number {
  const guess = left + above - corner
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - above), Math.abs(guess - corner)]
  return a <= b && a <= c ? left : b <= c ? above : corner
}
