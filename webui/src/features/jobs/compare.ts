/** One thing that is compared: what it is, and what it is in each job; undefined where there is no such thing. */
export interface Comparison {
  path: string
  values: (string | undefined)[]
  same: boolean
}

const kDeepest = 12

function nameOf(value: unknown): string | null {
  return typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string' ? value.name : null
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/**
 * Everything in a tree, each leaf by its path. Items of a list that have names go by them and not by their number, so
 * that one that was put in between does not make all that follow differ.
 */
export function leavesOf(value: unknown, path = '', leaves = new Map<string, string>(), depth = 0): Map<string, string> {
  const under = (key: string) => (path === '' ? key : `${path}.${key}`)
  if (depth < kDeepest && Array.isArray(value) && value.length > 0 && value.every((each) => nameOf(each) !== null)) {
    for (const each of value) {
      const { name, ...rest } = each as Record<string, unknown>
      if (Object.keys(rest).length === 0) leaves.set(under(String(name)), 'there')
      else leavesOf(rest, under(String(name)), leaves, depth + 1)
    }
  } else if (depth < kDeepest && typeof value === 'object' && value !== null && !Array.isArray(value)) {
    for (const [key, each] of Object.entries(value)) leavesOf(each, under(key), leaves, depth + 1)
  } else if (value !== undefined) {
    leaves.set(path, textOf(value))
  }
  return leaves
}

/** Trees beside each other, in the order in which their parts first appear. */
export function compareTrees(trees: readonly unknown[]): Comparison[] {
  const all = trees.map((tree) => leavesOf(tree))
  const paths = new Set(all.flatMap((leaves) => [...leaves.keys()]))
  return [...paths].map((path) => {
    const values = all.map((leaves) => leaves.get(path))
    return { path, values, same: values.every((value) => value === values[0]) }
  })
}
