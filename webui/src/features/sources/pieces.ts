import { ApiError } from '@/api/error'

/** Up to here a file is sent at once. */
export const kSmall = 4 * 1024 * 1024
export const kPieceFirst = 1024 * 1024
const kPieceMost = 8 * 1024 * 1024
const kPieceLeast = 64 * 1024

/** By which the server knows the same file when it is chosen again. */
export function fingerprintOf(file: { size: number; lastModified: number }): string {
  return `${file.size}-${file.lastModified}`
}

/** Slow lines get small pieces, since a piece must arrive within the server's patience. */
export function nextPieceSize(piece: number, tookMs: number): number {
  if (tookMs < 3000) return Math.min(piece * 2, kPieceMost)
  return tookMs > 10_000 ? Math.max(piece / 2, kPieceLeast) : piece
}

/** How long to wait after so many failures in a row. */
export function pauseAfter(failures: number): number {
  return Math.min(500 * 2 ** (failures - 1), 10_000)
}

/** Whether trying again may help: the server is away, stopping or busy. */
export function isPassing(error: unknown): boolean {
  return error instanceof ApiError && [0, 408, 502, 503, 504].includes(error.status)
}

/** Where the next piece must begin, when the server says so. */
export function rightOffset(error: unknown): number | null {
  if (!(error instanceof ApiError) || error.status !== 409) return null
  const detail = error.details.find((each) => each.path === 'offset')
  return detail && /^[0-9]+$/.test(detail.message) ? Number(detail.message) : null
}
