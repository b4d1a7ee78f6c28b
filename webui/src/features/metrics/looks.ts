// Eight colours, and dashes that change with them and again after each round: neighbours differ in both.
const kColours = 8
const kDashes: readonly number[][] = [[], [8, 4], [2, 3], [10, 3, 2, 3]]

export interface Look {
  colour: string
  dash: number[]
}

/** How the n-th curve looks; its colour is a token of the theme. */
export function lookOfLine(index: number): Look {
  return { colour: `--curve-${(index % kColours) + 1}`, dash: kDashes[(index + Math.floor(index / kColours)) % kDashes.length]! }
}

/** A token's value now, for a canvas, which knows no variables. */
export function tokenValue(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
}
