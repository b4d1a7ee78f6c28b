import { deflateSync, inflateSync } from 'node:zlib'

// Pictures for the documentation live in the repository for ever, so they carry 256 colours: a screen has hardly more
// that an eye can tell apart, and the file is a third.

interface Pixels {
  width: number
  height: number
  /** 0xRRGGBB of each. */
  colours: Uint32Array
}

/** Reads what Chromium writes: eight bits a channel, not interlaced, with or without opacity. */
function decode(png: Buffer): Pixels {
  const width = png.readUInt32BE(16)
  const height = png.readUInt32BE(20)
  const channels = { 2: 3, 6: 4 }[png[25]!]
  if (png[24] !== 8 || channels === undefined || png[28] !== 0) throw new Error('this kind of PNG is not read here')
  const parts: Buffer[] = []
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at)
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') parts.push(png.subarray(at + 8, at + 8 + length))
    at += length + 12
  }
  const raw = inflateSync(Buffer.concat(parts))
  const stride = width * channels
  const lines = Buffer.alloc(stride * height)
  for (let y = 0; y < height; ++y) unfilter(raw.subarray(y * (stride + 1), (y + 1) * (stride + 1)), lines, y * stride, stride, channels)
  const colours = new Uint32Array(width * height)
  for (let i = 0; i < colours.length; ++i) colours[i] = lines.readUIntBE(i * channels, 3)
  return { width, height, colours }
}

function unfilter(line: Buffer, lines: Buffer, start: number, stride: number, channels: number) {
  const filter = line[0]
  for (let x = 0; x < stride; ++x) {
    const left = x >= channels ? lines[start + x - channels]! : 0
    const up = start > 0 ? lines[start + x - stride]! : 0
    const corner = x >= channels && start > 0 ? lines[start + x - stride - channels]! : 0
    const guess = filter === 1 ? left : filter === 2 ? up : filter === 3 ? (left + up) >> 1 : filter === 4 ? paeth(left, up, corner) : 0
    lines[start + x] = (line[x + 1]! + guess) & 255
  }
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)]
  return a <= b && a <= c ? left : b <= c ? up : corner
}

function distance(a: number, b: number): number {
  const red = (a >> 16) - (b >> 16)
  const green = ((a >> 8) & 255) - ((b >> 8) & 255)
  const blue = (a & 255) - (b & 255)
  return red * red + green * green + blue * blue
}

/** At most 256 colours, the frequent ones exactly; a rare one near to one that was taken is that one. */
function paletteOf(colours: Uint32Array): number[] {
  const counts = new Map<number, number>()
  for (const colour of colours) counts.set(colour, (counts.get(colour) ?? 0) + 1)
  const frequent = [...counts].sort((a, b) => b[1] - a[1]).map(([colour]) => colour)
  for (let apart = 0; ; apart = apart * 2 + 16) {
    const palette: number[] = []
    for (const colour of frequent) if (palette.every((taken) => distance(taken, colour) > apart)) palette.push(colour)
    if (palette.length <= 256) return palette
  }
}

const kCrc = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; ++bit) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  return value
})

function chunk(kind: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(kind, 'latin1'), data])
  let crc = 0xffffffff
  for (const byte of body) crc = kCrc[(crc ^ byte) & 255]! ^ (crc >>> 8)
  const framed = Buffer.alloc(data.length + 12)
  framed.writeUInt32BE(data.length, 0)
  body.copy(framed, 4)
  framed.writeUInt32BE((crc ^ 0xffffffff) >>> 0, data.length + 8)
  return framed
}

/** The same picture in 256 colours. */
export function shrink(png: Buffer): Buffer {
  const { width, height, colours } = decode(png)
  const palette = paletteOf(colours)
  const nearest = new Map(palette.map((colour, index) => [colour, index]))
  const indexOf = (colour: number) => {
    let index = nearest.get(colour)
    if (index === undefined) {
      index = palette.reduce((best, taken, at) => (distance(taken, colour) < distance(palette[best]!, colour) ? at : best), 0)
      nearest.set(colour, index)
    }
    return index
  }
  const lines = Buffer.alloc((width + 1) * height)
  for (let y = 0; y < height; ++y) for (let x = 0; x < width; ++x) lines[y * (width + 1) + x + 1] = indexOf(colours[y * width + x]!)
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([8, 3, 0, 0, 0], 8)
  const table = Buffer.alloc(palette.length * 3)
  palette.forEach((colour, index) => table.writeUIntBE(colour, index * 3, 3))
  return Buffer.concat([png.subarray(0, 8), chunk('IHDR', head), chunk('PLTE', table), chunk('IDAT', deflateSync(lines, { level: 9 })), chunk('IEND', Buffer.alloc(0))])
}
