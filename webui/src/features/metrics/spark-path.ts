export interface SparkBox {
  seconds: number
  most: number
  /** Points further apart than this are not joined. */
  gap: number
  width: number
  height: number
}

/** The path of a small curve in a box. */
export function sparkPath(x: readonly number[], values: readonly number[], box: SparkBox): string {
  const parts: string[] = []
  x.forEach((at, index) => {
    const left = Math.min(Math.max(at / box.seconds, 0), 1) * box.width
    const top = box.height * (1 - Math.min(Math.max((values[index] ?? 0) / (box.most || 1), 0), 1))
    const joined = index > 0 && at - x[index - 1]! <= box.gap
    parts.push(`${joined ? 'L' : 'M'}${left.toFixed(1)} ${top.toFixed(1)}`)
  })
  return parts.join('')
}
